"""The warm child: has the converters loaded and forks a fresh, jailed process for every job.

Started by ``sandbox`` as ``python -m faxes.documents.zygote <descriptor> <module> …``. On the
descriptor come datagrams, each a job in JSON with one socket attached; the job's process answers
on that socket in lines of JSON, and after its end the zygote adds one line that says how it ended.
When the other side of a job's socket closes or stops writing, the job is killed with its whole
process group; when the other side of the descriptor closes, everything is.
"""

import contextlib
import gc
import importlib
import json
import math
import os
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faxes.documents import jail, seccomp
from faxes.documents.limits import Limits
from faxes.errors import FaxError

REQUEST_BYTES = 100_000  # a datagram; fits the kernel's default buffers
_LOOK_FOR_PARENT_SECONDS = 5.0
_LOOK_AT_JOBS_SECONDS = 0.25
_HARDLY_ANY_TICKS = 5  # who waits for itself may wake to see that there is nothing to do
# Programs write into files beside their result first, and remove them.
_MORE_WRITTEN, _AND_BYTES = 4, 64 << 20
_READABLE = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/var/cache/fontconfig",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/ghostscript",
    "/var/lib/ghostscript",
    "/etc/libreoffice",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/dev/urandom",
    "/proc/self",
)
# Of the portal's own folder only the code: its data may lie beside it.
_PLACES = tuple(
    dict.fromkeys((*_READABLE, sys.prefix, sys.base_prefix, str(Path(__file__).parents[1])))
)


@dataclass(frozen=True, slots=True)
class Job:
    """What an operation is given: its own folder, its limits, and a way to speak before its end."""

    folder: Path
    limits: Limits
    say: Callable[[dict[str, Any]], None]


def main(arguments: list[str]) -> None:
    """Load the modules, then serve the descriptor until its other side is gone."""
    control = socket.socket(fileno=int(arguments[0]))
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then leaves
    idle_seconds = math.inf
    for name in arguments[1:]:
        module = importlib.import_module(name)
        if hasattr(module, "warm"):
            module.warm()
        idle_seconds = min(idle_seconds, getattr(module, "IDLE_SECONDS", math.inf))
    jail.leave_network()
    gc.collect()
    gc.freeze()
    jail.give_back_memory()
    _Zygote(control, parent, idle_seconds).serve()


@dataclass(slots=True)
class _Running:
    """A job under way: its line, and what it may write in all."""

    line: socket.socket
    most_written: int
    idle_seconds: float
    is_warned: bool = False
    worked: int = 0
    worked_at: float = field(default_factory=time.monotonic)
    is_stuck: bool = False

    def looked_at(self, pid: int, now: float) -> None:
        """Note whether it has done nothing for too long."""
        worked = jail.work_of(pid)
        if worked is None or worked - self.worked > _HARDLY_ANY_TICKS:
            self.worked, self.worked_at = worked or self.worked, now
        self.is_stuck = now - self.worked_at > self.idle_seconds


