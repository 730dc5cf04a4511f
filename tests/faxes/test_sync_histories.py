"""Whatever a carrier does within its promise, whoever dies and whatever people delete meanwhile:
nothing is missed, nothing comes twice, nothing that was deleted comes back.

``HISTORIES_OF_ARRIVALS=2000`` makes as many histories; some are made at every run.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts import clock
from accounts.ids import new_id
from faxes import jobs
from faxes.carriers import base
from faxes.models import Carrier
from faxes.services import intake, received_pages, sync, tombstones
from tests.faxes.carried import Vendor, carried, carrier_row
from tests.faxes.histories import NOON, Histories

HISTORIES = int(os.environ.get("HISTORIES_OF_ARRIVALS", "60"))


@pytest.fixture
def machine(world, monkeypatch, settings):
    """What makes a history; ``hands`` are its hold on what the portal is given."""
    settings.CARRIER_SECONDS, settings.CARRIER_PACE = 1.0, 1.0
    hands: dict[str, Any] = {}
    made = carried(monkeypatch, Vendor())

    def fetched(fetch: Any, folder: Path, *, told: Any) -> received_pages.Looked:
        fetch(folder / "fetched")
        return received_pages.Looked(folder / "fetched", told.pages, whole=True, sound=True)

    def listed(self: Any, mark: datetime | None) -> Iterator[base.Arrival]:
        for each in hands["upstream"].listing(mark):
            hands["steps"].strike()
            yield each

    def fetches(self: Any, ref: str, into: Path) -> None:
        hands["steps"].strike()
        if hands["upstream"].fails.get(ref, 0) > 0:
            hands["upstream"].fails[ref] -= 1
            raise base.CarrierInDoubt("no document: 500")
        into.write_text(ref)

    def kept(_owner: Any, path: Path, *_: Any) -> intake.KeptFile:
        return intake.KeptFile("", "image/tiff", f"t/{new_id()}", 1, path.read_text(), 1)

    monkeypatch.setattr(made, "received_since", listed)
    monkeypatch.setattr(made, "fetch", fetches)
    monkeypatch.setattr(made, "vendor", property(lambda _: hands["upstream"]), raising=False)
    # pages are looked at in tests of their own: here each is its arrival's name
    monkeypatch.setattr(received_pages, "brought", fetched)
    monkeypatch.setattr(intake, "keep_one", kept)
    monkeypatch.setattr(intake, "drop", lambda _: None)
    monkeypatch.setattr(sync, "_goes_wide", lambda *_: False)  # that would mend what was missed
    monkeypatch.setattr(clock, "now", lambda: hands["now"]() if "now" in hands else NOON)
    # each history is one transaction, after which nothing could follow
    monkeypatch.setattr(jobs, "_JOBS_ARE_ROWS", True)
    monkeypatch.setattr(jobs, "_put", lambda path, ids: "receive" in path and hands["put"](ids))
    row = carrier_row(world.lakeside)
    Carrier.objects.filter(pk=row.pk).update(created_at=NOON - timedelta(hours=1))
    told = {"carrier": row, "called": world.lakeside.number, "actor": world.lakeside.admin}

    return type("Made", (Histories,), {**told, "hands": hands})


@pytest.fixture
def histories(machine):
    """Makes so many histories, the same ones at each run if it is said which come first."""

    def make(count: int, *, beginning_with: int | None = None) -> None:
        made = machine if beginning_with is None else seed(beginning_with)(machine)
        run_state_machine_as_test(made, settings=_how(count))

    return make


def _how(count: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=14,
        deadline=None,
        report_multiple_bugs=False,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(1800)
def test_nothing_is_missed_nothing_comes_twice_nothing_comes_back(histories):
    histories(HISTORIES)


@pytest.mark.timeout(600)
def test_these_histories_find_a_window_as_one_would_write_it_first(histories, monkeypatch):
    monkeypatch.setattr(sync, "OVERLAP", timedelta(0))
    with pytest.raises(AssertionError, match="missed"):
        histories(400, beginning_with=4)


def late(made: Histories) -> None:
    """One is listed after another that came later."""
    made.time_passes(seconds=700)
    made.arrives(age=200, hidden=True)
    made.arrives(age=0, hidden=False)
    made.looks(at=None, breaks=None, seed=0, others=False)
    made.shows_up(which=0)


def deleted(made: Histories) -> None:
    """One is deleted that is listed still."""
    made.arrives(age=0, hidden=False)
    made.looks(at=None, breaks=None, seed=0, others=False)
    made.works(at=None, others=False)
    made.a_person_deletes(which=0)


def broken_off(made: Histories) -> None:
    """The newest is listed, and then no more."""
    made.arrives(age=0, hidden=False)
    made.time_passes(seconds=700)
    made.arrives(age=0, hidden=False)
    made.looks(at=None, breaks=1, seed=1, others=False)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tombstones, "buried", lambda *_: set())


def look_no_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "OVERLAP", timedelta(0))


def take_half_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = sync._listed
    monkeypatch.setattr(sync, "_listed", lambda *told: (listed(*told)[0], None))


@pytest.mark.parametrize(
    ("history", "naive", "wrong"),
    [
        (late, look_no_further_back, "a0 was missed"),
        (deleted, forget, "a0 came back"),
        (broken_off, take_half_a_list, "a0 was missed"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_the_books_tell_what_an_engine_does_wrong(machine, monkeypatch, history, naive, wrong):
    well = machine()
    history(well)
    well.teardown()
    naive(monkeypatch)
    wronged = machine()
    history(wronged)
    with pytest.raises(AssertionError, match=wrong):
        wronged.teardown()
