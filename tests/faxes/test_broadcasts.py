"""Broadcasts: everybody gets the documents once, whatever dies, runs out or is taken back."""

from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Charge
from accounts.services.ledger_audit import discrepancies
from faxes.enums import BroadcastState, DocumentRole, ErrorCode, FaxState, RecipientState
from faxes.errors import FaxNotFound, InvalidRequest
from faxes.models import Broadcast, BroadcastRecipient, Document, Fax, FaxMetadata
from faxes.queries.broadcasts import broadcast_for, list_broadcasts, list_recipients
from faxes.queries.faxes import FaxFilter, list_faxes
from faxes.services import broadcasting, broadcasts, contacts, erasure
from faxes.services.access import set_use
from faxes.services.contacts import ContactRequest
from faxes.services.preview import prepare_upload
from faxes.services.recipients import RecipientRequest
from tests import papers
from tests.accounts.money import CENT, bill, standing
from tests.faxes.to_many import (
    BUSY,
    GONE,
    GOOD,
    asked,
    begin,
    detail,
    each_has_one_fax,
    hand_over,
    numbers,
    refused,
    step,
)
from tests.stored import stored_files


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(broadcasting, "PORTION", 4)


def test_everybody_gets_the_documents_and_they_are_rendered_once(world, work):
    to = [GOOD, world.lakeside.number, RecipientRequest(GONE, "Nobody", {"id": "3"})]
    made = begin(world.northside, to, pages=2, metadata={"id": "0", "run": "1"}, subject="All")
    assert made.pages == 2
    assert detail(world.northside, made).state == BroadcastState.PREPARING
    work.run_to_end()
    told = detail(world.northside, made)
    assert told.state == BroadcastState.DONE
    assert told.recipients == {RecipientState.SENT_ON: 3}
    assert told.faxes == {FaxState.DELIVERED: 2, FaxState.FAILED: 1}
    each_has_one_fax(made, [GOOD, world.lakeside.number, GONE])
    rendered = Document.rows.filter(role=DocumentRole.RENDERED, account=world.northside.account)
    assert rendered.count() == 3
    assert rendered.values("key").distinct().count() == 1
    last = Fax.rows.get(to_number=GONE)
    assert (last.subject, last.metadata) == ("All", {"id": "3", "run": "1"})
    assert FaxMetadata.rows.filter(fax=last, key="id", value="3").exists()
    sent = set(Document.rows.values_list("key", flat=True))
    assert stored_files() == sent, "nothing is kept twice"


def test_three_hundred_are_taken_at_once_and_handed_over_in_portions_of_few_queries(world, work):
    wanted = numbers(300)
    made = begin(world.northside, [*wanted, *wanted[:20], "(203) 555-0100"])
    assert (made.recipients_total, made.duplicates) == (300, 21)
    assert not Fax.rows.exists()
    step(work)
    assert Fax.rows.count() == broadcasting.PORTION
    with CaptureQueriesContext(connection) as seen:
        broadcasting.carry_on(made.pk)
    assert len(seen) < broadcasting.PORTION
    hand_over(work)
    each_has_one_fax(made, wanted)
    assert detail(world.northside, made).state == BroadcastState.SENDING


def test_all_numbers_that_are_wrong_are_told_by_position_and_nothing_is_kept(world, work):
    to = [GOOD, "12", RecipientRequest(GOOD, "x" * 121), RecipientRequest(GOOD, "", {"a" * 41: ""})]
    wrong = refused(world.northside.admin, asked([*to, ""], quality="best", name="x" * 121))
    assert wrong == [
        ("name", ErrorCode.TEXT_TOO_LONG),
        ("recipients[1].number", ErrorCode.NUMBER_INVALID),
        ("recipients[2].name", ErrorCode.TEXT_TOO_LONG),
        ("recipients[3].metadata", ErrorCode.METADATA_INVALID),
        ("recipients[4].number", ErrorCode.NUMBER_MISSING),
        ("quality", ErrorCode.QUALITY_INVALID),
    ]
    many = refused(world.northside.admin, asked(["12"] * 250))
    assert many[0] == ("recipients", ErrorCode.RECIPIENTS_INVALID)
    assert [field for field, _ in many[1:]] == [f"recipients[{n}].number" for n in range(100)]
    assert refused(world.northside.admin, asked([])) == [("recipients", ErrorCode.NUMBER_MISSING)]
    assert not stored_files()


