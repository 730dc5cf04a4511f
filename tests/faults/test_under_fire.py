"""Many faxes at once, and processes killed all the while: each goes and arrives once.

``FAXES_UNDER_FIRE`` makes it more.
"""

import os
import random
import signal
import time

import psutil
import pytest

from tests.faults.books import Books
from tests.faults.portal import Portal, kill, wait_until

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.timeout(600)]

NUMBERS = {
    "northside": "+12025550121",
    "lakeside": "+13125550122",
    "redwood": "+14155550123",
}
TEST_NUMBER = "+12025550100"
EACH = int(os.environ.get("FAXES_UNDER_FIRE", "120")) // 8
TO_TENANTS, TO_TEST_NUMBER = 6 * EACH, 2 * EACH
FAXES = TO_TENANTS + TO_TEST_NUMBER
WHOLE_TREE = "the whole worker"
# Each takes its turn, the whole worker between any two.
VICTIMS = ["task worker", "line", "monitor"] * max(1, FAXES // 100)


def orders() -> list[dict[str, object]]:
    """A quarter to each tenant, half from each of the others, and a quarter to a test number."""
    pairs = [(a, b) for a in NUMBERS for b in NUMBERS if a != b]
    wanted = [{"tenant": a, "to": NUMBERS[b], "times": EACH} for a, b in pairs]
    return [*wanted, {"tenant": "northside", "to": TEST_NUMBER, "times": TO_TEST_NUMBER}]


def test_each_fax_goes_and_arrives_once_under_fire(portal):
    dice = random.Random(200)
    worker = portal.worker()
    submitting = portal.start_submit(*orders())
    killed = []
    began = time.monotonic()
    for number, kind in enumerate(VICTIMS):
        mark = FAXES * (number + 1) // (len(VICTIMS) + 2)
        wait_delivered(portal, mark)
        time.sleep(dice.random() / 5)  # wherever that finds them
        killed.append(kill_one(worker, kind, dice))
        wait_delivered(portal, mark + 5)
        time.sleep(dice.random() / 5)
        worker.kill()
        killed.append(WHOLE_TREE)
        worker = portal.worker()
    assert submitting.wait(120) == 0
    portal.wait_idle(200)
    took = time.monotonic() - began
    portal.stop(worker)
    portal.assert_all_gone()
    print(f"{FAXES} faxes in {took:.0f} s; killed: {killed}")  # noqa: T201 (shown on failure)
    books = Books.read(portal.data)
    assert books.faults() == []
    assert len(books.orphans()) <= len(killed), "a death leaves little behind, for an hour"
    assert delivered(portal) == FAXES
    assert (
        portal.count("faxes_fax WHERE state = 'received' AND outcome = 'delivered'") == TO_TENANTS
    )
    assert portal.count("faxes_fax") == FAXES + TO_TENANTS


def delivered(portal: Portal) -> int:
    return portal.count("faxes_fax WHERE state = 'delivered'")


def wait_delivered(portal: Portal, number: int) -> None:
    wait_until(lambda: delivered(portal) >= number, 120, portal.log)


def kill_one(worker: psutil.Process, kind: str, dice: random.Random) -> str:
    """Kill one process of a worker by what it is; what it was doing is found out soon enough."""
    children = {each.cmdline()[-1]: each for each in psutil.Process(worker.pid).children()}
    victim = children.get("line")
    if kind != "line" and "cluster" in children:
        members = [m for s in children["cluster"].children() for m in s.children()]
        members.sort(key=lambda each: (each.create_time(), each.pid))
        workers, others = members[:-2], members[-2:]
        victim = dice.choice(workers) if kind == "task worker" else others[0]
    assert victim is not None
    kill(victim, signal.SIGKILL)
    return kind
