"""A request to fax something, as JSON or as a form: read into what the service takes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request

from accounts.scoping import Actor
from faxes.api.native.base import Strict, read_body
from faxes.api.native.documents_form import DocumentIn, read_document
from faxes.api.native.fields import Address, File, Text, Texts
from faxes.enums import Quality
from faxes.services.intake import IncomingFile, incoming
from faxes.services.order import MOST_RETRIES
from faxes.services.page_plans import upload_planned
from faxes.services.submit import FaxRequest
from faxes.services.uploads import UploadRef, discard

_QUARTER: Final = 90  # degrees
_LISTS: Final = ("to", "documents", "notify")


class Numbers(serializers.ListField):
    """One number or several, as a text or as a list of texts."""

    child = Text(max_length=10_000, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """A list, also of one."""
        return super().to_internal_value([data] if isinstance(data, str) else data)


class Copying(Strict):
    """What a fax made of another one is asked for with."""

    metadata = Texts(
        required=False,
        help_text="Yours to choose. At most 50 texts, their names of 1 to 40 characters.",
    )
    webhook_url = Text(
        required=False, allow_blank=True, max_length=500, help_text="Told of this fax alone."
    )
    notify = serializers.ListField(
        child=Address(),
        required=False,
        max_length=10,
        help_text="E-mail addresses, told how it ended.",
    )


class FaxOrderIn(Copying):
    """What is to be faxed, to whom, from where, and how."""

    to = Numbers(help_text="One number or several; E.164, or as dialled in the account's country.")
    documents = DocumentIn(many=True, required=False, help_text="In order.")
    from_number = Text(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="One of the account's numbers; that of the faxbox if not said.",
    )
    faxbox = Text(required=False, allow_blank=True, max_length=64, help_text="Its id.")
    cover = Text(
        required=False, allow_blank=True, max_length=64, help_text="A cover page; none if empty."
    )
    subject = Text(required=False, allow_blank=True, max_length=200)
    message = Text(required=False, allow_blank=True, max_length=5000, help_text="For the cover.")
    quality = serializers.ChoiceField([each.value for each in Quality], required=False)
    send_at = Text(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="RFC 3339; without an offset in the account's time zone.",
    )
    retries = serializers.IntegerField(required=False, min_value=0, max_value=MOST_RETRIES)
    store_documents = serializers.BooleanField(
        required=False, help_text="If false, documents and pages go once the fax has ended."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The members, of which Python keeps the name of one for itself."""
        fields = super().get_fields()
        return {{"from_number": "from"}.get(name, name): field for name, field in fields.items()}


class LeafIn(Strict):
    """A page that goes."""

    page = serializers.IntegerField(
        min_value=1, help_text="Its number among all pages of the documents, from 1."
    )
    turn = serializers.ChoiceField(
        [0, 90, 180, 270], required=False, default=0, help_text="Degrees, clockwise."
    )


class FaxIn(FaxOrderIn):
    """The same, with a choice of pages."""

    pages = LeafIn(
        many=True,
        required=False,
        help_text=(
            "The pages that go, in this order, each once; those that are not named are left out. "
            "All of them as they are if this is not said. Pages of a document at a web address "
            "count as well: it is fetched at once."
        ),
    )


class ForwardIn(Copying):
    """To whom pages are forwarded."""

    to = Numbers()
    store_documents = serializers.BooleanField(
        required=False, help_text="If false, documents and pages go once the fax has ended."
    )


class FaxForm(FaxIn):
    """The same as a form: lists by repeating the member, metadata and pages as JSON."""

    documents = serializers.ListField(  # type: ignore[assignment]
        child=File(), required=False
    )
    metadata = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="A JSON object of texts."
    )
    pages = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text='JSON: `[{"page": 2, "turn": 90}, {"page": 1}]`.'
    )


PAGES_EXAMPLE: Final = OpenApiExample(
    "Some pages of a document",
    {
        "to": "+12025550100",
        "documents": [{"url": "https://example.com/letter.pdf"}],
        "pages": [{"page": 3}, {"page": 1, "turn": 90}],
    },
    request_only=True,
    media_type="application/json",
)
SEND_EXAMPLES: Final = (
    OpenApiExample(
        "By address",
        {
            "to": "+12025550100",
            "documents": [{"url": "https://example.com/letter.pdf"}],
            "subject": "Results",
            "metadata": {"case": "4711"},
        },
        request_only=True,
        media_type="application/json",
    ),
    OpenApiExample(
        "Bytes in the request",
        {
            "to": ["+12025550100", "+12025550107"],
            "documents": [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}],
            "quality": "fine",
            "retries": 2,
        },
        request_only=True,
        media_type="application/json",
    ),
)


