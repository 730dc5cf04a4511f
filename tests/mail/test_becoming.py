"""What of a mail is faxed, which fax it becomes, and what its sender is told."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from accounts import clock
from accounts.errors import LimitReached
from accounts.models import AuditEntry, Status, User
from accounts.services import limits
from faxes.enums import DocumentRole, MailRefusal
from faxes.mail import inbound
from faxes.mail_words import sentence
from faxes.models import Document, Erasure, Fax, InboundMail, MailState, Notification
from faxes.queries.mail_log import mail_for, mail_page
from faxes.services import erasure, mail_in, mail_spool
from faxes.services.do_not_fax import forbid
from faxes.services.faxboxes import edit_faxbox
from faxes.services.mail_in import MailPart
from faxes.services.privacy import delete_fax, strip_fax
from tests import papers
from tests.mail.conftest import SENDER, allow, domain_of, letter
from tests.stored import stored_files

NUMBER = "+12025550100"


@pytest.fixture
def hand_in(smtp, world):
    """Hand in a mail to Northside's fax machine; its row."""

    def handed(mail: EmailMessage) -> InboundMail:
        to = f"{NUMBER}@{domain_of(world.northside.faxbox)}"
        assert smtp.send(mail, to=to)[:3] == "250"
        return InboundMail.rows.latest("pk")

    return handed


def test_the_subject_of_a_mail_stands_on_the_cover_that_its_fax_machine_has_for_mails(
    hand_in, world, work
):
    changes = {"mail_cover": "plain"}
    edit_faxbox(world.northside.admin, faxbox_id=world.northside.faxbox.pk, changes=changes)
    mail = letter(Subject="Results of March")
    mail.add_attachment(papers.pdf(2), "application", "pdf", filename="scan.pdf")
    hand_in(mail)
    work.run_jobs()
    fax = Fax.rows.get()
    assert (fax.subject, fax.pages) == ("Results of March", 3)
    assert Document.rows.filter(fax=fax, role=DocumentRole.COVER).exists()


def test_a_mail_of_somebody_of_the_account_is_theirs(hand_in, world, work):
    member = User.objects.get(pk=world.northside.member.user_id)
    User.objects.filter(pk=member.pk).update(email=SENDER.upper())
    hand_in(letter("Only words.\n"))
    work.run_jobs()
    assert Fax.rows.get().created_by == member.pk  # so they cannot approve it


def told():
    return list(Notification.rows.order_by("pk").values_list("kind", "to"))


def test_a_mail_with_documents_becomes_a_fax_of_them_and_its_sender_is_told(
    hand_in, world, work, smtp
):
    mail = letter(Subject="=?utf-8?q?Results_of_M=C3=A4rz?=")
    mail.add_attachment(papers.pdf(2), "application", "octet-stream", filename="scan.pdf")
    mail.add_attachment(b"MZ\x90\0", "application", "x-msdownload", filename="virus.exe")
    mail.add_attachment("a,b\n1,2\n", "csv", filename="übersicht.csv")
    row = hand_in(mail)
    assert stored_files() == {row.spool_key}
    work.run_jobs()
    row.refresh_from_db()
    fax = Fax.rows.get()
    assert (row.state, row.fax_id, row.spool_key) == (MailState.FAXED, fax.pk, "")
    assert (row.filename, row.content_type) == ("scan.pdf", "application/octet-stream")
    assert (fax.to_number, fax.origin, fax.faxbox_id) == (
        NUMBER,
        "email",
        world.northside.faxbox.pk,
    )
    assert (fax.subject, fax.notify) == ("Results of März", [SENDER])
    sources = Document.rows.filter(fax=fax, role=DocumentRole.SOURCE).order_by("position")
    assert list(sources.values_list("name", flat=True)) == ["scan.pdf", "übersicht.csv"]
    assert told() == [("accepted", SENDER)]
    sent = AuditEntry.objects.filter(action="fax.send").latest("number")
    assert (sent.actor, sent.via) == (SENDER, "email")
    assert stored_files() == set(Document.rows.values_list("key", flat=True))


def test_without_a_document_the_text_is_faxed_and_with_neither_nothing(hand_in, work):
    hand_in(letter("Only words.\n"))
    hand_in(letter(" \n"))
    packed = letter("See the attachment.\n")
    packed.add_attachment(b"\x78\x9f\x3e\x22", "application", "ms-tnef", filename="winmail.dat")
    hand_in(packed)
    locked = letter()
    locked.add_attachment(papers.encrypted_pdf(), "application", "pdf", filename="secret.pdf")
    hand_in(locked)
    work.run_jobs()
    states = list(InboundMail.rows.order_by("pk").values_list("state", "errors"))
    assert states[:3] == [
        (MailState.FAXED, []),
        (MailState.REFUSED, ["no valid attachment"]),
        (MailState.REFUSED, ["winmail.dat"]),
    ]
    state, errors = states[3]
    assert state == MailState.REFUSED
    assert "secret.pdf" in sentence(errors[0])
    assert "password" in sentence(errors[0])
    assert [kind for kind, _ in told()] == ["accepted", "refused", "refused", "refused"]
    assert Document.rows.filter(role=DocumentRole.SOURCE).get().name == "message.txt"
    hand_in(packed)  # the same once more, as what was wrong may have been mended
    work.run_jobs()
    assert [kind for kind, _ in told()].count("refused") == 4
    erasure.erase_due()
    assert not Erasure.objects.filter(due_at__lte=clock.now()).exists()


