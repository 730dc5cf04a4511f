"""A marker goes into the portal by every way there is; once its faxes go, it is found nowhere.

Looked at is every byte of the data folder, the databases with what lies beside them, temporary
folders, and what was logged: in several encodings, and inside of what is packed.
"""

import gzip
import io
import json
import random
import string
import tempfile
import zipfile
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from accounts.services import webhooks
from faxes.documents import reading
from faxes.enums import TERMINAL_STATES
from faxes.models import Broadcast, Contact, Fax, Faxbox, FaxDraft, InboundMail, Label
from faxes.services import couriers, page_text, sweep, webhook_delivery
from faxes.services.broadcasts import BroadcastRequest, create_broadcast, delete_broadcast
from faxes.services.contacts import ContactRequest, create_contact, delete_contact
from faxes.services.delivery_loop import carry_out_due
from faxes.services.drafts import delete_draft, save_draft
from faxes.services.export import request_export
from faxes.services.filing import add_note
from faxes.services.labels import create_label, delete_label, label_fax
from faxes.services.pages import fax_pdf, page_png
from faxes.services.papers import deletion_receipt
from faxes.services.preview import prepare_upload
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.recipients import RecipientRequest
from faxes.services.send_again import send_again
from faxes.services.submit import FaxRequest
from tests import databases, papers
from tests.api.speakers import SPEAKERS, Paper
from tests.erasure.finder import places
from tests.mail.conftest import domain_of, letter

FAR = "+12025550100"
MARKER = "".join(random.Random(20).choices(string.ascii_uppercase, k=24))
DIGITS = "+13125559847"  # a number that only deleted faxes have


