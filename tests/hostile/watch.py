"""What must hold after every document, whatever it was; and what was heard of its jobs."""

import os
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from faxes.documents import outcome, sandbox
from faxes.documents.limits import Limits


@dataclass
class Deaths:
    """How jobs ended that gave no proper answer: signals and errors nobody foresaw."""

    heard: list[str] = field(default_factory=list)

    def __enter__(self):
        self._outcome = outcome.outcome_of
        outcome.outcome_of = self._listen
        return self

    def __exit__(self, *_):
        outcome.outcome_of = self._outcome

    def _listen(self, story: Any, folder: Path, limits: Limits, names: Any) -> Any:
        ended = -story.end.get("exit", 0)
        if ended > 0 and not (story.late or story.fat):
            self.heard.append(signal.Signals(ended).name)
        answer = story.answer or {}
        if answer.get("exception") and answer["exception"] != "MemoryError":
            self.heard.append(f"{answer['exception']} {_place(answer['trace'])}")
        return self._outcome(story, folder, limits, names)

    def take(self) -> tuple[str, ...]:
        """Return what was heard since last asked."""
        heard, self.heard = tuple(self.heard), []
        return heard


def _place(trace: str) -> str:
    """Return the last line of ours in a trace."""
    ours = [line.strip() for line in trace.splitlines() if "/faxes/" in line]
    return ours[-1].rsplit("/", 1)[-1].replace('"', "") if ours else ""


def helpers() -> dict[int, psutil.Process]:
    """Return the warm helpers of this process, by process id."""
    living = [box._helper for box in list(sandbox._sandboxes)]
    found = [helper.process.pid for helper in living if helper and helper.owner == os.getpid()]
    return {pid: psutil.Process(pid) for pid in found}


class Watch:
    """Looks for what a document left behind, and for helpers that died."""

    def __init__(self) -> None:
        self._folders = [Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp")]  # noqa: S108
        self._homes = [Path.home(), Path("/"), Path("/etc")]
        self._before = self._files()
        self._helpers = set(helpers())

    def _files(self) -> set[str]:
        return {str(path) for folder in self._folders for path in folder.iterdir()} | {
            f"{folder} at {folder.stat().st_mtime_ns}" for folder in self._homes
        }

    def faults(self) -> list[str]:
        """Tell what is not as it was; start anew from there."""
        faults = [f"left behind: {name}" for name in sorted(self._files() - self._before)]
        self._before = self._files()
        now = helpers()
        faults += ["a helper died" for pid in self._helpers if pid not in now]
        self._helpers = set(now)
        for helper in now.values():
            faults += [f"still runs: {child}" for child in helper.children(recursive=True)]
        return faults
