"""The process of one call: takes a job from a socket, writes progress and the result to it."""

import json
import os
import socket
import traceback
from collections.abc import Callable
from typing import Any

from faxes.line.call import Call
from faxes.line.errors import LineCrashed, LineError
from faxes.line.fence import limit
from faxes.line.protocol import HANG_UP
from faxes.line.spec import CallSpec
from faxes.line.tiff import count_pages

_MOST_OF_A_JOB = 1 << 20


def run_job(channel: socket.socket) -> None:
    """Do the one call that the channel asks for; every line written to it is a JSON object.

    ``{"pid": …}`` and ``{"wall_seconds": …}`` (its limit) first, then ``{"progress": …}`` as it
    goes, at the end ``{"result": …}``, or ``{"error": …}`` if the line itself failed.
    """
    _tell(channel, pid=os.getpid())
    try:
        spec = CallSpec.from_json(json.loads(_read_line(channel)))
        pages = max(spec.pages or 0, count_pages(spec.document))
        wall_seconds = spec.limits.wall_limit(pages, spec.behaviour.pace)
        _tell(channel, wall_seconds=wall_seconds)
        limit(spec.limits, wall_seconds=wall_seconds)
        call = Call(spec, _hang_up_asked_on(channel))
        for progress in call:
            _tell(channel, progress=progress.to_json())
        _tell(channel, result=call.result().to_json())
    except LineError as error:
        _tell(channel, error={"kind": type(error).__name__, "message": str(error)})
    except Exception:  # noqa: BLE001 (whatever it was, the parent must hear of it)
        _tell(channel, error={"kind": LineCrashed.__name__, "message": traceback.format_exc()})


def _hang_up_asked_on(channel: socket.socket) -> Callable[[], bool]:
    asked = False

    def look() -> bool:
        nonlocal asked
        try:
            heard = channel.recv(len(HANG_UP), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return asked
        if not heard:  # nobody is left to tell the result to
            os._exit(1)
        asked = True
        return asked

    return look


def _read_line(channel: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        more = channel.recv(_MOST_OF_A_JOB)
        if not more:
            os._exit(1)
        line += more
    return line


def _tell(channel: socket.socket, **line: Any) -> None:
    channel.sendall(json.dumps(line).encode() + b"\n")
