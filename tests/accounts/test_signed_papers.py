"""Papers are signed by the portal; whoever is given one can find out whether it is as it was."""

import random
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from accounts import clock
from accounts.models import PaperCertificate
from accounts.services.paper_keys import CannotSign, paper_key
from accounts.services.paper_signatures import MOST_BYTES, PaperKind, Verdict, check, signed
from tests import papers

FAX = "019aa000-0000-7000-8000-000000000001"


@pytest.fixture
def folder(db, settings, tmp_path):
    """A data folder where no paper was ever signed."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def paper(folder):
    return signed(papers.pdf(1), kind=PaperKind.TRANSMISSION, about=FAX)


def of_operator(folder, key, *, password=b""):
    """A file as an operator brings it."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Northside Holding")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, SHA256())
    )
    path = folder / "operator.key"
    if password:
        sealed = BestAvailableEncryption(password)
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, sealed))
    else:
        own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(own + certificate.public_bytes(Encoding.PEM))
    return path


def test_a_paper_is_genuine_and_says_what_it_is(paper):
    found = check(paper)
    assert (found.verdict, found.kind, found.about) == (
        Verdict.GENUINE, PaperKind.TRANSMISSION, FAX,
    )  # fmt: skip
    assert found.signer == paper_key().signer
    assert found.at
    assert abs(found.at - clock.now()) < timedelta(minutes=5)


def test_other_programs_find_the_same(paper, folder):
    path = folder / "report.pdf"
    path.write_bytes(paper)
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    path.write_bytes(paper.replace(b"/Count 1", b"/Count 2"))
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" not in told


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_byte_that_is_another_is_found(paper, share):
    begin = paper.index(b"/Contents <")  # the signature signs all but itself
    end = paper.index(b">", begin + 11)
    at = int((len(paper) - (end - begin)) * share)
    at += end - begin if at >= begin else 0
    changed = paper[:at] + bytes([paper[at] ^ 1]) + paper[at + 1 :]
    assert check(changed).verdict == Verdict.CHANGED
    assert check(paper + b" ").verdict == Verdict.CHANGED


def test_a_signature_that_was_put_elsewhere_or_cut_short_is_found(paper):
    begin = paper.index(b"/Contents <") + len(b"/Contents ")
    end = paper.index(b">", begin) + 1
    signature, rest = paper[begin:end], paper[:begin] + paper[end:]
    stream = rest.index(b"stream\n") + len(b"stream\n")
    for changed in (
        rest + signature,
        rest[:stream] + signature + rest[stream:],
        paper[: end - 21] + paper[end - 1 :],  # zeros behind it
    ):
        assert check(changed).verdict == Verdict.CHANGED
    assert check(rest[:begin] + signature + rest[begin:]).verdict == Verdict.GENUINE


def test_what_was_added_after_signing_is_found(paper):
    writer = IncrementalPdfFileWriter(BytesIO(paper))
    writer.root["/Extra"] = writer.add_object(writer.root.raw_get("/Pages").get_object())
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(paper)
    assert check(out.getvalue()).verdict == Verdict.CHANGED


def test_a_signature_of_somebody_else_is_none_of_ours(folder, settings):
    settings.SIGNING_FILE = str(of_operator(folder, ec.generate_private_key(ec.SECP256R1())))
    theirs = signed(papers.pdf(1), kind=PaperKind.TRANSMISSION, about=FAX)
    PaperCertificate.objects.all().delete()
    settings.SIGNING_FILE = ""
    signed(papers.pdf(1), kind=PaperKind.TRANSMISSION, about=FAX)
    assert check(theirs).verdict == Verdict.FOREIGN


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-", b"just words", papers.pdf(1), papers.encrypted_pdf(), papers.png()],
    ids=["nothing", "head", "words", "unsigned", "encrypted", "picture"],
)
def test_what_was_never_signed_is_foreign(paper, data):
    assert check(data).verdict == Verdict.FOREIGN


