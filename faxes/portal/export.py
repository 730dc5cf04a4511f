"""Take everything along: from an account in use, and from one that waits to be erased."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest, AccountView, in_closed_account
from accounts.errors import NotAllowed
from accounts.portal.page import account_page
from accounts.roles import Action
from faxes.errors import FaxNotFound, NumberError
from faxes.portal.page import is_fragment
from faxes.services import export
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422


def _closing_page(view: AccountView) -> Callable[..., HttpResponseBase]:
    """Serve a page of a closed account to its administrators, once they confirmed who they are."""

    @wraps(view)
    def served(request: AccountRequest, **kwargs: Any) -> HttpResponseBase:
        confirm(request)
        try:
            return view(request, **kwargs)
        except NotAllowed as refused:
            raise PermissionDenied(str(refused)) from None

    return in_closed_account(served)


@account_page(Action.ACCOUNT_EXPORT, confirmed=True)
@require_safe
def export_page(request: AccountRequest) -> HttpResponse:
    """What there is to take along, and how far it is packed."""
    return _page(request, "export", of_numbers=export.exports_of_numbers(request.actor))


@account_page(Action.ACCOUNT_EXPORT, confirmed=True)
@require_POST
def export_start(request: AccountRequest) -> HttpResponse:
    """Begin to pack everything."""
    return _start(request, "export")


@account_page(Action.ACCOUNT_EXPORT, confirmed=True)
@require_POST
def export_number(request: AccountRequest) -> HttpResponse:
    """Begin to pack what concerns one number."""
    written = request.POST.get("number", "").strip()
    try:
        export.request_export(request.actor, number=written)
    except NumberError as error:
        return _page(
            request,
            "export",
            status=_UNPROCESSABLE,
            of_numbers=export.exports_of_numbers(request.actor),
            number=written,
            trouble=sentence(error),
        )
    return redirect("export", account=request.account.pk)


@account_page(Action.ACCOUNT_EXPORT, confirmed=True)
@require_safe
def export_part(request: AccountRequest, export: UUID, part: int) -> HttpResponseBase:
    """One of the files."""
    return _file(request, export, part)


@require_safe
@_closing_page
def closing(request: AccountRequest) -> HttpResponse:
    """The one page of a closed account: until when, and what there is to take along."""
    return _page(request, "closing")


@require_POST
@_closing_page
def closing_start(request: AccountRequest) -> HttpResponse:
    """Begin to pack everything."""
    return _start(request, "closing")


@require_safe
@_closing_page
def closing_part(request: AccountRequest, export: UUID, part: int) -> HttpResponseBase:
    """One of the files."""
    return _file(request, export, part)


def _page(request: AccountRequest, name: str, *, status: int = 200, **more: object) -> HttpResponse:
    found = export.current_export(request.actor)
    context = {
        "name": name,
        "start": f"{name}-start",
        "part": f"{name}-part",
        "export": found[0] if found else None,
        "parts": found[1] if found else [],
        "where": request.account,
        **more,
    }
    template = "faxes/_export.html" if is_fragment(request) else f"faxes/{name}.html"
    return render(request, template, context, status=status)


def _start(request: AccountRequest, name: str) -> HttpResponse:
    export.request_export(request.actor)
    return redirect(name, account=request.account.pk)


def _file(request: AccountRequest, export_id: UUID, position: int) -> HttpResponseBase:
    try:
        stream, size = export.open_part(request.actor, export_id=export_id, position=position)
    except FaxNotFound:
        raise Http404 from None
    name = f"{slugify(request.account.name) or 'faxes'}-{position}.zip"
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/zip"
    )
    response["Content-Length"] = str(size)
    return response
