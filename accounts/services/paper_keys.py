"""The key that papers are signed with, and its certificate: the operator's, or one made here.

The operator names a file (PEM, or PKCS#12 under a password). Without one, the first paper has a key
made and kept in the data folder, with a certificate that this key signed itself.
"""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.conf import settings

from accounts import clock

_FOR: Final = timedelta(days=30 * 365)
_DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_LONGEST_NAME: Final = 64
_MARK: Final = b"-----BEGIN"


class CannotSign(Exception):
    """The key that papers are signed with cannot be had; the operator is told why in the log."""


@dataclass(frozen=True, slots=True)
class PaperKey:
    """A key, its certificate, and those above it."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def digest(self) -> str:
        """What the certificate is known by."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def pem(self) -> str:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def signer(self) -> str:
        """Whom it names."""
        return name_in(self.certificate)


def paper_key() -> PaperKey:
    """The key of today; without one of the operator's it is made at first.

    Raises:
        CannotSign: it cannot be read, is none, or its time is over.

    """
    if settings.SIGNING_FILE:
        return _read(Path(settings.SIGNING_FILE), str(settings.SIGNING_PASSWORD))
    path = _own_file()
    if not path.exists():
        _make(path)
    return _read(path, "")


def check() -> None:
    """Look at the key that there is; none is made.

    Raises:
        CannotSign: as for ``paper_key``.

    """
    if settings.SIGNING_FILE or _own_file().exists():
        paper_key()


def name_in(certificate: x509.Certificate) -> str:
    """Whom a certificate is for: its common name, else all that it says."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _own_file() -> Path:
    return Path(settings.DATA) / "signing.pem"


def _make(path: Path) -> None:
    """Make a key and its certificate. Of several processes the first to link its file wins."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    written = own + _self_signed(key).public_bytes(Encoding.PEM)
    mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        mine.touch(mode=0o600)
        mine.write_bytes(written)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    except OSError as error:
        raise CannotSign(f"{path} cannot be made: {error.strerror}") from None


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    called = x509.NameAttribute(NameOID.COMMON_NAME, host[:_LONGEST_NAME])
    name, now = x509.Name([called]), clock.now()
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _read(path: Path, password: str) -> PaperKey:
    secret = password.encode() or None
    try:
        data = path.read_bytes()
        if _MARK in data:
            key: object = load_pem_private_key(data, secret)
            chain = x509.load_pem_x509_certificates(data)
        else:
            key, first, more = pkcs12.load_key_and_certificates(data, secret)
            chain = [each for each in (first, *more) if each is not None]
    except OSError as error:
        raise CannotSign(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):  # neither may tell what is in the file
        raise CannotSign(f"{path} holds no key with its certificate, or is locked") from None
    return _whole(path, key, chain)


def _whole(path: Path, key: object, chain: list[x509.Certificate]) -> PaperKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise CannotSign(f"the key in {path} is neither RSA nor of an elliptic curve")
    own = [each for each in chain if each.public_key() == key.public_key()]
    if not own:
        raise CannotSign(f"{path} holds no certificate of its key")
    if clock.now() > own[0].not_valid_after_utc:
        raise CannotSign(f"the certificate in {path} is valid no longer")
    return PaperKey(key, own[0], tuple(each for each in chain if each is not own[0]))
