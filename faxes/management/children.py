"""Child processes of a command: started, watched, started again, stopped; none outlives us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_RESTART_AFTER: Final = 0.5  # seconds
_STOP_WITHIN: Final = 25.0  # seconds before SIGKILL


def die_with_parent() -> None:
    """In a child: a killed parent takes it along, so that nothing works unguarded."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Child:
    """A process that shall always run, in a session of its own."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0

    @classmethod
    def manage(cls, name: str, *arguments: str) -> "Child":
        """A management command of the portal."""
        return cls(name, [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments])

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(  # noqa: S603 (our own commands)
            self.command,
            env={**os.environ, **self.env},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (set before any thread is started)
        )

    def ensure(self, say: Callable[[str], None]) -> None:
        """Start it if it does not run, a moment after it ended."""
        if self.process is not None and self.process.poll() is not None:
            say(f"{self.name} ended with {self.process.returncode}; starting it again")
            self.kill()
            self.process = None
            self.start_at = time.monotonic() + _RESTART_AFTER
        if self.process is None and time.monotonic() >= self.start_at:
            self.start()

    def signal(self, number: int) -> None:
        """Send a signal to it and all that it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def kill(self) -> None:
        """End it and all that it started, now."""
        self.signal(signal.SIGKILL)


def guard(
    children: Sequence[Child], *, stopping: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """Keep children running until told to stop; then stop them kindly, and in the end surely."""
    while not stopping():
        for child in children:
            child.ensure(say)
        time.sleep(0.2)
    for child in children:
        if child.process is not None and child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + _STOP_WITHIN
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{child.name} does not stop; killing it")
        child.kill()
