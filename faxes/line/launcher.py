"""Starts this process's host of calls when one is first placed, and again should it have died."""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from faxes.line.errors import LineCrashed, LineUnavailable
from faxes.line.protocol import KILL, PLACE

_CODE = Path(__file__).resolve().parents[2]
_TRIES = 2
_GOODBYE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Host:
    process: subprocess.Popen[bytes]
    control: socket.socket


class _Launcher:
    """The one host of this process; forks of this process get one of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._host: _Host | None = None

    def send(self, message: bytes, *descriptors: int) -> None:
        """Hand a request to the host, which is started if there is none."""
        for _try in range(_TRIES):
            with self._lock:
                host = self._running()
                with contextlib.suppress(OSError):  # it has died just now
                    socket.send_fds(host.control, [message], descriptors)
                    return
                self._dismiss(host)
        raise LineCrashed("the host of the line's calls cannot be kept running")

    def _running(self) -> _Host:
        host = self._host
        if host is not None and host.process.poll() is not None:
            self._dismiss(host)
            host = None
        if host is None:
            host = self._host = _started()
        return host

    def _dismiss(self, host: _Host) -> None:
        self._host = None
        host.control.close()
        try:
            host.process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            host.process.kill()
            host.process.wait()

    def stop(self) -> None:
        """End the host, and with it every call; the next call starts another."""
        with self._lock:
            if self._host is not None:
                self._dismiss(self._host)

    def forget(self) -> None:
        """In a fork: the host belongs to the process that was forked, and so does its lock."""
        self._lock = threading.Lock()
        if self._host is not None:
            self._host.control.close()
            self._host.process.returncode = 0  # not ours to wait for
            self._host = None


def _started() -> _Host:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 (this very Python, a module of this package)
                [sys.executable, "-m", "faxes.line.host", str(os.getpid())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=_CODE,
                env=_environment(),
                # A Ctrl-C at the terminal is the portal's to answer: it hangs up, in order.
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise LineUnavailable(f"the host of the line's calls cannot start: {error}") from error
    return _Host(process, ours)


def _environment() -> dict[str, str]:
    """What the line may know of the portal's surroundings: no settings, no secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


_launcher = _Launcher()
atexit.register(_launcher.stop)
os.register_at_fork(after_in_child=_launcher.forget)


def new_channel() -> socket.socket:
    """A socket to the process of a new call, which waits for its job there."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            _launcher.send(PLACE, theirs.fileno())
        except BaseException:
            ours.close()
            raise
    return ours


def kill(pid: int) -> None:
    """End the process of a call at once, unless it has ended already."""
    _launcher.send(KILL + str(pid).encode())


def stop_host() -> None:
    """End this process's host and every call that it has under way."""
    _launcher.stop()
