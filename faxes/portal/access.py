"""Who uses which fax machine."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.portal.page import account_page
from faxes.services import access as work
from faxes.services.access import Use


@account_page
@require_safe
def access(request: AccountRequest) -> HttpResponse:
    """All fax machines, each with who uses it."""
    return render(request, "faxes/access.html", {"uses": work.uses_for(request.actor)})


@account_page
@require_POST
def access_set(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """Say who uses one of them."""
    require(request.actor, Action.TEAM_MANAGE)
    confirm(request)
    changed = work.set_use(
        request.actor,
        faxbox_id=faxbox,
        restricted=request.POST.get("who") == "chosen",
        uses=dict(_typed(request.POST)),
    )
    messages.success(request, _("Who uses “{name}” is saved.").format(name=changed.name))
    return redirect("access", account=request.account.pk)


def _typed(form: QueryDict) -> list[tuple[UUID, Use]]:
    """What was chosen for each person; what makes no sense is nothing."""
    chosen = []
    for name, value in form.items():
        mark, _mark, key = name.partition("-")
        try:
            chosen.append((UUID(key), Use(str(value)) if mark == "use" else Use.NONE))
        except ValueError:
            continue
    return chosen
