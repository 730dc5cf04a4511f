"""The site's keys, which wrap those of accounts: secrets of this installation, or a key service's.

``settings.SITE_KEYS`` lists them; the first wraps, all unwrap. One is a text of at least 32
characters, or ``kms:`` and the id, alias or ARN of a key in AWS KMS, which never leaves it.
"""

import hashlib
import time
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, Final, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings

from accounts.sealing import key_for
from faxes.errors import CannotOpen

KMS: Final = "kms:"
SHORTEST: Final = 32  # characters of a secret
_REMEMBERED_FOR: Final = 300.0  # seconds
_MOST_REMEMBERED: Final = 1000
_SECONDS: Final = 5


class SiteKeyMissing(CannotOpen):
    """What a key was wrapped with is none of the site's keys any more, or does not open it."""


class SiteKey(Protocol):
    """One of the site's keys; ``name`` tells it from the others and gives nothing of it away."""

    name: str

    def wrap(self, key: bytes, account_id: UUID) -> bytes:
        """An account's key, wrapped."""

    def unwrap(self, wrapped: bytes, account_id: UUID) -> bytes:
        """The key again.

        Raises:
            SiteKeyMissing: it was wrapped by another, or for another account.

        """


class SecretKey:
    """A secret of this installation: wraps by AES (RFC 3394) with a key made for each account."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self.name = hashlib.sha256(key_for("site key's name", secret)).hexdigest()[:16]

    def wrap(self, key: bytes, account_id: UUID) -> bytes:
        """An account's key, wrapped."""
        return aes_key_wrap(self._for(account_id), key)

    def unwrap(self, wrapped: bytes, account_id: UUID) -> bytes:
        """The key again.

        Raises:
            SiteKeyMissing: it was wrapped by another, or for another account.

        """
        try:
            return aes_key_unwrap(self._for(account_id), wrapped)
        except InvalidUnwrap:
            raise SiteKeyMissing(self.name) from None

    def _for(self, account_id: UUID) -> bytes:
        return key_for(f"site key for {account_id.hex}", self._secret)


@dataclass
class ServiceKey:
    """A key in AWS KMS. What it unwrapped is remembered for minutes: it is asked for each page."""

    name: str
    client: Any
    _opened: dict[bytes, tuple[float, bytes]] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def wrap(self, key: bytes, account_id: UUID) -> bytes:
        """An account's key, wrapped."""
        answer = self.client.encrypt(
            KeyId=self._id, Plaintext=key, EncryptionContext=_context(account_id)
        )
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, account_id: UUID) -> bytes:
        """The key again.

        Raises:
            SiteKeyMissing: it was wrapped by another, or for another account.

        """
        now = time.monotonic()
        known = self._opened.get(wrapped)
        if known is not None and known[0] > now:
            return known[1]
        unknown = (
            self.client.exceptions.InvalidCiphertextException,
            self.client.exceptions.IncorrectKeyException,
        )
        try:
            answer = self.client.decrypt(
                KeyId=self._id, CiphertextBlob=wrapped, EncryptionContext=_context(account_id)
            )
        except unknown:
            raise SiteKeyMissing(self.name) from None
        key = bytes(answer["Plaintext"])
        with self._lock:
            if len(self._opened) >= _MOST_REMEMBERED:
                self._opened.clear()
            self._opened[wrapped] = (now + _REMEMBERED_FOR, key)
        return key

    @property
    def _id(self) -> str:
        return self.name.removeprefix(KMS)


def first() -> SiteKey:
    """The key that wraps."""
    return _all()[0]


def named(name: str) -> SiteKey:
    """The key that wrapped something.

    Raises:
        SiteKeyMissing: it is none of the site's.

    """
    for key in _all():
        if key.name == name:
            return key
    raise SiteKeyMissing(name)


def _all() -> tuple[SiteKey, ...]:
    return _read(tuple(settings.SITE_KEYS))


@cache
def _read(written: tuple[str, ...]) -> tuple[SiteKey, ...]:
    return tuple(
        ServiceKey(each, _key_service()) if each.startswith(KMS) else SecretKey(each)
        for each in written
    )


def _key_service() -> Any:
    import boto3  # noqa: PLC0415 (a second to load, for those only who have such a key)
    from botocore.config import Config  # noqa: PLC0415

    patient = Config(
        connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 3}
    )
    return boto3.client("kms", config=patient)


def _context(account_id: UUID) -> dict[str, str]:
    return {"account": account_id.hex}
