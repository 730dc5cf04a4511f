"""Ids on this wire: UUIDs with dashes, and a prefix with 32 hexadecimal digits for Twilio's."""

import re
from typing import Final
from uuid import UUID, uuid5

ACCOUNT: Final = "AC"
FAX: Final = "FX"
MEDIA: Final = "ME"
NUMBER: Final = "PN"
_PLAIN: Final = re.compile("[0-9a-f]{32}")
_MEDIA: Final = "media"


def sid_of(key: UUID, kind: str = "") -> str:
    """The id of a row: as a UUID, or with a ``kind`` as Twilio writes it."""
    return f"{kind}{key.hex}" if kind else str(key)


def read_sid(written: str, kind: str) -> UUID | None:
    """The key of a row from its id, in either form; None if it is none."""
    bare = written
    if bare[:2].upper() == kind:
        bare = bare[2:]
    bare = bare.lower().replace("-", "")
    return UUID(hex=bare) if _PLAIN.fullmatch(bare) else None


def media_key(fax_id: UUID) -> UUID:
    """The id of the one medium that a fax has: its pages."""
    return uuid5(fax_id, _MEDIA)


def account_path(account_id: UUID) -> str:
    """Where all of an account is, as the vendor's documents have it."""
    return f"/api/laml/2010-04-01/Accounts/{account_id}"


def fax_path(account_id: UUID, fax_id: UUID) -> str:
    """Where a fax is."""
    return f"{account_path(account_id)}/Faxes/{fax_id}"


def media_path(account_id: UUID, fax_id: UUID) -> str:
    """Where the pages of a fax are; with ``.pdf`` or ``.tiff`` they are told as that file."""
    return f"{fax_path(account_id, fax_id)}/Media/{media_key(fax_id)}"
