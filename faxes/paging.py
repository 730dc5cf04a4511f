"""Keyset cursors: where a list goes on, as an opaque word."""

import base64
import binascii
from uuid import UUID

from faxes.enums import ErrorCode
from faxes.errors import RequestError

_BYTES = 16


def encode(last: UUID) -> str:
    """The cursor behind the row ``last``."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(cursor: str) -> UUID:
    """The row that a cursor stands behind.

    Raises:
        RequestError: the word is not one of ours.

    """
    try:
        raw = base64.b64decode(cursor + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _BYTES:
        raise RequestError(ErrorCode.CURSOR_INVALID, field="cursor")
    return UUID(bytes=raw)
