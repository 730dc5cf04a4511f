"""The page of a fax machine: what it has, changed and deleted by the account's administrators."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import InvalidRequest, MoveNotAllowed
from faxes.portal.covers import LAYOUTS
from faxes.portal.faxbox_form import FaxboxForm, field_of, shown
from faxes.portal.page import account_page, beside_fields
from faxes.queries.covers import covers_for
from faxes.queries.numbers import faxbox_for
from faxes.services import faxboxes as work
from faxes.services.extensions import full_extension
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import Faxbox

_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def faxbox_new(request: AccountRequest) -> HttpResponse:
    """Add a fax machine."""
    require(request.actor, Action.FAXBOX_MANAGE)
    return _answered(request, None)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def faxbox(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """Change a fax machine."""
    require(request.actor, Action.FAXBOX_MANAGE)
    return _answered(request, faxbox_for(request.actor, faxbox))


@account_page
@require_POST
def faxbox_delete(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """Take a fax machine out of use."""
    require(request.actor, Action.FAXBOX_MANAGE)
    confirm(request)
    machine = faxbox_for(request.actor, faxbox)
    try:
        work.delete_faxbox(request.actor, faxbox_id=faxbox)
    except MoveNotAllowed as error:
        form = _form(request, initial=shown(work.terms_of(machine)))
        return _page(request, form, machine, problem=sentence(error), status=_CONFLICT)
    messages.success(request, _("“{name}” is deleted.").format(name=machine.name))
    return redirect("numbers", account=request.account.pk)


def _answered(request: AccountRequest, machine: "Faxbox | None") -> HttpResponse:
    """The form, or what comes of what was typed into it."""
    if request.method != "POST":
        initial = shown(work.terms_of(machine)) if machine else {}
        return _page(request, _form(request, initial=initial), machine)
    confirm(request)
    form = _form(request, request.POST)
    if form.is_valid() and (saved := _saved(request, form, machine)):
        messages.success(request, _("“{name}” is saved.").format(name=saved.name))
        return redirect("numbers", account=request.account.pk)
    return _page(request, form, machine, status=_UNPROCESSABLE)


def _form(request: AccountRequest, *typed: object, **more: object) -> FaxboxForm:
    zone, people = request.account.time_zone, work.possible_owners(request.actor)
    own = [(str(cover.pk), cover.name) for cover in covers_for(request.actor)]
    covers = [*((name, str(title)) for name, title, _ in LAYOUTS), *own]
    return FaxboxForm(*typed, zone=zone, people=people, covers=covers, **more)


def _page(
    request: AccountRequest,
    form: FaxboxForm,
    machine: "Faxbox | None",
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    mail = work.mail_addresses_of(machine) if machine else None
    extension = full_extension(machine) if machine else ""
    context = {"form": form, "machine": machine, "mail": mail, "extension": extension} | more
    return render(request, "faxes/faxbox.html", context, status=status)


def _saved(request: AccountRequest, form: FaxboxForm, machine: "Faxbox | None") -> "Faxbox | None":
    """The fax machine as it is now; None if it cannot be so, which the form tells."""
    terms = form.terms()
    try:
        if machine is None:
            return work.create_faxbox(request.actor, terms=FaxboxTerms(**terms))
        return work.edit_faxbox(request.actor, faxbox_id=machine.pk, changes=terms)
    except InvalidRequest as invalid:
        for field, sentences in beside_fields(invalid.errors).items():
            for said in sentences:
                form.add_error(field_of(field) or None, said)
    return None
