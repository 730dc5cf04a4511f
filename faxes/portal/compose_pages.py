"""The pages of a fax that is being written: shown, put in order, turned, left out, put back."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.scoping import Actor
from faxes.enums import ErrorCode
from faxes.errors import FaxError, InvalidRequest, RequestError
from faxes.services import page_plans
from faxes.services.page_plans import Plan
from faxes.services.uploads import upload_for

if TYPE_CHECKING:
    from faxes.models import Upload


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page of a document: its number among all of them, and which of which document it is."""

    page: int
    document: str
    number: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Documents that were brought ahead: their fax pages can be looked at, and changed.

    ``told`` says what was done to them just now.
    """

    id: UUID
    version: str  # part of the pictures' addresses, which must differ when the pages do
    sources: list[dict[str, Any]]
    going: list[ShownPage]
    left_out: list[ShownPage]
    told: str = ""

    @property
    def pages(self) -> int:
        """How many pages go."""
        return len(self.going)


def shown(upload: "Upload", told: str = "") -> Shown:
    """An upload as the form shows it."""

    def page(number: int) -> ShownPage:
        return ShownPage(number, *page_plans.document_of(upload, number))

    return Shown(
        id=upload.pk,
        version=f"{upload.quality}-{upload.rendered['sha256'][:8]}",
        sources=upload.sources,
        going=[page(leaf.page) for leaf in page_plans.plan_of(upload)],
        left_out=[page(number) for number in page_plans.left_out(upload)],
        told=told,
    )


def are_others(actor: Actor, *, upload: str, seen: str | None) -> bool:
    """Whether an upload has other pages than those that were looked at, if that is known."""
    if seen is None:
        return False
    try:
        found = upload_for(actor, written=upload)
    except FaxError:
        return False  # it is gone, which whoever sends it is told
    return found is not None and shown(found).version != seen


def is_change(action: str) -> bool:
    """Whether a button of the form changes pages or documents."""
    return action.startswith(("page.", "document."))


def changed(actor: Actor, *, upload_id: str, action: str) -> Shown | None:
    """Do what a button says: ``page.later.3``, ``page.place.3.1``, ``document.remove.0``.

    None if no document is left.

    Raises:
        InvalidRequest: there is no such page or document any more, or none would be left.
        NotAllowed, AccountSuspended

    """
    what, verb, *numbers = action.split(".")
    if not all(each.isdecimal() and each.isascii() and len(each) < _DIGITS for each in numbers):
        raise _unknown()
    match what, verb, [int(each) for each in numbers]:
        case "document", "remove", [position]:
            left = page_plans.without_document(actor, upload_id=upload_id, position=position)
            return shown(left, _("The document is removed.")) if left else None
        case "page", "place", [page, place]:
            change: Callable[[Plan], Plan] = partial(page_plans.put_at, page=page, place=place)
        case "page", verb, [page] if verb in _CHANGES:
            change = partial(_CHANGES[verb], page=page)
        case _:
            raise _unknown()
    upload = page_plans.change_pages(actor, upload_id=upload_id, change=change)
    return shown(upload, _told(verb, upload, page))


def _told(verb: str, upload: "Upload", page: int) -> str:
    plan = page_plans.plan_of(upload)
    document, number = page_plans.document_of(upload, page)
    place = next((at for at, leaf in enumerate(plan, 1) if leaf.page == page), 0)
    told = {
        "turn": _("Page {number} of {document} is turned."),
        "remove": _("Page {number} of {document} is left out."),
    }.get(verb, _("Page {number} of {document} is at place {place} of {places} now."))
    return told.format(number=number, document=document, place=place, places=len(plan))


def _unknown() -> InvalidRequest:
    return InvalidRequest((RequestError(ErrorCode.PAGES_INVALID, field="documents"),))


_DIGITS: Final = 7
_CHANGES: Final[dict[str, Callable[..., Plan]]] = {
    "earlier": partial(page_plans.moved, by=-1),
    "later": partial(page_plans.moved, by=1),
    "turn": page_plans.turned,
    "remove": page_plans.without,
    "back": page_plans.with_again,
}
