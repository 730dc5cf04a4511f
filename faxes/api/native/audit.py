"""The audit log: who did what, when and from where."""

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.audit import AuditFilter, entries_for
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import ID, TIME, Asked, a_time, an_id, place
from faxes.api.native.base import PAGING, Resource, listed, page_size
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape

_ACTION: Final = 40


class AuditShape(Shape):
    """One line of the log. It holds no content of faxes."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "audit_entry".')
    number = serializers.IntegerField(help_text="Counts the account's entries without a gap.")
    at = Instant()
    actor = serializers.CharField(help_text="The person or token.")
    user_id = serializers.UUIDField(allow_null=True)
    on_behalf = OrNothing(help_text="For whom somebody from outside acted.")
    via = serializers.CharField()
    address = OrNothing(help_text="From where on the network.")
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.UUIDField(allow_null=True)
    facts = serializers.DictField(help_text="Counts, reasons and such; amounts in millionths.")
    digest = serializers.CharField(help_text="Over all that it says and the digest before it.")

    def get_object(self, entry: Any) -> str:
        """What this is."""
        del entry
        return "audit_entry"


class Audit(Resource):
    """The entries."""

    queries: ClassVar = {
        "get": (
            Query("user", "Only what this person did.", ID),
            Query(
                "action",
                "Only acts of this kind, such as `token.create`.",
                {"type": "string", "minLength": 1, "maxLength": _ACTION},
            ),
            Query("from", "Not before this.", TIME),
            Query("until", "Before this.", TIME),
            *PAGING,
        )
    }

    @extend_schema(
        operation_id="list_audit", tags=["Audit"], responses=page_of(AuditShape, "AuditPage")
    )
    def get(self, request: Request) -> Response:
        """A page of the log, the newest first."""
        asked = Asked(request)
        shown = AuditFilter(
            user_id=asked.read("user", an_id, None),
            action=asked.read("action", _action, ""),
            since=asked.read("from", a_time, None),
            until=asked.read("until", a_time, None),
        )
        below = asked.read("cursor", place, 0)
        asked.require()
        page = entries_for(actor_of(request), shown, below=below, size=page_size(request))
        return listed(AuditShape(page.entries, many=True).data, str(page.older or ""))


def _action(written: str) -> str:
    if not 0 < len(written) <= _ACTION:
        raise ValueError(written)
    return written
