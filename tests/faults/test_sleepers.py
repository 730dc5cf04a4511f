"""A process may sleep at any step until others have done its work: waking changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.faults.books import Books
from tests.faults.portal import Portal, wait_until
from tests.faults.steps import STEPS, End

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(400)]

# Longer than any lease. Not so long that what a sleeping web process has stored is given up.
A_NAP = timedelta(minutes=30)
SLEEPY = [step for step in STEPS if not step.locks]


@pytest.fixture(scope="module")
def awake(portals: Callable[..., Portal]) -> tuple[Portal, dict[str, bool]]:
    """A portal in which a process slept at every step, and all is over."""
    portal = portals()
    return portal, sleep_and_wake(portal)


def sleep_and_wake(portal: Portal, *steps: str) -> dict[str, bool]:
    sleepers = portal.victims("stop", *steps)
    portal.pass_time(A_NAP)
    worker = portal.worker()
    portal.wait_idle(120)
    sleepers.wake()
    portal.wait_idle(120)
    portal.stop(worker)
    portal.assert_all_gone()
    return sleepers.struck


@pytest.mark.parametrize("step", SLEEPY, ids=str)
def test_a_fax_is_sent_and_received_once(awake, step):
    portal, struck = awake
    assert struck[step.name], "nobody slept there"
    sent = portal.rows("SELECT direction, state FROM faxes_fax WHERE to_number = ?", step.to)
    gone = step.end is End.DELETED
    assert sorted(sent) == [] if gone else [("inbound", "received"), ("outbound", "delivered")]


def test_the_books_are_in_order(awake):
    portal, _ = awake
    assert faults(portal) == []


def test_a_line_that_takes_any_call_would_dial_twice_for_a_sleeper(portals):
    """That the test above can fail: the sleeper's call is dialled anew after all is over."""
    portal = portals(FAULTS_WITHOUT="place")
    sleepers = portal.victims("stop", "try claimed, carrier not called")
    portal.pass_time(A_NAP)
    portal.worker()
    portal.wait_idle(120)
    sleepers.wake()
    wait_until(lambda: any("was called 2 times" in f for f in faults(portal)), 60, portal.log)


def faults(portal: Portal) -> list[str]:
    return Books.read(portal.data).faults()
