"""Uploads: documents brought ahead of a fax, shown as the very pages that will go."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.common.content import PNG, Picture, content_answer, preferred
from faxes.api.native.asked import USUAL_WIDTH, WIDTH, Asked, a_width
from faxes.api.native.base import PAGING, Resource, Strict, WithFiles, listed, page_size
from faxes.api.native.documents_form import BroughtIn, read_brought
from faxes.api.native.fields import File
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import Instant, Shape, words
from faxes.enums import Paper, Quality
from faxes.queries.uploads import list_uploads, upload_of
from faxes.services import preview
from faxes.services.intake import incoming
from faxes.services.uploads import remove_upload


class UploadIn(Strict):
    """Documents to be made fax pages."""

    documents = BroughtIn(many=True, required=False, help_text="In order.")
    quality = serializers.ChoiceField([each.value for each in Quality], required=False)


class UploadForm(UploadIn):
    """The same as a form, with files."""

    documents = serializers.ListField(  # type: ignore[assignment]
        child=File(), required=False
    )


class SourceShape(Shape):
    """A document of an upload."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    pages = serializers.IntegerField()


class UploadShape(Shape):
    """Documents that were brought ahead, until they are sent or their day is over."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "upload".')
    pages = serializers.IntegerField(source="rendered.pages", help_text="Of the fax, uncovered.")
    quality = words(Quality)
    paper = words(Paper)
    sources = SourceShape(many=True)
    created_at = Instant()
    expires_at = Instant()

    def get_object(self, upload: Any) -> str:
        """What this is."""
        del upload
        return "upload"


_PAGE: Final = page_of(UploadShape, "UploadPage")
_EXAMPLE: Final = OpenApiExample(
    "Bytes in the request",
    {
        "documents": [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}],
        "quality": "fine",
    },
    request_only=True,
    media_type="application/json",
)


class Uploads(WithFiles):
    """The uploads of the token's account, or of the person whose token it is."""

    queries: ClassVar = {"get": PAGING}
    problems: ClassVar = {"post": (503,)}

    @extend_schema(operation_id="list_uploads", tags=["Uploads"], responses=_PAGE)
    def get(self, request: Request) -> Response:
        """A page of uploads, newest first."""
        page = list_uploads(
            actor_of(request),
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(UploadShape(page.uploads, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_upload",
        tags=["Uploads"],
        request={"application/json": UploadIn, "multipart/form-data": UploadForm},
        responses={201: UploadShape},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Bring documents ahead, and have them as fax pages.

        They are kept for 24 hours. Send them by their `upload_id` among the documents of a fax,
        which takes them over.
        """
        documents, quality = _read(request)
        return _made(
            preview.prepare_upload(actor_of(request), documents=documents, quality=quality)
        )

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The upload that was made."""
        return _made(upload_of(actor_of(request), made[0][1]))


class Upload(Resource):
    """One upload."""

    @extend_schema(operation_id="get_upload", tags=["Uploads"], responses=UploadShape)
    def get(self, request: Request, upload: UUID) -> Response:
        """The upload."""
        return Response(UploadShape(upload_of(actor_of(request), upload)).data)

    @extend_schema(operation_id="delete_upload", tags=["Uploads"], responses={204: None})
    def delete(self, request: Request, upload: UUID) -> Response:
        """Remove the upload with its files."""
        remove_upload(actor_of(request), upload_id=upload)
        return Response(status=204)


class UploadPage(Resource):
    """One page of an upload; ``form`` is what a suffix of the address asks for."""

    queries: ClassVar = {"get": (WIDTH,)}
    problems: ClassVar = {"get": (406, 412, 416)}
    form = ""

    @extend_schema(
        operation_id="get_upload_page",
        tags=["Uploads"],
        responses={(200, PNG): OpenApiTypes.BINARY, (206, PNG): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, upload: UUID, page: int) -> HttpResponseBase:
        """The picture (PNG) of a page as it will be faxed, numbered from 1.

        The suffix `.png` may be added.
        """
        asked = Asked(request)
        width = asked.read("width", a_width, USUAL_WIDTH)
        asked.require()
        if not self.form:
            preferred(request, [PNG])
        actor = actor_of(request)
        picture = Picture(
            tag=preview.upload_page_tag(actor, upload_id=upload, page=page, width=width),
            name=f"upload-{upload}-{page}.png",
            draw=partial(preview.upload_page_png, actor, upload_id=upload, page=page, width=width),
        )
        return content_answer(request, picture)


def _read(request: Request) -> tuple[list[Any], str]:
    """The documents, and the quality asked for."""
    data: Any = request.data
    files = [incoming(each) for each in request.FILES.getlist("documents")]
    if isinstance(data, QueryDict):
        texts = {name: data.get(name) for name in data if name != "documents" or not files}
        data, typed = texts, False
    else:
        typed = True
    read = UploadIn(data=data, context={"typed": typed})
    read.is_valid(raise_exception=True)
    asked = read.validated_data
    brought = [read_brought(each) for each in asked.get("documents", ())]
    return [*brought, *files], asked.get("quality", "")


def _made(upload: Any) -> Response:
    where = {"Location": reverse("api-upload", kwargs={"upload": upload.pk})}
    return Response(UploadShape(upload).data, status=201, headers=where)
