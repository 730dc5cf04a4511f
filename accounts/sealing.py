"""Secrets that must be read again, sealed for the database with a key made from SECRET_KEY."""

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_BYTES: Final = 32


def key_for(purpose: str, secret: str) -> bytes:
    """32 bytes for one purpose, from one secret (HKDF, RFC 5869)."""
    return HKDF(SHA256(), _BYTES, salt=None, info=f"faxportal {purpose}".encode()).derive(
        secret.encode()
    )


def keys_for(purpose: str) -> list[bytes]:
    """Keys for one purpose: today's, then those of secrets that were in use before."""
    return [
        key_for(purpose, str(secret))
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def seal(text: str, *, purpose: str) -> str:
    """The text, unreadable and unchangeable without the key of this purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """What was sealed; empty if it was sealed with a key that is known no longer."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def resealed(sealed: str, *, purpose: str) -> str:
    """The same, sealed with today's key; unchanged if it is, or if no key opens it any more."""
    today = Fernet(base64.urlsafe_b64encode(keys_for(purpose)[0]))
    try:
        today.decrypt(sealed.encode())
    except InvalidToken:
        text = unseal(sealed, purpose=purpose)
        return seal(text, purpose=purpose) if text else sealed
    return sealed


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys_for(purpose)])
