"""Who is told of faxes, by mail and text message: what comes, what never, and tries."""

import json
import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from PIL import Image

from accounts import clock
from faxes.errors import FaxNotFound
from faxes.models import MailPages, Notification, NotificationState
from faxes.services import fax_mails, notifying
from faxes.services.control import cancel_fax
from faxes.services.delivery_loop import Kind, carry_out_due
from faxes.services.pages import write_pdf
from faxes.services.privacy import delete_fax, strip_fax
from tests.faxes.mail_server import mail_server

TO, BUSY = "+12025550100", "+12025550101"
WARD = "ward@example.com"
COURIER = Kind("told", threads=1, claim_next=notifying.claim_next, deliver=notifying.deliver)


@pytest.fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


@pytest.fixture
def received(world, work, send):
    """A fax of two pages that came to the law firm, whose desk is told of it in a form."""

    def receive(pages_in_mails, **terms):
        box = world.lakeside.faxbox
        box.mail_pages, box.inbound_emails = pages_in_mails, [WARD]
        for name, value in terms.items():
            setattr(box, name, value)
        box.save()
        send(world.northside, world.lakeside.number, pages=2, subject="Biopsy of a patient")
        work.run_to_end()
        return Notification.rows.filter(channel="email").get().fax

    return receive


def tell():
    return carry_out_due(COURIER)


def told():
    return Notification.rows.get()


def files(mail):
    return {part.get_filename(): part for part in mail.iter_attachments()}


def test_pages_come_as_pdf_and_as_tiff_that_open(server, received, world):
    received(MailPages.BOTH)
    assert tell() == 1
    (mail,) = server.mails
    assert mail["To"] == WARD
    assert mail["Subject"] == "Fax from (202) 555-0121, 2 pages"
    assert mail["Auto-Submitted"] == "auto-generated"
    pdf, tiff = files(mail).values()
    assert (pdf.get_content_type(), tiff.get_content_type()) == ("application/pdf", "image/tiff")
    assert len(pdfium.PdfDocument(pdf.get_content())) == 2
    pages = Image.open(BytesIO(tiff.get_content()))
    assert (getattr(pages, "n_frames", 1), pages.width) == (2, 1728)
    text = mail.get_body(("plain",)).get_content()
    page = mail.get_body(("html",)).get_content()
    assert "Its pages are attached." in text
    assert "Its pages are attached." in page
    assert told().state == NotificationState.SENT


@pytest.mark.parametrize("form", list(MailPages))
def test_the_page_of_a_mail_says_what_its_text_says_whatever_it_may_carry(server, received, form):
    received(form)
    tell()
    (mail,) = server.mails
    text = [word for word in mail.get_body(("plain",)).get_content().split() if word != "--"]
    page = mail.get_body(("html",)).get_content()
    shown = re.sub(r"<[^>]+>", " ", page[page.index("<h1") :].replace("</a>", ""))
    seen = unescape(shown).split()
    assert seen == [*mail["Subject"].split(), *_with(["Open", "the", "fax"], text)]
    assert len(files(mail)) == {"link": 0, "pdf": 1, "tiff": 1, "both": 2}[form]
    assert ("attached." in seen) is (form != MailPages.LINK)


def _with(button, text):
    """The text with a button's words before the address that it stands for."""
    at = next(at for at, word in enumerate(text) if "/faxes/" in word)
    return [*text[:at], *button, *text[at:]]


def test_a_link_carries_nothing_of_what_the_fax_says(server, world, work, send):
    send(world.northside, TO, notify=[WARD], subject="Biopsy of a patient", message="Positive")
    work.run_to_end()
    tell()
    (mail,) = server.mails
    assert mail["Subject"] == "Delivered: your fax to (202) 555-0100, 1 page"
    assert files(mail) == {}
    assert f"/{told().fax_id}" in mail.get_body(("plain",)).get_content()
    for word in ("Biopsy", "Positive", "letter.pdf", "letter"):
        assert word not in mail.as_string()


def test_how_a_fax_ended_is_told_in_words(server, world, work, send):
    send(world.northside, BUSY, notify=[WARD], retries="0")
    work.run_to_end()
    canceled = send(world.northside, TO, notify=[WARD])
    cancel_fax(world.northside.admin, fax_id=canceled.pk)
    work.pass_time(timedelta(minutes=1))
    assert tell() == 2
    assert [each["Subject"].split(":")[0] for each in server.mails] == ["Not delivered", "Canceled"]
    assert "Not delivered: busy" in server.mails[0].get_body(("plain",)).get_content()


