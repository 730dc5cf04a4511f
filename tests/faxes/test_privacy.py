"""Deleted means gone; stripped means that only the record is left."""

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditEntry, WebhookMessage
from accounts.services import webhooks
from faxes.enums import FaxState
from faxes.errors import FaxNotFound, MoveNotAllowed
from faxes.models import Attempt, Document, Erasure, Event, Fax, LineCall, Tombstone
from faxes.queries.faxes import detail_for
from faxes.services import privacy, sync
from faxes.services.pages import fax_pdf, fax_tiff, page_png
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.receive import receive
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.stored import planted, stored_files

MARKER = "Zyxqvortimarker"


@pytest.fixture
def exchanged(world, work, send):
    """A fax sent by Northside and received by Lakeside."""
    sent = send(world.northside, world.lakeside.number, pages=2, subject=MARKER)
    work.run_to_end()
    return Fax.rows.get(pk=sent.pk), world.lakeside.faxbox.faxes.get()


def has_pages(tenant, fax):
    with fax_tiff(tenant.admin, fax_id=fax.pk) as tiff:
        return bool(tiff.read())


def test_deleting_removes_rows_pages_and_stored_files(world, exchanged):
    sent, received = exchanged
    assert len(stored_files()) == 3
    delete_fax(world.northside.admin, fax_id=sent.pk)
    for model in (Fax, Attempt, Event, Document):
        kept = model.rows.filter(account=world.northside.account)
        assert not kept.exists(), model
    assert len(stored_files()) == 1, "the recipient's copy stays"
    assert not Erasure.objects.exists()
    with pytest.raises(FaxNotFound):
        detail_for(world.northside.admin, sent.pk)
    assert has_pages(world.lakeside, received)


def test_nothing_of_a_deleted_fax_can_be_found_in_the_database_file(world, exchanged):
    sent, _ = exchanged
    assert planted(MARKER) > 0, "the finder finds"
    delete_fax(world.northside.admin, fax_id=sent.pk)
    assert planted(MARKER) == 0


def test_an_audit_entry_without_content_remains(world, exchanged):
    sent, _ = exchanged
    delete_fax(world.northside.member, fax_id=sent.pk)
    entry = AuditEntry.objects.get(action="fax.delete")
    assert (entry.object_id, entry.actor) == (sent.pk, "member@northside.example")
    assert entry.facts == {
        "documents": 2,
        "pages": 2,
        "direction": "outbound",
        "begun_at": sent.created_at.isoformat(timespec="seconds"),
        "text": True,
        "rendered": 1,
        "source": 1,
    }


def test_a_deleted_arrival_does_not_come_back_when_its_carrier_lists_it_again(
    world, work, send, monkeypatch
):
    send(world.northside, world.lakeside.number)
    work.run_jobs()
    monkeypatch.setattr("faxes.services.exchange.Book.fetched", lambda *_: None)  # it never hears
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    call = LineCall.objects.get()
    delete_fax(world.lakeside.admin, fax_id=arrival.pk)
    assert Tombstone.objects.count() == 1
    assert str(arrival.carrier_ref) not in str(Tombstone.objects.values_list())
    receive(arrival.carrier_id, str(call.pk))
    sync.sync(arrival.carrier_id)
    assert not world.lakeside.faxbox.faxes.exists()


def test_stripping_removes_the_pages_and_keeps_the_record(world, exchanged):
    _, received = exchanged
    strip_fax(world.lakeside.admin, fax_id=received.pk)
    detail = detail_for(world.lakeside.admin, received.pk)
    assert detail.fax.stripped_at is not None
    assert (detail.fax.state, detail.fax.pages) == (FaxState.RECEIVED, 2)
    assert detail.fax.from_number == world.northside.number
    assert not detail.documents
    assert len(stored_files()) == 2, "the sender's copies stay"
    for look in (fax_tiff, fax_pdf):
        with pytest.raises(FaxNotFound):
            look(world.lakeside.admin, fax_id=received.pk)
    with pytest.raises(FaxNotFound):
        page_png(world.lakeside.admin, fax_id=received.pk, page=1, width=200)


def test_stripping_removes_subject_and_message_too(world, exchanged):
    sent, _ = exchanged
    strip_fax(world.northside.admin, fax_id=sent.pk)
    sent.refresh_from_db()
    assert (sent.subject, sent.message) == ("", "")
    assert planted(MARKER) == 0


def test_stripping_twice_is_as_good_as_once(world, exchanged):
    sent, _ = exchanged
    strip_fax(world.northside.admin, fax_id=sent.pk)
    strip_fax(world.northside.admin, fax_id=sent.pk)
    assert AuditEntry.objects.filter(action="fax.strip").count() == 1


def test_who_strips_a_fax_that_is_deleted_meanwhile_changes_and_tells_nothing(
    world, exchanged, monkeypatch
):
    sent, _ = exchanged
    admin = world.northside.admin
    webhooks.create(admin, url="https://example.com/hook")
    finished = privacy._finished

    def found_and_deleted(actor, fax_id):
        fax = finished(actor, fax_id)
        with monkeypatch.context() as usual:
            usual.setattr(privacy, "_finished", finished)
            delete_fax(actor, fax_id=fax_id)
        return fax

    monkeypatch.setattr(privacy, "_finished", found_and_deleted)
    strip_fax(admin, fax_id=sent.pk)
    assert [each.type for each in WebhookMessage.rows.all()] == ["fax.deleted"]
    assert not AuditEntry.objects.filter(action="fax.strip").exists()


@pytest.mark.parametrize("act", [strip_fax, delete_fax])
def test_a_fax_under_way_is_neither_stripped_nor_deleted(world, work, send, act):
    fax = send(world.northside, "+12025550100")
    with pytest.raises(MoveNotAllowed):
        act(world.northside.admin, fax_id=fax.pk)
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED


@pytest.mark.parametrize("act", [strip_fax, delete_fax])
def test_a_viewer_and_a_stranger_change_nothing(world, exchanged, act):
    sent, _ = exchanged
    before = stored_files()
    with pytest.raises(NotAllowed):
        act(world.northside.viewer, fax_id=sent.pk)
    with pytest.raises(FaxNotFound):
        act(world.lakeside.admin, fax_id=sent.pk)
    assert stored_files() == before
    assert Fax.rows.filter(pk=sent.pk, stripped_at__isnull=True).exists()


def test_deleting_one_of_a_submission_leaves_the_others_their_pages(world, work):
    wanted = FaxRequest(to="+12025550100, +12025550108", documents=[papers.incoming(papers.pdf())])
    first, second = submit_fax(world.northside.admin, request=wanted, origin="test")
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=first.pk)
    assert has_pages(world.northside, second)
    delete_fax(world.northside.admin, fax_id=second.pk)
    assert not stored_files()
