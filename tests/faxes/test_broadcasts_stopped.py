"""Broadcasts that run out of money, wait, are canceled, suspended, deleted; and strangers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import AccountSuspended, NotAllowed
from accounts.models import AuditEntry, Status
from accounts.services import limits, tenants
from accounts.services.ledger_audit import discrepancies
from accounts.services.limits import Allowed
from faxes.enums import BroadcastState, ErrorCode, FaxState, RecipientState, RecipientStatus
from faxes.errors import FaxNotFound, MoveNotAllowed
from faxes.models import BroadcastRecipient, Fax
from faxes.queries.broadcasts import broadcast_for, list_broadcasts, list_recipients
from faxes.services import broadcasting, contacts, export, privacy
from faxes.services.broadcasts import (
    cancel_broadcast,
    create_broadcast,
    delete_broadcast,
)
from faxes.services.contacts import ContactRequest
from faxes.services.recipients import RecipientRequest
from tests.accounts.money import CENT, bill, provider_of, standing
from tests.faxes.test_closing import MARK, content_left, unzip
from tests.faxes.to_many import (
    BUSY,
    GONE,
    GOOD,
    asked,
    begin,
    detail,
    each_has_one_fax,
    hand_over,
    job_of,
    numbers,
    refused,
    step,
)
from tests.stored import planted, stored_files


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(broadcasting, "PORTION", 4)


def test_what_cannot_be_paid_for_as_a_whole_is_refused_before_it_begins(world, work):
    bill(world.northside.account, balance=45 * CENT)
    assert refused(world.northside.admin, asked(numbers(5))) == [
        ("", ErrorCode.INSUFFICIENT_CREDIT)
    ]
    assert refused(world.northside.admin, asked([*numbers(2), "+442079460000"])) == [
        ("to", ErrorCode.RATE_MISSING)
    ]
    limits.set_limits(
        provider_of(world.northside.account),
        account_id=world.northside.id,
        limits=Allowed(pages_a_day=3),
    )
    assert refused(world.northside.admin, asked(numbers(4))) == [("", ErrorCode.LIMIT_PAGES_DAY)]
    assert standing(world.northside.account) == (45, 0)
    assert begin(world.northside, numbers(3))


def test_when_credit_runs_out_the_rest_is_refused_visibly(world, work, send, small_portions):
    bill(world.northside.account, balance=100 * CENT)
    made = begin(world.northside, numbers(10))
    send(world.northside, GOOD, pages=3)
    hand_over(work)
    told = detail(world.northside, made)
    assert told.recipients == {RecipientState.SENT_ON: 7, RecipientState.REFUSED: 3}
    each_has_one_fax(made, numbers(7))
    assert set(made.recipients.filter(state="refused").values_list("error_code", flat=True)) == {
        ErrorCode.INSUFFICIENT_CREDIT
    }
    assert standing(world.northside.account) == (100, 100)
    assert list(discrepancies()) == []


def test_more_than_may_be_under_way_at_once_waits_its_turn(world, work):
    limits.set_limits(
        provider_of(world.northside.account),
        account_id=world.northside.id,
        limits=Allowed(faxes_at_once=3),
    )
    made = begin(world.northside, numbers(5))
    hand_over(work, looks=3)
    assert detail(world.northside, made).recipients == {
        RecipientState.SENT_ON: 3,
        RecipientState.WAITING: 2,
    }
    Fax.rows.update(state=FaxState.FAILED)
    hand_over(work)
    each_has_one_fax(made, numbers(5))


def test_only_so_many_are_made_ahead_of_the_line(world, work, small_portions, monkeypatch):
    monkeypatch.setattr(broadcasting, "MADE_AHEAD", 6)
    begin(world.northside, numbers(10))
    hand_over(work, looks=3)
    assert Fax.rows.count() == 6


def test_two_tenants_go_by_turns(world, work, small_portions):
    begin(world.northside, numbers(12))
    begin(world.lakeside, numbers(12))
    made = []
    while job_of(work) is not None:
        step(work)
        made.append(Fax.rows.filter(account=world.lakeside.account).count())
    assert made[:6] == [0, 4, 4, 8, 8, 12]


def test_a_broadcast_for_later_waits_and_costs_nothing_until_then(world, work):
    bill(world.northside.account, balance=100 * CENT)
    later = clock.now() + timedelta(hours=3)
    made = begin(world.northside, numbers(2), send_at=later.isoformat())
    work.run_jobs()
    assert detail(world.northside, made).state == BroadcastState.SCHEDULED
    assert standing(world.northside.account) == (100, 0)
    work.pass_time(timedelta(hours=4))
    each_has_one_fax(made, numbers(2))


def test_a_suspended_account_sends_nothing_and_goes_on_afterwards(world, work):
    made = begin(world.northside, numbers(2))
    account = world.northside.account
    account.status = Status.SUSPENDED
    account.save()
    hand_over(work, looks=2)
    assert not Fax.rows.exists()
    with pytest.raises(AccountSuspended):
        begin(world.northside, numbers(2))
    account.status = Status.ACTIVE
    account.save()
    hand_over(work)
    each_has_one_fax(made, numbers(2))


def test_canceled_half_way_nobody_else_gets_a_fax_and_money_is_free(world, work, small_portions):
    bill(world.northside.account, balance=1000 * CENT)
    made = begin(world.northside, numbers(10))
    step(work)
    cancel_broadcast(world.northside.member, broadcast_id=made.pk)
    cancel_broadcast(world.northside.member, broadcast_id=made.pk)
    hand_over(work)
    told = detail(world.northside, made)
    assert (told.state, told.finished) == (BroadcastState.CANCELED, True)
    assert told.recipients == {RecipientState.SENT_ON: 4, RecipientState.CANCELED: 6}
    assert told.faxes == {FaxState.CANCELED: 4}
    assert standing(world.northside.account) == (1000, 0)
    actions = AuditEntry.objects.filter(object_id=made.pk).order_by("number")
    assert list(actions.values_list("action", flat=True)) == [
        "broadcast.create",
        "broadcast.send",
        "broadcast.cancel",
    ]
    with pytest.raises(NotAllowed):
        cancel_broadcast(world.northside.viewer, broadcast_id=made.pk)


def test_a_fax_that_is_on_the_line_when_it_is_canceled_is_not_tried_again(world, work):
    made = begin(world.northside, [BUSY])
    work.run_jobs()
    assert Fax.rows.get().state == FaxState.SENDING
    cancel_broadcast(world.northside.admin, broadcast_id=made.pk)
    work.run()
    work.pass_time(timedelta(seconds=30))
    assert (Fax.rows.get().state, Fax.rows.get().tries) == (FaxState.FAILED, 1)
    assert detail(world.northside, made).finished


def test_a_finished_broadcast_cannot_be_canceled_and_one_under_way_not_deleted(world, work):
    made = begin(world.northside, [GONE])
    with pytest.raises(MoveNotAllowed) as error:
        delete_broadcast(world.northside.admin, broadcast_id=made.pk)
    assert error.value.code == ErrorCode.BROADCAST_NOT_FINISHED
    work.run_to_end()
    with pytest.raises(MoveNotAllowed) as error:
        cancel_broadcast(world.northside.admin, broadcast_id=made.pk)
    assert error.value.code == ErrorCode.BROADCAST_FINISHED
    delete_broadcast(world.northside.admin, broadcast_id=made.pk)
    assert not BroadcastRecipient.rows.exists()
    assert Fax.rows.get().broadcast_id is None
    with pytest.raises(FaxNotFound):
        detail(world.northside, made)


def test_of_a_deleted_fax_its_broadcast_tells_nothing_any_more(world, work):
    to = [RecipientRequest(GONE, MARK, {"patient": MARK}), RecipientRequest(GOOD, "Dr. Good")]
    made = begin(world.northside, to)
    work.run_to_end()
    assert planted(MARK) > 0
    privacy.delete_fax(world.northside.admin, fax_id=Fax.rows.get(to_number=GONE).pk)
    assert planted(MARK) == 0
    one, two = made.recipients.order_by("position")
    assert (one.number, one.name, one.metadata, one.fax) == ("", "", {}, None)
    assert (two.number, two.name) == (GOOD, "Dr. Good")
    told = detail(world.northside, made)
    assert (told.deleted, told.finished) == (1, True)


def test_a_deleted_broadcast_is_gone_with_its_list(world, work):
    made = begin(world.northside, [RecipientRequest(GONE, MARK)], name=MARK)
    work.run_to_end()
    delete_broadcast(world.northside.admin, broadcast_id=made.pk)
    assert planted(MARK) == 0
    entries = AuditEntry.objects.filter(account_id=world.northside.id)
    assert MARK not in str([each.__dict__ for each in entries])


def test_results_are_paged_and_asked_for_in_as_many_queries_whatever_their_number(world, work):
    to = [RecipientRequest(number, f"Name {number}") for number in numbers(45)]
    made = begin(world.northside, to)
    hand_over(work)
    Fax.rows.filter(to_number__in=numbers(5)).update(state=FaxState.FAILED)
    viewer = world.northside.viewer
    first = list_recipients(viewer, made.pk, size=30)
    second = list_recipients(viewer, made.pk, size=30, cursor=first.next_cursor)
    told = [each.number for page in (first, second) for each in page.recipients]
    assert told == numbers(45)
    failed = list_recipients(viewer, made.pk, status=RecipientStatus.FAILED).recipients
    assert [each.fax and each.fax.state for each in failed] == ["failed"] * 5
    counted = []
    for size in (1, 30):
        with CaptureQueriesContext(connection) as seen:
            page = list_recipients(viewer, made.pk, size=size).recipients
            assert all(each.fax and each.fax.state for each in page)
            list_broadcasts(viewer, size=size)
        counted.append(len(seen))
    assert counted == [5, 5]


def test_anothers_broadcast_is_as_unknown_as_none(world, work):
    made = begin(world.northside, [GOOD])
    stranger = world.lakeside.admin
    for act in (
        lambda: broadcast_for(stranger, made.pk),
        lambda: list_recipients(stranger, made.pk),
        lambda: cancel_broadcast(stranger, broadcast_id=made.pk),
        lambda: delete_broadcast(stranger, broadcast_id=made.pk),
    ):
        with pytest.raises(FaxNotFound):
            act()
    assert not list_broadcasts(stranger).broadcasts
    with pytest.raises(NotAllowed):
        create_broadcast(world.northside.viewer, request=asked([GOOD]), origin="test")


def test_a_closed_account_takes_its_lists_along_and_nothing_of_them_stays(world, work):
    tenant = world.northside
    group = contacts.create_group(tenant.admin, name=MARK)
    one = contacts.create_contact(tenant.admin, request=ContactRequest(name=MARK, number=GOOD))
    contacts.add_members(tenant.admin, group_id=group.pk, contact_ids=[one.pk])
    done = begin(tenant, [RecipientRequest(GONE, MARK)], name=MARK)
    work.run_to_end()
    waiting = begin(tenant, numbers(3), send_at=(clock.now() + timedelta(days=60)).isoformat())
    work.run()
    export.request_export(tenant.admin)
    work.run()
    files = unzip(tenant)
    assert files["contacts.csv"].count(MARK.encode()) == 1
    assert files["contact_groups.csv"].count(MARK.encode()) == 2
    assert files["broadcasts.csv"].count(b"\n") == 3
    assert files["broadcast_recipients.csv"].count(b"\n") == 5

    tenants.close(provider_of(tenant.account), account_id=tenant.id)
    work.pass_time(timedelta(seconds=1))

    assert set(waiting.recipients.values_list("state", flat=True)) == {RecipientState.CANCELED}
    assert done.recipients.get().state == RecipientState.SENT_ON
    for _ in range(3):
        work.pass_time(timedelta(days=30, minutes=3))
    assert not stored_files()
    assert content_left(tenant) == set()