def test_a_mail_server_that_is_away_is_tried_again_until_it_is_back(server, received, work):
    received(MailPages.PDF)
    server.says = "451 not now"
    assert tell() == 1
    waiting = told()
    assert (waiting.state, waiting.tries, waiting.error) == ("pending", 1, "451 not now")
    assert tell() == 0
    server.says = ""
    work.pass_time(timedelta(minutes=2))
    assert tell() == 1
    assert (told().state, told().error, len(server.mails)) == ("sent", "", 1)


def test_what_cannot_be_told_for_a_day_has_failed(settings, received, work):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    received(MailPages.LINK)
    begun = clock.now()
    while told().next_at:
        work.pass_time(max(timedelta(), told().next_at - clock.now()))
        tell()
    assert (told().state, told().error) == ("failed", "mail_unreachable")
    assert timedelta(hours=20) < clock.now() - begun < timedelta(hours=26)


def test_an_address_that_nobody_has_is_asked_once(server, received):
    received(MailPages.LINK)
    server.says = "550 no such\x07 person"
    tell()
    assert (told().state, told().tries, told().error) == ("failed", 1, "550 no such person")


def test_of_a_deleted_fax_nothing_is_told_and_of_a_stripped_one_no_page(server, received, world):
    fax = received(MailPages.BOTH)
    strip_fax(world.lakeside.admin, fax_id=fax.pk)
    tell()
    (mail,) = server.mails
    assert files(mail) == {}
    assert "Its pages were removed" in mail.get_body(("plain",)).get_content()
    notifying.send_again(world.lakeside.admin, fax_id=fax.pk, notification_id=told().pk)
    delete_fax(world.lakeside.admin, fax_id=fax.pk)
    assert tell() == 0
    assert len(server.mails) == 1


def test_pages_that_go_while_their_mail_is_put_together_are_not_sent(
    server, received, world, monkeypatch
):
    fax = received(MailPages.PDF)
    written = write_pdf

    def and_then_stripped(document, folder):
        path = written(document, folder)
        strip_fax(world.lakeside.admin, fax_id=fax.pk)
        return path

    monkeypatch.setattr(fax_mails, "write_pdf", and_then_stripped)
    assert tell() == 2
    assert [files(each) for each in server.mails] == [{}]
    assert told().tries == 1


def test_a_mail_that_goes_twice_is_known_as_one_and_one_sent_again_by_hand_is_not(
    server, received, world, work
):
    fax = received(MailPages.LINK)
    claimed = notifying.claim_next(clock.now())
    assert claimed
    fax_mails.send(told())  # and the process dies
    work.pass_time(notifying.LEASE)
    tell()
    assert not notifying.deliver(claimed)
    notifying.send_again(world.lakeside.member, fax_id=fax.pk, notification_id=told().pk)
    tell()
    first, second, anew = (each["Message-ID"] for each in server.mails)
    assert first == second != anew
    with pytest.raises(FaxNotFound):
        notifying.send_again(world.northside.admin, fax_id=fax.pk, notification_id=told().pk)


def test_pages_that_are_not_kept_stay_until_the_mail_that_carries_them_is_sent(
    server, world, work, send
):
    box = world.northside.faxbox
    box.mail_pages = MailPages.TIFF
    box.save()
    fax = send(world.northside, TO, keep_documents=False, notify=[WARD])
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.stripped_at is None
    tell()
    work.run()
    assert len(files(server.mails[0])) == 1
    fax.refresh_from_db()
    assert (fax.stripped_at is None, fax.wake_at) == (False, None)


def test_pages_that_are_not_kept_go_in_the_end_though_no_mail_was_sent(world, work, send):
    box = world.northside.faxbox
    box.mail_pages = MailPages.TIFF
    box.save()
    fax = send(world.northside, TO, keep_documents=False, notify=[WARD])
    work.run_to_end()
    work.pass_time(notifying.TOLD_WITHIN + timedelta(hours=2))
    fax.refresh_from_db()
    assert fax.stripped_at is not None


def test_pages_too_large_for_a_mail_are_left_out_and_that_is_said(server, received, monkeypatch):
    monkeypatch.setattr(fax_mails, "MOST_BYTES", 100)
    received(MailPages.PDF)
    tell()
    (mail,) = server.mails
    assert files(mail) == {}
    assert "too large for a mail" in mail.get_body(("html",)).get_content()


def test_a_text_message_is_written_into_the_data_folder(settings, tmp_path, received):
    settings.SMS_FOLDER = tmp_path / "sms"
    received(MailPages.LINK, inbound_sms=["+1 555 0100"])
    tell()
    (path,) = settings.SMS_FOLDER.iterdir()
    assert json.loads(path.read_text()) == {
        "to": "+1 555 0100",
        "text": "Fax from (202) 555-0121 received: 2 pages.",
    }
