"""Faxes are paid for by everybody on their path, exactly once, whatever happens in between."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.ids import new_id
from accounts.models import Account, Beyond, Charge, DayUsage, LedgerEntry, Unit
from accounts.services import charges, limits, money, rates
from accounts.services.ledger_audit import discrepancies
from accounts.services.rates import NewRate
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import InvalidRequest
from faxes.models import Fax
from faxes.services import sweep
from faxes.services.control import cancel_fax
from faxes.services.submit import FaxRequest, forward_fax, resend_fax, submit_fax
from tests import papers
from tests.accounts.money import CENT, bill, plan_by, provider_of, standing
from tests.stored import stored_files

GOOD, BUSY, BREAKS = "+12025550100", "+12025550101", "+12025550104"


@pytest.fixture(autouse=True)
def everything_adds_up(world):
    yield
    assert list(discrepancies()) == []


def refused(send, tenant, to, **request):
    with pytest.raises(InvalidRequest) as error:
        send(tenant, to, **request)
    return [each.code for each in error.value.errors]


def harbor(world):
    return Account.objects.get(pk=world.northside.account.parent_id)


def test_money_is_held_when_a_fax_is_handed_in_and_charged_when_it_arrives(world, work, send):
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, GOOD, pages=3)
    assert standing(world.northside.account) == (100, 30)
    work.run_to_end()
    assert standing(world.northside.account) == (70, 0)
    kinds = LedgerEntry.objects.for_account(world.northside.id).order_by("number")
    assert [(entry.kind, entry.amount // CENT, entry.fax_id) for entry in kinds] == [
        ("top_up", 100, None),
        ("hold", -30, fax.pk),
        ("release", 30, fax.pk),
        ("charge", -30, fax.pk),
    ]


def test_a_fax_that_cannot_be_paid_for_is_refused_and_leaves_nothing(world, work, send):
    bill(world.northside.account, balance=20 * CENT)
    assert refused(send, world.northside, GOOD, pages=3) == [ErrorCode.INSUFFICIENT_CREDIT]
    work.run()
    assert not Fax.rows.exists()
    assert not Charge.rows.exists()
    assert not stored_files()
    assert standing(world.northside.account) == (20, 0)


def test_every_account_on_the_path_pays_its_own_provider(world, work, send):
    reseller = harbor(world)
    bill(reseller, balance=100 * CENT, plan=plan_by(provider_of(reseller), price=2 * CENT))
    bill(world.northside.account, balance=100 * CENT)
    send(world.northside, GOOD, pages=2)
    work.run_to_end()
    assert standing(world.northside.account) == (80, 0)
    assert standing(reseller) == (96, 0)


def test_a_reseller_without_credit_stops_its_customers_without_telling_them_why(world, work, send):
    reseller = harbor(world)
    bill(reseller, balance=1 * CENT)
    bill(world.northside.account, balance=100 * CENT)
    assert refused(send, world.northside, GOOD) == [ErrorCode.PROVIDER_CANNOT_PAY]
    assert standing(world.northside.account) == (100, 0)


def test_a_number_without_a_rate_is_refused_before_anything_is_stored(world, work, send):
    plan = plan_by(provider_of(world.northside.account), prefix="1312")
    bill(world.northside.account, balance=100 * CENT, plan=plan)
    assert refused(send, world.northside, GOOD) == [ErrorCode.RATE_MISSING]
    assert not stored_files()
    send(world.northside, "+13125550100")


def test_an_account_that_pays_later_may_go_as_far_below_zero_as_agreed(world, work, send):
    bill(world.northside.account, mode="postpaid", credit_limit=30 * CENT)
    send(world.northside, GOOD, pages=3)
    assert refused(send, world.northside, GOOD) == [ErrorCode.INSUFFICIENT_CREDIT]
    work.run_to_end()
    assert standing(world.northside.account) == (-30, 0)


def test_included_pages_go_first_and_come_back_from_a_fax_that_did_not_arrive(world, work, send):
    plan = plan_by(provider_of(world.northside.account), included_pages=5)
    bill(world.northside.account, balance=100 * CENT, plan=plan)
    busy = send(world.northside, BUSY, pages=4)
    assert standing(world.northside.account) == (100, 0)
    cancel_fax(world.northside.admin, fax_id=busy.pk)
    send(world.northside, GOOD, pages=4)
    send(world.northside, GOOD, pages=4)
    work.run_to_end()
    assert standing(world.northside.account) == (70, 0)


def test_a_plan_may_have_no_pages_beyond_those_included(world, work, send):
    plan = plan_by(provider_of(world.northside.account), included_pages=2, beyond=Beyond.REFUSE)
    bill(world.northside.account, balance=100 * CENT, plan=plan)
    send(world.northside, GOOD, pages=2)
    assert refused(send, world.northside, GOOD) == [ErrorCode.PLAN_USED_UP]


def test_tries_without_a_confirmed_page_cost_nothing(world, work, send):
    bill(world.northside.account, balance=100 * CENT)
    send(world.northside, BUSY, pages=3)
    work.run_to_end()
    assert standing(world.northside.account) == (100, 0)


def test_pages_that_were_confirmed_are_charged_though_the_call_broke_off(world, work, send):
    bill(world.northside.account, balance=1000 * CENT)
    fax = send(world.northside, BREAKS, pages=4)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.pages_done) == (FaxState.FAILED, 3)
    assert standing(world.northside.account) == (1000 - 10 * 3, 0)


def test_a_page_that_was_confirmed_is_paid_for_once_in_however_many_calls(world, work, send):
    bill(world.northside.account, balance=1000 * CENT)
    fax = send(world.northside, BREAKS, pages=2)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.DELIVERED, 2)
    assert standing(world.northside.account) == (1000 - 10 * 2, 0)


def test_time_on_the_line_is_rounded_up_to_the_increment(world, work, send):
    seller = provider_of(world.northside.account)
    plan = plan_by(seller)
    by_time = NewRate("1", 60 * CENT, Unit.MINUTE, increment=6, connection_fee=5 * CENT)
    rates.replace_rates(seller, deck_id=plan.deck_id, rates=[by_time])
    bill(world.northside.account, balance=1000 * CENT, plan=plan)
    fax = send(world.northside, GOOD, pages=2)
    assert standing(world.northside.account) == (1000, 125)  # two minutes, and the connection
    work.run_to_end()
    seconds = fax.attempts.get().line_seconds
    assert seconds is not None
    posted, held = standing(world.northside.account)
    assert ((1000 - posted) - 5) % 6 == 0
    assert 0 <= (1000 - posted - 5) - seconds < 7
    assert held == 0


@pytest.mark.parametrize("when", ["before the first try", "between two tries"])
def test_what_is_canceled_is_free_again_at_once(world, work, send, when):
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, BUSY, pages=3)
    if when == "between two tries":
        work.run()
    assert standing(world.northside.account) == (100, 30)
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    assert standing(world.northside.account) == (100, 0)


def test_documents_that_turn_out_to_be_no_good_free_what_was_held(world, work, send, monkeypatch):
    monkeypatch.setattr("faxes.services.convert._MOST_TRIES", 0)
    bill(world.northside.account, balance=100 * CENT)
    to = f"{GOOD}, +12025550108"
    send(world.northside, to, pages=2)
    assert standing(world.northside.account) == (100, 40)
    work.run()
    assert set(Fax.rows.values_list("state", flat=True)) == {FaxState.FAILED}
    assert standing(world.northside.account) == (100, 0)


def test_the_price_agreed_to_holds_whatever_becomes_of_the_deck(world, work, send):
    seller = provider_of(world.northside.account)
    plan = plan_by(seller)
    bill(world.northside.account, balance=100 * CENT, plan=plan)
    send(world.northside, GOOD, pages=1)
    rates.replace_rates(seller, deck_id=plan.deck_id, rates=[])
    work.run_to_end()
    assert standing(world.northside.account) == (90, 0)


def test_an_arrival_is_charged_to_whom_it_came_and_kept_even_without_credit(world, work, send):
    plan = plan_by(provider_of(world.lakeside.account), received_price=3 * CENT)
    bill(world.lakeside.account, plan=plan)
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    assert arrival.state == FaxState.RECEIVED
    assert standing(world.lakeside.account) == (-6, 0)
    assert list(DayUsage.objects.for_account(world.northside.id).values_list("pages")) == [(2,)]


def test_settling_twice_and_late_jobs_change_nothing(world, work, send):
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, GOOD, pages=2)
    jobs = list(work.waiting)
    work.run_to_end()
    entries = LedgerEntry.rows.count()
    work.waiting.extend(jobs + [done for done in work.done if done[1].keys() & {"fax", "key"}])
    work.run_jobs()
    charges.settle(fax.pk, tries=[], now=clock.now())
    sweep.sweep()
    work.run()
    assert LedgerEntry.rows.count() == entries
    assert standing(world.northside.account) == (80, 0)


class Killed(BaseException):
    """The end of the process, in a place of the test's choosing."""


