"""Programs that use a portal all the while, and note what they were told: who is right later.

Each asks until it is answered, as a program with a key does, at whichever web server answers.
"""

import base64
import http.client
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from tests import papers
from tests.faults.production.make import TENANTS, numbers_of

TEST_NUMBERS: Final = ("+12025550100", "+12025550101", "+12025550104", "+12025550108")
_AGAIN_AFTER: Final = 0.3  # seconds
_ANSWER_WITHIN: Final = 60.0
_NOT_NOW: Final = {409, 429, 500, 502, 503, 504}
_ENDED: Final = """
    SELECT f.id, f.carrier_ref, a.carrier_ref FROM faxes_fax f
    LEFT JOIN faxes_attempt a ON a.fax_id = f.id AND a.outcome = 'delivered'
    WHERE f.account_id = (SELECT id FROM accounts_account WHERE realm = %s)
    AND f.state = ANY(%s) AND f.stripped_at IS NULL ORDER BY f.finished_at DESC LIMIT 30
"""
_DONE: Final = ("delivered", "failed", "canceled", "received")


@dataclass
class Told:
    """What the portal has answered."""

    faxes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by key
    unanswered: set[str] = field(default_factory=set)  # keys
    deleted: set[str] = field(default_factory=set)  # those that are gone, or may be
    gone: set[str] = field(default_factory=set)  # those that surely are
    stripped: set[str] = field(default_factory=set)
    parted: set[str] = field(default_factory=set)  # calls of which one side is deleted
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Program:
    """A program of one tenant."""

    tenant: str
    token: str
    ports: Sequence[int]
    told: Told
    stopping: threading.Event

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, bytes]:
        """Ask once, at any web server. Status 0: there was no answer, or not all of it."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            sent["Idempotency-Key"] = key
        port = random.choice(self.ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_WITHIN)
        status, answer = 0, b""
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1/{path}", data, sent)
            with connection.getresponse() as response:
                answer = response.read()
                status = response.status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        with self.told.lock:
            self.told.statuses[status] += 1
        return status, answer

    def insist(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, bytes]:
        """Ask until there is an answer to keep; status 0 if none came before the end."""
        while not self.stopping.is_set():
            status, answer = self.ask(method, path, body, key)
            if status and status not in _NOT_NOW:
                return status, answer
            self.stopping.wait(_AGAIN_AFTER)
        return 0, b""

    def send(self, to: str, *, document: bytes | None = None) -> str:
        """Send a fax, asking again under its key as often as it takes; its id, or nothing."""
        key, text = uuid4().hex, base64.b64encode(document or b"Hello, fax!").decode()
        name = "letter.pdf" if document else "letter.txt"
        body = {"to": to, "documents": [{"content_base64": text, "filename": name}]}
        with self.told.lock:
            self.told.unanswered.add(key)
        status, answer = self.insist("POST", "faxes", body, key)
        if status == HTTPStatus.GONE and self.told.deleted:
            with self.told.lock:  # deleted by its number before this was answered
                self.told.unanswered.discard(key)
            return ""
        if status != HTTPStatus.CREATED:
            if status:
                self.say(f"a fax to {to} was answered {status}: {answer[:200]!r}")
            return ""
        fax: str = json.loads(answer)["id"]
        with self.told.lock:
            self.told.faxes[key].add(fax)
            self.told.unanswered.discard(key)
        if key[0] in "01":  # who has lost the answer asks again
            status, answer = self.ask("POST", "faxes", body, key)
            if status == HTTPStatus.CREATED:
                with self.told.lock:
                    self.told.faxes[key].add(json.loads(answer)["id"])
        return fax

    def state(self, fax: str) -> str:
        """Where a fax stands, if that can be said now."""
        status, answer = self.ask("GET", f"faxes/{fax}")
        return str(json.loads(answer)["status"]) if status == HTTPStatus.OK else ""

    def say(self, what: str) -> None:
        with self.told.lock:
            self.told.wrong.append(f"{self.tenant}: {what}")


@dataclass
class Load:
    """All of them at work. ``rows`` asks the database, ``most`` faxes are under way at once."""

    programs: dict[str, Program]
    told: Told
    rows: Callable[..., list[tuple[Any, ...]]]
    seed: int
    most: int = 16
    stopping: threading.Event = field(default_factory=threading.Event)
    open: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for number, name in enumerate(TENANTS):
            self._begin(self._submit, self.programs[name], random.Random(self.seed * 10 + number))
        self._begin(self._tidy_away, random.Random(self.seed))
        self._begin(self._count)

    def stop(self) -> None:
        """Let each end what it is at."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(_ANSWER_WITHIN * 2)

    def _begin(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=self._guarded, args=(work, *arguments), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 (a load that is gone proves nothing)
            self.told.wrong.append(f"the load broke: {error!r}")

    def _count(self) -> None:
        """Look now and then how much is under way."""
        sql = "SELECT count(*) FROM faxes_fax WHERE finished_at IS NULL"
        while not self.stopping.wait(1):
            try:
                self.open = self.rows(sql)[0][0]
            except Exception:  # noqa: BLE001 (it was struck)
                self.open = self.most

    def _submit(self, program: Program, dice: random.Random) -> None:
        others = [
            number for name in TENANTS if name != program.tenant for number in numbers_of(name)
        ]
        letters = [None, None, None, papers.pdf(1), papers.pdf(3)]
        while not self.stopping.is_set():
            to = dice.choice(others) if dice.random() < 0.85 else dice.choice(TEST_NUMBERS)
            program.send(to, document=dice.choice(letters))
            self.stopping.wait(dice.random() * 2)
            while self.open >= self.most and not self.stopping.wait(0.5):
                pass

    def _tidy_away(self, dice: random.Random) -> None:
        """Delete some faxes that have ended, strip others, and read the pages of others still."""
        while not self.stopping.wait(1):
            program = dice.choice(list(self.programs.values()))
            try:
                found = self.rows(_ENDED, f"{program.tenant}.example", list(_DONE))
            except Exception:  # noqa: BLE001 (it was struck)
                found = []
            if not found:
                continue
            fax, *calls = dice.choice(found)
            match dice.choice(["delete", "strip", "read", "read"]):
                case "delete":
                    with self.told.lock:
                        self.told.deleted.add(fax.hex)
                        self.told.parted.update(filter(None, calls))
                    if self._done(program, "DELETE", f"faxes/{fax}", {204, 404}):
                        with self.told.lock:
                            self.told.gone.add(fax.hex)
                case "strip":
                    if self._done(program, "POST", f"faxes/{fax}/strip", {200, 404, 409}) == 200:
                        with self.told.lock:
                            self.told.stripped.add(fax.hex)
                case _:
                    program.ask("GET", f"faxes/{fax}/document.pdf")

    def _done(self, program: Program, method: str, path: str, fine: set[int]) -> int:
        status, answer = program.insist(method, path, {} if method == "POST" else None)
        if status and status not in fine:
            program.say(f"{method} {path} was answered {status}: {answer[:200]!r}")
        return status


def wait_state(program: Program, fax: str, state: str, within: float) -> bool:
    """Wait until a fax stands there; whether it came to."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if program.state(fax) == state:
            return True
        time.sleep(0.2)
    return False
