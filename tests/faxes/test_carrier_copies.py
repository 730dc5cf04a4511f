"""What is deleted or stripped here goes at the carrier too, where its API can; on record, once."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import AuditEntry
from accounts.services import tenants
from faxes.carriers.base import CarrierInDoubt, CarrierRefused, CarrierUnavailable
from faxes.enums import FaxState, Outcome
from faxes.models import Attempt, Carrier, CarrierCopy, Fax
from faxes.services import closing, sync
from faxes.services.privacy import delete_fax, strip_fax
from tests.accounts.money import provider_of
from tests.faxes.carried import Carried, carried, carrier_row

DAY = timedelta(days=1)


@pytest.fixture
def deleting(vendor, monkeypatch):
    carried(monkeypatch, vendor, deletes_received=True, deletes_sent=True, lists_sent=True)
    return vendor


@pytest.fixture
def arrival(world, work, deleting):
    """A fax that came in by a carrier which deletes."""
    return came_in(world, work, deleting, carrier_row(world.lakeside))


def came_in(world, work, vendor, carrier, ref="a"):
    vendor.comes(ref, world.lakeside.number, clock.now())
    sync.sync(carrier.pk)
    work.run_jobs()
    fax = Fax.rows.get(carrier_ref=ref)
    assert fax.state == FaxState.RECEIVED
    return fax


def sent_by(world, work, send, carrier, *refs):
    """A fax of Lakeside that took so many tries by a carrier."""
    fax = send(world.lakeside, "+12025550100")
    work.run_to_end()
    attempt = Attempt.rows.get(fax=fax)
    Attempt.rows.filter(fax=fax).delete()
    for number, ref in enumerate(refs, 1):
        again = Attempt(
            account_id=fax.account_id,
            fax=fax,
            number=number,
            state="ended",
            outcome=attempt.outcome,
            to_number=fax.to_number,
            carrier=carrier,
            carrier_ref=ref,
            started_at=clock.now(),
            ended_at=clock.now(),
        )
        Attempt.rows.bulk_create([again])
    return fax


def outcomes(fax):
    rows = AuditEntry.objects.filter(action="fax.carrier_copy", object_id=fax.pk)
    return [(entry.facts["outcome"], entry.facts["copies"]) for entry in rows.order_by("number")]


def sweep_up(work, time=timedelta()):
    work.pass_time(time)


@pytest.mark.parametrize("act", [delete_fax, strip_fax])
def test_the_carriers_copy_of_an_arrival_goes_with_ours(world, work, arrival, deleting, act):
    act(world.lakeside.admin, fax_id=arrival.pk)
    assert CarrierCopy.objects.count() == 1
    sweep_up(work)
    assert (deleting.forgotten, deleting.arrivals) == (["a"], [])
    assert outcomes(arrival) == [("deleted", 1)]
    assert not CarrierCopy.objects.exists()


def test_every_try_of_a_fax_that_was_sent_left_a_copy(world, work, send, deleting):
    fax = sent_by(world, work, send, carrier_row(), "one", "two")
    deleting.sent = {"one"}
    delete_fax(world.lakeside.admin, fax_id=fax.pk)
    sweep_up(work)
    assert sorted(deleting.forgotten) == ["one", "two"]
    assert sorted(outcomes(fax)) == [("deleted", 1), ("had none", 1)]


def test_who_deletes_what_was_stripped_asks_nobody_twice(world, work, arrival, deleting):
    strip_fax(world.lakeside.admin, fax_id=arrival.pk)
    sweep_up(work)
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    sweep_up(work)
    assert deleting.forgotten == ["a"]


def test_what_a_carrier_cannot_delete_is_on_record_at_once(
    world, work, arrival, deleting, monkeypatch
):
    carried(monkeypatch, deleting)
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    assert outcomes(arrival) == [("cannot", 1)]
    assert not CarrierCopy.objects.exists()


def test_the_embedded_line_keeps_no_copy(world, work, send):
    fax = send(world.northside, world.lakeside.number)
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=fax.pk)
    assert outcomes(fax) == []


@pytest.mark.parametrize("trouble", [CarrierUnavailable("closed"), CarrierInDoubt("?")], ids=type)
def test_a_carrier_in_trouble_is_asked_again_and_given_up_after_three_days(
    world, work, arrival, deleting, trouble
):
    deleting.trouble = trouble
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    sweep_up(work)
    sweep_up(work, DAY)
    assert CarrierCopy.objects.get().tries >= 2
    deleting.trouble = None
    Carrier.objects.update(shut_until=None)
    sweep_up(work, DAY)
    assert outcomes(arrival) == [("deleted", 1)]


def test_after_three_days_it_is_given_up(world, work, arrival, deleting):
    deleting.trouble = CarrierInDoubt("?")
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    sweep_up(work)
    sweep_up(work, 3 * DAY)
    assert outcomes(arrival) == [("gave up", 1)]


def test_a_definite_no_ends_it(world, work, arrival, deleting, monkeypatch):
    def refuses(*_):
        raise CarrierRefused(Outcome.INTERNAL_ERROR, "no")

    monkeypatch.setattr(Carried, "forget_arrival", refuses)
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    sweep_up(work)
    assert outcomes(arrival) == [("cannot", 1)]


def test_documents_that_are_not_kept_are_not_kept_at_the_carrier_either(
    world, work, arrival, deleting
):
    Fax.rows.filter(pk=arrival.pk).update(keep_documents=False, wake_at=clock.now())
    sweep_up(work)
    sweep_up(work)
    arrival.refresh_from_db()
    assert arrival.stripped_at is not None
    assert deleting.forgotten == ["a"]


def test_with_an_account_its_carriers_copies_go_before_its_own_carrier_does(world, work, deleting):
    carrier = carrier_row(world.lakeside, account=world.lakeside.account)
    came_in(world, work, deleting, carrier)
    tenants.close(provider_of(world.lakeside.account), account_id=world.lakeside.id)
    later = timedelta(days=31)
    work.pass_time(later)
    closing.wind_up(world.lakeside.id)
    sweep_up(work, timedelta(minutes=3))
    closing.wind_up(world.lakeside.id)
    assert deleting.forgotten == ["a"]
    assert not Carrier.objects.filter(pk=carrier.pk).exists()
