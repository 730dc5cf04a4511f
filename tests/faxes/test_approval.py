"""A second person's approval: what waits for it, who gives it, and that it all ends one way."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import Account, AuditEntry, Status
from accounts.services.ledger_audit import discrepancies
from faxes import lifecycle
from faxes.enums import FaxState, Held
from faxes.errors import MoveNotAllowed
from faxes.models import Attempt, Contact, Event, Fax, Notification
from faxes.services import admission, broadcasts, convert, holding, transmit
from faxes.services.approval import KEPT_FOR
from faxes.services.broadcasts import BroadcastRequest
from faxes.services.control import cancel_fax
from faxes.services.next_try import try_now
from faxes.services.recipients import RecipientRequest
from faxes.services.submit import FaxRequest, forward_fax, resend_fax, submit_fax
from tests import papers

GOOD, BUSY = "+12025550100", "+12025550101"


def in_person(actor):
    return replace(actor, via="portal")


@pytest.fixture
def admin(world):
    return in_person(world.northside.admin)


@pytest.fixture
def rules(world):
    """``rules(approve_pages=3)`` has the account choose."""

    def choose(**columns):
        Account.objects.filter(pk=world.northside.id).update(**columns)

    return choose


@pytest.fixture
def member_sends(world):
    """A member sends from a page; an administrator may approve it."""

    def submit(to=GOOD, pages=1, origin="portal", **more):
        asked = FaxRequest(to, [papers.incoming(papers.pdf(pages))], **more)
        return submit_fax(world.northside.member, request=asked, origin=origin)[0]

    return submit


@pytest.fixture
def held(work, rules, member_sends):
    """A fax to a new number that is ready, but for approval."""
    rules(approve_new_numbers=True)
    fax = member_sends()
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.held_for, fax.tries) == (FaxState.QUEUED, Held.NUMBER, 0)
    return fax


def now_is(fax):
    fax.refresh_from_db()
    return fax


def test_nothing_is_dialled_before_somebody_else_approves_and_then_it_is(work, held, admin, world):
    work.pass_time(timedelta(days=2))
    work.run()
    transmit.transmit(held.pk)
    assert (
        lifecycle.open_attempt(now_is(held), carrier=None, now=clock.now(), lease=KEPT_FOR) is None
    )
    assert not Attempt.rows.exists()
    holding.approve(admin, fax_id=held.pk)
    holding.approve(admin, fax_id=held.pk)  # a second press of the same button
    work.run_to_end()
    assert now_is(held).state == FaxState.DELIVERED
    told = Event.rows.get(fax=held, because="approved")
    assert told.facts == {"by": "admin@northside.example"}
    entry = AuditEntry.objects.get(action="fax.approve")
    assert (entry.object_id, entry.facts) == (held.pk, {"waited_for": "number"})
    assert not list(discrepancies())


NOTHING = dict.fromkeys(
    ("approve_pages", "approve_new_numbers", "approve_programs", "approve_mail")
)
CHOICES: list[tuple[dict[str, Any], dict[str, Any], Held | None]] = [
    ({"approve_pages": 2}, {"pages": 3}, Held.PAGES),
    ({"approve_pages": 2}, {"pages": 2}, None),
    ({"approve_programs": True}, {"origin": "api"}, Held.PROGRAM),
    ({"approve_programs": True}, {"origin": "kazoo"}, Held.PROGRAM),
    ({"approve_programs": True}, {"origin": "email"}, None),
    ({"approve_programs": True}, {}, None),
    ({"approve_mail": True}, {"origin": "email"}, Held.MAIL),
    ({"approve_new_numbers": True}, {}, Held.NUMBER),
    ({}, {"pages": 9, "origin": "api"}, None),
]


def test_an_account_chooses_which_of_its_faxes_wait(rules, member_sends):
    told = []
    for chosen, sent, _reason in CHOICES:
        rules(**NOTHING | chosen)
        told.append(now_is(member_sends(**sent)).held_for)
    assert told == [reason for _chosen, _sent, reason in CHOICES]


def test_a_number_is_known_once_a_fax_arrived_there_or_it_is_in_the_address_book(
    rules, member_sends, work, world
):
    member_sends(GOOD)
    work.run_to_end()
    rules(approve_new_numbers=True)
    at = clock.now()
    Contact.objects.create(
        account_id=world.northside.id, number=BUSY, key="x", created_at=at, updated_at=at
    )
    Contact.objects.create(
        account_id=world.lakeside.id, number="+12025550108", key="x", created_at=at, updated_at=at
    )
    told = [now_is(member_sends(to)).held_for for to in (GOOD, BUSY, "+12025550108")]
    assert told == [None, None, Held.NUMBER]


def test_every_way_out_leads_through_it_and_tries_after_it_need_no_other(
    rules, member_sends, work, admin, world, settings
):
    settings.RETRY_SCALE = 1
    first = member_sends(BUSY)
    cancel_fax(world.northside.admin, fax_id=first.pk)
    sent = member_sends(GOOD)
    work.run_to_end()
    rules(approve_new_numbers=True)
    again = resend_fax(world.northside.member, fax_id=first.pk)
    (forwarded,) = forward_fax(world.northside.member, fax_id=sent.pk, to=BUSY)
    later = member_sends(BUSY, send_at=(clock.now() + timedelta(hours=1)).isoformat())
    broadcasts.create_broadcast(
        world.northside.member,
        request=BroadcastRequest(
            fax=FaxRequest("", [papers.incoming(papers.pdf())]), recipients=[RecipientRequest(BUSY)]
        ),
        origin="api",
    )
    work.run()
    (of_broadcast,) = Fax.rows.filter(broadcast_id__isnull=False)
    for fax in (again, forwarded, later, of_broadcast):
        assert now_is(fax).held_for == Held.NUMBER
    with pytest.raises(MoveNotAllowed):
        try_now(world.northside.member, fax_id=again.pk, seen=0)
    holding.approve(admin, fax_id=later.pk)
    assert now_is(later).due_at == later.send_at
    holding.approve(admin, fax_id=again.pk)
    work.run()
    assert (now_is(again).tries, again.held_for, again.state) == (1, None, FaxState.QUEUED)
    work.pass_time(timedelta(minutes=6))
    work.run()
    assert now_is(again).tries == 2


def test_who_sent_it_never_approves_it_nor_does_a_program_nor_who_may_not(
    held, world, rules, admin
):
    def refused(actor):
        with pytest.raises(NotAllowed):
            holding.approve(actor, fax_id=held.pk)
        with pytest.raises(NotAllowed):
            holding.decline(actor, fax_id=held.pk, reason="")

    refused(in_person(world.northside.member))
    refused(in_person(world.northside.viewer))
    refused(world.northside.admin)  # not from a page
    other = replace(in_person(world.northside.member), user_id=world.northside.admin.user_id)
    refused(other)
    rules(approve_by_members=True)
    refused(in_person(world.northside.member))
    holding.approve(other, fax_id=held.pk)


def test_declined_it_ends_with_the_reason_costs_nothing_and_the_sender_is_told(
    held, admin, work, world, mailoutbox
):
    work.run()
    holding.decline(admin, fax_id=held.pk, reason="Wrong patient")
    assert now_is(held).state == FaxState.CANCELED
    assert held.held_for is None
    told = Event.rows.get(fax=held, because="declined")
    assert told.facts == {"by": "admin@northside.example", "reason": "Wrong patient"}
    kinds = dict(Notification.rows.filter(fax=held).values_list("kind", "to"))
    assert kinds == {"approval": "admin@northside.example", "declined": "member@northside.example"}
    assert "Wrong patient" not in str(AuditEntry.objects.get(action="fax.decline").facts)
    assert not list(discrepancies())
    with pytest.raises(MoveNotAllowed):
        holding.approve(admin, fax_id=held.pk)


def test_nobody_approved_it_for_seven_days_and_it_ends(held, work, admin):
    work.pass_time(KEPT_FOR + timedelta(minutes=1))
    work.run()
    assert now_is(held).state == FaxState.CANCELED
    assert Event.rows.filter(fax=held, because="not_approved").exists()
    assert Notification.rows.filter(fax=held, kind="declined").exists()
    assert not Attempt.rows.exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("approve", "decline"),
        ("approve", "expire"),
        ("approve", "cancel"),
        ("decline", "approve"),
        ("decline", "cancel"),
        ("cancel", "approve"),
        ("expire", "approve"),
    ],
)
def test_of_two_who_decide_at_once_the_first_wins(held, admin, world, monkeypatch, first, second):
    """The second has read the fax before the first acts on it, and writes after."""
    as_read = Fax.rows.select_related("faxbox").get(pk=held.pk)

    def act(how):
        if how == "approve":
            holding.approve(admin, fax_id=held.pk)
        elif how == "decline":
            holding.decline(admin, fax_id=held.pk, reason="no")
        elif how == "cancel":
            cancel_fax(world.northside.member, fax_id=held.pk)
        else:
            holding.expire(as_read, now=clock.now() + KEPT_FOR + timedelta(hours=1))

    act(first)
    state, events = now_is(held).state, Event.rows.filter(fax=held).count()
    stale = iter([as_read])
    for module in ("faxes.services.holding", "faxes.services.control"):
        real = __import__(module, fromlist=["fax_for"]).fax_for
        monkeypatch.setattr(
            f"{module}.fax_for", lambda actor, pk, real=real: next(stale, None) or real(actor, pk)
        )
    with suppress(MoveNotAllowed):
        act(second)
    after = now_is(held)
    if first == "approve" and second == "cancel":  # anybody may still take back what was approved
        assert after.state == FaxState.CANCELED
    else:
        assert (after.state, Event.rows.filter(fax=held).count()) == (state, events)
    assert Event.rows.filter(fax=held, because="approved").count() == (first == "approve")


def test_approved_while_its_pages_are_made_it_goes_all_the_same(
    rules, member_sends, work, admin, monkeypatch
):
    rules(approve_pages=0)
    fax = member_sends()
    real = convert.render_kept

    def approved_in_between(*asked, **more):
        holding.approve(admin, fax_id=fax.pk)
        return real(*asked, **more)

    with monkeypatch.context() as patch:
        patch.setattr(convert, "render_kept", approved_in_between)
        work.run()
    work.run_to_end()  # at once, with the pages that were being made
    assert now_is(fax).state == FaxState.DELIVERED
    assert (fax.tries, fax.prepare_tries) == (1, 1)


def test_in_a_suspended_account_it_ends_all_the_same_when_its_time_is_over(held, work, world):
    Account.objects.filter(pk=world.northside.id).update(status=Status.SUSPENDED)
    work.pass_time(KEPT_FOR)
    work.run()
    assert now_is(held).state == FaxState.CANCELED


def test_taken_back_after_it_was_approved_it_is_not_approved_once_more(
    rules, member_sends, admin, world
):
    rules(approve_pages=0)
    fax = member_sends()
    holding.approve(admin, fax_id=fax.pk)
    cancel_fax(world.northside.member, fax_id=fax.pk)
    with pytest.raises(MoveNotAllowed):
        holding.approve(admin, fax_id=fax.pk)


def test_what_waits_for_approval_takes_no_place_of_those_under_way(held, world):
    assert admission._under_way(Account.objects.get(pk=world.northside.id)) == 0


def test_of_several_those_of_others_are_decided_and_their_own_are_left(rules, member_sends, admin):
    rules(approve_pages=0)
    fax, own = member_sends(), member_sends()
    Fax.rows.filter(pk=own.pk).update(created_by=admin.user_id)
    assert holding.approve_all(admin, fax_ids=[own.pk, fax.pk]) == 1
    assert (now_is(fax).held_for, now_is(own).held_for) == (None, Held.PAGES)


def test_one_mail_tells_of_all_that_were_handed_in_together(rules, work, world, mailoutbox):
    rules(approve_pages=0)
    asked = FaxRequest(f"{GOOD}, {BUSY}", [papers.incoming(papers.pdf())])
    submit_fax(world.northside.member, request=asked, origin="portal")
    assert Notification.rows.filter(kind="approval").count() == 1