@pytest.fixture
def everywhere(world, settings, tmp_path, monkeypatch, caplog):
    """All files that the portal writes; ``everywhere()`` names those that the marker is in."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.SMS_FOLDER = tmp_path / "sms"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    caplog.set_level("DEBUG")

    def looked(marker: str = MARKER) -> list[str]:
        (tmp_path / "log").write_text(caplog.text)
        if not databases.IS_SQLITE:
            (tmp_path / "rows").write_bytes(databases.everything())
        return places(marker, [tmp_path, Path(settings.DATA), *databases.files()])

    return looked


def pdf():
    return papers.pdf(2, f"Page of {MARKER}")


def uploaded():
    return SimpleUploadedFile(f"{MARKER}.pdf", pdf(), "application/pdf")


def by_the_portal(world, visit):
    visitor = visit(world.northside)
    typed = {"subject": MARKER, "message": f"Dear {MARKER}", "cover": "plain", "to_name": MARKER}
    preview = visitor.post("compose-preview", {"documents": uploaded()})
    assert preview.status_code == 200
    sent = visitor.post("compose", {"to": world.lakeside.number, "documents": uploaded(), **typed})
    assert sent.status_code == 302
    refused = visitor.post("compose", {"to": "12", "documents": uploaded(), **typed})
    assert refused.status_code == 422


def by_programs(world, speaker, receiver):
    for name in SPEAKERS:
        program = speaker(name)
        document = Paper(pdf(), f"{MARKER}.pdf", "application/pdf", receiver.url(f"/{MARKER}.pdf"))
        reply = program.send(FAR, document)
        assert reply.status in {200, 201}, reply
    body = {
        "to": DIGITS,
        "subject": MARKER,
        "metadata": {"case": MARKER},
        "documents": [
            {"content_base64": b64encode(pdf()).decode(), "filename": f"{MARKER}.pdf"},
        ],
        "faxbox": str(world.northside.faxbox.pk),
        "webhook_url": receiver.url("/hook"),
    }
    native = speaker("native")
    for _ in range(2):
        answer = native.client.post(
            "/api/v1/faxes",
            json.dumps(body),
            content_type="application/json",
            headers={**native.shown(), "Idempotency-Key": "once"},
        )
        assert answer.status_code == 201, answer.content


def by_mail(world, smtp):
    mail = letter(f"Dear {MARKER}", Subject=MARKER)
    mail.add_attachment(pdf(), "application", "pdf", filename=f"{MARKER}.pdf")
    assert smtp.send(mail, to=f"{FAR}@{domain_of(world.northside.faxbox)}")[:3] == "250"
    unread = letter("no document", Subject=MARKER)
    unread.add_attachment(MARKER.encode(), "application", "x-what", filename=f"{MARKER}.what")
    assert smtp.send(unread, to=f"{FAR}@{domain_of(world.northside.faxbox)}")[:3] == "250"


def by_people(world):
    admin = world.northside.admin
    upload = prepare_upload(
        admin, documents=[papers.incoming(pdf(), f"{MARKER}.pdf")], quality="fine"
    )
    save_draft(admin, typed={"to": "1", "subject": MARKER}, upload_id=str(upload.pk))
    create_contact(admin, request=ContactRequest(name=MARKER, number=FAR))
    document = papers.incoming(pdf(), f"{MARKER}.pdf")
    fax = FaxRequest(to="", documents=[document], subject=MARKER, message=MARKER)
    to = [RecipientRequest(FAR, MARKER, {"case": MARKER})]
    wanted = BroadcastRequest(fax=fax, recipients=to, group="", name=MARKER)
    create_broadcast(admin, request=wanted, origin="test")


def looked_at(world):
    """Everything that is made of faxes is made: pictures, PDFs, notes, labels, words, exports."""
    admin = world.northside.admin
    label = create_label(admin, name=MARKER, colour="red")
    for fax in Fax.rows.filter(account=world.northside.id, state__in=TERMINAL_STATES):
        if not fax.pages:
            continue
        fax_pdf(admin, fax_id=fax.pk).close()
        page_png(admin, fax_id=fax.pk, page=1, width=200)
        add_note(admin, fax_id=fax.pk, text=f"Called about {MARKER}")
        label_fax(admin, fax_id=fax.pk, label_id=label.pk, on=True)
    first = Fax.rows.filter(account=world.northside.id, outcome="delivered").earliest("pk")
    send_again(admin, fax_id=first.pk, changes={"to": FAR, "subject": MARKER}, origin="test")
    request_export(admin)


@pytest.fixture
def planted(world, work, visit, speaker, receiver, smtp, fetch, monkeypatch, settings, everywhere):
    """Northside and Lakeside have the marker in all that can hold it."""

    def behave(at):
        if at.path == "/hook":
            at.answer(503, b"cannot take " + at.asked.body)
        else:
            at.answer(200, pdf(), Content_Type="application/pdf")

    receiver.behave = behave
    words = [MARKER.lower(), "page"]
    monkeypatch.setattr(reading, "words_on_page", lambda *_, **__: words)
    for tenant in (world.northside, world.lakeside):
        page_text.switch(tenant.admin, on=True)
        webhooks.create(tenant.admin, url=receiver.url("/hook"), event_types=[])
    told = {"inbound_emails": ["desk@lakeside.example"], "mail_pages": "both"}
    Faxbox.rows.filter(pk=world.lakeside.faxbox.pk).update(**told)
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(
        outbound_emails=["desk@northside.example"], mail_pages="both"
    )
    by_the_portal(world, visit)
    by_programs(world, speaker, receiver)
    by_mail(world, smtp)
    by_people(world)
    fetch()
    work.run_to_end()
    looked_at(world)
    work.run_to_end()
    for _ in range(3):
        webhook_delivery.deliver_due()
        carry_out_due(couriers.TOLD)
        work.run()
    return world


def accounts(world):
    return (world.northside, world.lakeside)


def everything_but_faxes_goes(world):
    admin = world.northside.admin
    for draft in FaxDraft.rows.all():
        delete_draft(admin, draft_id=draft.pk)
    for broadcast in Broadcast.rows.all():
        delete_broadcast(admin, broadcast_id=broadcast.pk)
    for contact in Contact.rows.filter(account=world.northside.id):
        delete_contact(admin, contact_id=contact.pk)
    for label in Label.rows.filter(account=world.northside.id):
        delete_label(admin, label_id=label.pk)


def test_the_finder_finds_what_is_plain_packed_or_written_otherwise(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", f"one {MARKER} two" * 9)
    kept = {
        "plain": f"a {MARKER} b".encode(),
        "small": MARKER.lower().encode(),
        "wide": MARKER.encode("utf-16"),
        "gzip": b"before" + gzip.compress(b"x" * 99 + MARKER.encode()) + b"after",
        "zip": packed.getvalue(),
        "zip in gzip": gzip.compress(packed.getvalue()),
        **{f"base64 {n}": b64encode(b"x" * n + MARKER.encode() + b"yz") for n in range(3)},
    }
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "nothing").write_bytes(gzip.compress(b"nothing") + b"nothing")
    assert [Path(each).name for each in places(MARKER, [tmp_path])] == sorted(kept)


def mails_with_pages(settings):
    return [path for path in settings.EMAIL_FILE_PATH.iterdir() if b"/pdf" in path.read_bytes()]


def test_of_deleted_faxes_nothing_is_found_anywhere(planted, work, everywhere, settings, tmp_path):
    assert everywhere(), "it was planted"
    faxes = list(Fax.rows.all())
    assert len(faxes) > 8
    assert mails_with_pages(settings)
    for tenant in accounts(planted):
        for fax in Fax.rows.filter(account=tenant.id):
            delete_fax(tenant.admin, fax_id=fax.pk)
    everything_but_faxes_goes(planted)
    work.run()
    assert mails_with_pages(settings) == []
    work.pass_time(timedelta(days=31))
    sweep.tidy()
    assert everywhere() == []
    assert everywhere(DIGITS) == []
    told = AuditEntry.objects.filter(action="fax.delete")
    assert {each.object_id for each in told} == {fax.pk for fax in faxes}
    ours = told.filter(account_id=planted.northside.id).exclude(object_id=None)
    gone = next(each for each in ours.values_list("object_id", flat=True) if each)
    receipt = deletion_receipt(planted.northside.admin, fax_id=gone)
    (tmp_path / "receipt").write_bytes(receipt)
    assert everywhere() == [], "nor in what is told of it"


def test_of_stripped_faxes_the_record_is_left_and_nothing_of_what_they_said(
    world, work, visit, smtp, speaker, receiver, everywhere, settings
):
    Faxbox.rows.update(mail_pages="both", inbound_emails=["desk@lakeside.example"])
    visitor = visit(world.northside)
    typed = {"subject": MARKER, "message": f"Dear {MARKER}", "cover": "plain"}
    visitor.post("compose", {"to": world.lakeside.number, "documents": uploaded(), **typed})
    receiver.behave = lambda at: at.answer(503, at.asked.body)
    webhooks.create(world.northside.admin, url=receiver.url("/hook"))
    by_mail(world, smtp)
    document = Paper(pdf(), f"{MARKER}.pdf")
    assert speaker("native").send(FAR, document, subject=MARKER).status == 201
    work.run_to_end()
    for fax in Fax.rows.filter(account=world.northside.id):
        add_note(world.northside.admin, fax_id=fax.pk, text=MARKER)
    webhook_delivery.deliver_due()
    carry_out_due(couriers.TOLD)
    assert everywhere()
    assert mails_with_pages(settings)
    faxes = Fax.rows.count()
    for tenant in accounts(world):
        for fax in Fax.rows.filter(account=tenant.id):
            strip_fax(tenant.admin, fax_id=fax.pk)
    InboundMail.rows.filter(fax_id=None).delete()  # what became no fax is none that was stripped
    work.run()
    assert everywhere() == []
    assert mails_with_pages(settings) == []
    assert Fax.rows.filter(stripped_at__isnull=False).count() == faxes > 3
    assert {fax.to_number for fax in Fax.rows.all()} == {FAR, world.lakeside.number}
