"""Numbers that carriers list come into the pool of whoever runs them; those that vanish stay."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from accounts.errors import NotAllowed, NotThere
from accounts.models import AuditEntry
from faxes.carriers.base import CarrierInDoubt
from faxes.models import Number
from faxes.services import number_sync, sweep
from faxes.services.number_sync import sync_numbers
from tests.faxes.carried import carried, carrier_row

NEW, OTHER = "+13125550171", "+13125550172"


@pytest.fixture
def carrier(world, vendor, monkeypatch):
    carried(monkeypatch, vendor, lists_numbers=True)
    return carrier_row(world.lakeside)


def entries():
    rows = AuditEntry.objects.filter(action="numbers.sync").order_by("number")
    return [entry.facts for entry in rows]


def test_new_numbers_come_into_the_pool_and_known_ones_stay_where_they_are(world, carrier, vendor):
    vendor.numbers = [world.lakeside.number, world.redwood.number, NEW, "12", NEW]
    done = sync_numbers(world.platform.admin, carrier_id=carrier.pk)
    assert (done.listed, done.new, done.elsewhere, done.gone) == (3, 1, 1, 0)
    new = Number.rows.get(e164=NEW)
    assert (new.account, new.faxbox, new.carrier) == (world.platform.account, None, carrier)
    carrier.refresh_from_db()
    lakesides = Number.rows.get(e164=world.lakeside.number)
    assert lakesides.account == world.lakeside.account
    assert {new.listed_at, lakesides.listed_at} == {carrier.numbers_at}
    redwoods = Number.rows.get(e164=world.redwood.number)
    assert (redwoods.account, redwoods.listed_at) == (world.redwood.account, None)
    assert redwoods.carrier != carrier
    assert entries() == [{"listed": 3, "new": 1, "elsewhere": 1, "gone": 0}]


def test_a_number_that_vanished_is_shown_as_such_and_never_deleted(world, carrier, vendor):
    vendor.numbers = [world.lakeside.number, NEW]
    sync_numbers(world.platform.admin, carrier_id=carrier.pk)
    vendor.numbers = [NEW]
    for gone in (1, 0):
        assert sync_numbers(world.platform.admin, carrier_id=carrier.pk).gone == gone
    carrier.refresh_from_db()
    vanished = Number.rows.get(e164=world.lakeside.number)
    assert vanished.listed_at < carrier.numbers_at
    assert vanished.faxbox == world.lakeside.faxbox


def test_the_numbers_of_an_accounts_own_carrier_are_its_own(world, vendor, monkeypatch):
    carried(monkeypatch, vendor, lists_numbers=True)
    carrier = carrier_row(account=world.northside.account)
    vendor.numbers = [NEW]
    with pytest.raises(NotAllowed):
        sync_numbers(world.northside.member, carrier_id=carrier.pk)
    with pytest.raises(NotThere):
        sync_numbers(world.lakeside.admin, carrier_id=carrier.pk)
    sync_numbers(world.northside.admin, carrier_id=carrier.pk)
    assert Number.rows.get(e164=NEW).account == world.northside.account


def test_whoever_lists_numbers_that_are_not_his_keeps_them_from_nobody(world, vendor, monkeypatch):
    carried(monkeypatch, vendor, lists_numbers=True)
    monkeypatch.setattr(number_sync, "_MOST_BROUGHT", 1)
    theirs, sites = carrier_row(account=world.northside.account), carrier_row()
    vendor.numbers = [NEW, OTHER]
    assert sync_numbers(world.northside.admin, carrier_id=theirs.pk).new == 1
    assert sync_numbers(world.northside.admin, carrier_id=theirs.pk).new == 0
    assert sync_numbers(world.platform.admin, carrier_id=sites.pk).new == 1
    taken = Number.rows.filter(e164__in=vendor.numbers)
    assert {(each.account, each.carrier) for each in taken} == {(world.platform.account, sites)}


def test_a_list_that_breaks_off_changes_nothing(world, carrier, vendor):
    vendor.numbers, vendor.breaks_after = [NEW, OTHER], 1
    with pytest.raises(CarrierInDoubt):
        sync_numbers(world.platform.admin, carrier_id=carrier.pk)
    carrier.refresh_from_db()
    assert (carrier.numbers_at, carrier.failures) == (None, 1)
    assert not Number.rows.filter(e164__in=[NEW, OTHER]).exists()


def test_the_portal_compares_them_once_a_day_and_puts_on_record_what_changed(
    world, carrier, vendor, work, settings
):
    vendor.numbers = [NEW]
    for _ in range(2):
        sweep.tidy()
        work.run_jobs()
    assert work.done.count(("faxes.tasks.sync_numbers", {"carrier": str(carrier.pk)})) == 1
    assert len(entries()) == 1
    work.pass_time(timedelta(hours=25))
    if settings.REDIS_URL:
        cache.clear()  # Redis has a clock of its own
    sweep.tidy()
    work.run_jobs()
    assert work.done.count(("faxes.tasks.sync_numbers", {"carrier": str(carrier.pk)})) == 2
    assert len(entries()) == 1
