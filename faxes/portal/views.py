"""Views of a list that somebody saves for themselves."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from faxes.errors import FaxError
from faxes.portal.page import account_page
from faxes.portal.places import LISTS, back_to, list_named, place_of
from faxes.services import views
from faxes.wording import sentence


@account_page
@require_POST
def view_save(request: AccountRequest) -> HttpResponse:
    """Keep what the list is narrowed by under a name."""
    try:
        view = views.save_view(
            request.actor,
            direction=LISTS[list_named(request)],
            name=request.POST.get("name", ""),
            query=place_of(request, cursor=False),
        )
    except FaxError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The view “{name}” is saved.").format(name=view.name))
    return back_to(request)


@account_page
@require_POST
def view_delete(request: AccountRequest, view: UUID) -> HttpResponse:
    """Forget a view; the faxes in it stay."""
    gone = views.delete_view(request.actor, view_id=view)
    messages.success(request, _("The view “{name}” is deleted.").format(name=gone.name))
    return back_to(request)
