"""Fax records of a tenant as its provider may see them: never a subject, a name or a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts import clock
from accounts.models import Shared
from accounts.services.sharing import shared_by
from faxes import paging, phone
from faxes.enums import Direction
from faxes.models import Fax
from faxes.queries.standing import standing_of
from faxes.standings import Standing

PAGE_SIZE: Final = 50
# Nothing else of a fax is read from the database at all.
_READ: Final = (
    "direction", "state", "outcome", "tries", "pages", "pages_done", "due_at", "created_at",
    "from_number", "to_number", "waits_for", "held_for", "undo_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TenantFax:
    """One line; numbers are whole or masked, as the tenant has it."""

    at: datetime
    direction: Direction
    standing: Standing
    pages: int
    from_number: str
    to_number: str


@dataclass(frozen=True, slots=True)
class TenantFaxPage:
    """One page of the list, newest first; ``next_cursor`` is empty on the last."""

    shared: Shared
    faxes: Sequence[TenantFax]
    next_cursor: str


def list_tenant_faxes(
    account_id: UUID, *, cursor: str = "", size: int = PAGE_SIZE
) -> TenantFaxPage:
    """A page of an account's faxes, as much as it shares; the caller has asked who may.

    What goes through fax machines of certain people only is left out.

    Raises:
        RequestError: the cursor is not one of ours.

    """
    shared = shared_by(account_id)
    if shared == Shared.NONE:
        return TenantFaxPage(shared, [], "")
    rows = Fax.objects.for_account(account_id).filter(faxbox__restricted=False).only(*_READ)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor))
    found = list(rows.order_by("-id")[: size + 1])
    more, now = len(found) > size, clock.now()
    return TenantFaxPage(
        shared=shared,
        faxes=[_told(fax, shared, now) for fax in found[:size]],
        next_cursor=paging.encode(found[size - 1].pk) if more else "",
    )


def _told(fax: Fax, shared: Shared, now: datetime) -> TenantFax:
    written = phone.whole if shared == Shared.FULL else phone.masked
    return TenantFax(
        at=fax.created_at,
        direction=Direction(fax.direction),
        standing=standing_of(fax, now),
        pages=fax.pages,
        from_number=written(fax.from_number),
        to_number=written(fax.to_number),
    )
