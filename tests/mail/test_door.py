"""Who may hand in which mail at the gateway, and what is answered, over a real connection."""

import smtplib
import socket
import ssl
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts import clock
from accounts.models import Account, Kind, Membership
from accounts.services.tenants import create_tenant
from faxes.models import Faxbox, InboundMail, MailState
from faxes.services import mail_spool
from faxes.services.demo import DEMO_TOKEN
from tests.mail.conftest import SENDER, allow, domain_of, gateway, letter

NUMBER = "+12025550100"


@pytest.fixture
def to(world):
    return f"{NUMBER}@{domain_of(world.northside.faxbox)}"


@pytest.fixture
def certificate(tmp_path):
    """A certificate of localhost with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


def refusals():
    return list(
        InboundMail.rows.filter(state=MailState.REFUSED)
        .order_by("pk")
        .values_list("faxbox_id", "errors")
    )


def spooled():
    return InboundMail.rows.filter(state=MailState.SPOOLED).count()


def test_what_the_door_answers_and_puts_on_record(smtp, world, to, settings):
    domain, box = domain_of(world.northside.faxbox), world.northside.faxbox
    cases = [
        (letter(), to, SENDER, "250 OK"),
        (letter(), f"{NUMBER}@nobody.fax.localhost", SENDER, "554 Not Found"),
        (letter(), f"{NUMBER}@elsewhere.test", SENDER, "554 Not Found"),  # nothing is relayed
        (letter(), f"12@{domain}", SENDER, "550 invalid number"),
        (letter(From="x@evil.test"), to, "x@evil.test", "554 not allowed"),
        (letter(Auto_Submitted="auto-replied"), to, SENDER, "554 automatic mail"),
        (letter(Precedence="bulk"), to, SENDER, "554 automatic mail"),
        (letter(Message_ID="<1.1@fax.localhost>"), to, SENDER, "554 automatic mail"),
        (letter(X_Autoreply="yes"), to, SENDER, "554 automatic mail"),
        (letter(), to, "<>", "554 automatic mail"),
        (b"", to, SENDER, "552 Message too small"),
        (b"\r\n\r\nno headers", to, SENDER, "554 Message decode failed"),
        (b"Content-Type: multipart/mixed\r\n\r\nx", to, SENDER, "554 Message decode failed"),
    ]
    for mail, recipient, sender, answer in cases:
        assert smtp.send(mail, to=recipient, sender=sender).startswith(answer), (recipient, answer)
    assert spooled() == 1
    told = [answer.partition(" ")[2] for _, _, _, answer in cases if answer[4:] != "Not Found"]
    assert [(faxbox, errors[0][:9]) for faxbox, errors in refusals()] == [
        (box.pk, words[:9]) for words in told[1:]
    ]


def test_a_mail_is_let_in_by_its_envelope_or_by_its_from_or_as_the_owners(smtp, world, to):
    allow(world.northside.faxbox, ["joe@acme.test"])
    stranger = "bounces@mailer.test"
    assert smtp.send(letter(From="Joe <JOE@acme.test>"), to=to, sender=stranger)[:3] == "250"
    assert smtp.send(letter(From=stranger), to=to, sender="joe@acme.test")[:3] == "250"
    assert smtp.send(letter(From=stranger), to=to, sender=stranger)[:3] == "554"
    doctor = world.northside.people["member"]
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(owner=doctor, mail_senders=[])
    assert smtp.send(letter(From=doctor.email), to=to, sender=doctor.email)[:3] == "250"
    Membership.objects.filter(user=doctor).delete()  # whoever left owns nothing any more
    assert smtp.send(letter(From=doctor.email), to=to, sender=doctor.email)[:3] == "554"


def test_without_senders_and_owner_nobody_gets_in_unless_the_site_is_open(
    smtp, world, to, settings
):
    allow(world.northside.faxbox, [])
    assert smtp.send(letter(), to=to) == "554 not allowed"
    settings.MAIL_OPEN = True
    assert smtp.send(letter(), to=to)[:3] == "250"


def test_other_domains_that_lead_to_a_fax_machine(smtp, world):
    box, realm = world.northside.faxbox, world.northside.account.realm
    send = smtp.send
    assert send(letter(), to=f"{NUMBER}@{realm}")[:3] == "250"  # the account's
    Faxbox.rows.filter(pk=box.pk).update(mail_address="fax@clinic.test")
    assert send(letter(), to=f"{NUMBER}@clinic.test")[:3] == "250"  # that of its mail address
    Faxbox.rows.filter(pk=box.pk).update(mail_address="fax.clinic.test")
    assert send(letter(), to=f"{NUMBER}@FAX.clinic.test")[:3] == "250"  # a domain of its own
    owner = world.northside.people["admin"]
    second = Faxbox.objects.create(account=world.northside.account, name="Back", owner=owner)
    assert send(letter(From=owner.email), to=f"{NUMBER}@{realm}", sender=owner.email)[:3] == "250"
    ids = list(InboundMail.rows.order_by("pk").values_list("faxbox_id", flat=True))
    assert ids == [box.pk, box.pk, box.pk, second.pk]


def test_nobody_else_can_draw_mails_to_themselves(smtp, world):
    """Lakeside claims Northside's domain, and a domain that Northside uses."""
    realm = world.northside.account.realm
    theirs = Faxbox.rows.filter(pk=world.lakeside.faxbox.pk)
    theirs.update(mail_address=realm, mail_senders=[".*"])
    assert smtp.send(letter(), to=f"{NUMBER}@{realm}")[:3] == "250"
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(mail_address="one@shared.test")
    theirs.update(mail_address="two@shared.test")
    assert smtp.send(letter(), to=f"{NUMBER}@shared.test") == "554 not allowed"
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(mail_address="fax@clinic.test")
    late = create_tenant(world.harbor.admin, name="Late", kind=Kind.CUSTOMER, realm="clinic.test")
    Faxbox.objects.create(account=late, name="Late", mail_senders=[".*"])
    assert smtp.send(letter(), to=f"{NUMBER}@clinic.test")[:3] == "250"
    accounts = set(InboundMail.rows.filter(state="spooled").values_list("account_id", flat=True))
    assert accounts == {world.northside.id}


