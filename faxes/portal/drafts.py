"""Faxes that are not finished: the list of one's own, saving quietly, going on, deleting."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.portal import AccountRequest
from faxes.errors import FaxError
from faxes.portal.compose import typed_draft
from faxes.portal.draft_form import keep
from faxes.portal.page import account_page
from faxes.portal.recipients import listed_in
from faxes.queries.drafts import MOST_DRAFTS, list_drafts
from faxes.services.drafts import delete_draft
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422


@account_page
@require_safe
def draft_list(request: AccountRequest) -> HttpResponse:
    """The drafts of who asks, the one last written first."""
    found = list_drafts(request.actor)
    return render(request, "faxes/drafts.html", {"drafts": found, "most": MOST_DRAFTS})


@account_page
@require_POST
def draft_save(request: AccountRequest) -> HttpResponse:
    """Keep what is in the form at this moment, quietly; tells the draft's id."""
    try:
        draft = keep(request, asdict(typed_draft(request.POST)), listed=listed_in(request))
    except FaxError as error:
        return JsonResponse({"words": sentence(error)}, status=_UNPROCESSABLE)
    if draft is None:
        return JsonResponse({"draft": "", "words": ""})
    return JsonResponse({"draft": str(draft.pk), "words": _("Saved as a draft")})


@account_page
@require_POST
def draft_delete(request: AccountRequest, draft: UUID) -> HttpResponse:
    """Forget a draft."""
    delete_draft(request.actor, draft_id=draft)
    messages.success(request, _("The draft is deleted."))
    return redirect("drafts", account=request.account.pk)
