"""Runs operations on foreign files in a process of their own, with limits; the parent's side.

One warm helper (``zygote``) a process is started when first needed and forks a fresh process for
every job. All faces may be called from several threads at once, and by a process that forked.
"""

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from faxes.documents import folders
from faxes.documents.limits import Limits
from faxes.documents.zygote import REQUEST_BYTES
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25  # how often the size of a job's folder is looked at
_KILL_SECONDS = 5.0  # how long a killed job may take to be reported dead
_MOST_SAID = 16 << 20  # bytes: more than the facts of the longest document
_NEARLY = 0.75  # the kernel measures this limit by other clocks than it tells of
_BYTES_A_LINE = 100  # that each counts besides its own: it takes time to read
_NO_FACTS = {"self", "code", "field"}  # the other arguments of an error
_MOST_TRACE = 10_000
_TRIES = 2  # the helper may have died since the last job, for no fault of this one
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class SandboxBroken(RuntimeError):
    """The helper process cannot be started or keeps dying: a fault of the installation."""


class _ZygoteGone(Exception):
    """The helper died before it could say how the job ended."""


@dataclass(slots=True)
class _Story:
    """What has been heard of a job so far."""

    answer: dict[str, Any] | None = None
    source: int = 0
    end: dict[str, Any] = field(default_factory=dict)
    late: bool = False
    fat: bool = False
    wild: bool = False
    said: int = 0  # bytes

    def hear(self, line: bytes) -> None:
        """Take in a line; it may be anything, as the job may be in a stranger's hands."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        if "progress" in message:
            source = _dict(message["progress"]).get("source")
            self.source = source if isinstance(source, int) else 0
        elif "exit" in message:
            self.end = {key: value for key, value in message.items() if _is_number(value)}
        else:
            self.answer = message


class Sandbox:
    """A warm helper process and the jobs it runs.

    ``modules`` are imported by the helper before its first job; operations are named
    ``module:function`` and get a ``zygote.Job`` and their arguments, all plain JSON values.
    """

    def __init__(self, modules: Sequence[str] = ("faxes.documents.operations",)) -> None:
        self._modules = tuple(modules)
        self._lock = threading.Lock()
        self._helper: _Helper | None = None
        _sandboxes.add(self)

    def warm(self) -> None:
        """Start the helper now rather than with the first job."""
        self._current()

    def close(self) -> None:
        """End the helper, and with it all its jobs; the next job starts another."""
        with self._lock:
            helper, self._helper = self._helper, None
        if helper is not None and helper.owner == os.getpid():
            helper.end()

    def forget(self) -> None:
        """In a forked child: let go of what belongs to the parent."""
        self._lock = threading.Lock()
        if self._helper is not None:
            self._helper.control.close()
            self._helper.process.returncode = 0  # not ours to wait for
        self._helper = None

    def run(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        *,
        folder: Path,
        limits: Limits,
        reads: Sequence[Path] = (),
        names: Sequence[str] = (),
    ) -> Any:
        """Run one operation and return what it returned.

        The job can write only beneath ``folder`` and read only the files ``reads``, besides the
        system's libraries and fonts. ``names`` are what the user calls the documents; a job that
        says ``{"source": index}`` before each is blamed on the right one.

        Raises DocumentError: what the operation raised, or DOCUMENT_TOO_SLOW (wall or processor
        time), DOCUMENT_TOO_MUCH_MEMORY, DOCUMENT_OUTPUT_TOO_LARGE, DOCUMENT_UNREADABLE (it
        crashed). Raises SandboxBroken when there is no helper to be had.
        """
        request = {
            "operation": operation,
            "arguments": dict(arguments),
            "folder": str(folder.resolve()),
            "reads": [str(path.resolve()) for path in reads],
            "limits": asdict(limits),
        }
        data = json.dumps(request).encode()
        if len(data) > REQUEST_BYTES:  # a mail of very many pictures, all of which a job is told
            raise _error(ErrorCode.DOCUMENT_TOO_MUCH_MEMORY, names[:1], limits)
        for _ in range(_TRIES):
            try:
                story = self._try(data, folder, limits)
            except _ZygoteGone:
                continue
            if story.wild:
                folders.empty(folder)
            return _outcome(story, limits, names)
        raise SandboxBroken(f"{operation}: the helper process died {_TRIES} times")

    def _try(self, data: bytes, folder: Path, limits: Limits) -> _Story:
        helper = self._current()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                try:
                    socket.send_fds(helper.control, [data], [theirs.fileno()])
                except OSError:
                    self._drop(helper)
                    raise _ZygoteGone from None
            story = _Story()
            deadline = time.monotonic() + limits.wall_seconds
            try:
                for words in _lines(ours, story, folder, limits, deadline):
                    story.hear(words)
                if not story.end and story.answer is None and not helper.is_alive():
                    raise _ZygoteGone  # noqa: TRY301 - as if it had not even killed
            except _ZygoteGone:
                self._drop(helper)
                raise
        _look(story, folder, limits)
        return story

    def _current(self) -> "_Helper":
        """Return the helper of this process, started if there is none that lives."""
        with self._lock:
            helper = self._helper
            if helper is not None and helper.owner != os.getpid():
                helper = None  # forked without Python's knowledge
            if helper is None or helper.process.poll() is not None:
                if helper is not None:
                    helper.end()
                helper = self._helper = _Helper.start(self._modules)
            return helper

    def _drop(self, helper: "_Helper") -> None:
        with self._lock:
            if self._helper is helper:
                self._helper = None
        helper.end()


@dataclass(slots=True)
class _Helper:
    """A running zygote, the socket to it, and the process that started it."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int

    @classmethod
    def start(cls, modules: Sequence[str]) -> "_Helper":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Nothing of the portal's environment goes along: it holds passwords. One thread for the
        # linear algebra that is not used: a process with threads should not fork.
        environment = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
            # Memory comes in few large pieces, of large pages where the kernel has them, and is
            # kept: a fresh process for every job would else spend half its time on getting it.
            "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
            "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
            "MALLOC_TOP_PAD_": str(64 << 20),
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        }
        command = [sys.executable, "-m", "faxes.documents.zygote", str(theirs.fileno()), *modules]
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                process_group=0,  # a Ctrl-C at the terminal is not for it
            )
        return cls(process, ours, os.getpid())

    def is_alive(self) -> bool:
        """Tell whether the other side of the control socket is open; nothing is ever said there."""
        try:
            return bool(self.control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def end(self) -> None:
        self.control.close()
        self.process.kill()  # its jobs die with it: they asked the kernel to
        self.process.wait()


def _lines(
    line: socket.socket, story: _Story, folder: Path, limits: Limits, deadline: float
) -> Iterator[bytes]:
    """Yield what is said, line by line; stop the job when it is late or its folder too fat."""
    rest = bytearray()
    killed = False
    look_at = time.monotonic() + _LOOK_SECONDS
    while True:
        now = time.monotonic()
        if killed and now >= deadline:
            raise _ZygoteGone from None  # it does not even kill
        if not killed and now >= min(look_at, deadline):
            look_at = now + _LOOK_SECONDS
            story.late = now >= deadline
            _look(story, folder, limits)
            killed = story.late or story.fat
            if killed:
                deadline = now + _KILL_SECONDS
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_WR)  # the zygote takes this as the order to kill
        line.settimeout(max(0.001, min(deadline, look_at if not killed else deadline) - now))
        try:
            data = line.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            data = b""
        if not data:
            return
        story.said += len(data)
        if story.said > _MOST_SAID:
            rest.clear()
            continue  # the next look ends it
        whole, newline, begun = data.rpartition(b"\n")
        if newline:
            lines = bytes(rest + whole).split(b"\n")
            story.said += _BYTES_A_LINE * len(lines)
            yield from lines
            rest.clear()
        rest += begun