@contextmanager
def planned_fax(request: Request, actor: Actor, *, sends: bool = True) -> Iterator[FaxRequest]:
    """The fax that a request asks for, made of the pages that it names if it names any.

    What was made for that goes again if the fax is not sent.

    Raises:
        ValidationError, InvalidRequest: with what is not right.

    """
    asked, files = _asked(request, FaxIn)
    wanted = fax_request(asked, to="\n".join(asked["to"]), files=files)
    with planned(actor, wanted, asked, sends=sends) as fax:
        yield fax


@contextmanager
def planned(
    actor: Actor, wanted: FaxRequest, asked: Mapping[str, Any], *, sends: bool = True
) -> Iterator[FaxRequest]:
    """The fax, made of the pages that a body names if it names any; else as it is.

    What was made for that goes again unless it is sent.

    Raises:
        InvalidRequest: the pages are none of theirs, or a document cannot be faxed.

    """
    if "pages" not in asked:
        yield wanted
        return
    pages = [(each["page"], each["turn"] // _QUARTER) for each in asked["pages"]]
    upload = upload_planned(actor, documents=wanted.documents, pages=pages, quality=wanted.quality)
    sent = False
    try:
        yield replace(wanted, documents=(UploadRef(str(upload.pk)),))
        sent = sends
    finally:
        if not sent:
            discard(upload)


def _asked(request: Request, shape: type[FaxOrderIn]) -> tuple[dict[str, Any], list[IncomingFile]]:
    data, files = request.data, []
    if isinstance(data, QueryDict):
        files = [incoming(each) for each in request.FILES.getlist("documents")]
        data = of_form(data)
    return read_body(shape, data, typed=data is request.data), files


def fax_request(
    asked: Mapping[str, Any], *, to: str, files: Sequence[IncomingFile] = ()
) -> FaxRequest:
    """What a body asks for that was found to be right, with the files that came beside it."""
    return FaxRequest(
        to=to,
        documents=(*(read_document(each) for each in asked.get("documents", ())), *files),
        from_number=asked.get("from", ""),
        subject=asked.get("subject", ""),
        message=asked.get("message", ""),
        cover=asked.get("cover", ""),
        faxbox=asked.get("faxbox", ""),
        quality=asked.get("quality", ""),
        send_at=asked.get("send_at", ""),
        retries=str(asked["retries"]) if "retries" in asked else "",
        metadata=asked.get("metadata", {}),
        webhook_url=asked.get("webhook_url", ""),
        notify=asked.get("notify", []),
        keep_documents=asked.get("store_documents", True),
    )


def of_form(form: QueryDict) -> dict[str, Any]:
    """A form as the JSON that says the same: lists repeat, metadata is JSON or ``metadata[key]``.

    Raises:
        ValidationError: metadata is not JSON, or told in both ways.

    """
    told: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    given: Any = form.lists()  # files, too
    for name, values in given:
        texts = [each for each in values if isinstance(each, str)]
        if name == "documents" and not texts:
            continue  # the files themselves
        if name.startswith("metadata[") and name.endswith("]") and texts:
            metadata[name[len("metadata[") : -1]] = texts[-1]
        elif name in _LISTS:
            told[name] = texts
        elif name in {"metadata", "pages"} and texts:
            told[name] = read_json(texts[-1], name)
        else:
            told[name] = texts[-1] if texts else None
    if metadata and "metadata" in told:
        twice = "Give metadata as JSON or one by one, not both."
        raise serializers.ValidationError({"metadata": [twice]})
    if metadata:
        told["metadata"] = metadata
    return told


def read_json(written: str, name: str) -> Any:
    """A member of a form that is JSON.

    Raises:
        ValidationError: it is not.

    """
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        told = "This is no JSON."
        raise serializers.ValidationError({name: [told]}, code="json_invalid") from None
