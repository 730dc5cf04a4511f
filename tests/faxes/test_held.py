"""What is set aside for a fax: for its own pages, by the terms that hold when it is stored."""

import pytest

from accounts.errors import AccountSuspended
from accounts.models import Account, Mode, Plan
from accounts.services import ledger, money, tenants
from accounts.services.ledger_audit import discrepancies
from faxes.enums import ErrorCode
from faxes.errors import InvalidRequest
from faxes.services import intake
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.accounts.money import CENT, bill, provider_of, standing

GOOD = "+12025550100"


@pytest.fixture(autouse=True)
def everything_adds_up(world):
    yield
    assert list(discrepancies()) == []


def test_who_pays_and_whether_it_may_is_asked_when_the_fax_is_stored(
    world, work, send, monkeypatch
):
    above = world.summit.account
    bill(above, balance=100 * CENT)
    platform, keep = provider_of(above), intake.keep
    acts = [
        lambda: tenants.move(platform, account_id=world.northside.id, parent_id=above.pk),
        lambda: tenants.suspend(platform, account_id=above.pk),
    ]

    def kept_slowly(*what):
        acts.pop(0)()
        return keep(*what)

    monkeypatch.setattr(intake, "keep", kept_slowly)
    send(world.northside, GOOD)
    assert standing(above) == (100, 10)
    with pytest.raises(AccountSuspended):
        send(world.northside, GOOD)
    assert standing(above) == (100, 10)


def test_terms_that_change_meanwhile_hold_for_who_comes_after(world, work, send, monkeypatch):
    bill(world.northside.account, balance=0, mode=Mode.POSTPAID, credit_limit=100 * CENT)
    plan = Plan.rows.get()
    locked = ledger.locked

    def locked_late(ids):
        monkeypatch.setattr(ledger, "locked", locked)
        money.set_billing(  # what another does right before the balance is ours
            provider_of(world.northside.account),
            account_id=world.northside.id,
            terms=money.BillingTerms(plan_id=plan.pk),
        )
        return locked(ids)

    monkeypatch.setattr(ledger, "locked", locked_late)
    with pytest.raises(InvalidRequest) as refused:
        send(world.northside, GOOD)
    assert [each.code for each in refused.value.errors] == [ErrorCode.INSUFFICIENT_CREDIT]


def test_what_is_held_is_for_the_pages_that_go_on_the_accounts_own_paper(world, work):
    bill(world.northside.account, balance=1000 * CENT)
    held = []
    for paper in ("letter", "legal", "a4"):
        Account.objects.filter(pk=world.northside.id).update(paper=paper)
        lines = papers.incoming(b"one line of many\n" * 2000, "lines.txt")
        request = FaxRequest(to=GOOD, documents=[lines])
        fax = submit_fax(world.northside.admin, request=request, origin="test")[0]
        before, was_held = standing(world.northside.account)
        work.run_to_end()
        fax.refresh_from_db()
        after, left = standing(world.northside.account)
        assert (was_held, left) == (before - after, 0), f"{fax.pages} pages on {paper}"
        held.append(was_held)
    assert len(set(held)) == len(held), "the paper makes a difference"
