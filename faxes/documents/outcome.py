"""What came of a job in the sandbox: what was heard of it, and what is to blame for its end."""

import contextlib
import errno
import json
import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from faxes.documents.limits import Limits
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_log = logging.getLogger(__name__)

_FULL = {errno.ENOSPC, errno.EDQUOT}
_LITTLE_ROOM = 64 << 20  # bytes
_NEARLY = 0.75  # the kernel measures this limit by other clocks than it tells of
_NO_FACTS = {"self", "code", "field"}  # the other arguments of an error
_MOST_TRACE = 10_000


class SandboxBroken(RuntimeError):
    """The helper process cannot be started or keeps dying: a fault of the installation."""


class NoRoom(SandboxBroken, OSError):
    """The disk is full, which passes, like other trouble with a disk."""


class JobKilled(DocumentError):
    """Killed, and not seen to hold much: by the kernel perhaps, or for no fault of its document."""


@dataclass(slots=True)
class Story:
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


def outcome_of(story: Story, folder: Path, limits: Limits, names: Sequence[str]) -> Any:
    """What a job returned.

    Raises:
        DocumentError, SandboxBroken: as ``Sandbox.run``.

    """
    answer = story.answer
    if answer is not None and "result" in answer and not story.fat:
        return answer["result"]
    named = names[story.source :][:1] if story.source >= 0 else ()
    if answer is not None and "error" in answer and not story.fat:
        with contextlib.suppress(ValueError):
            code = ErrorCode(answer["error"])
            facts = _facts(answer.get("params"))
            raise DocumentError(code, field="documents", **{**facts, **_name(named)})
    if not story.fat and answer is not None and answer.get("errno") in _FULL:
        _tell_of_room(folder)
    if answer is not None and answer.get("trace"):
        trace = str(answer["trace"])[-_MOST_TRACE:]
        _log.warning("conversion of %s failed:\n%s", story.source, trace)
    error = error_of(_blame(story, limits), named, limits)
    if answer is None and error.code == ErrorCode.DOCUMENT_TOO_MUCH_MEMORY:
        raise JobKilled(error.code, field=error.field, **error.params)
    raise error


def _tell_of_room(folder: Path) -> NoReturn:
    """A job says that the disk is full: that is looked at, as it may say anything."""
    room = os.statvfs(folder)
    if room.f_bavail * room.f_frsize < _LITTLE_ROOM:
        raise NoRoom("the disk is full")
    raise SandboxBroken("a job found the disk full")


def error_of(code: ErrorCode, names: Sequence[str], limits: Limits) -> DocumentError:
    """The error that blames the first of these documents."""
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


def _blame(story: Story, limits: Limits) -> ErrorCode:
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
