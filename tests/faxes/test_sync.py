"""Looks at what a carrier received: nothing missed, nothing twice, none held up by another."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts import clock
from accounts.ids import new_id
from faxes.carriers.base import ArrivalState, CarrierInDoubt, CarrierUnavailable
from faxes.enums import FaxState, Outcome
from faxes.models import Carrier, Document, Erasure, Event, Fax
from faxes.services import sync, tombstones
from faxes.services.privacy import delete_fax
from faxes.services.receive import ASKED_FOR, OVERLAP, begun, receive
from tests.faxes.carried import carried, carrier_row
from tests.stored import stored_files

HOUR = timedelta(hours=1)


@pytest.fixture
def carrier(world, work, vendor):
    return carrier_row(world.lakeside)


@pytest.fixture
def began():
    return clock.now() - timedelta(days=1)


@pytest.fixture
def three(world, vendor, began):
    """Three arrivals, an hour apart."""
    return [vendor.comes(f"a{n}", world.lakeside.number, began + n * HOUR) for n in range(3)]


def states():
    arrived = Fax.rows.filter(direction="inbound").order_by("carrier_ref")
    return list(arrived.values_list("state", flat=True))


def mark(carrier):
    carrier.refresh_from_db()
    return carrier.received_until


def look(carrier, work=None):
    sync.sync(carrier.pk)
    if work is not None:
        work.run_jobs()


def test_each_arrival_has_its_row_at_once_and_its_pages_by_a_job_of_its_own(carrier, work, three):
    look(carrier)
    assert states() == [FaxState.RECEIVING] * 3
    assert mark(carrier) == three[2].at, "all that was listed is noted"
    work.run_jobs()
    assert states() == [FaxState.RECEIVED] * 3
    assert Document.rows.filter(role="received", sound=True).count() == 3
    assert not Erasure.objects.exists()


def test_one_whose_pages_cannot_be_had_holds_up_no_other_and_is_tried_again(
    carrier, vendor, work, three
):
    vendor.fails["a1"] = 2
    look(carrier, work)
    assert states() == [FaxState.RECEIVED, FaxState.RECEIVING, FaxState.RECEIVED]
    assert vendor.discarded == ["a0", "a2"]
    for _ in range(3):
        look(carrier, work)
    assert vendor.fetched.count("a1") == 1, "looks do not ask for it, its own wake-ups do"
    for _ in range(2):
        work.pass_time(timedelta(minutes=1))
    assert states() == [FaxState.RECEIVED] * 3
    assert Fax.rows.get(carrier_ref="a1").fetch_tries == 3


def test_after_three_days_in_vain_a_fax_is_lost_and_shown_as_such(carrier, vendor, work, three):
    vendor.fails["a1"] = 10_000
    look(carrier, work)
    work.pass_time(ASKED_FOR - HOUR)
    assert states()[1] == FaxState.RECEIVING
    work.pass_time(2 * HOUR)
    fax = Fax.rows.get(carrier_ref="a1")
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.INTERNAL_ERROR)
    assert Event.rows.filter(fax=fax, because="lost").count() == 1


def test_what_was_waiting_while_the_portal_was_down_is_asked_for_before_it_is_given_up(
    carrier, vendor, work, three
):
    vendor.fails["a1"] = 1
    look(carrier, work)
    work.pass_time(ASKED_FOR + HOUR)
    assert states() == [FaxState.RECEIVED] * 3


def test_a_list_that_breaks_off_moves_nothing_and_what_was_on_it_is_received(
    carrier, vendor, work, three
):
    vendor.breaks_after = 2
    look(carrier, work)
    assert states() == [FaxState.RECEIVED] * 2
    assert mark(carrier) is None
    assert (carrier.synced_at, carrier.failures) == (None, 1)
    vendor.breaks_after = None
    look(carrier, work)
    assert states() == [FaxState.RECEIVED] * 3
    assert mark(carrier) == three[2].at
    assert (carrier.sync_owner, carrier.failures) == (None, 0)


@pytest.mark.parametrize("trouble", [CarrierUnavailable("closed"), CarrierInDoubt("?")], ids=type)
def test_trouble_of_the_carrier_is_noted_and_shuts_it_after_a_while(
    carrier, vendor, work, three, trouble
):
    vendor.trouble = trouble
    for _ in range(4):
        look(carrier)
    carrier.refresh_from_db()
    assert carrier.shut_until is not None
    assert len(vendor.asked_from) == 3, "shut, it is not asked"
    assert carrier.last_failure == str(trouble)
    assert mark(carrier) is None


def test_one_that_breaks_the_program_does_not_stop_the_others_but_the_mark(
    carrier, work, three, monkeypatch
):
    def breaks(row, arrival):
        if arrival.ref == "a0":
            raise RuntimeError("whatever it was")
        return begun(row, arrival)

    monkeypatch.setattr(sync, "begun", breaks)
    look(carrier, work)
    assert states() == [FaxState.RECEIVED] * 2
    assert mark(carrier) is None


def test_looks_go_back_five_minutes_behind_the_mark_and_once_a_night_a_day(
    carrier, vendor, work, three
):
    look(carrier)
    newest = three[2].at
    look(carrier)
    assert vendor.asked_from == [carrier.created_at - OVERLAP, newest - OVERLAP]
    work.pass_time(timedelta(days=1))
    asked = vendor.asked_from[2:]
    assert asked[0] == newest - timedelta(days=1)
    look(carrier)
    assert vendor.asked_from[-1] == newest - OVERLAP


def test_the_mark_never_moves_back_nor_into_a_far_future(carrier, vendor, world, three, began):
    vendor.comes("ahead", world.lakeside.number, clock.now() + timedelta(days=300))
    look(carrier)
    assert mark(carrier) == three[2].at
    vendor.arrivals = [vendor.comes("late", world.lakeside.number, three[2].at - OVERLAP)]
    look(carrier)
    assert mark(carrier) == three[2].at
    assert Fax.rows.filter(carrier_ref="late").exists()


def test_a_carrier_that_is_new_is_not_asked_for_its_past(carrier, vendor, world, work):
    vendor.comes("old", world.lakeside.number, carrier.created_at - HOUR)
    look(carrier, work)
    assert states() == []
    since = carrier.created_at - 2 * HOUR
    call_command("fetch_arrivals", carrier=carrier.pk, since=since, stdout=(out := StringIO()))
    assert out.getvalue() == "1 faxes were not here\n"
    work.run_jobs()
    assert states() == [FaxState.RECEIVED]
    assert mark(carrier) is None
    assert sync.backfill(world.platform.admin, carrier_id=carrier.pk, since=since) == 0


def test_who_looks_holds_the_carrier_and_one_who_died_frees_it_by_time(
    carrier, vendor, work, three
):
    held = clock.now() + HOUR
    Carrier.objects.filter(pk=carrier.pk).update(sync_owner=new_id(), sync_lease_until=held)
    look(carrier)
    assert vendor.asked_from == []
    carrier.refresh_from_db()
    assert carrier.sync_at <= clock.now(), "it is looked again, for what came meanwhile"
    work.pass_time(2 * HOUR)
    assert states() == [FaxState.RECEIVED] * 3


def test_who_slept_and_lost_the_carrier_moves_no_mark(carrier, three, monkeypatch):
    listed = sync._listed

    def sleeps(*told):
        Carrier.objects.filter(pk=carrier.pk).update(sync_owner=new_id())
        return listed(*told)

    monkeypatch.setattr(sync, "_listed", sleeps)
    look(carrier)
    assert mark(carrier) is None
    assert carrier.sync_owner is not None, "the other one still holds it"


def test_the_sweep_looks_at_each_carrier_in_its_own_time(carrier, vendor, work, monkeypatch):
    carried(monkeypatch, vendor, sync_every=60_000.0)  # ten minutes, by the pace of tests
    work.pass_time(timedelta())
    work.pass_time(timedelta(minutes=5))
    assert len(vendor.asked_from) == 1
    work.pass_time(timedelta(minutes=6))
    assert len(vendor.asked_from) == 2


def test_an_arrival_deleted_as_it_is_listed_again_does_not_come_back(
    carrier, world, work, three, monkeypatch
):
    """Somebody else received it and a person deleted it, between this look and its row."""
    buried, looks = tombstones.buried, iter(range(100))

    def slowly(*told):
        found = buried(*told)
        if next(looks) == 1:  # of "a0", alone
            receive(carrier.pk, "a0")
            delete_fax(world.lakeside.admin, fax_id=Fax.rows.get(carrier_ref="a0").pk)
        return found

    monkeypatch.setattr(tombstones, "buried", slowly)
    look(carrier, work)
    assert set(Fax.rows.values_list("carrier_ref", flat=True)) == {"a1", "a2"}


def test_what_was_deleted_before_the_secret_key_was_changed_does_not_come_back_either(
    carrier, world, work, three, settings
):
    look(carrier, work)
    delete_fax(world.lakeside.admin, fax_id=Fax.rows.get(carrier_ref="a2").pk)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    look(carrier, work)
    assert set(Fax.rows.values_list("carrier_ref", flat=True)) == {"a0", "a1"}


def test_what_is_for_nobody_is_logged_once_and_does_not_hold_the_mark(
    carrier, vendor, work, began, caplog
):
    vendor.comes("x", "+13125550190", began)
    for _ in range(3):
        look(carrier, work)
    assert [each.message for each in caplog.records if "nobody" in each.message] == [
        f"arrival x of carrier {carrier.pk} is for a number of nobody"
    ]
    assert mark(carrier) == began
    receive(carrier.pk, "x")
    assert vendor.discarded == [], "nobody has it here, so it stays over there"


def test_an_arrival_under_way_is_followed_and_fetched_once_it_is_there(
    carrier, vendor, world, work, began
):
    vendor.comes("a", world.lakeside.number, began, state=ArrivalState.RECEIVING, pages=1)
    look(carrier, work)
    vendor.changes("a", pages=2)
    look(carrier, work)
    fax = Fax.rows.get(carrier_ref="a")
    assert (fax.state, fax.pages_done, vendor.fetched) == (FaxState.RECEIVING, 2, [])
    vendor.changes("a", state=ArrivalState.RECEIVED)
    look(carrier)
    look(carrier, work)
    assert states() == [FaxState.RECEIVED]
    assert vendor.fetched == ["a"]


def test_an_arrival_without_a_page_fails_in_the_look(carrier, vendor, world, began):
    vendor.comes("a", world.lakeside.number, began, state=ArrivalState.FAILED, pages=0)
    look(carrier)
    assert states() == [FaxState.FAILED]
    assert vendor.fetched == []


def test_an_arrival_that_a_carrier_forgot_is_given_up_after_a_while_only(
    carrier, vendor, work, three
):
    look(carrier)
    vendor.arrivals = []
    receive(carrier.pk, "a0")
    assert states() == [FaxState.RECEIVING] * 3
    work.pass_time(OVERLAP)
    receive(carrier.pk, "a0")
    fax = Fax.rows.get(carrier_ref="a0")
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.INTERNAL_ERROR)


def test_an_arrival_fetched_by_many_at_once_is_stored_once(carrier, vendor, work, three):
    look(carrier)
    seers = [threading.Thread(target=receive, args=[carrier.pk, "a0"]) for _ in range(3)]
    for seer in seers:
        seer.start()
    for seer in seers:
        seer.join()
    fax = Fax.rows.get(carrier_ref="a0")
    assert Event.rows.filter(fax=fax).count() == 2
    assert stored_files() == set(fax.documents.values_list("key", flat=True))
