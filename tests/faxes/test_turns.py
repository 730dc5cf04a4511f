"""Tenants take turns: however much one of them has waiting, another's fax goes soon."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.services import limits
from accounts.services.limits import Allowed
from faxes import lifecycle
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.lifecycle import WOKEN_AT_ONCE
from faxes.models import Attempt, Carrier, Fax
from faxes.services import sweep, turns
from tests.accounts.money import provider_of

MANY = 500


def waiting_faxes(tenant, count, *, to="+1202777{:04d}"):
    """Faxes that wait for the line, as if conversion had just ended."""
    now = clock.now()
    faxes = [
        Fax(
            account=tenant.account,
            direction=Direction.OUTBOUND,
            state=FaxState.QUEUED,
            faxbox=tenant.faxbox,
            from_number=tenant.number,
            to_number=to.format(position),
            quality=Quality.FINE,
            paper=Paper.LETTER,
            pages=1,
            created_at=now,
            due_at=now,
            wake_at=now,
        )
        for position in range(count)
    ]
    return Fax.rows.bulk_create(faxes)


def call_with(fax):
    carrier = Carrier.objects.get()
    return lifecycle.open_attempt(fax, carrier=carrier, now=clock.now(), lease=sweep._WAKE_AGAIN)


@pytest.fixture
def channels(world):
    def set_to(count):
        Carrier.objects.update(channels=count)

    return set_to


def test_one_fax_goes_next_though_another_tenant_has_five_hundred_waiting(world, work, channels):
    channels(2)
    many = waiting_faxes(world.northside, MANY)
    calls = [call_with(fax) for fax in many[:2]]
    (one,) = waiting_faxes(world.lakeside, 1, to="+13127770000")
    for _ in range(5):  # the sweep and late jobs of the many change nothing
        sweep.sweep()
        work.run_jobs()
    lifecycle.close_attempt(calls[0], outcome=Outcome.BUSY, now=clock.now(), scale=1.0)
    carrier = Carrier.objects.get()
    assert turns.next_to_send(carrier, now=clock.now(), most=1) == [one]


def test_a_freed_channel_goes_by_turns_even_if_there_is_only_one(world, work, channels):
    channels(1)
    waiting_faxes(world.northside, 3)
    waiting_faxes(world.lakeside, 3, to="+1312777{:04d}")
    waiting_faxes(world.redwood, 3, to="+1415777{:04d}")
    carrier = Carrier.objects.get()
    served = []
    for _ in range(9):
        (fax,) = turns.next_to_send(carrier, now=clock.now(), most=1)
        attempt = call_with(fax)
        assert turns.next_to_send(carrier, now=clock.now(), most=1)[:1] != [fax]
        lifecycle.close_attempt(attempt, outcome=Outcome.DELIVERED, now=clock.now(), scale=1.0)
        served.append(fax.account_id)
    assert all(len(set(served[start : start + 3])) == 3 for start in (0, 3, 6))


def test_a_tenant_with_five_hundred_waiting_puts_few_jobs_into_the_queue(world, work):
    waiting_faxes(world.northside, MANY)
    (one,) = waiting_faxes(world.lakeside, 1, to="+13127770000")
    for _ in range(10):
        sweep.sweep()
    woken = [ids["fax"] for path, ids in work.waiting if path == "faxes.tasks.transmit"]
    assert len(woken) == WOKEN_AT_ONCE + 1
    assert str(one.pk) in woken


def test_handing_in_many_faxes_puts_few_jobs_into_the_queue(world, work, send):
    for _ in range(WOKEN_AT_ONCE + 10):
        send(world.northside, "+12025550100")
    assert len(work.waiting) == WOKEN_AT_ONCE
    send(world.lakeside, "+12025550100")
    assert len(work.waiting) == WOKEN_AT_ONCE + 1
    work.run_to_end()
    assert set(Fax.rows.values_list("state", flat=True)) == {FaxState.DELIVERED}


def test_calls_at_once_are_limited_and_the_others_wait(world, work, send):
    limits.set_limits(
        provider_of(world.northside.account),
        account_id=world.northside.id,
        limits=Allowed(calls_at_once=1),
    )
    send(world.northside, "+12025550100")
    send(world.northside, "+12025550108")
    work.run_jobs()
    assert Attempt.rows.filter(state="calling").count() == 1
    work.run_to_end()
    assert set(Fax.rows.values_list("state", flat=True)) == {FaxState.DELIVERED, FaxState.FAILED}


def test_a_tenant_whose_numbers_are_all_engaged_keeps_nobody_waiting(world, work, channels):
    channels(2)
    engaged = waiting_faxes(world.lakeside, 2, to="+13127770000")
    call_with(engaged[0])
    mine = waiting_faxes(world.lakeside, 30, to="+13127770000")
    theirs = waiting_faxes(world.northside, 1)
    assert mine
    carrier = Carrier.objects.get()
    assert turns.next_to_send(carrier, now=clock.now(), most=3) == theirs


def test_choosing_takes_as_many_queries_whatever_waits(world, work):
    carrier = Carrier.objects.get()

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            turns.next_to_send(carrier, now=clock.now(), most=3)
        return len(seen)

    waiting_faxes(world.northside, 3)
    few = queries()
    waiting_faxes(world.northside, MANY, to="+1203777{:04d}")
    assert queries() == few