def _look(story: _Story, folder: Path, limits: Limits) -> None:
    """Note whether a job made more than it may; what nobody could remove, remove at the end."""
    found = folders.contents(folder)
    too_much = found.bytes > limits.output_bytes or story.said > _MOST_SAID
    story.fat = story.fat or too_much or found.is_wild
    story.wild = story.wild or found.is_wild


def _outcome(story: _Story, limits: Limits, names: Sequence[str]) -> Any:
    answer = story.answer
    if answer is not None and "result" in answer and not story.fat:
        return answer["result"]
    named = names[story.source :][:1] if story.source >= 0 else ()
    if answer is not None and "error" in answer and not story.fat:
        with contextlib.suppress(ValueError):
            code = ErrorCode(answer["error"])
            facts = _facts(answer.get("params"))
            raise DocumentError(code, field="documents", **{**facts, **_name(named)})
    if answer is not None and answer.get("trace"):
        trace = str(answer["trace"])[-_MOST_TRACE:]
        _log.warning("conversion of %s failed:\n%s", story.source, trace)
    raise _error(_blame(story, limits), named, limits)


def _error(code: ErrorCode, names: Sequence[str], limits: Limits) -> DocumentError:
    return DocumentError(code, field="documents", **_name(names), **_bound(code, limits))


