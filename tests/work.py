"""The portal's work done in the test's own process: jobs, calls and the sweep, step by step."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Any

import time_machine
from django.utils.module_loading import import_string

from accounts import clock
from faxes import jobs
from faxes.enums import TERMINAL_STATES
from faxes.models import Fax
from faxes.services import exchange, line, sweep


class Work:
    """Everything that workers, line and sweep would do, and a clock that tests can push."""

    def __init__(self, monkeypatch: Any) -> None:
        self.waiting: deque[tuple[str, dict[str, str]]] = deque()
        self.done: list[tuple[str, dict[str, str]]] = []
        self._travel: Any = None
        monkeypatch.setattr(jobs, "_put", lambda path, ids: self.waiting.append((path, ids)))
        monkeypatch.setattr(jobs, "waiting", lambda: {"line": len(self.waiting)})
        answers = line.behaviour_of  # at once, without ringing first
        monkeypatch.setattr(line, "behaviour_of", lambda h: replace(answers(h), ring_seconds=0.0))

    def lose_all_jobs(self) -> None:
        """What happens when the broker loses its memory."""
        self.waiting.clear()

    def run_jobs(self) -> None:
        """Run jobs until none waits."""
        while self.waiting:
            path, ids = self.waiting.popleft()
            import_string(path)(**ids)
            self.done.append((path, ids))

    def carry_calls(self) -> int:
        """Carry all calls that are placed; how many they were."""
        carried = 0
        while (held := exchange.claim_next()) is not None:
            line.carry(held)
            carried += 1
        return carried

    def run(self) -> None:
        """Jobs and calls until nothing is left that could be done now."""
        self.run_jobs()
        while self.carry_calls():
            self.run_jobs()

    def pass_time(self, time: timedelta) -> None:
        """Push the clock, and let the sweep see what is due."""
        moment = clock.now() + time
        self.stop_travelling()
        self._travel = time_machine.travel(moment, tick=True)
        self._travel.start()
        sweep.sweep()
        self.run()

    def run_to_end(self, *, steps: int = 40) -> None:
        """Work, wait, work, until every fax has ended."""
        self.run()
        for _ in range(steps):
            open_faxes = Fax.rows.exclude(state__in=TERMINAL_STATES)
            if not open_faxes.exists():
                return
            self.pass_time(timedelta(minutes=5))
        left = list(Fax.rows.exclude(state__in=TERMINAL_STATES))
        raise AssertionError(f"still under way after {steps} steps: {left}")

    def stop_travelling(self) -> None:
        if self._travel is not None:
            self._travel.stop()
            self._travel = None
