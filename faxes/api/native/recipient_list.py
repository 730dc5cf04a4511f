"""The list of recipients in the body of a broadcast: read by hand, since it may be very long."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from faxes.services.recipients import MOST_RECIPIENTS, MOST_TOLD, RecipientRequest

_LONGEST: Final = {"number": 40, "name": 120}
_MEMBERS: Final = frozenset({*_LONGEST, "metadata"})
_ONE: Final = {
    "type": "object",
    "required": ["number"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "string", "minLength": 1, "maxLength": _LONGEST["number"]},
        "name": {"type": "string", "maxLength": _LONGEST["name"]},
        "metadata": {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": 500},
            "description": "Of this fax; added to that of all.",
        },
    },
}


@extend_schema_field(
    {
        "type": "array",
        "maxItems": 2 * MOST_RECIPIENTS,
        "items": {"oneOf": [{"type": "string", "minLength": 1, "maxLength": 40}, _ONE]},
    }
)
class RecipientList(serializers.Field[Any, Any, Any, Any]):
    """Numbers, or objects with number, name and metadata, in any mixture."""

    def to_internal_value(self, data: Any) -> list[RecipientRequest]:
        """The recipients as they are written; whether they are numbers is for the service.

        Raises:
            ValidationError: with what is wrong at which position, of very many the first.

        """
        if not isinstance(data, list):
            raise serializers.ValidationError("This must be a list.", code="not_a_list")
        if len(data) > 2 * MOST_RECIPIENTS:
            told = f"These are more than {MOST_RECIPIENTS} recipients."
            raise serializers.ValidationError(told, code="max_length")
        read, wrong = [], {}
        for position, each in enumerate(data):
            if faults := _faults(each):
                wrong[position] = faults
                if len(wrong) == MOST_TOLD:
                    break
            elif isinstance(each, str):
                read.append(RecipientRequest(each))
            else:
                read.append(RecipientRequest(**each))
        if wrong:
            raise serializers.ValidationError(wrong)  # type: ignore[arg-type]  # by position
        return read

    def to_representation(self, value: Any) -> Any:
        """They are only ever read."""
        return value


def _faults(each: Any) -> Any:
    """What is wrong with one of them, by its members."""
    if isinstance(each, str):
        return (
            [] if len(each) <= _LONGEST["number"] else [_fault("This is too long.", "max_length")]
        )
    if not isinstance(each, Mapping):
        return [_fault("This must be a number as text, or an object.", "type_wrong")]
    wrong = {
        str(name): [_fault("There is no such parameter.", "unknown")]
        for name in each
        if name not in _MEMBERS
    }
    if "number" not in each:
        wrong["number"] = [_fault("This is required.", "required")]
    for name, longest in _LONGEST.items():
        if name in each and not isinstance(each[name], str):
            wrong[name] = [_fault("This must be a text.", "type_wrong")]
        elif len(each.get(name, "")) > longest:
            wrong[name] = [_fault(f"At most {longest} characters fit.", "max_length")]
    if not isinstance(each.get("metadata", {}), Mapping):
        wrong["metadata"] = [_fault("This must be an object of texts.", "type_wrong")]
    return wrong


def _fault(told: str, code: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(told, code=code)
