"""How one fax is filed, on its page: archived or not, labels, who sees to it, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from faxes.enums import Direction, ErrorCode
from faxes.errors import FaxError, RequestError
from faxes.portal.once import once
from faxes.portal.page import account_page
from faxes.portal.places import UNDO
from faxes.portal.rows import assigned_name
from faxes.queries import filing as queries
from faxes.queries.filing import Person
from faxes.services import filing, labels
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import Fax, FaxNote, Label


@dataclass(frozen=True, slots=True)
class FaxFiled:
    """What the page of a fax shows of how it is filed."""

    labels: "Sequence[Label]"
    choices: "Sequence[tuple[Label, bool]]"  # all there are, in one order, and which it has
    people: Sequence[Person]
    assigned: str
    notes: "Sequence[tuple[FaxNote, bool]]"
    note_length: int


def filed_of(request: AccountRequest, fax: "Fax") -> FaxFiled:
    """How a fax is filed; each note with whether it can be deleted by who asks."""
    actor = request.actor
    people = queries.people_for(actor)
    filed = queries.filed_for(actor, [fax.pk], people=people)
    ours = list(filed.labels.get(fax.pk, ()))
    on = {label.pk for label in ours}
    notes = queries.notes_for(actor, fax.pk)
    return FaxFiled(
        labels=ours,
        choices=[(label, label.pk in on) for label in queries.labels_for(actor)],
        people=people,
        assigned=assigned_name(fax, filed) if people else "",
        notes=[(note, filing.may_delete(actor, note=note)) for note in notes],
        note_length=filing.NOTE_LENGTH,
    )


@account_page
@require_POST
def fax_archive(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Put a fax away, or back into the list."""
    archived = request.POST.get("archived", "1") != "0"
    try:
        found = filing.archive_fax(request.actor, fax_id=fax, archived=archived)
    except FaxError as error:
        messages.error(request, sentence(error))
        return _to_fax(request, fax)
    if not archived:
        messages.success(request, _("The fax is back in the list."))
        return _to_fax(request, fax)
    from_list = "inbox" if found.direction == Direction.INBOUND else "outbox"
    request.session[UNDO] = [str(fax)]
    return redirect(from_list, account=request.account.pk)


@account_page
@require_POST
def fax_assign(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Say who sees to a fax."""
    try:
        person = chosen(request, "person", ErrorCode.OWNER_NOT_MEMBER)
        filing.assign_fax(request.actor, fax_id=fax, person=person)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("Saved who sees to this fax."))
    return _to_fax(request, fax)


@account_page
@require_POST
def fax_labels(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Have just the ticked labels on a fax."""
    try:
        ticked = [_id(each, ErrorCode.LABEL_NOT_FOUND) for each in request.POST.getlist("label")]
        labels.set_labels(request.actor, fax_id=fax, label_ids=ticked)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The labels are saved."))
    return _to_fax(request, fax)


@account_page
@require_POST
@once
def fax_note(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Note something about a fax."""
    try:
        filing.add_note(request.actor, fax_id=fax, text=request.POST.get("note", ""))
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The note is saved."))
    return _to_fax(request, fax)


@account_page
@require_POST
def fax_note_delete(request: AccountRequest, fax: UUID, note: UUID) -> HttpResponse:
    """Remove a note."""
    try:
        filing.delete_note(request.actor, fax_id=fax, note_id=note)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The note is deleted."))
    return _to_fax(request, fax)


def chosen(request: AccountRequest, name: str, otherwise: ErrorCode) -> UUID | None:
    """The id that was chosen in a field; None for the empty choice.

    Raises:
        RequestError: it is none.

    """
    written = request.POST.get(name, "")
    return _id(written, otherwise) if written else None


def _id(written: str, otherwise: ErrorCode) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise RequestError(otherwise) from None


def _to_fax(request: AccountRequest, fax: UUID) -> HttpResponseRedirect:
    return redirect("fax", account=request.account.pk, fax=fax)
