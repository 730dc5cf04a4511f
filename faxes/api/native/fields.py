"""Members of bodies whose parts, too, are of the type that the description says."""

import base64
import binascii
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class Text(serializers.CharField):
    """A text; what is no text is not made one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> str:
        """The text.

        Raises:
            ValidationError: it is none.

        """
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "binary"})
class File(serializers.FileField):
    """A file of a form."""


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class Address(Text):
    """An e-mail address; whether it is one is for the service."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254, **options})


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 500},
        "propertyNames": {"minLength": 1, "maxLength": 40},
        "maxProperties": 50,
    }
)
class Texts(serializers.DictField):
    """Texts by name; how many, and how long their names are, is for the service."""

    child = Text(allow_blank=True, max_length=500)

    def to_internal_value(self, data: Any) -> Any:
        """The texts.

        Raises:
            ValidationError: they are not.

        """
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        return super().to_internal_value(data)


class Base64(serializers.Field[bytes, str, str, Any]):
    """Bytes as base64 (RFC 4648), with line ends or without."""

    def to_internal_value(self, data: Any) -> bytes:
        """The bytes.

        Raises:
            ValidationError: it is not base64.

        """
        try:
            return base64.b64decode("".join(data.split()), validate=True)
        except (AttributeError, binascii.Error, ValueError):
            told = "This is not base64."
            raise serializers.ValidationError(told, code="base64_invalid") from None
