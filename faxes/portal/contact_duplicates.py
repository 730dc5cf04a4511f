"""Contacts that have the same number: shown side by side, and made one."""

import re
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.portal import AccountRequest
from faxes.errors import InvalidRequest
from faxes.portal.page import account_page
from faxes.queries.contacts import list_duplicates
from faxes.services.contact_merging import merge_contacts
from faxes.wording import sentence

_NUMBER: Final = re.compile(r"\+?[\d*]{1,20}")


@account_page
@require_safe
def contact_duplicates(request: AccountRequest) -> HttpResponse:
    """Numbers that several contacts have, page by page."""
    after = request.GET.get("after", "")
    page = list_duplicates(request.actor, after=after if _NUMBER.fullmatch(after) else "")
    context = {"numbers": page.numbers, "after": page.after, "later": bool(after)}
    return render(request, "faxes/contact_duplicates.html", context)


@account_page
@require_POST
def contact_merge(request: AccountRequest, contact: UUID) -> HttpResponse:
    """Make this contact the only one of its number."""
    try:
        kept = merge_contacts(request.actor, keep_id=contact)
    except InvalidRequest as refused:
        messages.error(request, " ".join(sentence(error) for error in refused.errors))
    else:
        name = kept.name or kept.company or kept.number
        messages.success(request, _("“{name}” is one contact now.").format(name=name))
    return redirect("contact-duplicates", account=request.account.pk)
