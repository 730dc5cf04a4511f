"""Groups of contacts: made, renamed, deleted, and who is in them."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import InvalidRequest, RequestError
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page, beside_fields
from faxes.queries import contacts as found
from faxes.services import contacts as work

if TYPE_CHECKING:
    from faxes.models import ContactGroup

_UNPROCESSABLE: Final = 422
_LONGEST: Final = 200
_MOST_TICKED: Final = 100


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def contact_groups(request: AccountRequest) -> HttpResponse:
    """All groups, page by page; a new one."""
    errors, name, status = {}, "", 200
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            made = work.create_group(request.actor, name=name)
        except InvalidRequest as refused:
            errors, status = beside_fields(refused.errors), _UNPROCESSABLE
        else:
            return redirect("contact-group", account=request.account.pk, group=made.pk)
    cursor = request.GET.get("cursor", "")
    try:
        page = found.list_groups(request.actor, cursor=cursor)
    except RequestError:  # such a place there is not
        return redirect("contact-groups", account=request.account.pk)
    context = {
        "groups": page.groups,
        "name": name,
        "errors": errors,
        "form_key": new_form_key(),
        "later": bool(cursor),
        "next": urlencode({"cursor": page.next_cursor}) if page.next_cursor else "",
    }
    return render(request, "faxes/contact_groups.html", context, status=status)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def contact_group(request: AccountRequest, group: UUID) -> HttpResponse:
    """One group with its members; another name for it."""
    row = found.group_for(request.actor, group)
    if request.method != "POST":
        return _page(request, row)
    name = request.POST.get("name", "")
    try:
        work.rename_group(request.actor, group_id=group, name=name)
    except InvalidRequest as refused:
        return _page(request, row, name=name, errors=beside_fields(refused.errors))
    messages.success(request, _("The group has its new name."))
    return redirect("contact-group", account=request.account.pk, group=group)


@account_page
@require_POST
def contact_group_members(request: AccountRequest, group: UUID) -> HttpResponse:
    """Put the ticked contacts into a group, or take them out of it."""
    require(request.actor, Action.CONTACT_MANAGE)
    ticked = request.POST.getlist("contact")[:_MOST_TICKED]
    ids = [key for key in map(read_id, ticked) if key is not None]
    row = found.group_for(request.actor, group)
    if not ids:
        messages.error(request, _("Tick at least one contact first."))
    elif request.POST.get("act") == "remove":
        work.remove_members(request.actor, group_id=row.pk, contact_ids=ids)
        messages.success(request, _("Taken out of the group."))
    else:
        try:
            work.add_members(request.actor, group_id=row.pk, contact_ids=ids)
        except InvalidRequest as refused:
            return _page(request, row, errors=beside_fields(refused.errors))
        words = ngettext("{count} contact is added.", "{count} contacts are added.", len(ids))
        messages.success(request, words.format(count=len(ids)))
    return redirect("contact-group", account=request.account.pk, group=group)


@account_page
@require_POST
def contact_group_delete(request: AccountRequest, group: UUID) -> HttpResponse:
    """Remove a group; its contacts stay."""
    work.delete_group(request.actor, group_id=group)
    messages.success(request, _("The group is deleted. Its contacts are still in your book."))
    return redirect("contact-groups", account=request.account.pk)


def _page(
    request: AccountRequest,
    row: "ContactGroup",
    *,
    name: str = "",
    errors: dict[str, list[str]] | None = None,
) -> HttpResponse:
    cursor, find = request.GET.get("cursor", ""), request.GET.get("find", "").strip()[:_LONGEST]
    try:
        members = found.list_contacts(request.actor, group_id=row.pk, cursor=cursor)
    except RequestError:  # such a place there is not
        return redirect("contact-group", account=request.account.pk, group=row.pk)
    candidates = found.list_contacts(request.actor, q=find).contacts if find else []
    context: dict[str, Any] = {
        "group": row,
        "name": name or row.name,
        "members": members.contacts,
        "later": bool(cursor),
        "next": urlencode({"cursor": members.next_cursor}) if members.next_cursor else "",
        "find": find,
        "candidates": [
            each
            for each in candidates
            if row.pk not in {member.group_id for member in each.memberships.all()}
        ],
        "errors": errors or {},
    }
    status = _UNPROCESSABLE if errors else 200
    return render(request, "faxes/contact_group.html", context, status=status)