def _name(names: Sequence[str]) -> dict[str, str]:
    return {"name": names[0]} if names else {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _facts(value: Any) -> dict[str, Any]:
    """Return what of an error's facts is plain."""
    return {
        key: fact
        for key, fact in _dict(value).items()
        if key not in _NO_FACTS and isinstance(fact, int | float | str | None)
    }


def _blame(story: _Story, limits: Limits) -> ErrorCode:
    """Find the reason why a job ended without a result."""
    status = -story.end.get("exit", 0)
    if story.fat or status == signal.SIGXFSZ:
        return ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE
    spent = story.end.get("cpu_seconds", 0.0) >= limits.cpu_seconds * _NEARLY
    # LibreOffice catches SIGXCPU and aborts.
    ended = status in {signal.SIGKILL, signal.SIGABRT}
    if story.late or story.end.get("stuck") or status == signal.SIGXCPU or (ended and spent):
        return ErrorCode.DOCUMENT_TOO_SLOW
    refused = story.answer is not None and story.answer.get("exception") == "MemoryError"
    # Libraries in C abort when memory is refused them, and the kernel's own killer uses SIGKILL.
    full = status > 0 and story.end.get("memory_bytes", 0) > limits.memory_bytes // 2
    if refused or full or status == signal.SIGKILL:
        return ErrorCode.DOCUMENT_TOO_MUCH_MEMORY
    return ErrorCode.DOCUMENT_UNREADABLE


def _bound(code: ErrorCode, limits: Limits) -> dict[str, Any]:
    """Return the limit that was passed, in the unit in which it is spoken of."""
    bounds: dict[ErrorCode, dict[str, Any]] = {
        ErrorCode.DOCUMENT_TOO_SLOW: {"seconds": limits.cpu_seconds},
        ErrorCode.DOCUMENT_TOO_MUCH_MEMORY: {"limit": limits.memory_bytes // 1_000_000},
        ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE: {"limit": limits.output_bytes // 1_000_000},
    }
    return bounds.get(code, {})


_sandboxes: "weakref.WeakSet[Sandbox]" = weakref.WeakSet()


def _forget_all() -> None:
    for sandbox in list(_sandboxes):
        sandbox.forget()


def _close_all() -> None:
    for sandbox in list(_sandboxes):
        sandbox.close()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)

SANDBOX = Sandbox()

# Each kind of program has a helper of its own, started by the first document that needs it.
HTML_SANDBOX = Sandbox(("faxes.documents.html", "faxes.documents.mail"))
OFFICE_SANDBOX = Sandbox(("faxes.documents.office",))
TEXT_SANDBOX = Sandbox(("faxes.documents.ocr",))