def test_a_suspended_account_takes_no_mails(smtp, world, to):
    Account.objects.filter(pk=world.harbor.id).update(status="suspended")  # it is below
    assert smtp.send(letter(), to=to) == "554 account suspended"
    Account.objects.filter(pk=world.harbor.id).update(status="active")


def test_a_fax_machine_that_was_deleted_takes_no_mails(smtp, world, to):
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(deleted_at=clock.now())
    assert smtp.send(letter(), to=to) == "554 Not Found"


def test_each_recipient_is_a_fax_and_one_that_is_refused_takes_none_along(smtp, world, to):
    other = f"+12025550107@{domain_of(world.northside.faxbox)}"
    assert smtp.send(letter(), to=[to, other, to])[:3] == "250"
    assert spooled() == 2
    theirs = f"{NUMBER}@{domain_of(world.lakeside.faxbox)}"
    allow(world.lakeside.faxbox, ["partner@lakeside.example"])
    assert smtp.send(letter(), to=[to, theirs]) == "554 not allowed"
    assert spooled() == 2


def test_a_mail_that_is_handed_in_again_is_taken_and_kept_once(smtp, world, to):
    mail = letter()
    again = b"Received: from elsewhere\r\n" + bytes(mail)
    assert smtp.send(mail, to=to) == smtp.send(again, to=to) == smtp.send(mail, to=to)
    assert spooled() == 1
    for text in ("page one", "page two"):  # scanners give each the same name
        assert smtp.send(letter(text, Message_ID="<scan@device>"), to=to)[:3] == "250"
    assert spooled() == 3
    for _ in range(2):  # one without a name cannot be told from another
        assert smtp.send(letter(Message_ID=""), to=to)[:3] == "250"
    assert spooled() == 5


def test_what_was_proven_counts_from_the_sites_own_servers_alone(smtp, to, settings):
    settings.MAIL_REQUIRE, settings.MAIL_AUTHSERV = "dmarc", "mx.clinic.test"
    passed = "mx.clinic.test; dmarc=pass (p=reject) header.from=northside.example"
    proven = letter(Authentication_Results=passed)
    assert smtp.send(proven, to=to) == "550 sender is not proven"
    settings.MAIL_TRUSTED = (ip_network("127.0.0.0/8"),)
    assert smtp.send(proven, to=to)[:3] == "250"
    assert smtp.send(letter(), to=to) == "550 sender is not proven"
    for results in (
        "mx.clinic.test; dmarc=fail header.from=northside.example",
        "mx.clinic.test; dmarc=pass header.from=evil.test",
        'mx.clinic.test; spf=pass smtp.mailfrom="; dmarc=pass header.from=northside.example "@x',
        "mx.clinic.test; spf=none (a (b) ; dmarc=pass header.from=northside.example ;)",
        "mx.clinic.test; spf=pass dmarc=pass header.from=northside.example",
        "mx.clinic.test; dmarc=pass header.from=x.test header.from=northside.example",
        "other.test; dmarc=pass header.from=northside.example",
    ):
        raw = f"Authentication-Results: {results}\r\nAuthentication-Results: {passed}\r\n".encode()
        first_is_ours = results.startswith("mx.")
        answer = smtp.send(raw + bytes(letter()), to=to)
        assert answer[:3] == ("550" if first_is_ours else "250"), results


def test_a_program_that_shows_a_token_needs_no_entry(world, to, settings, certificate):
    settings.SMTP_CERT = certificate
    trusting = ssl.create_default_context(cafile=certificate)
    with gateway() as encrypted, encrypted.client() as client:
        assert client.has_extn("starttls") or client.ehlo()[0] == 250
        assert "auth" not in client.esmtp_features  # nobody shows a token in the clear
        client.starttls(context=trusting)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("scanner", "fxp_wrong")
        client.login("scanner", DEMO_TOKEN)
        client.sendmail("scanner@device.test", [to], bytes(letter(From="scanner@device.test")))
        theirs = f"{NUMBER}@{domain_of(world.lakeside.faxbox)}"
        with pytest.raises(smtplib.SMTPDataError, match="not allowed"):
            client.sendmail("scanner@device.test", [theirs], bytes(letter()))
    assert spooled() == 1


