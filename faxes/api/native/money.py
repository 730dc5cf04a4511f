"""Amounts of money as the API writes and reads them: exact decimal figures, as text."""

import re
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.services.amounts import parsed, plain
from faxes.api.native.fields import Text
from faxes.api.native.shapes import OrNothing, Shape

_TOLD: Final = r"^-?[0-9]+\.[0-9]{2,6}$"
_WRITTEN: Final = r"^[0-9]{1,9}(\.[0-9]{1,6})?$"


@extend_schema_field({"type": "string", "pattern": _TOLD, "examples": ["12.50"]})
class Money(serializers.Field[int, Any, str, Any]):
    """An amount of an answer, which is kept in micro-units."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: int) -> str:
        """The figure."""
        return plain(value)


@extend_schema_field({"type": "string", "pattern": _WRITTEN, "examples": ["12.50"]})
class Amount(serializers.CharField):
    """An amount of a body, not below zero; read into micro-units."""

    default_error_messages: ClassVar = {"invalid": "An amount is a figure such as 12.50."}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> Any:
        """The amount in micro-units.

        Raises:
            ValidationError: it is none.

        """
        written = super().to_internal_value(data)
        if not re.fullmatch(_WRITTEN, written):
            self.fail("invalid")
        return parsed(written)


class BalanceShape(Shape):
    """How an account stands and pays; what is about money is null for one that is not billed."""

    account_id = serializers.UUIDField(source="account.pk")
    billed = serializers.SerializerMethodField()
    currency = OrNothing(source="funds.currency")
    posted = Money(source="funds.posted", allow_null=True,
                   help_text="Paid less spent.")  # fmt: skip
    held = Money(source="funds.held", allow_null=True,
                 help_text="Set aside for faxes under way.")  # fmt: skip
    credit_limit = Money(source="funds.credit", allow_null=True,
                         help_text="How far below zero it may go.")  # fmt: skip
    available = Money(source="funds.available", allow_null=True,
                      help_text="What may be spent now.")  # fmt: skip
    low = serializers.BooleanField(source="funds.low", allow_null=True)
    mode = serializers.ChoiceField(["prepaid", "postpaid"], source="billing.mode", allow_null=True)
    plan_id = serializers.UUIDField(source="billing.plan_id", allow_null=True)

    def get_billed(self, standing: Any) -> bool:
        """Whether it pays for its faxes."""
        return standing.funds is not None


class Note(Text):
    """A note beside an entry, which the account reads too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 200, "required": False, "allow_blank": True, **options})
