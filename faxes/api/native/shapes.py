"""What the API tells of faxes: each shape once, for answers and for their description alike."""

from functools import cache
from typing import Any, ClassVar, TypedDict

from django.urls import reverse
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.utils.serializer_helpers import BindingDict

from faxes.api.native.times import instant
from faxes.enums import Direction, DocumentRole, ErrorCode, FaxState, Outcome, Paper, Quality
from faxes.queries.retention import Until, until_of
from faxes.wording import sentence_for


class ErrorTold(TypedDict):
    """Why a fax could not be made."""

    code: str
    detail: str


class Instant(serializers.DateTimeField):
    """A time, as RFC 3339 in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> Any:
        """The time to the millisecond."""
        return instant(value)


class OrNothing(serializers.CharField):
    """A text that is null where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        """The text; None if it is empty."""
        return str(value) if value else None


class Shape(serializers.Serializer[Any]):
    """What is told of something; ``renamed`` are members whose names Python keeps for itself."""

    renamed: ClassVar[dict[str, str]] = {}

    def __init__(self, instance: Any = None, data: Any = empty, **options: Any) -> None:
        super().__init__(instance, data, **{"read_only": True, **options})

    @property
    def fields(self) -> Any:
        """The members: one set for all answers, as it keeps nothing of them.

        To copy them for each, as is usual, takes longer than to fill them in.
        """
        return _fields_of(type(self))

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The members under their own names."""
        fields = super().get_fields()
        return {self.renamed.get(name, name): field for name, field in fields.items()}


@cache
def _fields_of(shape: type[Shape]) -> BindingDict:
    first = shape()
    fields = BindingDict(first)
    for name, field in first.get_fields().items():
        fields[name] = field
    return fields


def words(values: Any, **options: Any) -> serializers.ChoiceField:
    """A member that is one of a few words."""
    return serializers.ChoiceField([each.value for each in values], read_only=True, **options)


class AttemptShape(Shape):
    """One try at transmission; what nobody told is null."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="1 for the first try.")
    state = serializers.ChoiceField(["calling", "ended"])
    outcome = serializers.ChoiceField([each.value for each in Outcome], allow_null=True)
    to = serializers.CharField(source="to_number")
    started_at = Instant()
    ended_at = Instant(allow_null=True)
    pages_sent = serializers.IntegerField()
    line_seconds = serializers.FloatField(allow_null=True)
    bit_rate = serializers.IntegerField(allow_null=True, help_text="bit/s.")
    ecm = serializers.BooleanField(allow_null=True, help_text="Error correction was used.")
    compression = OrNothing()
    resolution = OrNothing()
    bad_rows = serializers.IntegerField(allow_null=True)
    remote_station_id = OrNothing()
    completion_code = serializers.IntegerField(allow_null=True)
    completion_text = OrNothing()

    def to_representation(self, instance: Any) -> Any:
        """The try; an outcome that is not there yet is null."""
        told = super().to_representation(instance)
        told["outcome"] = told["outcome"] or None
        return told


class EventShape(Shape):
    """A step of a fax from one status to another, and why."""

    renamed: ClassVar[dict[str, str]] = {"before": "from"}

    id = serializers.UUIDField()
    at = Instant()
    before = OrNothing(source="from_state", help_text="Null for the first step.")
    to = words(FaxState, source="to_state")
    because = serializers.CharField()
    attempt_id = serializers.UUIDField(allow_null=True)


class DocumentShape(Shape):
    """A stored file of a fax."""

    id = serializers.UUIDField()
    role = words(DocumentRole)
    position = serializers.IntegerField()
    name = OrNothing(help_text="As it was uploaded.")
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    pages = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="Where the file itself is.")

    def get_url(self, document: Any) -> str:
        """Its address."""
        kwargs = {"fax": document.fax_id, "document": document.pk}
        return reverse("api-fax-stored-document", kwargs=kwargs)


class FaxShape(Shape):
    """A fax, out or in."""

    renamed: ClassVar[dict[str, str]] = {"sender": "from"}

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "fax".')
    account_id = serializers.UUIDField()
    direction = words(Direction)
    status = words(FaxState, source="state")
    outcome = serializers.ChoiceField(
        [each.value for each in Outcome],
        allow_null=True,
        help_text="How the last try came out; null before.",
    )
    error = serializers.SerializerMethodField()
    sender = serializers.CharField(source="from_number")
    to = serializers.CharField(source="to_number")
    faxbox_id = serializers.UUIDField()
    subject = serializers.CharField()
    quality = words(Quality)
    paper = words(Paper)
    pages = serializers.IntegerField()
    pages_done = serializers.IntegerField()
    tries = serializers.IntegerField()
    retries = serializers.IntegerField(allow_null=True)
    remote_station_id = OrNothing()
    batch_id = serializers.UUIDField(help_text="Shared by the faxes of one request.")
    broadcast_id = serializers.UUIDField(allow_null=True)
    copied_from = serializers.UUIDField(allow_null=True, help_text="The fax resent or forwarded.")
    origin = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    webhook_url = OrNothing()
    notify = serializers.ListField(child=serializers.EmailField())
    store_documents = serializers.BooleanField(source="keep_documents")
    created_at = Instant()
    send_at = Instant(allow_null=True)
    due_at = Instant(allow_null=True, help_text="When the next try begins.")
    waits_for_approval = serializers.SerializerMethodField(
        help_text="It is not dialed before a second person approves it."
    )
    finished_at = Instant(allow_null=True)
    read_at = Instant(allow_null=True)
    stripped_at = Instant(allow_null=True)
    legal_hold = serializers.SerializerMethodField(
        help_text="Nothing of it can be removed until the hold is lifted."
    )
    pages_kept_until = serializers.DateField(
        allow_null=True,
        source="until.pages",
        help_text="The last day; null is for ever.",
    )
    kept_until = serializers.DateField(allow_null=True, source="until.record")

    def get_object(self, fax: Any) -> str:
        """What this is."""
        del fax
        return "fax"

    def get_legal_hold(self, fax: Any) -> bool:
        """Whether it is under legal hold; one that was just made only with all of its machine."""
        return bool(getattr(fax, "legal_hold", False))

    def get_waits_for_approval(self, fax: Any) -> bool:
        """Whether a second person has to approve it first."""
        return bool(fax.held_for)

    def get_error(self, fax: Any) -> ErrorTold | None:
        """Why the fax could not be made; null if that is not the matter."""
        if not fax.error_code:
            return None
        detail = sentence_for(ErrorCode(fax.error_code), fax.error_params)
        return {"code": fax.error_code, "detail": detail}

    def to_representation(self, instance: Any) -> Any:
        """The fax; an outcome that is not there yet is null."""
        if not hasattr(instance, "until"):
            ended = instance.finished_at is not None
            instance.until = until_of(instance.account, instance) if ended else Until()
        told = super().to_representation(instance)
        told["outcome"] = told["outcome"] or None
        told["due_at"] = None if told["waits_for_approval"] else told["due_at"]
        return told


class FaxDetailShape(FaxShape):
    """A fax with what was asked for besides."""

    attempts = AttemptShape(many=True, required=False, source="shown_attempts")
    events = EventShape(many=True, required=False, source="shown_events")
    documents = DocumentShape(many=True, required=False, source="shown_documents")
