"""How the processes of a worker fare: noted in its folder, read by whoever asks if it is well."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from accounts.locks import is_held
from faxes import jobs
from faxes.management.children import Child
from faxes.management.scratch import own_folder
from faxes.queues import QUICK

_NOTED_EVERY: Final = 2.0  # seconds
_STALE: Final = 15.0  # seconds without a word
# Longer than any task may take: then its worker hangs, whatever the reason.
STUCK_AFTER: Final = settings.Q_CLUSTER["timeout"] + 30
_NOTE: Final = "worker.json"
_SIGN: Final = "alive"
_ENV: Final = "WORKER_FOLDER"
_ROOT: Final = settings.DATA / "run"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for the notes of one worker, for as long as that lives."""
    with own_folder(_ROOT) as own:
        yield own


def env(folder: Path) -> dict[str, str]:
    """What tells task workers where to show that they live."""
    return {_ENV: str(folder)}


def show_life() -> None:
    """Say that the task workers are looked after, where somebody wants to know."""
    if room := os.environ.get(_ENV):
        with suppress(OSError):
            Path(room, _SIGN).touch()


class Progress:
    """Whether jobs are taken: for how long the same have been next in their queues."""

    def __init__(self, queues: Sequence[str]) -> None:
        """Begin with nothing known."""
        self._queues = queues
        self._since: dict[str, tuple[object, float]] = {}

    def look(self) -> float:
        """For how many seconds nothing was taken of the slow queues, or nothing of the quick.

        One of them may wait for another: that is no sign that workers hang.

        Raises:
            Away: that cannot be told, and nothing was expected to move.

        """
        now = time.monotonic()
        try:
            heads = jobs.serving(*self._queues).heads() if self._queues else {}
        except Exception:
            self._since = {}
            raise
        known = self._since
        self._since = {
            queue: known[queue] if queue in known and known[queue][0] == head else (head, now)
            for queue, head in heads.items()
        }
        waits = {queue: now - since for queue, (_, since) in self._since.items()}
        quick = [waits[queue] for queue in waits if queue in QUICK]
        slow = [waits[queue] for queue in waits if queue not in QUICK]
        return max((min(each) for each in (quick, slow) if each), default=0.0)

    def forget(self) -> None:
        """Begin anew, as after a new start of the workers."""
        self._since = {}


class Note:
    """Writes down now and then which queues are served, and what is missing of it."""

    def __init__(self, folder: Path, queues: Sequence[str], children: Sequence[Child]) -> None:
        """Say nothing yet."""
        self._folder, self._queues, self._children = folder, queues, children
        self._at = 0.0
        self.stuck = 0.0  # seconds

    def __call__(self) -> None:
        """Note it, if that was some time ago."""
        if time.monotonic() - self._at < _NOTED_EVERY:
            return
        self._at = time.monotonic()
        missing = [each.name for each in self._children if not self._is_well(each)]
        told = {"queues": list(self._queues), "missing": missing, "stuck": self.stuck}
        fresh = self._folder / f"{_NOTE}.new"
        with suppress(OSError):  # the disk is full: who asks finds the last note to be old
            fresh.write_text(json.dumps(told), encoding="utf-8")
            fresh.rename(self._folder / _NOTE)

    def _is_well(self, child: Child) -> bool:
        shows_life = _ENV not in child.env or _age(self._folder / _SIGN) < _STALE
        return child.runs() and shows_life


def troubles(queues: Sequence[str]) -> list[str]:
    """What keeps this machine from serving these queues, in words; nothing if all is well."""
    found: list[str] = []
    open_queues = set(queues)
    for note in _notes():
        ours = open_queues & set(note["queues"])
        open_queues -= ours
        if ours:
            found += [f"{name}: not running" for name in note["missing"]]
            if note["stuck"] > STUCK_AFTER / 2:
                found.append(f"no job was taken for {note['stuck']:.0f} seconds")
    return found + [f"{name}: nobody serves it here" for name in queues if name in open_queues]


def _notes() -> Iterator[dict[str, Any]]:
    """What the workers that live on this machine have noted lately."""
    for path in _ROOT.glob(f"*/{_NOTE}"):
        if is_held(path.parent) and _age(path) < _STALE:
            with suppress(OSError, ValueError):
                yield json.loads(path.read_text(encoding="utf-8"))


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