def test_a_broadcast_is_bounded(world, work, monkeypatch):
    monkeypatch.setattr("faxes.services.recipients.MOST_RECIPIENTS", 3)
    assert refused(world.northside.admin, asked(numbers(4))) == [
        ("recipients", ErrorCode.TOO_MANY_NUMBERS)
    ]
    monkeypatch.setattr(broadcasts, "MOST_UNDER_WAY", 1)
    begin(world.northside, [GOOD, GOOD, GOOD, GOOD])
    with pytest.raises(InvalidRequest) as error:
        begin(world.northside, [GOOD])
    assert [each.code for each in error.value.errors] == [ErrorCode.TOO_MANY_BROADCASTS]


def test_metadata_of_all_and_of_one_together_have_the_bounds_of_a_fax(world, work):
    of_all = {f"all {number}": "" for number in range(49)}
    fits, more = ({f"own {number}": "" for number in range(count)} for count in (1, 2))
    to = [RecipientRequest(GOOD, metadata=fits), RecipientRequest(BUSY, metadata=more)]
    assert refused(world.northside.admin, asked(to, metadata=of_all)) == [
        ("recipients[1].metadata", ErrorCode.METADATA_INVALID)
    ]
    begin(world.northside, to[:1], metadata=of_all)
    hand_over(work)
    assert len(Fax.rows.get().metadata) == 50


def test_a_group_of_contacts_is_sent_to_and_anothers_is_unknown(world, work):
    groups = {}
    for tenant in (world.northside, world.lakeside):
        group = contacts.create_group(tenant.admin, name="Referrals")
        people = [
            contacts.create_contact(
                tenant.admin, request=ContactRequest(name=f"Person {number}", number=number)
            )
            for number in (GOOD, BUSY)
        ]
        contacts.add_members(
            tenant.admin, group_id=group.pk, contact_ids=[each.pk for each in people]
        )
        groups[tenant.id] = str(group.pk)
    assert refused(world.northside.admin, asked([], group=groups[world.lakeside.id])) == [
        ("group", ErrorCode.GROUP_NOT_FOUND)
    ]
    to = [RecipientRequest(BUSY, "By hand")]
    made = begin(world.northside, to, group=groups[world.northside.id])
    found = made.recipients.order_by("position").values_list("number", "name")
    assert list(found) == [(BUSY, "By hand"), (GOOD, f"Person {GOOD}")]
    assert made.duplicates == 1


def test_an_upload_goes_as_it_was_shown_and_anothers_is_unknown(world, work):
    upload = prepare_upload(
        world.northside.admin, documents=[papers.incoming(papers.pdf(2))], quality="fine"
    )
    wanted = {"documents": [], "upload_id": str(upload.pk)}
    assert refused(world.lakeside.admin, asked([GOOD], **wanted)) == [
        ("documents", ErrorCode.UPLOAD_NOT_FOUND)
    ]
    made = begin(world.northside, numbers(3), **wanted)
    hand_over(work)
    rendered = Document.rows.filter(role=DocumentRole.RENDERED)
    assert set(rendered.values_list("key", flat=True)) == {upload.rendered["key"]}
    each_has_one_fax(made, numbers(3))


def test_each_gets_a_cover_of_its_own(world, work):
    made = begin(world.northside, numbers(3), cover="plain", pages=2)
    assert made.pages == 3
    hand_over(work)
    rendered = Document.rows.filter(role=DocumentRole.RENDERED)
    assert [each.pages for each in rendered] == [3, 3, 3]
    assert rendered.values("sha256").distinct().count() == 3
    assert not Document.rows.filter(role=DocumentRole.BODY).exists()
    assert stored_files() == set(Document.rows.values_list("key", flat=True))


