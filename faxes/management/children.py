"""Child processes of a command: started, watched, started again, stopped; none outlives us."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings

from faxes.management import tied
from faxes.management.processes import family, stopped
from faxes.management.scratch import own_folder

_LOOK_EVERY: Final = 0.2  # seconds
_LOOK_FOR_STOPPED_EVERY: Final = 1.0
_STOPPED_TOO_LONG: Final = 3.0
_RESTART_AFTER: Final = 0.5
_STOP_WITHIN: Final = 25.0  # before SIGKILL


@dataclass
class Child:
    """A process that shall always run, in a session of its own.

    It ends with this process, and with it whatever it started; so these must be started, and
    started again, by one and the same thread that lives to the end.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    look_at: float = 0.0
    stopped_since: dict[int, float] = field(default_factory=dict)

    @classmethod
    def manage(cls, name: str, *arguments: str, **env: str) -> "Child":
        """A management command of the portal."""
        return cls(name, [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments], env)

    def ensure(self, say: Callable[[str], None], scratch: Path) -> None:
        """Start it if it does not run, a moment after it ended; end it if it does not move.

        Its temporary files go beneath ``scratch``, and with them those that it left behind.
        """
        if self.process is not None and self.process.poll() is not None:
            say(f"{self.name} ended with {self.process.returncode}; starting it again")
            self.kill()
            self.process = None
            self.start_at = time.monotonic() + _RESTART_AFTER
        if self.process is None and time.monotonic() >= self.start_at:
            try:
                self._start(scratch)
            except OSError as error:  # the disk is full, or there are too many processes
                say(f"{self.name} cannot be started: {error.strerror}")
                self.start_at = time.monotonic() + _RESTART_AFTER
        elif self.process is not None and self._is_stopped(self.process.pid):
            say(f"{self.name}: a process was stopped and holds up the others; starting all again")
            self.kill()

    def runs(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> bool:
        """Ask it to stop; whether it was running."""
        running = self.runs()
        if self.process is not None and running:
            self.process.terminate()
        return running

    def has_ended(self) -> bool:
        """Whether it has stopped, or cannot because a process of it does not move."""
        if self.process is None or self.process.poll() is not None:
            return True
        return self._is_stopped(self.process.pid)

    def _start(self, scratch: Path) -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        me = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
        self.stopped_since = {}
        self.process = subprocess.Popen(  # noqa: S603 (our own commands)
            [*me, *self.command],
            env={**os.environ, **self.env, "TMPDIR": str(scratch)},
            start_new_session=True,
        )

    def _is_stopped(self, pid: int) -> bool:
        """Whether it or a process beneath it has been stopped for too long."""
        now = time.monotonic()
        if now < self.look_at:
            return False
        self.look_at = now + _LOOK_FOR_STOPPED_EVERY
        self.stopped_since = {each: self.stopped_since.get(each, now) for each in stopped(pid)}
        return any(now - since >= _STOPPED_TOO_LONG for since in self.stopped_since.values())

    def kill(self) -> None:
        """End it and all that it started, now."""
        if self.process is None:
            return
        for pid in family(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # what has lost its parent by now


def guard(
    children: Sequence[Child],
    *,
    stopping: Callable[[], bool],
    say: Callable[[str], None],
    at_once: Callable[[], bool] = lambda: False,
    note: Callable[[], None] = lambda: None,
) -> None:
    """Keep children running until told to stop; then stop them kindly, and in the end surely.

    ``at_once`` says that whoever waits for the end has no patience left. ``note`` is
    called time after time, to note how they fare.
    """
    with own_folder(settings.DATA / "scratch") as scratch:
        while not stopping():
            for child in children:
                child.ensure(say, scratch / child.name)
            note()
            time.sleep(_LOOK_EVERY)
        running = [child for child in children if child.terminate()]
        deadline = time.monotonic() + _STOP_WITHIN
        while running and time.monotonic() < deadline and not at_once():
            running = [child for child in running if not child.has_ended()]
            time.sleep(_LOOK_EVERY)
        for child in running:
            say(f"{child.name} does not stop; killing it")
        for child in children:
            child.kill()
