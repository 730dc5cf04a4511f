"""Under legal hold nothing is removed: by no program, on no page, by no clock."""

import pytest

from accounts.models import Account, AuditEntry
from faxes.enums import ErrorCode
from faxes.errors import MoveNotAllowed
from faxes.models import BroadcastRecipient, Document, Fax, FaxNote
from faxes.services import bulk, closing, filing, legal_holds, privacy, withdrawal, wrap_up
from faxes.services.bulk import BulkAct, BulkOrder
from faxes.services.recipients import RecipientRequest
from tests.api.speakers import SPEAKERS
from tests.faxes.to_many import GONE, GOOD, begin
from tests.portal.conftest import Visitor

# What each API says; the others have no words for removing anything.
TOLD = {
    "native": (409, "legal_hold"),
    "kazoo": (409, "datastore_conflict"),
    "signalwire": (409, "20009"),
}
SCOPES = ("fax", "faxbox", "account")


def place(tenant, fax, scope):
    where = {"fax": {"fax_id": fax.pk}, "faxbox": {"faxbox_id": fax.faxbox_id}, "account": {}}
    return legal_holds.place(tenant.admin, reason="Claim 17", **where[scope])


def state_of(fax):
    documents = Document.rows.filter(fax=fax).count()
    return Fax.rows.filter(pk=fax.pk).values().get(), documents


@pytest.fixture
def sent(world, work, send, once):
    def make():
        send(world.northside, "+12025550100", pages=2, subject="Kept")
        work.run_to_end()

    once("held_sent", make)
    return Fax.objects.for_account(world.northside.id).get()


def by_service(tenant, fax, act):
    if act == "bulk":
        for each in (BulkAct.STRIP, BulkAct.DELETE):
            order = BulkOrder(act=each, fax_ids=[fax.pk])
            error = bulk.do_to_many(tenant.admin, order=order)[0].error
            assert isinstance(error, MoveNotAllowed)
            assert error.code == ErrorCode.LEGAL_HOLD
        return
    if act == "note":
        note = filing.add_note(tenant.admin, fax_id=fax.pk, text="Seen")
        remove = lambda: filing.delete_note(tenant.admin, fax_id=fax.pk, note_id=note.pk)  # noqa: E731
    else:
        remove = {
            "strip": lambda: privacy.strip_fax(tenant.admin, fax_id=fax.pk),
            "delete": lambda: privacy.delete_fax(tenant.admin, fax_id=fax.pk),
            "discard": lambda: withdrawal.discard(tenant.admin, fax_id=fax.pk),
        }[act]
    with pytest.raises(MoveNotAllowed) as refused:
        remove()
    assert refused.value.code == ErrorCode.LEGAL_HOLD


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("act", ["strip", "delete", "bulk", "note", "discard", *SPEAKERS, "page"])
def test_nothing_removes_what_is_held_and_all_do_once_it_is_lifted(
    world, sent, speaker, scope, act
):
    if act in SPEAKERS and act not in TOLD:
        assert not hasattr(SPEAKERS[act], "delete"), "it has a word for it: say in TOLD what"
        return
    hold, before = place(world.northside, sent, scope), state_of(sent)
    if act in TOLD:
        program = speaker(act, world.northside)
        reply = program.delete(sent.pk)
        assert (reply.status, reply.code) == TOLD[act]
        if hasattr(program, "strip"):
            assert program.strip(sent.pk).status == 409
    elif act == "page":
        admin = Visitor(world.northside, world.northside.admin.role)
        for name in ("fax-strip", "fax-delete"):
            answer = admin.post(name, fax=sent.pk)
            assert answer.status_code == 409
            assert "under legal hold" in answer.content.decode()
        assert "Under legal hold" in admin.get("fax", fax=sent.pk).content.decode()
    else:
        by_service(world.northside, sent, act)
    assert state_of(sent) == before
    assert FaxNote.rows.filter(fax=sent).count() == (act == "note")
    legal_holds.lift(world.northside.admin, hold_id=hold.pk)
    privacy.delete_fax(world.northside.admin, fax_id=sent.pk)
    assert not Fax.rows.filter(pk=sent.pk).exists()
    acts = AuditEntry.objects.filter(action__startswith="legal_hold.")
    assert list(acts.order_by("number").values_list("action", flat=True)) == [
        "legal_hold.place",
        "legal_hold.lift",
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_broadcast_stays_with_its_list_while_one_of_its_faxes_is_held(
    world, work, program, scope
):
    to = [RecipientRequest(GOOD, "Pat"), RecipientRequest(GONE, "Sam")]
    free, held = (begin(world.northside, to) for _ in range(2))
    work.run_to_end()
    hold = place(world.northside, Fax.rows.filter(broadcast_id=held.pk).first(), scope)
    asks, admin = program(), Visitor(world.northside, world.northside.admin.role)
    answer = asks.ask("DELETE", f"broadcasts/{held.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "legal_hold")
    page = admin.post("broadcast-delete", broadcast=held.pk)
    assert page.status_code == 409
    assert "under legal hold" in page.content.decode()
    names = BroadcastRecipient.rows.filter(broadcast=held).values_list("name", flat=True)
    assert sorted(names) == ["Pat", "Sam"]
    assert Fax.rows.filter(broadcast_id=held.pk).count() == len(to)
    others = asks.ask("DELETE", f"broadcasts/{free.pk}").status_code
    assert others == (204 if scope == "fax" else 409)
    legal_holds.lift(world.northside.admin, hold_id=hold.pk)
    assert asks.ask("DELETE", f"broadcasts/{held.pk}").status_code == 204
    assert not BroadcastRecipient.rows.filter(broadcast_id=held.pk).exists()


def test_a_closed_account_is_not_erased_and_pages_not_to_be_kept_stay_while_held(
    world, sent, settings
):
    hold = place(world.northside, sent, "fax")
    Fax.rows.filter(pk=sent.pk).update(keep_documents=False, wake_at=sent.finished_at)
    wrap_up.wrap_up(sent.pk)
    assert Fax.rows.get(pk=sent.pk).stripped_at is None
    rows = Account.objects.filter(pk=world.northside.id)
    rows.update(status="closed", closed_at=sent.finished_at, erase_at=sent.finished_at)
    closing.wind_up(world.northside.id)
    assert Fax.rows.filter(pk=sent.pk).exists()
    rows.update(status="active")
    legal_holds.lift(world.northside.admin, hold_id=hold.pk)
    rows.update(status="closed")
    closing.wind_up(world.northside.id)
    assert not Fax.rows.filter(pk=sent.pk).exists()
    assert rows.get().status == "erased"