def test_killed_before_its_commit_a_submission_leaves_neither_fax_nor_hold(
    world, work, send, monkeypatch
):
    bill(world.northside.account, balance=100 * CENT)

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("faxes.services.submit.audit.record", killed)
        with pytest.raises(Killed):
            send(world.northside, GOOD)
    assert not Fax.rows.exists()
    assert standing(world.northside.account) == (100, 0)


def test_killed_while_it_settles_a_fax_ends_and_is_charged_later_once(
    world, work, send, monkeypatch
):
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, GOOD, pages=2)
    whole = charges.settle

    def killed(fax_id, **rest):
        whole(fax_id, **rest)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(charges, "settle", killed)
        with pytest.raises(Killed):
            work.run()
    fax.refresh_from_db()
    assert fax.state == FaxState.SENDING
    assert standing(world.northside.account) == (100, 20)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.DELIVERED, Outcome.DELIVERED)
    assert standing(world.northside.account) == (80, 0)


def test_submissions_at_the_same_time_cannot_spend_the_same_money(world, work):
    bill(world.northside.account, balance=35 * CENT)
    told = []

    def submit():
        document = papers.incoming(papers.pdf(1))
        try:
            submit_fax(
                world.northside.admin,
                request=FaxRequest(to=GOOD, documents=[document]),
                origin="test",
            )
            told.append("sent")
        except InvalidRequest as error:
            told.append(error.errors[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == sorted(["sent"] * 3 + [ErrorCode.INSUFFICIENT_CREDIT] * 3)
    assert standing(world.northside.account) == (35, 30)


def test_customers_of_one_reseller_do_not_get_into_each_others_way(world, work):
    bill(harbor(world), balance=10_000 * CENT)
    tenants = (world.northside, world.lakeside)
    for tenant in tenants:
        bill(tenant.account, balance=1000 * CENT)
    trouble: list[BaseException] = []

    def busy(tenant, turn):
        try:
            for _ in range(3):
                faxes = submit_fax(
                    tenant.admin,
                    request=FaxRequest(
                        to=f"{GOOD}, {BUSY}", documents=[papers.incoming(papers.pdf(1))]
                    ),
                    origin="test",
                )
                cancel_fax(tenant.admin, fax_id=faxes[turn % 2].pk)
                money.top_up(
                    provider_of(tenant.account),
                    account_id=tenant.id,
                    amount=CENT,
                    key=str(new_id()),
                )
        except BaseException as error:  # noqa: BLE001 (of a thread, to be told by the test)
            trouble.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=busy, args=(tenant, turn)) for tenant in tenants for turn in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert not trouble
    assert standing(harbor(world)) == (10_000, 120)
    for tenant in tenants:
        assert standing(tenant.account) == (1006, 60)


def test_many_numbers_are_held_for_by_as_many_queries_as_one(world, work, send):
    bill(world.northside.account, balance=100_000 * CENT)
    bill(harbor(world), balance=100_000 * CENT)
    send(world.northside, GOOD)  # the month and day are there

    def queries(count):
        intended = [charges.Intended(new_id(), f"+1202555{n:04d}", 1) for n in range(count)]
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            limits.count_pages(world.northside.account, pages=[1] * count, now=clock.now())
            charges.hold(world.northside.account, faxes=intended, now=clock.now())
            transaction.set_rollback(True)
        return len(seen)

    inserts_in_parts = 6  # SQLite takes so many values in one statement
    assert queries(1) <= 15
    assert queries(100) <= queries(1) + inserts_in_parts


def test_resending_and_forwarding_are_paid_for_too(world, work, send):
    bill(world.northside.account, balance=25 * CENT)
    fax = send(world.northside, GOOD, pages=2)
    work.run_to_end()
    for again in (
        lambda: resend_fax(world.northside.admin, fax_id=fax.pk),
        lambda: forward_fax(world.northside.admin, fax_id=fax.pk, to=BUSY),
    ):
        with pytest.raises(InvalidRequest) as error:
            again()
        assert error.value.errors[0].code == ErrorCode.INSUFFICIENT_CREDIT
    assert Fax.rows.count() == 1


def test_a_fax_for_later_holds_its_money_until_then(world, work, send):
    bill(world.northside.account, balance=100 * CENT)
    moment = (clock.now() + timedelta(hours=2)).isoformat()
    send(world.northside, GOOD, send_at=moment)
    work.run()
    assert standing(world.northside.account) == (100, 10)
    work.pass_time(timedelta(hours=3))
    assert standing(world.northside.account) == (90, 0)
    assert money.funds_of(world.lakeside.id) is None
