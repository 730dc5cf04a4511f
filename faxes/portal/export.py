"""Take everything along: from an account in use, and from one that waits to be erased."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header, quote_etag
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest, AccountView, in_closed_account
from accounts.errors import NotAllowed
from accounts.portal.page import account_page
from accounts.roles import Action
from faxes.errors import FaxNotFound, NumberError
from faxes.parts import Chunks, NoSuchRange, part_of
from faxes.portal.page import is_fragment
from faxes.services import export
from faxes.wording import sentence

_PARTIAL: Final = 206
_NO_SUCH_RANGE: Final = 416
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
    """A file, or the part of it that a browser wants that was interrupted."""
    try:
        found = export.open_part(request.actor, export_id=export_id, position=position)
    except FaxNotFound:
        raise Http404 from None
    etag = quote_etag(found.tag)
    try:
        part = part_of(request, etag, found.size)
    except NoSuchRange:
        found.file.close()
        beyond = {"Content-Range": f"bytes */{found.size}"}
        return HttpResponse(status=_NO_SUCH_RANGE, headers=beyond)
    first, last = part or (0, found.size - 1)
    found.file.seek(first)
    # told apart by day and export: of two that are kept side by side neither replaces the other
    whose, day = slugify(request.account.name) or "faxes", f"{found.asked_at:%Y-%m-%d}"
    name = f"{whose}-{day}-{export_id.hex[-6:]}-{position}.zip"
    response = StreamingHttpResponse(
        Chunks(found.file, last + 1 - first),
        status=200 if part is None else _PARTIAL,
        content_type="application/zip",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Content-Length": str(last + 1 - first),
            "Accept-Ranges": "bytes",
            "ETag": etag,
        },
    )
    if part is not None:
        response["Content-Range"] = f"bytes {first}-{last}/{found.size}"
    return response
