"""Signatures on papers: put on (PAdES, nothing may be changed after), and checked by anybody.

A paper is checked without being opened. A signature of ours covers all bytes of the file but the
one string of hex digits that it stands in. So a file is genuine if a signature by one of our keys
is right for all of its other bytes, and stands where those say that it does, once.
"""

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accounts import clock
from accounts.models import PaperCertificate
from accounts.services.paper_keys import PaperKey, name_in, paper_key

MOST_BYTES: Final = 10 * 1024 * 1024
_HASH: Final = "sha256"
_MOST_SIGNATURES: Final = 8
# A signature as it stands in a file: DER (a SEQUENCE with its length), in hex, filled up with 0.
_SIGNATURE: Final = re.compile(rb"<(3082[0-9A-F]{1000,60000})>")
# What a signature covers, as the bytes that it covers say: up to itself, and from behind it on.
_COVERS: Final = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_AFTER: Final = 2000  # bytes that say when and of what, right behind it
_SAID: Final = rb"/%s \(((?:[^()\\]|\\[0-7]{3}|\\[()\\]){1,200})\)"
# What reading a signature raises that somebody built to be hard to read.
_WRONG: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    UnsupportedAlgorithm,
)
_ESCAPED: Final = re.compile(rb"\\([0-7]{3}|[()\\])")


class PaperKind(StrEnum):
    """What a paper is, as its signature says."""

    TRANSMISSION = "Transmission report"
    DELETION = "Deletion receipt"
    STATEMENT = "Statement"


class Verdict(StrEnum):
    """What is found of a file."""

    GENUINE = "genuine"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file is; of one that is genuine also what it is about, and when it was signed."""

    verdict: Verdict
    sha256: str
    signer: str = ""
    kind: PaperKind | None = None
    about: str = ""  # an id, and for a statement its month
    at: datetime | None = None


def signed(pdf: bytes, *, kind: PaperKind, about: str) -> bytes:
    """The paper with the portal's signature, which says what it is.

    Raises:
        CannotSign: the key cannot be had.

    """
    # Loaded with the first paper, as what draws it is.
    from asn1crypto import keys  # noqa: PLC0415
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import PdfSignatureMetadata, signers  # noqa: PLC0415
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    own = paper_key()
    _remember(own)
    above = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    above.register_multiple(asn1_x509.Certificate.load(_der(each)) for each in own.above)
    secret = own.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(_der(own.certificate)),
        signing_key=keys.PrivateKeyInfo.load(secret),
        cert_registry=above,
    )
    how = PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm=_HASH,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=own.signer,
        reason=f"{kind.value} {about}",
    )
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    # In a thread of its own: it makes an event loop, and this one may have one.
    with ThreadPoolExecutor(1) as own_thread:
        own_thread.submit(signers.sign_pdf, writer, how, signer=signer, output=out).result()
    return out.getvalue()


def check(data: bytes) -> Checked:
    """Whether a file is a paper of this portal as it was signed. Takes a time that is bounded."""
    sha256 = hashlib.sha256(data).hexdigest()
    known = {row.digest: row.pem for row in PaperCertificate.objects.all()}
    ours = False
    signatures = _signatures(data) if data.startswith(b"%PDF-") else ()
    for start, end, container in signatures:
        found = _certificate_in(container, known)
        if found is None:
            continue
        ours = True
        rest = data[:start] + data[end:]
        if _is_in_place(rest, start, end, len(data)) and _is_right(container, found, rest):
            told = _told(data[end : end + _AFTER], sha256, name_in(found))
            if told.kind is not None:
                return told
    return Checked(Verdict.CHANGED if ours else Verdict.FOREIGN, sha256)


def _signatures(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where what may be signatures stands in a file, and what they are; not many of them."""
    for count, match in enumerate(_SIGNATURE.finditer(data)):
        if count == _MOST_SIGNATURES:
            return
        digits = match[1].decode()
        container = bytes.fromhex(digits[: len(digits) // 2 * 2])
        whole = 4 + int.from_bytes(container[2:4], "big")
        if not any(container[whole:]):  # nothing is hidden behind it
            yield match.start(), match.end(), container[:whole]


def _is_in_place(rest: bytes, start: int, end: int, length: int) -> bool:
    """Whether the signed bytes say, once, that their signature stands just there."""
    said = [tuple(map(int, each)) for each in _COVERS.findall(rest)]
    return rest.count(b"/ByteRange") == 1 and said == [(start, end, length - end)]


def _certificate_in(container: bytes, known: dict[str, str]) -> x509.Certificate | None:
    """The certificate of ours that a signature came with; None if there is none."""
    try:
        certificates = _cms(container)["certificates"]
        digests = [hashlib.sha256(each.chosen.dump()).hexdigest() for each in certificates]
    except _WRONG:
        return None
    pem = next((known[each] for each in digests if each in known), None)
    return x509.load_pem_x509_certificate(pem.encode()) if pem else None


def _is_right(container: bytes, certificate: x509.Certificate, rest: bytes) -> bool:
    """Whether a signature is by the key of this certificate, and for these bytes."""
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415

    try:
        info = _cms(container)["signer_infos"][0]
        if (
            info["signed_attrs"].native is None
        ):  # ours have them; without, these bytes could be those
            return False
        intact, valid = validate_sig_integrity(
            info,
            asn1_x509.Certificate.load(_der(certificate)),
            expected_content_type="data",
            actual_digest=hashlib.sha256(rest).digest(),
        )
    except _WRONG:
        return False
    return bool(intact and valid)


def _cms(container: bytes) -> Any:
    from asn1crypto import cms  # noqa: PLC0415

    return cms.ContentInfo.load(container)["content"]


def _told(behind: bytes, sha256: str, signer: str) -> Checked:
    """What a paper says of itself, in bytes that its signature covers."""
    reason, moment = _said(behind, b"Reason"), _said(behind, b"M")
    kind = next((each for each in PaperKind if reason.startswith(f"{each.value} ")), None)
    about = reason.removeprefix(kind.value).strip() if kind else ""
    return Checked(Verdict.GENUINE, sha256, signer, kind, about, _moment(moment))


def _said(behind: bytes, name: bytes) -> str:
    found = re.search(_SAID % name, behind)
    if found is None:
        return ""
    plain = _ESCAPED.sub(_unescaped, found[1])
    return plain.decode("latin-1")


def _unescaped(match: re.Match[bytes]) -> bytes:
    said = match[1]
    return bytes([int(said, 8) & 0xFF]) if len(said) > 1 else said


def _moment(written: str) -> datetime | None:
    """A time as PDF has it: ``D:20261122171500Z`` or with ``+01'00'`` at its end."""
    try:
        return datetime.strptime(
            written.removeprefix("D:").replace("'", "").replace("Z", "+0000"), "%Y%m%d%H%M%S%z"
        ).astimezone(ZoneInfo("UTC"))
    except ValueError:
        return None


def _remember(own: PaperKey) -> None:
    """Keep a certificate for as long as there are papers, also once another has taken over."""
    if not PaperCertificate.objects.filter(digest=own.digest).exists():
        row = PaperCertificate(digest=own.digest, pem=own.pem, since=clock.now())
        PaperCertificate.objects.bulk_create([row], ignore_conflicts=True)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
