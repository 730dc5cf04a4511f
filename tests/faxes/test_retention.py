"""How long faxes are kept: within all bounds above, removed daily as by hand, never too early."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotAllowed, TermsInvalid
from accounts.models import Account, AuditEntry
from accounts.services.retention_bounds import (
    Bounds,
    Kept,
    bounds_of,
    check_bounds,
    kept_within,
    narrowed,
    set_bounds,
)
from faxes import jobs
from faxes.enums import Direction, ErrorCode
from faxes.errors import InvalidRequest, RequestError
from faxes.models import Document, Fax, RetentionRun
from faxes.queries.retention import forecast, next_run, rules_of, until_of
from faxes.services import legal_holds, privacy, retention_runs
from faxes.services.retention import set_rules
from tests import databases
from tests.accounts.money import provider_of

EVER = 10**9
IN, OUT = Direction.INBOUND, Direction.OUTBOUND
NOON = datetime(2026, 11, 1, 17, tzinfo=UTC)  # noon in New York, where the clocks went back
a_bound = st.none() | st.integers(1, 40)


def allowed(bounds):
    try:
        check_bounds(bounds)
    except TermsInvalid:
        return False
    return True


bounds = st.builds(
    Bounds, pages_least=a_bound, pages_most=a_bound, record_least=a_bound, record_most=a_bound
).filter(allowed)


@given(st.lists(bounds, max_size=5), a_bound, a_bound)
def test_whatever_is_chosen_counts_within_every_bound_above_that_does_not_contradict_a_higher_one(
    path, pages, record
):
    outer, before = Bounds(), []
    for each in path:
        before.append(each)
        inner = narrowed(before)
        for name in ("pages", "record"):
            low, high = getattr(inner, f"{name}_least") or 0, getattr(inner, f"{name}_most") or EVER
            least, most = getattr(outer, f"{name}_least") or 0, getattr(outer, f"{name}_most")
            assert least <= low <= high <= (most or EVER), "nobody loosens what is above"
        outer = inner
    kept = kept_within(outer, Kept(pages, record))
    assert (outer.pages_least or 0) <= (kept.pages or EVER) <= (outer.pages_most or EVER)
    assert (outer.record_least or 0) <= (kept.record or EVER) <= (outer.record_most or EVER)
    assert (kept.pages or EVER) <= (kept.record or EVER), "a record outlasts its pages"
    if narrowed([outer]) == outer and kept_within(outer, kept) != kept:
        raise AssertionError("what counts would be changed again")


def choose(tenant, pages=None, record=None, *, ways=tuple(Direction), when=NOON, **more):
    chosen = {way: Kept(pages, record) for way in ways}
    with time_machine.travel(when, tick=False):
        return set_rules(tenant.admin, chosen=chosen, **{"sure": True, **more})


def account_of(tenant):
    return Account.objects.get(pk=tenant.id)


@pytest.fixture
def old(world, work, send):
    """``old(3)`` is so many faxes that Northside sent and that ended at noon of 1 November."""

    def make(number):
        faxes = [send(world.northside, "+12025550100", subject=f"No {n}") for n in range(number)]
        work.run_to_end()
        keys = [fax.pk for fax in faxes]
        Fax.rows.filter(pk__in=keys).update(finished_at=NOON)
        return list(Fax.rows.filter(pk__in=keys).order_by("id"))

    return make


def run_at(work, moment):
    with time_machine.travel(moment, tick=False):
        retention_runs.attend(moment)
        work.run_jobs()


def at(day, hour, zone="America/New_York"):
    return datetime(2026, 11, day, hour, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def left(tenant):
    faxes = Fax.objects.for_account(tenant.id)
    return faxes.count(), faxes.filter(stripped_at__isnull=True).count()


def test_pages_go_after_n_whole_days_and_the_record_after_m_not_an_hour_before(world, work, old):
    fax = old(1)[0]
    choose(world.northside, pages=7, record=10)
    until = until_of(account_of(world.northside), fax)
    assert (until.pages, until.record) == (date(2026, 11, 8), date(2026, 11, 11))
    told = []
    for day in range(2, 13):
        for hour in (1, 2, 4, 23):
            run_at(work, at(day, hour))
            told.append((day, hour, *left(world.northside)))
    assert [each for each in told if each[3]][-1] == (9, 2, 1, 1)
    assert [each for each in told if each[2]][-1] == (12, 2, 1, 0)
    assert RetentionRun.rows.count() == 11, "one a day, in a week in which the clocks changed too"
    by = AuditEntry.objects.filter(account_id=world.northside.id)
    gone = by.filter(action__in=["fax.strip", "fax.delete"]).order_by("number")
    assert [(each.action, each.via) for each in gone] == [
        ("fax.strip", "system"),
        ("fax.delete", "system"),
    ]
    assert by.filter(action="retention.run").count() == 2, "runs that did nothing say nothing"


def test_a_run_that_is_killed_anywhere_ends_with_the_same_counts(world, work, old, monkeypatch):
    old(4)
    choose(world.northside, pages=3)
    removed, times = privacy._remove_documents, []

    def killed(actor, fax):
        times.append(fax.pk)
        done = removed(actor, fax)
        if len(times) in {1, 3}:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(privacy, "_remove_documents", killed)
    now = at(20, 4)
    with time_machine.travel(now, tick=False) as traveller:
        for _ in range(5):
            try:
                retention_runs.run(world.northside.id)
            except KeyboardInterrupt:
                retention_runs.run(world.northside.id)  # another's lease: nothing happens
                traveller.shift(retention_runs.LEASE)
    row = RetentionRun.rows.get()
    assert (row.stripped, row.deleted, row.failed) == (4, 0, 0)
    assert row.ended_at is not None
    assert left(world.northside) == (4, 0)
    assert not Document.objects.for_account(world.northside.id).exists()
    assert AuditEntry.objects.filter(action="fax.strip").count() == 4


def test_shorter_wants_to_be_confirmed_and_waits_for_the_next_run(world, work, old):
    old(3)
    choose(world.northside, pages=300)
    with time_machine.travel(at(20, 4), tick=False):
        retention_runs.run(world.northside.id)
        with pytest.raises(RequestError) as refused:
            choose(world.northside, pages=5, record=400, sure=False, when=at(20, 4))
        assert refused.value.code == ErrorCode.RETENTION_UNCONFIRMED
        assert (refused.value.params["strip"], refused.value.params["delete"]) == (3, 0)
        assert rules_of(account_of(world.northside)).kept(None, OUT).pages == 300
    choose(world.northside, pages=5, when=at(20, 5))
    run_at(work, at(20, 6))
    assert left(world.northside) == (3, 3), "today's run is over"
    choose(world.northside, pages=500, sure=False, when=at(20, 7))  # longer hurts nobody
    choose(world.northside, pages=5, when=at(21, 5))  # that day's run is late
    run_at(work, at(21, 6))
    assert left(world.northside) == (3, 3), "what is changed after the hour waits for the next day"
    run_at(work, at(22, 4))
    assert left(world.northside) == (3, 0)


def test_a_fax_machine_and_a_direction_may_have_their_own_and_what_is_under_way_stays(
    world, work, old, send
):
    fax = old(1)[0]
    waiting = send(world.northside, "+12025550100", send_at="2026-11-28T12:00")
    choose(world.northside, pages=2, record=2, ways=(IN,))
    choose(world.northside, record=500, ways=(OUT,), faxbox_id=world.northside.faxbox.pk)
    run_at(work, at(20, 4))
    assert left(world.northside) == (2, 2)
    mine = {"faxbox_id": world.northside.faxbox.pk, "when": at(20, 5)}
    choose(world.northside, pages=1, record=1, ways=(OUT,), **mine)
    run_at(work, at(21, 4))
    assert set(Fax.rows.filter(account=world.northside.id).values_list("pk", flat=True)) == {
        waiting.pk
    }
    assert not Fax.rows.filter(pk=fax.pk).exists()


def test_a_ceiling_set_later_counts_for_what_was_chosen_and_a_floor_cannot_be_undercut(
    world, work, old
):
    old(2)
    choose(world.northside, pages=300, record=None)
    reseller = Account.objects.get(pk=world.northside.account.parent_id)
    above = provider_of(world.northside.account)
    with time_machine.travel(NOON, tick=False):
        set_bounds(above, account=reseller, bounds=Bounds(pages_least=7, pages_most=10))
        set_bounds(above, account=account_of(world.northside), bounds=Bounds(pages_least=2))
    assert bounds_of(account_of(world.northside)) == Bounds(
        pages_least=7, pages_most=10, record_least=7
    )
    assert bounds_of(reseller) == Bounds(), "what it says of others does not hold for itself"
    assert rules_of(account_of(world.northside)).kept(None, OUT) == Kept(10, None)
    with pytest.raises(InvalidRequest) as refused:
        choose(world.northside, pages=3)
    assert {(each.code, each.params["least"]) for each in refused.value.errors} == {
        (ErrorCode.RETENTION_BOUNDS, 7)
    }
    with pytest.raises(NotAllowed):
        set_bounds(world.northside.member, account=reseller, bounds=Bounds())
    run_at(work, at(12, 4))
    assert left(world.northside) == (2, 0), "by the ceiling, though 300 days were chosen"


def test_what_is_held_is_told_and_stays_until_it_is_lifted(world, work, old):
    first, *_ = old(3)
    choose(world.northside, record=3)
    hold = legal_holds.place(world.northside.admin, reason="A claim", fax_id=first.pk)
    account = account_of(world.northside)
    with time_machine.travel(at(20, 2), tick=False):
        told = forecast(account, rules_of(account), next_run(account, at(20, 2)))
    assert (told.day.isoformat(), told.delete, told.held) == ("2026-11-20", 2, 1)
    run_at(work, at(20, 4))
    assert RetentionRun.rows.get().held == 1
    assert left(world.northside) == (1, 1)
    legal_holds.lift(world.northside.admin, hold_id=hold.pk)
    run_at(work, at(21, 4))
    assert left(world.northside) == (0, 0)


def test_many_accounts_are_found_with_as_many_queries_as_few(world, monkeypatch):
    woken = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, **ids: woken.append((name, ids)))

    def queries():
        woken.clear()
        with CaptureQueriesContext(connection) as asked:
            retention_runs.attend(at(20, 8))  # in all their zones
        return len(asked), len(woken)

    choose(world.northside, pages=3)
    few = queries()
    for tenant in (world.lakeside, world.redwood):
        choose(tenant, pages=3)
    assert queries() == (few[0], few[1] + 2)
    assert few[1] == 1


def test_what_is_due_is_found_by_an_index(world):
    with CaptureQueriesContext(connection) as asked:
        choose(world.northside, pages=3, record=9)
        with time_machine.travel(at(20, 4), tick=False):
            retention_runs.run(world.northside.id)
    sqls = [each["sql"] for each in asked]
    looks = [each for each in sqls if "ORDER BY" in each and "finished_at" in each]
    leads = {databases.leading(sql) for sql in looks}
    kept = {"fax_pages_kept", "fax_record_kept"}
    # PostgreSQL takes either one for both where there are few rows
    assert leads == kept if databases.IS_SQLITE else leads <= kept


def test_a_clock_set_back_runs_no_day_twice(world, work, old):
    old(1)
    choose(world.northside, pages=300)
    run_at(work, at(20, 4))
    run_at(work, at(20, 4) - timedelta(days=1))
    assert RetentionRun.rows.count() == 1