def test_more_than_may_be_is_refused_at_once_or_at_the_end(world, to, settings):
    settings.MAIL_MAX_BYTES = 2000
    settings.SMTP_CONNECTIONS_EACH = 2
    allow(world.northside.faxbox, ["*@northside.example"])
    with gateway() as small:
        assert small.send(letter("x" * 70 + "\n"), to=to)[:3] == "250"
        assert small.send(letter(("x" * 70 + "\n") * 50), to=to)[:3] == "552"
        with small.client() as client:
            client.ehlo()
            assert client.esmtp_features["size"] == "2000"
            assert client.mail(SENDER, ["SIZE=2001"])[0] == 552
            with small.client(), pytest.raises(smtplib.SMTPConnectError, match="421"):
                small.client()
    assert refusals() == [(world.northside.faxbox.pk, ["Message too large"])]


def test_a_long_line_is_taken_and_one_address_keeps_none_out(smtp, world, to, settings):
    one_line = letter("x").as_bytes() + b"\n".join([b"y" * 76] * 40_000)  # only ends as on Unix
    assert smtp.send(one_line, to=to)[:3] == "250"
    settings.MAIL_MAX_BYTES = 100_000
    with gateway() as small, ExitStack() as stack:
        for _ in range(6):  # all that four mails may have, and none of them ends
            greedy = socket.create_connection(
                ("127.0.0.1", small.port), 10, source_address=("127.0.0.2", 0)
            )
            stack.enter_context(greedy)
            said = f"EHLO x\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode()
            greedy.sendall(said)
            time.sleep(0.1)
            greedy.sendall(b"z" * 76_000)
        time.sleep(0.1)
        assert small.send(letter("x" * 60_000), to=to)[:3] == "250"


def test_a_busy_account_is_to_come_again_and_nothing_is_kept(smtp, to, monkeypatch, documents):
    monkeypatch.setattr(mail_spool, "MOST_WAITING", 1)
    assert smtp.send(letter(), to=to)[:3] == "250"
    assert smtp.send(letter(), to=to) == "421 Northside Clinic is too busy"
    assert len([path for path in documents.rglob("*") if path.is_file()]) == 1


def test_nothing_hides_within_a_mail(smtp, to):
    """Ends of data that only other servers take for such: all of it is one mail."""
    for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"):
        before = InboundMail.rows.count()
        with socket.create_connection(("127.0.0.1", smtp.port), timeout=10) as raw:
            hidden = b"MAIL FROM:<x@evil.test>\r\nRCPT TO:<a@b.test>\r\nDATA\r\nhidden"
            head = b"From: " + SENDER.encode() + b"\r\n\r\nseen"
            for said in (b"EHLO x", f"MAIL FROM:<{SENDER}>".encode(), f"RCPT TO:<{to}>".encode()):
                raw.sendall(said + b"\r\n")
            raw.sendall(b"DATA\r\n")
            time.sleep(0.1)
            raw.sendall(head + end + hidden + b"\r\n.\r\nQUIT\r\n")
            heard = b""
            while chunk := raw.recv(4096):
                heard += chunk
        assert heard.count(b"354") == 1, end
        assert InboundMail.rows.count() == before + 1, end


def test_whoever_tries_out_senders_is_hung_up_on(smtp, to):
    with smtp.client() as client:
        client.ehlo()
        for number in range(20):
            client.mail(f"doctor{number}@clinic.test")
            client.rcpt(to)
            assert client.data(b"Subject: x\r\n\r\nx")[0] == 554
        client.mail("doctor@clinic.test")
        client.rcpt(to)
        assert client.data(b"Subject: x\r\n\r\nx")[0] == 421


def test_an_address_with_a_comment_is_no_number_of_what_is_left(smtp, world):
    with smtp.client() as client:
        client.ehlo()
        client.mail(SENDER)
        to = f"<+49 (30) 1234567@{domain_of(world.northside.faxbox)}>"
        assert client.docmd(f"RCPT TO:{to}")[0] == 553


def test_whoever_waits_for_an_answer_hears_it_before_the_gateway_ends(world, to, monkeypatch):
    allow(world.northside.faxbox, ["*@northside.example"])
    keep = mail_spool.keep
    with gateway() as ending:

        def slowly(*args, **kwargs):
            ending.stopping()
            time.sleep(0.3)
            return keep(*args, **kwargs)

        monkeypatch.setattr(mail_spool, "keep", slowly)
        assert ending.send(letter(), to=to)[:3] == "250"
        with pytest.raises(ConnectionError):
            ending.client()
    assert spooled() == 1
