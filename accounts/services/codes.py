"""Codes of accounts: the digits before the star of a full extension, such as 0003*210."""

import re
from typing import Final
from uuid import UUID

from accounts.models import AccountCode

_CODE: Final = re.compile("[0-9]{4,9}")


def code_of(account_id: UUID) -> str:
    """The code of an account, at least four digits; it gets one when somebody first asks.

    One that was given is never given again, also not after its account is gone.
    """
    code, _ = AccountCode.objects.get_or_create(account_id=account_id)
    return str(code)


def account_of(code: str) -> UUID | None:
    """The account that has a code, just as it is written; None if none has."""
    if not _CODE.fullmatch(code):
        return None
    row = AccountCode.objects.filter(number=int(code)).first()
    return row.account_id if row is not None and str(row) == code else None
