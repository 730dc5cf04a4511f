"""Ids on this wire: of a fax its digits and its 32 hexadecimal digits; of a person either, or more.

``id`` is a whole number written as a string, as the vendor's third version has it, and ``uid`` the
same in hexadecimal.
"""

import re
from typing import Any, Final
from uuid import UUID

from faxes.wire.voipnow import TakenFax

_HEX: Final = re.compile("[0-9a-fA-F]{32}")
_DECIMAL: Final = re.compile("[0-9]{1,39}")
_BITS: Final = 128


def told(key: UUID) -> dict[str, Any]:
    """The ids of a fax."""
    return TakenFax(id=str(key.int), uid=key.hex).written()


def read(written: str) -> UUID | None:
    """The key of a person from their id, in whichever way it is written; None if it is none."""
    bare = written.strip().replace("-", "")
    if _HEX.fullmatch(bare):
        return UUID(hex=bare)
    if _DECIMAL.fullmatch(bare) and int(bare).bit_length() <= _BITS:
        return UUID(int=int(bare))
    return None
