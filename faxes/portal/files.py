"""A fax as files: PDF, TIFF, the picture of a page, the transmission report."""

from functools import partial
from typing import Final
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from faxes.portal.page import account_page
from faxes.portal.pictures import page_picture
from faxes.services import pages, papers

_NARROWEST: Final = 32
_WIDEST: Final = 1728  # a fax page has no more columns
_USUAL: Final = 864


def width_of(request: AccountRequest) -> int:
    """The width asked for, in pixels, within what makes sense."""
    asked = request.GET.get("width", "")
    width = int(asked) if asked.isdecimal() and len(asked) <= len("1728") else _USUAL
    return min(max(width, _NARROWEST), _WIDEST)


@account_page
@require_safe
def document_pdf(request: AccountRequest, fax: UUID) -> FileResponse:
    """The pages as a PDF."""
    stream = pages.fax_pdf(request.actor, fax_id=fax)
    return _file(FileResponse(stream, content_type="application/pdf"))


@account_page
@require_safe
def document_tiff(request: AccountRequest, fax: UUID) -> FileResponse:
    """The pages as the TIFF that goes, or came, over the line."""
    stream = pages.fax_tiff(request.actor, fax_id=fax)
    return _file(FileResponse(stream, content_type="image/tiff"))


@account_page
@require_safe
def page_png(request: AccountRequest, fax: UUID, page: int) -> HttpResponse:
    """The picture of one page."""
    actor, width = request.actor, width_of(request)
    tag = pages.page_tag(actor, fax_id=fax, page=page, width=width)
    make = partial(pages.page_png, actor, fax_id=fax, page=page, width=width)
    return page_picture(request, tag=tag, make=make)


@account_page
@require_safe
def report_pdf(request: AccountRequest, fax: UUID) -> HttpResponse:
    """The transmission report."""
    report = papers.transmission_report(request.actor, fax_id=fax)
    response = HttpResponse(report, content_type="application/pdf")
    response["Content-Disposition"] = "inline"
    return response


@account_page
@require_safe
def receipt_pdf(request: AccountRequest, gone: UUID) -> HttpResponse:
    """The receipt for a fax that was deleted or stripped of its pages."""
    receipt = papers.deletion_receipt(request.actor, fax_id=gone)
    response = HttpResponse(receipt, content_type="application/pdf")
    response["Content-Disposition"] = "inline"
    return response


def _file(response: FileResponse) -> FileResponse:
    # Without a name here the link's own is used, which says whom the fax is from.
    response["Content-Disposition"] = "inline"
    return response
