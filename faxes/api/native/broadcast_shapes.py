"""What the API tells of broadcasts and their recipients."""

from typing import Any, ClassVar, TypedDict

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from faxes.api.native.shapes import ErrorTold, Instant, OrNothing, Shape, words
from faxes.enums import BroadcastState, ErrorCode, Outcome, RecipientState, RecipientStatus
from faxes.queries.broadcasts import status_of
from faxes.wording import sentence_for


class RecipientsTold(TypedDict):
    """How many recipients stand where."""

    total: int
    duplicates: int
    waiting: int
    sent_on: int
    refused: int
    canceled: int


class FaxesTold(TypedDict):
    """How many of its faxes stand where."""

    preparing: int
    queued: int
    sending: int
    delivered: int
    failed: int
    canceled: int
    deleted: int


class BroadcastShape(Shape):
    """A broadcast, and how far it is."""

    renamed: ClassVar[dict[str, str]] = {"sender": "from"}

    id = serializers.UUIDField(source="broadcast.pk")
    object = serializers.SerializerMethodField(help_text='Always "broadcast".')
    name = serializers.CharField(source="broadcast.name")
    status = words(BroadcastState, source="state")
    finished = serializers.BooleanField(help_text="Nothing of it is under way any more.")
    error = serializers.SerializerMethodField()
    sender = serializers.CharField(source="broadcast.from_number")
    faxbox_id = serializers.UUIDField(source="broadcast.faxbox_id")
    pages = serializers.IntegerField(
        source="broadcast.pages", help_text="Of each fax, as counted when it was handed in."
    )
    recipients = serializers.SerializerMethodField()
    faxes = serializers.SerializerMethodField()
    created_at = Instant(source="broadcast.created_at")
    send_at = Instant(source="broadcast.send_at", allow_null=True)
    handed_over_at = Instant(
        source="broadcast.handed_over_at", allow_null=True, help_text="No recipient waits since."
    )
    canceled_at = Instant(source="broadcast.canceled_at", allow_null=True)

    def get_object(self, detail: Any) -> str:
        """What this is."""
        del detail
        return "broadcast"

    def get_error(self, detail: Any) -> ErrorTold | None:
        """Why no fax could be made; null if that is not the matter."""
        return _error(detail.broadcast)

    def get_recipients(self, detail: Any) -> RecipientsTold:
        """How many recipients stand where."""
        count = detail.recipients.get
        return {
            "total": detail.broadcast.recipients_total,
            "duplicates": detail.broadcast.duplicates,
            "waiting": count(RecipientState.WAITING, 0),
            "sent_on": count(RecipientState.SENT_ON, 0),
            "refused": count(RecipientState.REFUSED, 0),
            "canceled": count(RecipientState.CANCELED, 0),
        }

    def get_faxes(self, detail: Any) -> FaxesTold:
        """How many of its faxes stand where."""
        count = {state.value: number for state, number in detail.faxes.items()}.get
        return {
            "preparing": count("preparing", 0),
            "queued": count("queued", 0),
            "sending": count("sending", 0),
            "delivered": count("delivered", 0),
            "failed": count("failed", 0),
            "canceled": count("canceled", 0),
            "deleted": detail.deleted,
        }


class RecipientShape(Shape):
    """One recipient of a broadcast, and what became of it."""

    position = serializers.IntegerField(help_text="From 1, without those that came twice.")
    number = OrNothing(help_text="In E.164; null once its fax was deleted.")
    name = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    status = serializers.SerializerMethodField()
    fax_id = serializers.UUIDField(allow_null=True)
    outcome = serializers.SerializerMethodField()
    pages_done = serializers.IntegerField(source="fax.pages_done", default=0)
    tries = serializers.IntegerField(source="fax.tries", default=0)
    finished_at = Instant(source="fax.finished_at", default=None, allow_null=True)
    error = serializers.SerializerMethodField()

    def get_status(self, recipient: Any) -> RecipientStatus:
        """Where it stands: by itself, or as its fax does."""
        return status_of(recipient)

    @extend_schema_field(serializers.ChoiceField([each.value for each in Outcome], allow_null=True))
    def get_outcome(self, recipient: Any) -> str | None:
        """How the last try came out; null before."""
        fax = recipient.fax
        return fax.outcome or None if fax is not None else None

    def get_error(self, recipient: Any) -> ErrorTold | None:
        """Why it got no fax, or why that could not be made; else null."""
        return _error(recipient) or (_error(recipient.fax) if recipient.fax is not None else None)


def _error(row: Any) -> ErrorTold | None:
    if not row.error_code:
        return None
    detail = sentence_for(ErrorCode(row.error_code), row.error_params)
    return {"code": row.error_code, "detail": detail}
