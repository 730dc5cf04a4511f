"""Keyset cursors: where a list goes on, as an opaque word."""

import base64
import re
from uuid import UUID

from faxes.enums import ErrorCode
from faxes.errors import RequestError

_WRITTEN = re.compile("[A-Za-z0-9_-]{22}")


def encode(last: UUID) -> str:
    """The cursor behind the row ``last``."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(cursor: str) -> UUID:
    """The row that a cursor stands behind.

    Raises:
        RequestError: the word is not one of ours.

    """
    if not _WRITTEN.fullmatch(cursor):
        raise RequestError(ErrorCode.CURSOR_INVALID, field="cursor")
    return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
