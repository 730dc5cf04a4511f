"""Submitting: the good goes its way, the wrong is told beside its field and changes nothing."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from accounts.errors import AccountSuspended, NotAllowed
from accounts.models import AuditEntry, Status
from faxes.enums import DocumentRole, ErrorCode, FaxState
from faxes.errors import InvalidRequest
from faxes.models import Document, Event, Fax, Upload
from faxes.services import uploads
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.stored import stored_files

TO = "+12025550100"
GOOD = (papers.pdf(2), "letter.pdf")


def request(*documents, to=TO, **fields):
    return FaxRequest(to=to, documents=[papers.incoming(*each) for each in documents], **fields)


def refused(actor, wanted):
    with pytest.raises(InvalidRequest) as error:
        submit_fax(actor, request=wanted, origin="test")
    return {(each.field, each.code) for each in error.value.errors}


def nothing_is_left():
    return not (
        Fax.rows.exists() or Document.rows.exists() or Event.rows.exists() or stored_files()
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ((b"", "empty.pdf"), ErrorCode.DOCUMENT_EMPTY),
        ((papers.encrypted_pdf(), "secret.pdf"), ErrorCode.DOCUMENT_ENCRYPTED),
        ((b"%PDF-1.7\nnot really", "broken.pdf"), ErrorCode.DOCUMENT_UNREADABLE),
        ((papers.pdf_without_pages(), "none.pdf"), ErrorCode.DOCUMENT_NO_PAGES),
        ((b"\x7fELF\x02\x01\x01" + bytes(500), "program.pdf"), ErrorCode.DOCUMENT_TYPE_UNSUPPORTED),
        ((papers.huge_png(), "huge.png"), ErrorCode.DOCUMENT_TOO_MANY_PIXELS),
        ((papers.png()[:300], "torn.png"), ErrorCode.DOCUMENT_UNREADABLE),
    ],
)
def test_a_document_that_cannot_be_faxed_is_named_and_nothing_is_queued(
    world, work, document, code
):
    assert refused(world.northside.admin, request(GOOD, document)) == {("documents", code)}
    assert nothing_is_left()
    assert not work.waiting


def test_a_document_over_the_limit_is_refused(world, work, settings):
    settings.MAX_UPLOAD_BYTES = 500
    assert refused(world.northside.admin, request(GOOD)) == {
        ("documents", ErrorCode.DOCUMENT_TOO_LARGE)
    }
    assert nothing_is_left()


def test_documents_with_too_many_pages_together_are_refused(world, work, settings):
    settings.MAX_PAGES = 3
    assert refused(world.northside.admin, request(GOOD, GOOD)) == {
        ("documents", ErrorCode.DOCUMENT_TOO_MANY_PAGES)
    }
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"to": "abc"}, ("to", ErrorCode.NUMBER_INVALID)),
        ({"to": "+1"}, ("to", ErrorCode.NUMBER_INVALID)),
        ({"to": " "}, ("to", ErrorCode.NUMBER_MISSING)),
        ({"to": f"{TO}, 12"}, ("to", ErrorCode.NUMBER_INVALID)),
        ({"quality": "best"}, ("quality", ErrorCode.QUALITY_INVALID)),
        ({"send_at": "tomorrow"}, ("send_at", ErrorCode.SEND_AT_INVALID)),
        ({"send_at": "2020-01-01T10:00"}, ("send_at", ErrorCode.SEND_AT_INVALID)),
        ({"send_at": "2999-01-01T10:00"}, ("send_at", ErrorCode.SEND_AT_INVALID)),
        ({"retries": "-1"}, ("retries", ErrorCode.RETRIES_INVALID)),
        ({"retries": "11"}, ("retries", ErrorCode.RETRIES_INVALID)),
        ({"subject": "x" * 201}, ("subject", ErrorCode.TEXT_TOO_LONG)),
        ({"faxbox": "1"}, ("faxbox", ErrorCode.FAXBOX_NOT_FOUND)),
        ({"upload_id": "nothing"}, ("documents", ErrorCode.UPLOAD_NOT_FOUND)),
    ],
)
def test_a_wrong_field_is_told_and_changes_nothing(world, work, fields, wrong):
    assert refused(world.northside.admin, request(GOOD, **fields)) == {wrong}
    assert nothing_is_left()


def test_everything_that_is_wrong_is_told_at_once(world, work):
    wrong = refused(world.northside.admin, request((b"", "a.pdf"), to="abc", quality="best"))
    assert {field for field, _ in wrong} == {"to", "quality", "documents"}


def test_a_faxbox_of_another_tenant_is_as_unknown_as_none(world, work):
    theirs = str(world.lakeside.faxbox.pk)
    assert refused(world.northside.admin, request(GOOD, faxbox=theirs)) == {
        ("faxbox", ErrorCode.FAXBOX_NOT_FOUND)
    }


def test_one_submission_to_many_numbers_makes_a_fax_for_each_and_renders_once(world, work):
    to = "+12025550100, +12025550108\n(202) 555-0100"
    faxes = submit_fax(world.northside.admin, request=request(GOOD, to=to), origin="test")
    assert [fax.to_number for fax in faxes] == ["+12025550100", "+12025550108"]
    work.run_to_end()
    rendered = Document.rows.filter(role=DocumentRole.RENDERED)
    assert rendered.count() == 2
    assert rendered.values("key").distinct().count() == 1


def test_the_documents_go_in_their_order(world, work):
    documents = [GOOD, (papers.png(), "photo.png"), (b"Just words\n", "words.txt")]
    (fax,) = submit_fax(world.northside.admin, request=request(*documents), origin="test")
    work.run()
    sources = fax.documents.filter(role=DocumentRole.SOURCE).order_by("position")
    assert [(each.name, each.pages) for each in sources] == [
        ("letter.pdf", 2),
        ("photo.png", 1),
        ("words.txt", 1),
    ]
    assert fax.documents.get(role=DocumentRole.RENDERED).pages == 4


def test_a_fax_for_later_waits_for_its_time(world, work):
    moment = (clock.now() + timedelta(hours=2)).isoformat()
    (fax,) = submit_fax(world.northside.admin, request=request(GOOD, send_at=moment), origin="test")
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.QUEUED, 0)
    work.pass_time(timedelta(hours=1))
    fax.refresh_from_db()
    assert fax.state == FaxState.QUEUED
    work.pass_time(timedelta(hours=1, minutes=1))
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED


def test_a_time_without_zone_is_the_accounts(world, work):
    local = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT10:30")
    (fax,) = submit_fax(world.redwood.admin, request=request(GOOD, send_at=local), origin="test")
    assert fax.send_at is not None
    there = fax.send_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert there.strftime("%H:%M") == "10:30"


def test_what_was_previewed_is_sent_byte_for_byte(world, work):
    actor = world.northside.admin
    upload = prepare_upload(actor, documents=[papers.incoming(*GOOD)], quality="fine")
    shown = upload.rendered
    (fax,) = submit_fax(actor, request=request(upload_id=str(upload.pk)), origin="test")
    sent = fax.documents.get(role=DocumentRole.RENDERED)
    assert (sent.key, sent.sha256) == (shown["key"], shown["sha256"])
    assert fax.documents.get(role=DocumentRole.SOURCE).name == "letter.pdf"
    assert not Upload.rows.exists()
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED
    assert stored_files() == set(fax.documents.values_list("key", flat=True))


def test_a_preview_in_another_quality_replaces_the_first(world, work):
    actor = world.northside.admin
    first = prepare_upload(actor, documents=[papers.incoming(*GOOD)], quality="fine")
    before = first.rendered["key"]
    second = prepare_upload(actor, documents=[], quality="standard", upload_id=str(first.pk))
    assert second.pk == first.pk
    assert before not in stored_files()
    (fax,) = submit_fax(
        actor, request=request(upload_id=str(first.pk), quality="standard"), origin="test"
    )
    assert fax.documents.get(role=DocumentRole.RENDERED).key == second.rendered["key"]


def test_a_preview_is_the_business_of_whoever_made_it(world, work):
    upload = prepare_upload(
        world.northside.admin, documents=[papers.incoming(*GOOD)], quality="fine"
    )
    for stranger in (world.northside.member, world.lakeside.admin):
        assert refused(stranger, request(upload_id=str(upload.pk))) == {
            ("documents", ErrorCode.UPLOAD_NOT_FOUND)
        }


def test_a_preview_that_is_not_sent_is_gone_after_a_day(world, work):
    prepare_upload(world.northside.admin, documents=[papers.incoming(*GOOD)], quality="fine")
    assert len(stored_files()) == 2
    work.pass_time(timedelta(hours=25))
    assert not Upload.rows.exists()
    assert not stored_files()


def test_a_viewer_may_not_send(world, work):
    with pytest.raises(NotAllowed):
        submit_fax(world.northside.viewer, request=request(GOOD), origin="test")
    assert nothing_is_left()


def test_a_suspended_account_sends_nothing_but_goes_on_receiving(world, work, send):
    waiting = send(world.lakeside, TO)
    world.lakeside.account.status = Status.SUSPENDED
    world.lakeside.account.save()
    with pytest.raises(AccountSuspended):
        submit_fax(world.lakeside.admin, request=request(GOOD), origin="test")
    send(world.northside, world.lakeside.number)
    work.run()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tries) == (FaxState.QUEUED, 0)
    assert Fax.rows.get(account=world.lakeside.account, direction="inbound").state == "received"


def test_sending_is_on_record_without_content(world, work):
    wanted = request(GOOD, subject="Lab results of a patient")
    (fax,) = submit_fax(world.northside.member, request=wanted, origin="test")
    entry = AuditEntry.objects.get(object_id=fax.pk)
    assert (entry.action, entry.actor) == ("fax.send", "member@northside.example")
    told = str(entry.__dict__)
    assert "Lab results" not in told
    assert TO not in told
    assert "letter.pdf" not in told


def test_a_preview_rendered_anew_while_it_is_sent_loses_no_document(world, work):
    actor = world.northside.admin
    upload = prepare_upload(actor, documents=[papers.incoming(*GOOD)], quality="fine")
    stale = uploads.upload_for(actor, written=str(upload.pk))
    prepare_upload(actor, documents=[], quality="superfine", upload_id=str(upload.pk))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "upload_for", lambda *_, **__: stale)  # as it was read before
        (fax,) = submit_fax(actor, request=request(upload_id=str(upload.pk)), origin="test")
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED
    assert stored_files() == set(fax.documents.values_list("key", flat=True))


def test_a_preview_that_was_sent_meanwhile_is_not_rendered_anew(world, work, monkeypatch):
    actor = world.northside.admin
    upload = prepare_upload(actor, documents=[papers.incoming(*GOOD)], quality="fine")
    (fax,) = submit_fax(actor, request=request(upload_id=str(upload.pk)), origin="test")
    monkeypatch.setattr(uploads, "upload_for", lambda *_, **__: upload)
    with pytest.raises(InvalidRequest) as error:
        prepare_upload(actor, documents=[], quality="superfine", upload_id=str(upload.pk))
    assert error.value.errors[0].code == ErrorCode.UPLOAD_NOT_FOUND
    assert stored_files() == set(fax.documents.values_list("key", flat=True))


def test_new_documents_go_behind_those_of_an_earlier_preview(world, work):
    actor = world.northside.admin
    first = prepare_upload(actor, documents=[papers.incoming(*GOOD)], quality="fine")
    second = prepare_upload(
        actor,
        documents=[papers.incoming(papers.png(), "photo.png")],
        quality="fine",
        upload_id=str(first.pk),
    )
    assert list(Upload.rows.all()) == [second]
    assert second.sources[0] == first.sources[0]
    assert [source["name"] for source in second.sources][1:] == ["photo.png"]
    kept = {second.rendered["key"], *(source["key"] for source in second.sources)}
    assert stored_files() == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Lab\x00 re\x1bsults\r\n", "Lab results"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  Ünïcödé 检查  ", "Ünïcödé 检查"),
    ],
)
def test_a_subject_is_kept_without_what_cannot_be_printed(world, work, typed, kept):
    (fax,) = submit_fax(world.northside.admin, request=request(GOOD, subject=typed), origin="test")
    assert fax.subject == kept
