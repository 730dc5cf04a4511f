"""The labels of an account: made, changed, deleted."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.enums import LabelColour
from faxes.errors import FaxError
from faxes.portal.page import account_page, beside_fields
from faxes.queries.filing import labels_for
from faxes.services import labels as work
from faxes.wording import sentence

COLOURS: Final[dict[LabelColour, Promise]] = {
    LabelColour.GREY: lazy("Grey"),
    LabelColour.RED: lazy("Red"),
    LabelColour.ORANGE: lazy("Orange"),
    LabelColour.GREEN: lazy("Green"),
    LabelColour.BLUE: lazy("Blue"),
    LabelColour.PURPLE: lazy("Purple"),
}
_UNPROCESSABLE: Final = 422


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def label_list(request: AccountRequest) -> HttpResponse:
    """All labels, and a form for another one."""
    require(request.actor, Action.FAX_MARK)
    typed = {"name": request.POST.get("name", ""), "colour": request.POST.get("colour", "grey")}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            label = work.create_label(request.actor, **typed)
        except FaxError as error:
            errors = beside_fields([error])
        else:
            messages.success(request, _("The label “{name}” is made.").format(name=label.name))
            return redirect("labels", account=request.account.pk)
    context = {
        "labels": labels_for(request.actor),
        "colours": [(colour.value, words) for colour, words in COLOURS.items()],
        "typed": typed,
        "errors": errors,
        "most": work.NAME_LENGTH,
    }
    status = _UNPROCESSABLE if errors else 200
    return render(request, "faxes/labels.html", context, status=status)


@account_page
@require_POST
def label_change(request: AccountRequest, label: UUID) -> HttpResponse:
    """Give a label another name or colour."""
    name, colour = request.POST.get("name", ""), request.POST.get("colour", "")
    try:
        changed = work.change_label(request.actor, label_id=label, name=name, colour=colour)
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The label “{name}” is saved.").format(name=changed.name))
    return redirect("labels", account=request.account.pk)


@account_page
@require_POST
def label_delete(request: AccountRequest, label: UUID) -> HttpResponse:
    """Remove a label from all faxes."""
    gone = work.delete_label(request.actor, label_id=label)
    messages.success(request, _("The label “{name}” is deleted.").format(name=gone.name))
    return redirect("labels", account=request.account.pk)
