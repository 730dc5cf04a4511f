"""A fax that is to be sent within a time gets no further try once that is over."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.services import tenants
from faxes import lifecycle
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.models import Attempt, Carrier, Fax
from faxes.queries.faxes import fax_for
from faxes.wording import sentence_for
from tests.accounts.money import provider_of
from tests.faxes.test_turns import call_with, waiting_faxes

ANSWERS, BUSY = "+12025550100", "+12025550101"
MINUTE = timedelta(minutes=1)


def ended(fax):
    fax.refresh_from_db()
    return fax.state, fax.outcome, fax.error_code, fax.tries


def test_the_last_try_ends_it_if_the_next_would_come_too_late(world, work, send, settings):
    settings.RETRY_SCALE = 1
    fax = send(world.northside, BUSY, try_for=8)
    work.run()
    work.pass_time(5.5 * MINUTE)
    assert ended(fax) == (FaxState.FAILED, Outcome.BUSY, ErrorCode.TIME_IS_UP, 2)
    assert fax.finished_at - fax.created_at < 6 * MINUTE, "at once, and not when its time is over"
    assert "time" in sentence_for(ErrorCode(fax.error_code), fax.error_params)


def test_a_fax_with_more_time_is_tried_as_often_as_any(world, work, send):
    fax = send(world.northside, "+12025550107", try_for=60)
    work.run_to_end()
    assert ended(fax) == (FaxState.DELIVERED, Outcome.DELIVERED, "", 3)


def no_channel(world):
    Carrier.objects.update(channels=0)


def a_busy_number(world):
    (other,) = waiting_faxes(world.lakeside, 1, to=ANSWERS)
    assert call_with(other)
    Fax.rows.filter(pk=other.pk).update(wake_at=None)


def a_suspended_account(world):
    tenants.suspend(provider_of(world.northside.account), account_id=world.northside.id)


@pytest.mark.parametrize("keep_waiting", [no_channel, a_busy_number, a_suspended_account])
def test_what_waits_ends_when_its_time_is_over(world, work, keep_waiting):
    (fax,) = waiting_faxes(world.northside, 1, to=ANSWERS)
    Fax.rows.filter(pk=fax.pk).update(try_until=fax.created_at + 30 * MINUTE)
    keep_waiting(world)
    work.pass_time(29.9 * MINUTE)
    assert ended(fax) == (FaxState.QUEUED, "", "", 0)
    assert fax.wake_at <= fax.try_until, "it is looked at in time"
    work.pass_time(MINUTE / 5)
    assert ended(fax) == (FaxState.FAILED, "", ErrorCode.TIME_IS_UP, 0)
    assert abs(fax.finished_at - fax.try_until) < MINUTE / 5
    assert not Attempt.rows.filter(fax=fax).exists()


def test_the_time_begins_with_the_one_to_send_at(world, work, send):
    fax = send(
        world.northside, ANSWERS, send_at=(clock.now() + timedelta(hours=3)).isoformat(), try_for=5
    )
    work.run()
    work.pass_time(timedelta(hours=2))
    assert ended(fax)[0] == FaxState.QUEUED
    work.pass_time(timedelta(hours=1))
    assert ended(fax)[0] == FaxState.DELIVERED


def test_a_call_that_is_under_way_goes_on(world, work, send):
    fax = send(world.northside, ANSWERS, try_for=5)
    work.run_jobs()  # dialled; the line has not taken it up
    work.pass_time(10 * MINUTE)
    assert ended(fax) == (FaxState.DELIVERED, Outcome.DELIVERED, "", 1)


def test_nobody_claims_a_fax_whose_time_is_over(world, work, send):
    fax = send(world.northside, ANSWERS, try_for=5)
    Carrier.objects.update(channels=0)
    work.run()
    fax = fax_for(world.northside.admin, fax.pk)
    later = clock.now() + 6 * MINUTE
    carrier = Carrier.objects.get()
    assert lifecycle.open_attempt(fax, carrier=carrier, now=later, lease=MINUTE) is None