class _Zygote:
    """The loop: takes jobs, forks, reaps, kills."""

    def __init__(self, control: socket.socket, parent: int, idle_seconds: float) -> None:
        self._control = control
        self._parent = parent
        self._idle_seconds = idle_seconds
        self._busy_at = time.monotonic()
        self._look_at = 0.0
        self._jobs: dict[int, _Running] = {}  # by process id, which is also its group's
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._wake, waker = socket.socketpair()
        self._wake.setblocking(False)  # noqa: FBT003
        waker.setblocking(False)  # noqa: FBT003
        self._waker = waker
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        while os.getppid() == self._parent and not self._is_idle():
            wait = _LOOK_AT_JOBS_SECONDS if self._jobs else _LOOK_FOR_PARENT_SECONDS
            for key, _ in self._selector.select(min(wait, self._idle_seconds)):
                if key.fileobj is self._control:
                    if not self._take():
                        return self._kill_all()
                elif key.fileobj is self._wake:
                    with contextlib.suppress(BlockingIOError):
                        self._wake.recv(1024)
                else:
                    self._abandon(key.data)
            self._reap()
            self._oversee()
        return self._kill_all()

    def _oversee(self) -> None:
        """Kill jobs that do what no limit of the kernel forbids."""
        now = time.monotonic()
        if now < self._look_at:  # between looks, jobs that last a moment come and go
            return
        self._look_at = now + _LOOK_AT_JOBS_SECONDS
        for pid, job in self._jobs.items():
            job.looked_at(pid, now)
            number = signal.SIGKILL if job.is_stuck else jail.excess(pid, job.most_written)
            if number is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL if job.is_warned else number)
                job.is_warned = True

    def _is_idle(self) -> bool:
        """Tell whether nothing came for so long that the memory is worth more than the time."""
        if self._jobs:
            self._busy_at = time.monotonic()
        return time.monotonic() - self._busy_at > self._idle_seconds

    def _take(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(
            self._control, REQUEST_BYTES, 1, socket.MSG_CMSG_CLOEXEC
        )
        if not data or not descriptors:
            return False
        line = socket.socket(fileno=descriptors[0])
        request = json.loads(data)
        pid = os.fork()
        if pid == 0:
            self._become_job(request, line)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # also done by the child: whoever is first
        limits = request["limits"]
        most = limits["output_bytes"] * _MORE_WRITTEN + _AND_BYTES
        self._jobs[pid] = _Running(line, most, limits["idle_seconds"])
        self._selector.register(line, selectors.EVENT_READ, pid)
        return True

    def _become_job(self, request: dict[str, Any], line: socket.socket) -> None:
        """Run the job in this fresh process; never returns."""
        status = 1
        try:
            jail.die_with_parent()
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGXFSZ, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            for other in (self._control, self._wake, self._waker):
                other.close()
            for job in self._jobs.values():
                job.line.close()
            self._selector.close()
            _work(request, line)
            status = 0
        finally:
            os._exit(status)

    def _abandon(self, pid: int) -> None:
        """The other side does not want the answer any more."""
        self._selector.unregister(self._jobs[pid].line)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._jobs:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            job = self._jobs.pop(pid, None)
            if job is None:
                continue
            line = job.line
            with contextlib.suppress(KeyError):
                self._selector.unregister(line)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # what it may have left running
            end = {
                "exit": os.waitstatus_to_exitcode(status),
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "memory_bytes": usage.ru_maxrss * 1024,
                "stuck": job.is_stuck,
            }
            with line, contextlib.suppress(OSError):
                # A reader who sleeps must not stop us, nor half a line of the job's garble ours.
                line.send(b"\n" + _line(end), socket.MSG_DONTWAIT)

    def _kill_all(self) -> None:
        for pid in self._jobs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def _work(request: dict[str, Any], line: socket.socket) -> None:
    folder = request["folder"]
    limits = Limits(**request["limits"])
    _close_standard_streams()
    os.chdir(folder)
    os.umask(0o077)
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    jail.set_limits(limits)
    jail.drop_privileges()
    jail.confine_files(read=[*_PLACES, *request["reads"]], write=folder)
    seccomp.refuse_calls()
    job = Job(Path(folder), limits, lambda facts: line.sendall(_line({"progress": facts})))
    line.sendall(_line(_answer(request, job)))


def _answer(request: dict[str, Any], job: Job) -> dict[str, Any]:
    """Run the operation; what it returns or raises becomes plain data."""
    try:
        module, _, function = request["operation"].partition(":")
        operation = getattr(importlib.import_module(module), function)
        return {"result": operation(job, **request["arguments"])}
    except FaxError as error:
        return {"error": error.code.value, "params": error.params}
    except MemoryError:
        return {"exception": "MemoryError", "trace": ""}
    except Exception as error:  # noqa: BLE001 - the parent logs it and tells the user
        # Without the error's own words: a log is no place for what a document says.
        trace = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
        told = {"exception": type(error).__name__, "trace": trace}
        return told | {"errno": error.errno} if isinstance(error, OSError) else told


def _close_standard_streams() -> None:
    """The libraries' complaints are about strangers' files; nobody needs to read them."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    os.close(null)


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


if __name__ == "__main__":
    main(sys.argv[1:])
