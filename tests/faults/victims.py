"""Processes that take one fax each through all its steps, and die (or fall asleep) at one of them.

``python -m tests.faults.victims kill`` prints what became of each, in JSON. With ``stop`` they
fall asleep instead; a line on standard input wakes them, and they go on as if nothing had been.
Further arguments name the steps that are wanted.
"""

import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from datetime import timedelta
from typing import Any

import django

from tests.faults.steps import STEPS, Step, When

_lent: dict[Any, socket.socket] = {}  # by sandbox, what leads to its helper
_world: list[Any] = []  # the demonstration's accounts, read once for all


class _NotOurs:
    """The process of a helper that somebody else has started, and ends."""

    def poll(self) -> None:
        """As far as we know it runs."""

    kill = wait = poll


def main() -> None:
    number = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[sys.argv[1]]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    _load()
    wanted = sys.argv[2:] or [
        step.name for step in STEPS if number == signal.SIGKILL or not step.locks
    ]
    steps = [step for step in STEPS if step.name in wanted]
    asleep = []
    for step in steps:
        pid = os.fork()
        if pid == 0:
            _be_victim(step, number)
        _, status = os.waitpid(pid, os.WUNTRACED)
        struck = os.WIFSTOPPED(status) or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == number)
        if os.WIFSTOPPED(status):
            asleep.append(pid)
        _say({"step": step.name, "struck": struck})
    _say({"step": "", "struck": True})
    if asleep:
        sys.stdin.readline()
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
            os.waitpid(pid, 0)


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 (this is its answer)


def _load() -> None:
    """Load now what every victim needs."""
    from django.db import connections  # noqa: PLC0415 (after setup)

    from faxes.documents.sandbox import HTML_SANDBOX, SANDBOX  # noqa: PLC0415
    from tests import papers  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    for sandbox in (SANDBOX, HTML_SANDBOX):
        _lent[sandbox] = sandbox._current().control.dup()
    for step in STEPS:
        importlib.import_module(step.target.partition(":")[0])
    from faxes.services import exchange, line  # noqa: PLC0415

    line._NOTE_EVERY = 0  # type: ignore[misc]  # short calls tell of their progress, too
    # No victim shall carry the call of an earlier one: that is for those who come after.
    exchange.LEASE = timedelta(minutes=20)  # type: ignore[misc]
    papers.pdf(2)
    _world.append(make_world())
    connections.close_all()


def _be_victim(step: Step, number: int) -> None:
    status = 1
    try:
        if step.when is not When.DURING:  # else its helper is to see it die
            _borrow_helpers()
        _arm(step, number)
        _drive(step)
        status = 0
    except BaseException:  # noqa: BLE001 (a child must not return into its parent's code)
        traceback.print_exc()
    finally:
        os._exit(status)


def _borrow_helpers() -> None:
    """Convert by the helpers of whoever forked this process: starting them takes long."""
    from faxes.documents.sandbox import _Helper  # noqa: PLC0415 (after setup)

    for sandbox, control in _lent.items():
        sandbox._helper = _Helper(_NotOurs(), control, os.getpid())  # type: ignore[arg-type]


def _arm(step: Step, number: int) -> None:
    """Wrap the step's function so that this process is struck there, once."""
    from faxes import jobs  # noqa: PLC0415 (after setup)

    jobs._JOBS_ARE_ROWS = not step.jobs_follow  # type: ignore[misc]
    module, _, path = step.target.partition(":")
    holder: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    wrapped = getattr(holder, name)
    armed = True

    def strike(*arguments: Any, **named: Any) -> Any:
        nonlocal armed
        hit = armed and step.which(*arguments, **named)
        armed = armed and not hit
        if hit and step.when is When.BEFORE:
            if step.also_receive:
                _receive_all(step)
            os.kill(os.getpid(), number)
        if hit and step.when is When.DURING:
            threading.Timer(0.02, os.kill, (os.getpid(), number)).start()
        result = wrapped(*arguments, **named)
        if hit and step.when is When.AFTER:
            if step.also_receive:
                _receive_all(step)
            os.kill(os.getpid(), number)
        return result

    setattr(holder, name, strike)


def _drive(step: Step) -> None:
    """Take a fax through everything, in one process; jobs that come up are left to others."""
    from faxes.models import Attempt, Fax  # noqa: PLC0415 (after setup)
    from faxes.services import (  # noqa: PLC0415
        convert,
        exchange,
        follow,
        line,
        privacy,
        submit,
        transmit,
    )
    from tests import papers  # noqa: PLC0415

    [world] = _world
    documents = [papers.incoming(papers.pdf(2))]
    wanted = submit.FaxRequest(to=step.to, documents=documents, cover=step.cover)
    [fax] = submit.submit_fax(world.northside.admin, request=wanted, origin="test")
    convert.convert_batch(fax.pk)
    transmit.transmit(fax.pk)
    key = Attempt.rows.get(fax=fax).key
    held = exchange.claim_next()
    if held is not None and held.call.key == key:
        line.carry(held)
    if step.fetch_first:
        _receive_all(step)
    follow.follow(key)
    _receive_all(step)
    if step.deletes:
        os.environ["DELETING"] = "1"
        privacy.delete_fax(world.northside.admin, fax_id=fax.pk)
        arrival = Fax.rows.get(to_number=step.to)
        privacy.delete_fax(world.lakeside.admin, fax_id=arrival.pk)


def _receive_all(step: Step) -> None:
    """Look at the arrivals at the step's number."""
    from faxes.models import LineCall, Number  # noqa: PLC0415 (after setup)
    from faxes.services import receive  # noqa: PLC0415

    carrier = Number.rows.get(e164=step.to).carrier_id
    for ref in list(LineCall.objects.filter(called=step.to).values_list("pk", flat=True)):
        receive.receive(carrier, str(ref))


if __name__ == "__main__":
    main()
