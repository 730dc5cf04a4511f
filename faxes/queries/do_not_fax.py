"""The do-not-fax list of an account; and the one rule by which it and those above it forbid."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.models import Account, User
from accounts.prepared import Prepared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import path_of, require
from faxes import paging
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, NotAffordable
from faxes.models import DoNotFax

PAGE_SIZE: Final = 30
_ASKED_AT_ONCE: Final = 500
_FORBIDDEN: Final = Prepared(
    lambda path, numbers: (
        DoNotFax.objects.across_tenants(why="who provides forbids for those below too")
        .filter(account_id__in=path, number__in=numbers)
        .values_list("number")
    )
)


@dataclass(frozen=True, slots=True)
class DoNotFaxPage:
    """One page of a list, the newest first; ``next_cursor`` is empty on the last."""

    entries: Sequence[DoNotFax]
    next_cursor: str


def forbidden_among(account: Account, numbers: Collection[str]) -> set[str]:
    """Those of the numbers that are on the account's list, or on that of one above it."""
    wanted, found = list(dict.fromkeys(numbers)), set[str]()
    for begin in range(0, len(wanted), _ASKED_AT_ONCE):
        some = wanted[begin : begin + _ASKED_AT_ONCE]
        found.update(number for (number,) in _FORBIDDEN.rows(path=path_of(account), numbers=some))
    return found


def require_wanted(account: Account, numbers: Collection[str]) -> None:
    """Let pass numbers that neither the account nor one above it forbids.

    Raises:
        NotAffordable: one of them is on such a list; the first is named.

    """
    if found := forbidden_among(account, numbers):
        first = next(number for number in numbers if number in found)
        raise unwanted(first)


def unwanted(number: str) -> NotAffordable:
    """That nothing is sent to a number, as everybody is told it."""
    return NotAffordable(ErrorCode.DO_NOT_FAX, field="to", number=number)


def list_do_not_fax(
    actor: Actor, *, q: str = "", number: str = "", cursor: str = "", size: int = PAGE_SIZE
) -> DoNotFaxPage:
    """A page of the actor's list; ``q`` is a part of the number.

    Raises:
        NotAllowed: the actor may not see the address book.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.CONTACT_VIEW)
    rows = DoNotFax.objects.visible_to(actor)
    if number:
        rows = rows.filter(number=number)
    if q.strip():
        digits = "".join(char for char in q if char.isdecimal() or char == "*")
        rows = rows.filter(number__contains=digits) if digits else rows.none()
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor))
    found = list(rows.order_by("-id")[: size + 1])
    more = paging.encode(found[size - 1].pk) if len(found) > size else ""
    return DoNotFaxPage(found[:size], more)


def do_not_fax_for(actor: Actor, entry_id: UUID) -> DoNotFax:
    """One entry of the actor's list.

    Raises:
        NotAllowed: the actor may not see the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_VIEW)
    found = DoNotFax.objects.visible_to(actor).filter(pk=entry_id).first()
    if found is None:
        raise FaxNotFound
    return found


def names_of(actor: Actor, entries: Sequence[DoNotFax]) -> dict[UUID | None, str]:
    """Who put these on the list, by their ids, as people know them.

    Raises:
        NotAllowed: the actor may not see the address book.

    """
    require(actor, Action.CONTACT_VIEW)
    people = User.objects.filter(pk__in={entry.created_by for entry in entries})
    return {user.pk: str(user) for user in people}
