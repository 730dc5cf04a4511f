"""Two portals on one machine, the second the first one's carrier four times over, once a protocol.

Each protocol is spoken from both ends by the code that will speak it to others. Faxes go both ways
by all of them at once while workers of both portals are killed: each arrives once, and both sides
say the same of it. ``TWO_PORTALS_FAXES`` (each way, by each protocol) and ``TWO_PORTALS_KILLS``
make it longer.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.faults.books import Books
from tests.faults.make import CARRIED_NUMBERS, MORE_NUMBERS
from tests.faults.portal import Portal, kill, wait_until
from tests.ports import free_port
from tests.real.running import answers

FAXES = int(os.environ.get("TWO_PORTALS_FAXES", "4"))
KILLS = int(os.environ.get("TWO_PORTALS_KILLS", "2"))
WITHIN = 150 + 8 * FAXES  # seconds
pytestmark = [pytest.mark.faults, pytest.mark.timeout(3 * WITHIN)]

# Which number of the account that both portals know is with which carrier at the near one.
NUMBERS = dict(zip(["kazoo", "signalwire", "fax2", "voipnow"], CARRIED_NUMBERS, strict=True))
OWN = "+12025550121"  # what its fax machine sends from where a protocol knows no caller id
LISTING = ["kazoo", "signalwire", "fax2"]  # these tell what came in
ASKED = ["kazoo", "signalwire"]  # these can be asked whether they have heard of a try


@dataclass
class Pair:
    """The portal whose customers send and receive, and the one that is its carrier."""

    near: Portal
    far: Portal

    def workers(self) -> list[psutil.Process]:
        """Their task workers, by the processes that guard them."""
        return [
            child
            for portal in (self.near, self.far)
            for served in portal.processes
            if served.poll() is None
            for child in psutil.Process(served.pid).children()
            if is_worker(child)
        ]

    def open(self) -> str:
        """What is not over yet, and what the processes said."""
        told = []
        for portal in (self.near, self.far):
            told += portal.rows(
                """SELECT f.direction, f.from_number, f.to_number, f.state, f.tries, f.false_starts,
                f.due_at, f.wake_at, a.number, a.state, a.outcome, a.carrier_ref, a.phase,
                a.completion_text, a.started_at, a.ended_at
                FROM faxes_fax f LEFT JOIN faxes_attempt a ON a.fax_id = f.id
                WHERE f.finished_at IS NULL OR f.state = 'failed'"""
            )
            told += portal.rows(
                "SELECT kind, received_until, failures, last_failure FROM faxes_carrier"
            )
        return "\n".join([*map(str, told), self.near.log(), self.far.log()])


def is_worker(process: psutil.Process) -> bool:
    """Whether it guards task workers, and lives: the last one killed may lie there still."""
    try:
        return "worker" in process.cmdline()[-2:]
    except psutil.Error:
        return False


def settings_of(kind: str, base: str, house: dict[str, Any]) -> dict[str, Any]:
    """What an operator would fill in for an account at the far portal."""
    client = house["oauth"]
    match kind:
        case "kazoo":
            return {"base_url": f"{base}/v2", "api_key": house["api_key"]}
        case "signalwire":
            return {"base_url": base, "project": house["id"], "token": house["api_token"]}
        case "fax2":
            return {
                "base_url": f"{base}/v1",
                "username": client["client_id"],
                "password": client["client_secret"],
            }
        case _:
            extension = f"{house['code']}*{house['faxboxes'][0]['extension']}"
            return {"base_url": base, "extension": extension, **client}


@pytest.fixture
def pair(portals: Callable[..., Portal]) -> Iterator[Pair]:
    near, far = (portals(**environment()) for _ in range(2))
    houses = [each.run("manage.py", "seed_demo", "--json")["accounts"] for each in (near, far)][1]
    known = next(house for house in houses if house["realm"] == "northside.example")
    asked = [
        {"kind": kind, "number": number, "settings": settings_of(kind, base_of(far), known)}
        for kind, number in NUMBERS.items()
    ]
    near.run("-m", "tests.faults.use_carrier", given=asked)
    both = Pair(near, far)
    for portal in (near, far):
        portal.start("manage.py", "serve")
    for portal in (near, far):
        wait_until(lambda: answers(base_of(portal), "/health/live"), 120, portal.log)  # noqa: B023
    yield both
    near.close()
    far.close()


def environment() -> dict[str, str]:
    port = free_port()
    return {
        "FAXPORTAL_PORT": str(port),
        "FAXPORTAL_SMTP_PORT": str(free_port()),
        "FAXPORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "FAXPORTAL_FETCH_ALLOW": "127.0.0.0/8",
        "FAXPORTAL_CARRIER_PACE": "0.05",
        "FAXPORTAL_CARRIER_SECONDS": "10",
        "FAXPORTAL_API_RATE": "100000",
        "FAXPORTAL_API_ACCOUNT_RATE": "100000",
        "FAXPORTAL_WEB_WORKERS": "1",
    }


def base_of(portal: Portal) -> str:
    return portal.env["FAXPORTAL_BASE_URL"]


def done(both: Pair) -> int:
    """Faxes of the near portal that are through, out and in.

    Who was killed in the midst of handing over leaves a doubt. Where nobody can be asked it stays.
    """
    return both.near.count(
        "faxes_fax WHERE state IN ('delivered', 'received') OR outcome = 'unknown'"
    )


def strike(both: Pair, total: int) -> int:
    """Kill a worker with all that it has begun, each time that some more are through."""
    dice, killed = random.Random(8), 0
    for number in range(KILLS):
        mark = total * (number + 1) // (KILLS + 3)
        wait_until(lambda: done(both) >= mark, WITHIN, both.open)  # noqa: B023
        time.sleep(dice.random() / 2)  # wherever that finds them
        wait_until(both.workers, 60, "nobody works")
        workers = both.workers()
        victim = workers[number % len(workers)]
        with suppress(psutil.NoSuchProcess):
            for process in [*victim.children(recursive=True), victim]:
                kill(process)
        killed += 1
    return killed


PRICES = """SELECT l.amount, count(*) FROM accounts_ledgerentry l
JOIN accounts_account a ON a.id = l.account_id
WHERE a.realm = 'northside.example' AND l.kind = 'charge' AND l.fax_id IS NOT NULL
GROUP BY l.amount ORDER BY l.amount"""


def test_what_goes_by_way_of_another_portal_arrives_once_whatever_protocol_it_goes_by(pair):
    began, targets = time.monotonic(), iter(MORE_NUMBERS * FAXES)
    out = [
        {"tenant": "northside", "from": number, "to": next(targets)}
        for _ in range(FAXES)
        for number in NUMBERS.values()
    ]
    back = [
        {"tenant": "lakeside", "from": next(targets), "to": NUMBERS[kind]}
        for _ in range(FAXES)
        for kind in LISTING
    ]
    submitting = [pair.near.start_submit(*out), pair.far.start_submit(*back)]
    total = len(out) + len(back)
    killed = strike(pair, total)
    assert [each.wait(150) for each in submitting] == [0, 0]
    wait_until(lambda: done(pair) >= total, WITHIN, pair.open)
    for portal in (pair.near, pair.far):
        wait_until(portal.idle, WITHIN, pair.open)
    print(f"{total} faxes, {killed} kills: {time.monotonic() - began:.0f} s")  # noqa: T201
    assert Books.read(pair.far.data).faults() == []
    compare(pair, killed)


def compare(pair: Pair, killed: int) -> None:
    """Both sides tell the same, and nothing is there twice."""
    sent = Counter(
        pair.near.rows(
            """SELECT from_number, state, outcome, pages, pages_done FROM faxes_fax
            WHERE direction = 'outbound'"""
        )
    )
    in_doubt = {
        kind: 0 if kind in ASKED else sent.pop((number, "failed", "unknown", 1, 0), 0)
        for kind, number in NUMBERS.items()
    }
    assert sum(in_doubt.values()) <= killed
    ends = {kind: "handed_over" if kind == "voipnow" else "delivered" for kind in NUMBERS}
    assert sent == {
        (number, "delivered", ends[kind], 1, 1): FAXES - in_doubt[kind]
        for kind, number in NUMBERS.items()
    }
    arrived = Counter(told(pair.far, "to_number", "inbound", "state = 'received' AND pages = 1"))
    surely = Counter(told(pair.near, "to_number", "outbound", "state = 'delivered'"))
    wanted = Counter(told(pair.near, "to_number", "outbound"))
    assert surely <= arrived <= wanted, "each target has its fax once, but for those in doubt"
    callers = Counter(told(pair.far, "from_number", "outbound"))
    assert [callers[NUMBERS[kind]] for kind in ASKED] == [FAXES] * len(ASKED)
    came = Counter(
        pair.near.rows(
            """SELECT to_number, from_number != '', state, outcome, pages FROM faxes_fax
            WHERE direction = 'inbound'"""
        )
    )
    assert came == {
        (NUMBERS[kind], int(kind != "fax2"), "received", "delivered", 1): FAXES for kind in LISTING
    }
    if not any(in_doubt.values()):  # which nobody pays for
        assert pair.near.rows(PRICES) == pair.far.rows(PRICES), "both sides charge the same"


def told(portal: Portal, column: str, direction: str, where: str = "1") -> list[str]:
    """A column of the faxes to the other account, either at the one end or at the other."""
    table = f"faxes_fax WHERE direction = ? AND to_number LIKE '+1312%' AND {where}"
    rows = portal.rows(f"SELECT {column} FROM {table}", direction)  # noqa: S608 (all ours)
    return [value for (value,) in rows]