def test_documents_that_cannot_be_rendered_refuse_everybody_visibly(world, work, monkeypatch):
    def dies(*_, **__):
        raise KeyboardInterrupt

    made = begin(world.northside, numbers(3))
    monkeypatch.setattr(broadcasting, "render_kept", dies)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            broadcasting.carry_on(made.pk)
        Broadcast.rows.update(lease_until=None)
    broadcasting.carry_on(made.pk)
    told = detail(world.northside, made)
    assert (told.state, told.finished) == (BroadcastState.FAILED, True)
    assert told.recipients == {RecipientState.REFUSED: 3}
    assert made.recipients.first().error_code == ErrorCode.INTERNAL_ERROR
    assert not stored_files()


class Killed(BaseException):
    """The process is gone."""


STEPS = [
    "render_kept",
    "vault.named",
    "lifecycle.begin_prepared",
    "attach_to_all",
    "admission.admit",
    "_tie",
    "audit.record",
    "jobs.enqueue",
    "_close",
    "_make",
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("target", STEPS)
def test_whoever_dies_where_ever_each_recipient_gets_one_fax(
    world, work, monkeypatch, small_portions, target, when
):
    bill(world.northside.account, balance=1000 * CENT)
    wanted = numbers(10)
    made = begin(world.northside, wanted)
    *path, name = target.split(".")
    place = reduce(getattr, path, broadcasting)
    inner = getattr(place, name)
    deaths: list[Any] = []

    def dies_once(*args, **named):
        if when == "after":
            inner(*args, **named)
        if not deaths:
            deaths.append(target)
            raise Killed
        return inner(*args, **named) if when == "before" else None

    with monkeypatch.context() as patch:
        patch.setattr(place, name, dies_once)
        with pytest.raises(Killed):
            hand_over(work)
    work.lose_all_jobs()
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        hand_over(work)
        erasure.erase_due()
    each_has_one_fax(made, wanted)
    assert Charge.objects.for_account(world.northside.id).count() == len(wanted)
    assert standing(world.northside.account) == (1000, 100)
    assert list(discrepancies()) == []
    assert stored_files() == set(Document.rows.values_list("key", flat=True))


def test_one_from_a_fax_machine_of_a_few_is_not_there_for_the_others(world, work):
    made = begin(world.northside, [RecipientRequest(GOOD, metadata={"case": "7"})])
    hand_over(work)
    faxbox, outsider = world.northside.faxbox, world.northside.member
    of_case = FaxFilter(metadata={"case": "7"})
    assert list_broadcasts(outsider).broadcasts
    assert list_faxes(outsider, of_case).faxes
    set_use(world.northside.admin, faxbox_id=faxbox.pk, restricted=True, uses={})
    assert not list_broadcasts(outsider).broadcasts
    assert not list_faxes(outsider, of_case).faxes
    for look in (broadcast_for, list_recipients):
        with pytest.raises(FaxNotFound):
            look(outsider, made.pk)
    for act in (broadcasts.cancel_broadcast, broadcasts.delete_broadcast):
        with pytest.raises(FaxNotFound):
            act(outsider, broadcast_id=made.pk)
    request = asked([GOOD], faxbox=str(faxbox.pk))
    with pytest.raises(InvalidRequest) as none:
        broadcasts.create_broadcast(outsider, request=request, origin="test")
    assert [each.code for each in none.value.errors] == [ErrorCode.FAXBOX_NOT_FOUND]


def test_whoever_dies_while_it_is_entered_leaves_nothing_for_long(world, work, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(broadcasting, "forget", lambda _: None)  # the dead remove nothing
        patch.setattr("faxes.services.intake.drop", lambda _: None)
        patch.setattr("accounts.services.audit.record", lambda *_, **__: pytest.fail("dead"))
        with pytest.raises(BaseException, match="dead"):
            begin(world.northside, numbers(3))
    assert BroadcastRecipient.rows.count() == 3
    assert not list_broadcasts(world.northside.admin).broadcasts
    work.pass_time(timedelta(hours=2))
    assert not BroadcastRecipient.rows.exists()
    erasure.erase_due()
    assert not stored_files()
