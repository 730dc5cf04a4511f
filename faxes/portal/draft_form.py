"""The form of a new fax as a draft: opened, saved, and done with once it is sent."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.auth.portal import AccountRequest
from accounts.scoping import Actor
from faxes.errors import FaxError, FaxNotFound, InvalidRequest
from faxes.portal.recipients import Listed, listed_in
from faxes.queries.drafts import draft_of
from faxes.services import drafts

if TYPE_CHECKING:
    from faxes.models import FaxDraft

_BEGUN: Final = frozenset(
    {"faxbox", "quality", "when"}
)  # what is filled in when the form is opened
_NOT_TYPED: Final = frozenset({"upload", "draft"})


def opened(actor: Actor, *, written: str, names: Collection[str]) -> dict[str, str]:
    """The fields of the form as a draft keeps them.

    Raises:
        FaxNotFound: there is none of this id for the actor.

    """
    kept = draft_of(actor, _key(written))
    typed = {name: kept.typed[name] for name in names if name in kept.typed}
    return {**typed, "upload": str(kept.upload_id or ""), "draft": str(kept.pk)}


def keep(request: AccountRequest, form: Mapping[str, str], *, listed: Listed) -> "FaxDraft | None":
    """Save the fields of the form as the draft that it was opened with, or as a new one.

    A list of recipients that was brought is kept with them. None, and nothing is kept, as long as
    nothing was typed or brought.

    Raises:
        NotAllowed, FaxNotFound, RequestError: as ``save_draft``.

    """
    written = any(text.strip() for name, text in form.items() if name not in _BEGUN)
    if not written and not listed.each:
        return None
    typed = {name: text for name, text in form.items() if name not in _NOT_TYPED}
    return drafts.save_draft(
        request.actor,
        typed={**typed, "list": listed.name} if listed.each else typed,
        listed=listed.kept,
        upload_id=form["upload"],
        draft_id=_key(form["draft"]) if form["draft"] else None,
    )


def saved(request: AccountRequest, form: Mapping[str, str]) -> HttpResponse:
    """Save the form on a button's word, and lead to all drafts.

    Raises:
        InvalidRequest: they are too many, or too much was typed.

    """
    try:
        listed = listed_in(request)
        try:
            kept = keep(request, form, listed=listed)
        except FaxNotFound:  # it was deleted meanwhile; what was typed is not lost
            kept = keep(request, {**form, "draft": ""}, listed=listed)
    except FaxError as error:
        raise InvalidRequest((error,)) from None
    if kept:
        messages.success(request, _("The draft is saved."))
    else:
        messages.info(request, _("There is nothing to save yet."))
    return redirect("drafts", account=request.account.pk)


def sent(actor: Actor, form: Mapping[str, str]) -> None:
    """The draft that faxes are made of is done with, in the transaction that makes them."""
    if form["draft"]:
        drafts.draft_sent(actor, draft_id=_key(form["draft"]))


def _key(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise FaxNotFound from None
