"""The next try of a fax that waits: now, later, to another number, or not at all."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from accounts.errors import AccountSuspended, NotAllowed
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services import tenants
from accounts.services.ledger_audit import discrepancies
from faxes import lifecycle
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import FaxNotFound, InvalidRequest, MoveNotAllowed, RequestError
from faxes.models import Attempt, Event, Fax
from faxes.services import next_try
from faxes.services.next_try import send_elsewhere, try_later, try_no_more, try_now
from tests.accounts.money import CENT, bill, provider_of, standing

GOOD, BUSY, OTHER = "+12025550100", "+12025550101", "+12025550108"
MINUTE = timedelta(minutes=1)
WAYS = {
    "now": lambda actor, fax, seen: try_now(actor, fax_id=fax.pk, seen=seen),
    "later": lambda actor, fax, seen: try_later(
        actor, fax_id=fax.pk, seen=seen, at=(clock.now() + 60 * MINUTE).isoformat()
    ),
    "elsewhere": lambda actor, fax, seen: send_elsewhere(actor, fax_id=fax.pk, seen=seen, to=GOOD),
    "no more": lambda actor, fax, seen: try_no_more(actor, fax_id=fax.pk, seen=seen),
}
EACH_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def busy(world, work, send, settings):
    """A fax that found its number busy and waits five minutes."""
    settings.RETRY_SCALE = 1
    fax = send(world.northside, BUSY, pages=2)
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.QUEUED, 1)
    return fax


def tries_of(fax):
    return Attempt.rows.filter(fax=fax).count()


def test_it_is_tried_now_instead_of_later(world, work, busy):
    try_now(world.northside.member, fax_id=busy.pk, seen=1)
    work.run()
    assert tries_of(busy) == 2
    told = Event.rows.get(fax=busy, because="brought_forward")
    assert (told.from_state, told.to_state) == (FaxState.QUEUED, FaxState.QUEUED)
    entry = AuditEntry.objects.get(action="fax.next_try")
    assert (entry.object_id, entry.actor) == (busy.pk, "member@northside.example")


def test_a_lost_wake_up_call_does_not_keep_it_waiting(world, work, busy):
    try_now(world.northside.member, fax_id=busy.pk, seen=1)
    work.lose_all_jobs()
    work.pass_time(MINUTE)
    assert tries_of(busy) == 2


def test_one_that_was_to_be_sent_later_is_sent_now(world, work, send):
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    fax = send(world.northside, GOOD, send_at=tomorrow)
    work.run()
    try_now(world.northside.member, fax_id=fax.pk, seen=0)
    work.run()
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED
    assert fax.send_at <= fax.finished_at, "what it was asked for is told as it was changed"


def test_it_is_put_off_to_a_time_in_the_accounts_zone(world, work, busy):
    chosen = clock.now().replace(microsecond=0) + 90 * MINUTE
    account = world.northside.account
    try_later(
        world.northside.member,
        fax_id=busy.pk,
        seen=1,
        at=f"{chosen.astimezone(ZoneInfo(account.time_zone)):%Y-%m-%dT%H:%M:%S}",
    )
    busy.refresh_from_db()
    assert (busy.due_at, busy.wake_at, busy.send_at) == (chosen, chosen, chosen)
    work.pass_time(60 * MINUTE)
    assert tries_of(busy) == 1
    work.pass_time(31 * MINUTE)
    assert tries_of(busy) == 2


@pytest.mark.parametrize("written", ["", "soon", "2020-01-01T10:00", "2999-01-01T10:00"])
def test_a_time_that_is_none_to_come_changes_nothing(world, busy, written):
    with pytest.raises(RequestError) as refused:
        try_later(world.northside.member, fax_id=busy.pk, seen=1, at=written)
    assert refused.value.code == ErrorCode.SEND_AT_INVALID
    assert Fax.rows.get(pk=busy.pk).due_at == busy.due_at


def test_it_is_not_put_off_beyond_the_time_it_is_given_up(world, work, send, settings):
    settings.RETRY_SCALE = 1
    fax = send(world.northside, BUSY, try_for=30)
    work.run()
    late = (clock.now() + 40 * MINUTE).isoformat()
    with pytest.raises(RequestError) as refused:
        try_later(world.northside.member, fax_id=fax.pk, seen=1, at=late)
    assert refused.value.code == ErrorCode.SEND_AT_TOO_LATE


def test_it_goes_to_another_number_instead_whole_and_as_a_fax_of_its_own(
    world, work, busy, settings
):
    settings.UNDO_SECONDS = 10
    instead = send_elsewhere(world.northside.member, fax_id=busy.pk, seen=1, to="(202) 555-0100")
    assert instead.undo_until is None  # undone, it would leave neither
    work.run_to_end()
    busy.refresh_from_db()
    instead.refresh_from_db()
    assert (busy.state, busy.outcome, busy.tries) == (FaxState.FAILED, Outcome.CANCELED, 1)
    assert (instead.to_number, instead.state, instead.pages_done) == (GOOD, FaxState.DELIVERED, 2)
    assert instead.from_number == busy.from_number
    ended = Event.rows.get(fax=busy, to_state=FaxState.FAILED)
    begun = Event.rows.get(fax=instead, from_state="")
    assert ended.facts == {"instead": str(instead.pk)}
    assert begun.facts == {"instead_of": str(busy.pk)}
    entry = AuditEntry.objects.get(action="fax.send_elsewhere")
    assert (entry.object_id, entry.facts) == (busy.pk, {"instead": str(instead.pk)})


def test_what_pages_arrived_at_the_first_number_are_sent_to_the_other_too(
    world, work, send, settings
):
    settings.RETRY_SCALE = 1
    fax = send(world.northside, "+12025550104", pages=3)  # breaks off after a page
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.pages_done) == (FaxState.QUEUED, 1)
    instead = send_elsewhere(world.northside.member, fax_id=fax.pk, seen=fax.tries, to=GOOD)
    work.run_to_end()
    assert Attempt.rows.get(fax=instead).pages_sent == 3


def test_a_time_that_was_asked_for_and_the_last_one_stay(world, work, send):
    later = clock.now() + 600 * MINUTE
    fax = send(world.northside, BUSY, send_at=later.isoformat(), try_for=60)
    work.run()
    instead = send_elsewhere(world.northside.member, fax_id=fax.pk, seen=0, to=GOOD)
    assert (instead.send_at, instead.try_until) == (later, later + 60 * MINUTE)


def test_money_that_was_set_aside_pays_for_the_other_number(world, work, send, settings):
    settings.RETRY_SCALE = 1
    bill(world.northside.account, balance=20 * CENT)
    fax = send(world.northside, BUSY, pages=2)
    work.run()
    assert standing(world.northside.account) == (20, 20)
    send_elsewhere(world.northside.member, fax_id=fax.pk, seen=1, to=GOOD)
    assert standing(world.northside.account) == (20, 20)
    work.run_to_end()
    assert standing(world.northside.account) == (0, 0)
    assert list(discrepancies()) == []


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("12", ErrorCode.NUMBER_INVALID),
        ("", ErrorCode.NUMBER_MISSING),
        (f"{GOOD}, {OTHER}", ErrorCode.TOO_MANY_NUMBERS),
        ("+442079460000", ErrorCode.RATE_MISSING),
    ],
)
def test_another_number_that_is_refused_leaves_the_fax_waiting(
    world, work, send, settings, to, code
):
    settings.RETRY_SCALE = 1
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, BUSY, pages=2)
    work.run()
    fax.refresh_from_db()
    before = (fax.state, fax.due_at, standing(world.northside.account), Event.rows.count())
    with pytest.raises(InvalidRequest) as refused:
        send_elsewhere(world.northside.member, fax_id=fax.pk, seen=1, to=to)
    assert [each.code for each in refused.value.errors] == [code]
    fax.refresh_from_db()
    after = (fax.state, fax.due_at, standing(world.northside.account), Event.rows.count())
    assert after == before
    assert Fax.rows.count() == 1


def test_it_is_not_tried_any_more(world, work, busy):
    try_no_more(world.northside.member, fax_id=busy.pk, seen=1)
    work.pass_time(600 * MINUTE)
    busy.refresh_from_db()
    assert (busy.state, busy.outcome, busy.tries) == (FaxState.FAILED, Outcome.CANCELED, 1)


def snapshot():
    return list(Fax.rows.order_by("id").values()), Event.rows.count(), AuditEntry.objects.count()


@EACH_WAY
def test_a_try_that_has_begun_meanwhile_wins(world, work, busy, way):
    work.pass_time(5.5 * MINUTE)  # busy again, and it waits again: not what was looked at
    before = snapshot()
    with pytest.raises(MoveNotAllowed) as refused:
        way(world.northside.member, busy, 1)
    assert refused.value.code == ErrorCode.FAX_NOT_WAITING
    assert snapshot() == before


@EACH_WAY
def test_a_try_that_begins_between_look_and_change_wins(world, work, busy, way, monkeypatch):
    waiting = next_try._waiting

    def found_and_called(*args):
        fax = waiting(*args)
        called = Fax.rows.select_related("account").get(pk=fax.pk)
        Fax.rows.filter(pk=fax.pk).update(due_at=clock.now())
        called.refresh_from_db()
        carrier = Attempt.rows.get(fax=fax).carrier
        assert lifecycle.open_attempt(called, carrier=carrier, now=clock.now(), lease=MINUTE)
        return fax

    monkeypatch.setattr(next_try, "_waiting", found_and_called)
    with pytest.raises(MoveNotAllowed) as refused:
        way(world.northside.member, busy, 1)
    assert refused.value.code == ErrorCode.FAX_NOT_WAITING
    busy.refresh_from_db()
    assert (busy.state, busy.tries) == (FaxState.SENDING, 2)
    assert Fax.rows.count() == 1


@EACH_WAY
def test_what_has_ended_is_not_changed(world, work, send, way):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    with pytest.raises(MoveNotAllowed):
        way(world.northside.member, fax, 1)


@EACH_WAY
def test_viewers_may_not_and_strangers_find_nothing(world, work, busy, way):
    before = snapshot()
    with pytest.raises(NotAllowed):
        way(world.northside.actor(Role.VIEWER), busy, 1)
    with pytest.raises(FaxNotFound):
        way(world.lakeside.admin, busy, 1)
    assert snapshot() == before


@pytest.mark.parametrize("name", ["now", "elsewhere"])
def test_a_suspended_account_sends_nothing(world, busy, name):
    tenants.suspend(provider_of(world.northside.account), account_id=world.northside.id)
    with pytest.raises(AccountSuspended):
        WAYS[name](world.northside.member, busy, 1)
