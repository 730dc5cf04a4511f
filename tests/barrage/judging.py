"""What no answer may be, and what must be so afterwards."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from uuid import UUID

from tests.barrage.making import Request
from tests.faults.books import Books

BUSY = 503
# What Kazoo tells as its own fault, though it is a mistake of the client's; so do we.
_KAZOOS = re.compile(
    rb'"message":"(?:document is not in folder|action required|invalid action'
    rb"|error when \w+ing fax)"
)
# The books know faxes of one document; here they come of as many as somebody thinks of.
_LATE = re.compile("should have been (?:woken|fetched)")
_KNOWN = re.compile(rf"has the documents \{{.*'rendered': 1|{_LATE.pattern}")
_TRACES = re.compile(
    rb'Traceback \(most recent call last\)|  File "/|site-packages|django\.db|sqlite3\.'
)
_ID = re.compile(
    rb'"(?:id|sid|uid|fax_id)"\s*:\s*"([0-9a-fA-F-]{32,36})"'
)  # fmt: skip
_MOST_TOLD = 40


@dataclass
class Verdict:
    """What came of all requests."""

    marker: bytes
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    mails: int = 0
    _lock: Lock = field(default_factory=Lock)

    def say(self, what: str) -> None:
        """Note something that is wrong."""
        with self._lock:
            self.wrong.append(what)

    def judge(self, number: int, request: Request, status: int, told: bytes) -> None:
        """Look at an answer."""
        kind = "503" if status == BUSY else f"{status // 100}xx"
        if status == 500 and request.path.startswith("/v2/") and _KAZOOS.search(told):
            kind = "500 as Kazoo says it"
        with self._lock:
            self.statuses[kind] += 1
        what = f"{number}: {request.method} {request.path[:200]}: {status}"
        if kind == "5xx":
            self.say(f"{what}: the server's own fault")
        if _TRACES.search(told):
            self.say(f"{what}: tells how it is made")
        if self.marker in told:
            self.say(f"{what}: tells what is another tenant's")
        if request.sends and 200 <= status < 300:
            with self._lock:
                most = None if request.sends == "voipnow" else 1
                for each in _ID.findall(told)[:most]:
                    with suppress(ValueError):
                        self.taken[UUID(each.decode()).hex] = what

    def late(self, data: Path) -> list[str]:
        """What waits for longer than it should."""
        return [each for each in Books.read(data).faults(at_rest=False) if _LATE.search(each)]

    def afterwards(self, data: Path, deleted: set[str]) -> None:
        """Look at the portal's books, once it is done with most of its work."""
        books = Books.read(data)
        for key in self.taken.keys() - books.faxes.keys() - deleted:
            self.say(f"fax {key} was taken and is lost ({self.taken[key]})")
        faults = books.faults(at_rest=False)
        self.wrong += [each for each in faults if not _KNOWN.search(each)]
        with closing(sqlite3.connect(data / "portal.sqlite3", timeout=20)) as database:
            (mails,) = database.execute("SELECT count(*) FROM faxes_inboundmail").fetchone()
            if mails < self.mails:
                self.say(f"{self.mails} mails were taken, {mails} are there")
            self.wrong += unbalanced(database)

    def __str__(self) -> str:
        counts = ", ".join(f"{each}: {n}" for each, n in sorted(self.statuses.items()))
        taken = f"{len(self.taken)} faxes and {self.mails} mails taken"
        lines = [f"{counts}; {taken}; {len(self.wrong)} wrong", *self.wrong[:_MOST_TOLD]]
        return "\n  ".join(lines)


def unbalanced(database: sqlite3.Connection) -> Iterator[str]:
    """Where the ledger does not add up: each entry stands on the one before it."""
    entries = database.execute(
        "SELECT account_id, number, amount, posted_after - held_after FROM accounts_ledgerentry"
        " ORDER BY account_id, number"
    )
    at: dict[str, tuple[int, int]] = {}
    for account, number, amount, after in entries:
        before, balance = at.get(account, (0, 0))
        if number != before + 1:
            yield f"ledger of {account}: entry {number} follows {before}"
        if balance + amount != after:
            yield f"ledger of {account}: {balance} and {amount} are not {after}"
        at[account] = (number, after)
