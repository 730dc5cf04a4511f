"""Calls between two machines, in this process or in one of their own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from faxes.line.call import Call
from faxes.line.exchange import Behaviour, Fault, Medium, answering, behaviour_for
from faxes.line.process import place_call
from faxes.line.result import CallResult, Progress
from faxes.line.spec import CallSpec
from faxes.line.station import Station

US = Station(station_id="+12025550199")
THEM = Station(station_id="+12025550142")


def connect(
    document: Path,
    received: Path,
    *,
    caller: Station = US,
    called: Station = THEM,
    medium: Medium = Medium.T38,
    fault: Fault | None = None,
) -> CallResult:
    """One call in this very process: nothing between the test and the line."""
    behaviour = Behaviour(station=called, fault=fault or Fault(), medium=medium)
    spec = CallSpec(document=document, receive=received, caller=caller, behaviour=behaviour)
    call = Call(spec)
    for _progress in call:
        pass
    return call.result()


def dial(
    number: str,
    document: Path,
    received: Path | None = None,
    *,
    earlier_calls: int = 0,
    pace: float | None = None,
    caller: Station = US,
    **watching: Any,
) -> CallResult:
    """Dial one of the test numbers, as the portal does."""
    behaviour = behaviour_for(number, earlier_calls=earlier_calls, ring_seconds=0.0)
    assert behaviour is not None
    if pace is not None:
        behaviour = replace(behaviour, pace=pace)
    spec = CallSpec(document=document, receive=received, caller=caller, behaviour=behaviour)
    return place_call(spec, **watching)


def ring(document: Path, received: Path, *, pace: float = 0.0, **watching: Any) -> CallResult:
    """Call a machine that answers, in a process of its own."""
    behaviour = replace(answering(THEM, ring_seconds=0.0), pace=pace)
    spec = CallSpec(document=document, receive=received, caller=US, behaviour=behaviour)
    return place_call(spec, **watching)


def kinds(progress: list[Progress]) -> list[str]:
    """What happened, without repetitions."""
    seen = [str(each.kind) for each in progress]
    return [kind for n, kind in enumerate(seen) if n == 0 or kind != seen[n - 1]]


def lives(process: psutil.Process) -> bool:
    """Whether it still does anything: the dead whom nobody has buried yet do not."""
    try:
        return process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.NoSuchProcess:
        return False
