"""The address book: found, added, changed, deleted, and written to files."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id
from accounts.roles import Action
from accounts.tenancy import require
from faxes.errors import InvalidRequest, RequestError
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page, beside_fields
from faxes.queries import contacts as found
from faxes.services import contact_exports
from faxes.services import contacts as work
from faxes.services.contacts import ContactRequest

if TYPE_CHECKING:
    from faxes.models import Contact

_UNPROCESSABLE: Final = 422
_LONGEST: Final = 200
_FIELDS: Final = ("name", "company", "number", "email", "note")


@account_page
@require_safe
def contacts(request: AccountRequest) -> HttpResponse:
    """Everybody in the address book, or those found, page by page."""
    q, group = request.GET.get("q", "").strip()[:_LONGEST], read_id(request.GET.get("group", ""))
    cursor = request.GET.get("cursor", "")
    try:
        page = found.list_contacts(
            request.actor, q=q, group_id=group, cursor=cursor, with_groups=True
        )
    except RequestError:  # such a place there is not
        return redirect("contacts", account=request.account.pk)
    asked = {"q": q, "group": str(group or "")}
    context = {
        "contacts": page.contacts,
        "groups": found.all_groups(request.actor),
        "asked": asked,
        "narrowed": any(asked.values()),
        "later": bool(cursor),
        "next": urlencode({**asked, "cursor": page.next_cursor}) if page.next_cursor else "",
    }
    return render(request, "faxes/contacts.html", context)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def contact_new(request: AccountRequest) -> HttpResponse:
    """Somebody new."""
    require(request.actor, Action.CONTACT_MANAGE)
    if request.method != "POST":
        typed = {name: request.GET.get(name, "")[:_LONGEST] for name in _FIELDS}
        return _page(request, typed, group_ids={read_id(request.GET.get("group", ""))})
    return _saved(request, None)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: AccountRequest, contact: UUID) -> HttpResponse:
    """One contact, to be looked at and changed."""
    row = found.contact_for(request.actor, contact)
    if request.method == "POST":
        require(request.actor, Action.CONTACT_MANAGE)
        return _saved(request, row)
    typed = {name: getattr(row, name) for name in _FIELDS}
    groups = {each.group_id for each in row.memberships.all()}
    return _page(request, typed, row, group_ids=groups)


@account_page
@require_POST
def contact_delete(request: AccountRequest, contact: UUID) -> HttpResponse:
    """Remove one contact."""
    work.delete_contact(request.actor, contact_id=contact)
    messages.success(request, _("The contact is deleted."))
    return redirect("contacts", account=request.account.pk)


@account_page
@require_safe
def contacts_csv(request: AccountRequest) -> StreamingHttpResponse:
    """The address book, or a group of it, as a table."""
    lines = contact_exports.export_table(request.actor, group_id=_group(request))
    return _file(lines, "text/csv", "contacts.csv")


@account_page
@require_safe
def contacts_vcf(request: AccountRequest) -> StreamingHttpResponse:
    """The address book, or a group of it, as vCards."""
    cards = contact_exports.export_cards(request.actor, group_id=_group(request))
    return _file(cards, "text/vcard", "contacts.vcf")


def _group(request: AccountRequest) -> UUID | None:
    return read_id(request.GET.get("group", ""))


def _file(pieces: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _saved(request: AccountRequest, row: "Contact | None") -> HttpResponse:
    typed = _typed(request.POST)
    group_ids = {key for key in map(read_id, request.POST.getlist("group")) if key is not None}
    wanted = ContactRequest(**typed)
    try:
        if row is None:
            kept = work.create_contact(request.actor, request=wanted, group_ids=group_ids)
        else:
            kept = work.update_contact(
                request.actor, contact_id=row.pk, request=wanted, group_ids=group_ids
            )
    except InvalidRequest as refused:
        errors = beside_fields(refused.errors)
        return _page(request, typed, row, group_ids=group_ids, errors=errors, status=_UNPROCESSABLE)
    who = kept.name or kept.company or kept.number
    messages.success(request, _("“{name}” is saved.").format(name=who))
    return redirect("contacts", account=request.account.pk)


def _typed(posted: QueryDict) -> dict[str, str]:
    return {name: posted.get(name, "") for name in _FIELDS}


def _page(
    request: AccountRequest,
    typed: dict[str, str],
    row: "Contact | None" = None,
    *,
    group_ids: set[UUID | None] | set[UUID],
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "typed": typed,
        "contact": row,
        "groups": [(group, group.pk in group_ids) for group in found.all_groups(request.actor)],
        "errors": errors or {},
        "form_key": new_form_key(),
    }
    return render(request, "faxes/contact.html", context, status=status)
