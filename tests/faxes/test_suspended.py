"""Nothing is sent from a suspended account, what waits goes on afterwards, and faxes arrive."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.errors import AccountSuspended
from accounts.models import Account, Kind
from accounts.services import tenants
from faxes import lifecycle
from faxes.enums import FaxState, Outcome
from faxes.models import Attempt, Carrier, Fax
from faxes.queries import health
from faxes.services import sweep, turns
from tests.accounts.money import actor_of, provider_of
from tests.faxes.test_turns import call_with, waiting_faxes


@pytest.fixture
def harbor(world):
    return provider_of(world.northside.account)


@pytest.fixture
def platform(world):
    return actor_of(Account.objects.get(kind=Kind.PLATFORM))


def state_of(fax):
    return Fax.rows.get(pk=fax.pk).state


@pytest.mark.parametrize("above", [False, True], ids=["itself", "its reseller"])
def test_what_waits_is_held_back_and_goes_on_after(world, work, send, platform, harbor, above):
    fax = send(world.northside, "+12025550100")
    suspended = harbor.account_id if above else world.northside.id
    tenants.suspend(platform, account_id=suspended)
    other = send(world.redwood, "+12025550108")
    work.run()
    for _ in range(3):
        work.pass_time(timedelta(minutes=10))
    assert state_of(fax) == FaxState.QUEUED
    assert not Attempt.rows.filter(fax=fax).exists()
    assert state_of(other) == FaxState.FAILED, "to a number that is not in service"
    with pytest.raises(AccountSuspended):
        send(world.northside, "+12025550100")
    assert health.work_is_moving(), "what is held back is not late"
    work.done.clear()
    work.pass_time(timedelta(minutes=10))
    assert "faxes.tasks.transmit" not in dict(work.done), "nobody is woken for nothing"
    tenants.resume(platform, account_id=suspended)
    sweep.sweep()
    work.run()
    assert state_of(fax) == FaxState.DELIVERED


def test_a_call_under_way_ends_and_its_next_try_waits(world, work, harbor):
    (fax,) = waiting_faxes(world.northside, 1)
    attempt = call_with(fax)
    tenants.suspend(harbor, account_id=world.northside.id)
    lifecycle.close_attempt(attempt, outcome=Outcome.BUSY, now=clock.now(), scale=0.0)
    work.pass_time(timedelta(minutes=10))
    assert state_of(fax) == FaxState.QUEUED
    assert Attempt.rows.filter(fax=fax).count() == 1


def test_the_suspended_have_no_turn(world, work, harbor):
    waiting_faxes(world.northside, 3)
    others = waiting_faxes(world.lakeside, 1, to="+13127770000")
    carrier = Carrier.objects.get()
    tenants.suspend(harbor, account_id=world.northside.id)
    assert turns.next_to_send(carrier, now=clock.now(), most=5) == others


def test_faxes_arrive_and_are_kept(world, work, send, harbor):
    tenants.suspend(harbor, account_id=world.northside.id)
    send(world.lakeside, world.northside.number, pages=2)
    work.run_to_end()
    arrived = Fax.objects.for_account(world.northside.id).get()
    assert (arrived.state, arrived.pages) == (FaxState.RECEIVED, 2)
