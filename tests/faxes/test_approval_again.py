"""What waits for approval is told of sensibly, and cannot be got around."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import Account, DayCount
from faxes.enums import FaxState, Held
from faxes.models import Fax, Notification
from faxes.services import holding, notifying, reminding, undo
from faxes.services.contacts import ContactRequest, create_contact, update_contact
from faxes.services.delivery_loop import Kind, carry_out_due
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers

GOOD, BUSY = "+12025550100", "+12025550101"
TOLD = "admin@northside.example"
COURIER = Kind("told", threads=1, claim_next=notifying.claim_next, deliver=notifying.deliver)


def tell():
    return carry_out_due(COURIER)


@pytest.fixture
def admin(world):
    return replace(world.northside.admin, via="portal")


@pytest.fixture
def rules(world):
    def choose(**columns):
        Account.objects.filter(pk=world.northside.id).update(**columns)

    return choose


@pytest.fixture
def member_sends(world):
    def submit(to=GOOD, origin="portal", actor=None):
        asked = FaxRequest(to, [papers.incoming(papers.pdf())])
        made = submit_fax(actor or world.northside.member, request=asked, origin=origin)[0]
        return Fax.rows.get(pk=made.pk)

    return submit


def test_hundreds_that_wait_are_told_of_in_one_mail_and_the_next_an_hour_later(
    rules, member_sends, work, mailoutbox
):
    rules(approve_pages=0)
    for _ in range(3):
        member_sends(origin="api")
    tell()
    assert [each.subject for each in mailoutbox] == ["3 faxes wait for your approval"]
    assert "/approvals/" in mailoutbox[0].body
    member_sends(origin="api")
    tell()
    assert len(mailoutbox) == 1
    work.pass_time(timedelta(minutes=61))
    tell()
    assert [each.subject for each in mailoutbox][1:] == ["4 faxes wait for your approval"]


def test_what_was_to_be_asked_for_is_decided_and_the_mail_asks_for_what_else_waits(
    rules, member_sends, work, admin, mailoutbox
):
    rules(approve_pages=0)
    first, second = member_sends(origin="api"), member_sends(BUSY, origin="api")
    holding.decline(admin, fax_id=first.pk, reason="")
    tell()
    asking = [each for each in mailoutbox if each.to == [TOLD]]
    assert len(asking) == 1
    assert Notification.rows.get(kind="approval").fax_id == second.pk


def test_approvers_are_told_again_each_day_while_something_waits(
    rules, member_sends, work, admin, mailoutbox
):
    rules(approve_pages=0)
    fax = member_sends(origin="api")
    tell()
    assert reminding.remind(clock.now()) == 0
    for day in (1, 2):
        work.pass_time(timedelta(days=1, minutes=1))
        assert [reminding.remind(clock.now()) for _ in range(2)] == [1, 0]
        tell()
        assert len(mailoutbox) == 1 + day
        assert "This is a reminder" in mailoutbox[-1].body
    assert len({each.extra_headers["Message-ID"] for each in mailoutbox}) == 3
    holding.approve(admin, fax_id=fax.pk)
    work.pass_time(timedelta(days=1, minutes=1))
    assert reminding.remind(clock.now()) == 0


def test_a_contact_that_the_sender_wrote_makes_no_number_known_until_somebody_else_saves_it(
    rules, member_sends, world
):
    rules(approve_new_numbers=True)
    own = create_contact(world.northside.member, request=ContactRequest(name="A", number=GOOD))
    assert member_sends().held_for == Held.NUMBER
    update_contact(world.northside.member, contact_id=own.pk, request=ContactRequest(note="really"))
    assert member_sends().held_for == Held.NUMBER
    update_contact(world.northside.admin, contact_id=own.pk, request=ContactRequest(note="yes"))
    assert member_sends().held_for is None
    update_contact(world.northside.member, contact_id=own.pk, request=ContactRequest(number=BUSY))
    assert member_sends(BUSY).held_for == Held.NUMBER
    create_contact(world.northside.admin, request=ContactRequest(name="B", number=BUSY))
    assert member_sends(BUSY).held_for is None


def test_who_handed_a_fax_in_for_somebody_else_does_not_approve_it(rules, member_sends, admin):
    rules(approve_pages=0)
    fax = member_sends()
    Fax.rows.filter(pk=fax.pk).update(handed_in_by=admin.user_id)
    assert not holding.decides_on(
        admin, fax=Fax.rows.get(pk=fax.pk), account=Account.objects.get(pk=fax.account_id)
    )
    assert holding.approve_all(admin, fax_ids=[fax.pk]) == 0


@pytest.mark.parametrize("how", ["undone", "declined", "not approved"])
def test_pages_that_never_went_out_do_not_count_against_the_days_limit(
    how, rules, member_sends, work, admin, world, settings
):
    settings.UNDO_SECONDS = 10
    rules(approve_pages=0)
    fax = member_sends()
    counted = DayCount.objects.for_account(world.northside.id)
    assert sum(counted.values_list("pages", flat=True)) == 1
    if how == "undone":
        undo.undo(world.northside.member, fax_id=fax.pk)
    elif how == "declined":
        holding.decline(admin, fax_id=fax.pk, reason="")
    else:
        work.pass_time(timedelta(days=8))
        work.run()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.CANCELED
    assert sum(counted.values_list("pages", flat=True)) == 0