def test_a_file_built_to_be_hard_to_read_is_answered_soon(paper):
    container = paper[paper.index(b"<3082") + 1 :].partition(b">")[0]
    chance = random.Random(7)
    for _ in range(150):
        digits = bytearray(container)
        for _ in range(chance.randint(1, 6)):
            digits[chance.randrange(6, 1400)] = chance.choice(b"0123456789ABCDEF")
        assert check(paper.replace(container, bytes(digits))).verdict in Verdict
    hidden = container[:-8] + b"0000CAFE"
    assert check(paper.replace(container, hidden)).verdict != Verdict.GENUINE
    began = time.process_time()
    hostile = b"%PDF-1.7" + (b"<" + container[:1500]) * (MOST_BYTES // 1501)
    assert check(hostile).verdict == Verdict.FOREIGN
    nested = b"<3082FFFF" + b"30803080" * 5000 + b">"
    assert check(b"%PDF-1.7" + nested * 200).verdict == Verdict.FOREIGN
    assert time.process_time() - began < 5


def test_without_any_setting_one_key_is_made_and_nobody_else_may_read_it(folder):
    with ThreadPoolExecutor(6) as many:
        keys = list(many.map(lambda _: paper_key().digest, range(12)))
    assert len(set(keys)) == 1
    file = folder / "signing.pem"
    assert list(folder.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    certificate = paper_key().certificate
    assert certificate.not_valid_after_utc > clock.now() + timedelta(days=29 * 365)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    asked = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in asked] == ["1.3.6.1.5.5.7.3.36"]


def test_papers_of_a_key_that_was_replaced_stay_genuine(paper, folder, settings):
    key = rsa.generate_private_key(65537, 2048)
    settings.SIGNING_FILE = str(of_operator(folder, key, password=b"open it"))
    settings.SIGNING_PASSWORD = "open it"
    (folder / "signing.pem").unlink()
    new = signed(papers.pdf(1), kind=PaperKind.DELETION, about=FAX)
    assert (check(new).verdict, check(new).signer) == (Verdict.GENUINE, "Northside Holding")
    assert check(new).kind == PaperKind.DELETION
    assert check(paper).verdict == Verdict.GENUINE


@pytest.mark.parametrize("trouble", ["missing", "garbage", "locked", "over"])
def test_with_a_key_that_is_broken_no_paper_goes_out(folder, settings, trouble):
    path = of_operator(folder, ec.generate_private_key(ec.SECP256R1()), password=b"known")
    settings.SIGNING_FILE, settings.SIGNING_PASSWORD = str(path), "known"
    if trouble == "missing":
        path.unlink()
    elif trouble == "garbage":
        path.write_bytes(b"-----BEGIN nothing")
    elif trouble == "locked":
        settings.SIGNING_PASSWORD = "another"
    later = clock.now() + timedelta(days=366 if trouble == "over" else 0)
    with time_machine.travel(later):
        with pytest.raises(CannotSign):
            signed(papers.pdf(1), kind=PaperKind.TRANSMISSION, about=FAX)
        found = [each for each in run_checks() if each.id == "faxportal.E005"]
    assert len(found) == 1
    assert "another" not in str(found[0])


def hand_in(client, content, name="report.pdf"):
    file = SimpleUploadedFile(name, content, "application/pdf")
    return client.post("/check/", {"paper": file})


def test_anybody_checks_a_paper_without_signing_in(paper):
    client = Client()
    asked = client.get("/check/")
    assert asked.status_code == 200
    genuine = hand_in(client, paper).content.decode()
    assert "Genuine" in genuine
    assert FAX in genuine
    changed = hand_in(client, paper + b"\n").content.decode()
    assert "Changed since" in changed
    assert FAX not in changed
    assert "Not signed by this portal" in hand_in(client, b"words", "x.txt").content.decode()
    assert client.post("/check/", {}).status_code == 422


def test_a_huge_file_is_refused_before_it_is_read_and_many_are_slowed_down(paper, still_minute):
    client = Client()
    assert hand_in(client, bytes(MOST_BYTES + 70_000)).status_code == 413
    assert hand_in(client, bytes(MOST_BYTES + 1)).status_code == 422
    answers = [hand_in(client, b"words").status_code for _ in range(25)]
    assert answers.count(200) == 20
    assert set(answers[20:]) == {429}
    other = Client(REMOTE_ADDR="192.0.2.77")
    assert hand_in(other, b"words").status_code == 200


@pytest.fixture
def still_minute():
    with time_machine.travel(clock.now(), tick=False):
        yield