def test_a_mail_to_a_number_that_is_not_to_be_faxed_becomes_none_and_says_why(hand_in, world, work):
    forbid(world.northside.admin, number=NUMBER)
    row = hand_in(letter("Only words.\n"))
    work.run_jobs()
    row.refresh_from_db()
    assert (row.state, Fax.rows.count()) == (MailState.REFUSED, 0)
    assert "do-not-fax list" in sentence(row.errors[0])
    assert told() == [("refused", SENDER)]


def test_a_worker_that_dies_anywhere_leaves_one_fax(hand_in, work, monkeypatch):
    """It dies after its fax is stored, and before; another comes, and at last all is done once."""
    row = hand_in(letter())
    work.lose_all_jobs()
    deaths = []

    def die(*_):
        deaths.append(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(mail_in, "erase_later", die)  # nearly the last step of the transaction
        with pytest.raises(KeyboardInterrupt):
            inbound.become_fax(row.pk)
    assert not Fax.rows.exists()
    inbound.become_fax(row.pk)  # somebody is at it, as far as is known
    assert not Fax.rows.exists()
    work.pass_time(timedelta(minutes=6))
    assert Fax.rows.count() == 1
    inbound.become_fax(row.pk)
    work.pass_time(timedelta(minutes=6))
    assert (Fax.rows.count(), len(deaths)) == (1, 1)


def test_one_that_lost_its_lease_makes_no_second_fax(hand_in, work, tmp_path):
    row = hand_in(letter())
    work.lose_all_jobs()
    slow = mail_in.claim(mail_id=row.pk)
    assert slow is not None
    InboundMail.rows.filter(pk=row.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    inbound.become_fax(row.pk)
    (tmp_path / "text").write_text("Dear Dr Jones")
    mail_in.hand_in(slow, subject="", parts=[MailPart("text.txt", "text/plain", tmp_path / "text")])
    mail_in.refuse(slow, because=MailRefusal.INTERNAL)
    row.refresh_from_db()
    assert (Fax.rows.count(), row.state, len(told())) == (1, MailState.FAXED, 1)


def test_what_nobody_can_read_is_refused_after_some_tries(hand_in, work, monkeypatch):
    row = hand_in(letter())
    work.lose_all_jobs()

    def broken(*_):
        raise OSError("no disk")

    monkeypatch.setattr(inbound, "take_apart", broken)
    for _ in range(7):
        InboundMail.rows.filter(pk=row.pk).update(lease_until=None)
        try:
            inbound.become_fax(row.pk)
        except OSError:
            continue
    row.refresh_from_db()
    assert (row.state, row.errors) == (MailState.REFUSED, ["internal error"])


def test_too_many_at_once_is_waited_for_and_a_suspended_account_is_not(
    hand_in, world, work, monkeypatch
):
    row = hand_in(letter())

    def full(*_args, **_more):
        raise LimitReached("faxes_at_once", limit=1)

    with monkeypatch.context() as patched:
        patched.setattr(limits, "count_pages", full)
        work.run_jobs()
        row.refresh_from_db()
        assert (row.state, row.tries) == (MailState.SPOOLED, 0)
    work.pass_time(timedelta(minutes=2))
    row.refresh_from_db()
    assert row.state == MailState.FAXED
    waiting = hand_in(letter())
    account = world.northside.account
    type(account).objects.filter(pk=account.pk).update(status=Status.SUSPENDED)
    work.run_jobs()
    waiting.refresh_from_db()
    assert waiting.errors == ["account suspended"]


def test_the_log_goes_with_its_fax_and_is_seen_by_those_who_see_the_machine(hand_in, world, work):
    first, second = hand_in(letter()), hand_in(letter())
    actor = world.northside.viewer
    page = mail_page(actor, faxbox_id=world.northside.faxbox.pk, size=1)
    assert ([mail.pk for mail in page.mails], page.after) == ([second.pk], second.pk)
    assert [mail.pk for mail in mail_page(actor, after=page.after).mails] == [first.pk]
    assert not mail_page(world.lakeside.admin).mails
    work.run_to_end()
    first.refresh_from_db()
    strip_fax(world.northside.admin, fax_id=first.fax_id)
    assert mail_for(actor, first.pk).filename == ""
    delete_fax(world.northside.admin, fax_id=first.fax_id)
    assert [mail.pk for mail in mail_page(actor).mails] == [second.pk]
    assert not Notification.rows.filter(mail_id=first.pk).exists()
    type(world.northside.faxbox).rows.update(restricted=True)
    assert not mail_page(actor).mails


def test_what_became_no_fax_is_forgotten_after_a_month(smtp, world):
    allow(world.northside.faxbox, ["joe@acme.test"])
    smtp.send(letter(), to=f"{NUMBER}@{domain_of(world.northside.faxbox)}")
    mail_spool.forget_old()
    assert InboundMail.rows.count() == 1
    InboundMail.rows.update(created_at=clock.now() - timedelta(days=31))
    mail_spool.forget_old()
    assert not InboundMail.rows.exists()


def test_the_page_of_mails_says_what_became_of_each(hand_in, world, work, client, smtp):
    row = hand_in(letter())
    allow(world.northside.faxbox, ["joe@acme.test"])
    smtp.send(letter(), to=f"{NUMBER}@{domain_of(world.northside.faxbox)}")
    work.run_jobs()
    row.refresh_from_db()
    client.force_login(world.northside.people["member"])
    url = f"/a/{world.northside.id}/numbers/faxboxes/{world.northside.faxbox.pk}/mail/"
    page = client.get(url).content.decode()
    assert f"/faxes/{row.fax_id}/" in page
    assert "Became a fax" in page
    assert "This sender may not fax by email" in page
    assert client.get(f"{url}?after={row.pk}").content.decode().count("No mail came yet") == 1
