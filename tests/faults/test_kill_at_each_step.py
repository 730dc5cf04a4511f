"""A process may be killed at any step of a fax: others go on, and it goes and arrives once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.faults.books import Books
from tests.faults.portal import Portal
from tests.faults.steps import STEPS, End, Step

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

# Longer than any lease, and than an object may lie in storage without a row.
LONG_ENOUGH = timedelta(hours=1, minutes=1)


@dataclass(frozen=True)
class Aftermath:
    """A portal in which a process has died at every step, and which then was left to others."""

    portal: Portal
    struck: dict[str, bool]
    orphans: int  # objects without a row, right after the deaths


@pytest.fixture(scope="module")
def aftermath(portals: Callable[..., Portal]) -> Aftermath:
    portal = portals()
    victims = portal.victims("kill")
    orphans = len(Books.read(portal.data).orphans())
    portal.lose_all_jobs()
    portal.pass_time(LONG_ENOUGH)
    worker = portal.worker()
    portal.wait_idle(120)
    portal.stop(worker)
    portal.assert_all_gone()
    return Aftermath(portal, victims.struck, orphans)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_fax_is_sent_and_received_once(aftermath, step):
    assert aftermath.struck[step.name], "nobody died there"
    arrived, delivered = ("inbound", "received", 0), ("outbound", "delivered", 1)
    left = {End.DELIVERED: [arrived, delivered], End.NEVER_WAS: [], End.DELETED: [arrived]}
    assert states_of(aftermath.portal, step) == left[step.end]


def test_the_books_are_in_order(aftermath):
    assert Books.read(aftermath.portal.data).faults() == []


def test_objects_without_rows_were_left_and_are_gone(aftermath):
    assert aftermath.orphans > 5, "the kills are meant to leave some"
    assert Books.read(aftermath.portal.data).orphans() == []


def test_without_a_note_of_it_an_object_would_stay_without_a_row(portals):
    """That the test above can fail."""
    portal = portals(FAULTS_WITHOUT="note")
    portal.victims("kill", "fax pages stored, no row")
    portal.pass_time(LONG_ENOUGH)
    worker = portal.worker()
    portal.wait_idle(120)
    portal.stop(worker)
    faults = Books.read(portal.data).faults()
    assert len(faults) == 1
    assert "no row needs it" in faults[0]


def states_of(portal: Portal, step: Step) -> list[tuple[str, str, int]]:
    return portal.rows(
        "SELECT direction, state, tries FROM faxes_fax WHERE to_number = ? ORDER BY 1", step.to
    )
