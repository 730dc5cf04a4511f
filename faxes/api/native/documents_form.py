"""Documents as requests bring them: where they lie, which upload they are, or their bytes."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar

from rest_framework import serializers

from faxes.api.native.base import Strict
from faxes.api.native.fields import Base64, Text
from faxes.services.intake import IncomingFile, document_name
from faxes.services.remote_documents import DocumentUrl
from faxes.services.uploads import UploadRef


class BroughtIn(Strict):
    """A document: where it is to be fetched, or its bytes."""

    ways: ClassVar[tuple[str, ...]] = ("url", "content_base64")

    url = Text(required=False, max_length=2000, help_text="It is fetched at once.")
    content_base64 = Base64(required=False)
    filename = Text(required=False, max_length=255, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the ways.

        Raises:
            ValidationError: none, or more than one.

        """
        if sum(name in attrs for name in self.ways) != 1:
            told = f"Give one of {', '.join(self.ways)}."
            raise serializers.ValidationError(told, code="document_unclear")
        return attrs


class DocumentIn(BroughtIn):
    """A document: where it is to be fetched, which upload it is, or its bytes."""

    ways = ("url", "upload_id", "content_base64")

    upload_id = serializers.UUIDField(required=False)


def read_brought(told: Mapping[str, Any]) -> IncomingFile | DocumentUrl:
    """A document that is no upload."""
    if "url" in told:
        return DocumentUrl(told["url"])
    content = told["content_base64"]
    name = document_name(told.get("filename", ""))
    return IncomingFile(name=name, size=len(content), file=BytesIO(content))


def read_document(told: Mapping[str, Any]) -> IncomingFile | UploadRef | DocumentUrl:
    """A document."""
    if "upload_id" in told:
        return UploadRef(str(told["upload_id"]))
    return read_brought(told)
