"""The files of a fax: its documents as they were brought, its pages as PDF, TIFF and pictures."""

import hashlib
from functools import partial
from io import BytesIO
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.common.content import PNG, Made, Picture, content_answer, preferred
from faxes.api.native.asked import USUAL_WIDTH, WIDTH, Asked, a_width
from faxes.api.native.base import Resource, listed
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import DocumentShape, Shape
from faxes.parts import is_later_part
from faxes.queries.faxes import detail_for
from faxes.services import pages, papers

PDF: Final = "application/pdf"
TIFF: Final = "image/tiff"
_FORMS: Final[dict[str, Literal["pdf", "tiff"]]] = {PDF: "pdf", TIFF: "tiff"}


def _file(*media_types: str) -> dict[Any, Any]:
    """The answers of an address that tells a file."""
    whole = {(200, each): OpenApiTypes.BINARY for each in media_types}
    part = {
        (206, each): OpenApiResponse(OpenApiTypes.BINARY, "The part that `Range` asks for.")
        for each in media_types
    }
    return {**whole, **part, 304: OpenApiResponse(None, "`If-None-Match` names what it is.")}


class PageShape(Shape):
    """A page of a fax."""

    number = serializers.IntegerField(min_value=1)
    url = serializers.CharField(help_text="Its picture.")


_DOCUMENTS: Final[Any] = page_of(DocumentShape, "DocumentPage")
_PAGES: Final[Any] = page_of(PageShape, "PagePage")


class FaxDocuments(Resource):
    """The stored files of a fax."""

    @extend_schema(operation_id="list_fax_documents", tags=["Files"], responses=_DOCUMENTS)
    def get(self, request: Request, fax: UUID) -> Response:
        """What the fax was made of, and what it became: the file whose role is `rendered`."""
        return listed(DocumentShape(detail_for(actor_of(request), fax).files, many=True).data)


class FaxStoredDocument(Resource):
    """One stored file of a fax."""

    problems: ClassVar = {"get": (412, 416)}

    @extend_schema(operation_id="get_fax_document", tags=["Files"], responses=_file("*/*"))
    def get(self, request: Request, fax: UUID, document: UUID) -> HttpResponseBase:
        """The file just as it is stored, whatever `Accept` says.

        Somebody brought it: do not open it unless you trust them.
        """
        file = pages.document_file(
            actor_of(request),
            fax_id=fax,
            document_id=document,
            later_part=is_later_part(request),
        )
        return content_answer(request, file)


class FaxDocument(Resource):
    """The pages of a fax in one file; ``form`` is what a suffix of the address asks for."""

    problems: ClassVar = {"get": (406, 412, 416)}
    form = ""

    @extend_schema(operation_id="get_fax_pages_file", tags=["Files"], responses=_file(PDF, TIFF))
    def get(self, request: Request, fax: UUID) -> HttpResponseBase:
        """The pages as a PDF, or as the TIFF that goes, or came, over the line.

        `Accept` chooses; so does a suffix of the address, `document.pdf` or `document.tiff`.
        """
        media_type = self.form or preferred(request, list(_FORMS))
        file = pages.fax_file(
            actor_of(request),
            fax_id=fax,
            form=_FORMS[media_type],
            later_part=is_later_part(request),
        )
        answer = content_answer(request, file)
        if not self.form:
            patch_vary_headers(answer, ["Accept"])
        return answer


class FaxPages(Resource):
    """The pages of a fax, one by one."""

    @extend_schema(operation_id="list_fax_pages", tags=["Files"], responses=_PAGES)
    def get(self, request: Request, fax: UUID) -> Response:
        """The pages that there are; none before the fax is made ready and once it is stripped."""
        whole = detail_for(actor_of(request), fax).fax_document
        numbers = range(1, whole.pages + 1 if whole else 1)
        return listed(
            {"number": n, "url": reverse("api-fax-page", kwargs={"fax": fax, "page": n})}
            for n in numbers
        )


class FaxPage(Resource):
    """One page of a fax; ``form`` is what a suffix of the address asks for."""

    queries: ClassVar = {"get": (WIDTH,)}
    problems: ClassVar = {"get": (406, 412, 416)}
    form = ""

    @extend_schema(operation_id="get_fax_page", tags=["Files"], responses=_file(PNG))
    def get(self, request: Request, fax: UUID, page: int) -> HttpResponseBase:
        """The picture (PNG) of a page, numbered from 1. The suffix `.png` may be added."""
        asked = Asked(request)
        width = asked.read("width", a_width, USUAL_WIDTH)
        asked.require()
        if not self.form:
            preferred(request, [PNG])
        actor = actor_of(request)
        picture = Picture(
            tag=pages.page_tag(actor, fax_id=fax, page=page, width=width),
            name=f"fax-{fax}-{page}.png",
            draw=partial(pages.page_png, actor, fax_id=fax, page=page, width=width),
        )
        return content_answer(request, picture)


class FaxReport(Resource):
    """The transmission report of a fax; ``form`` is what a suffix of the address asks for."""

    problems: ClassVar = {"get": (406, 412, 416)}
    form = ""

    @extend_schema(operation_id="get_fax_report", tags=["Files"], responses=_file(PDF))
    def get(self, request: Request, fax: UUID) -> HttpResponseBase:
        """The transmission report (PDF): both ends, when, how, each try. `.pdf` may be added."""
        if not self.form:
            preferred(request, [PDF])
        made = papers.transmission_report(actor_of(request), fax_id=fax)
        tag = hashlib.sha256(made).hexdigest()
        report = Made(PDF, tag, f"fax-{fax}-report.pdf", lambda: BytesIO(made))
        return content_answer(request, report)
