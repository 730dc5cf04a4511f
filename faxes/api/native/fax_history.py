"""What happened to a fax: its events, also as they come, and its tries."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native import live
from faxes.api.native.asked import Asked, an_id
from faxes.api.native.base import Resource, listed
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import AttemptShape, EventShape
from faxes.queries.faxes import detail_for

_EVENTS: Final[Any] = page_of(EventShape, "EventPage")
_ATTEMPTS: Final[Any] = page_of(AttemptShape, "AttemptPage")
_STREAMS: Final = {"1": True, "true": True, "0": False, "false": False}
_STREAM: Final = Query(
    "stream",
    "Tell the events as they come, as server-sent events.",
    {"type": "string", "enum": list(_STREAMS)},
)
_LAST: Final = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="With `stream`: go on behind this event.",
)
_EXAMPLE: Final = (
    "id: 019a0000-0000-7000-8000-000000000001\n"
    "event: fax.sending\n"
    'data: {"id": "019a0000-0000-7000-8000-000000000001", "at": "2026-11-21T18:00:00.000Z", '
    '"from": "queued", "to": "sending", "because": "dialing", "attempt_id": null, '
    '"pages_done": 0, "pages": 3}\n\n'
)


class FaxEvents(Resource):
    """The steps of a fax."""

    queries: ClassVar = {"get": (_STREAM,)}
    problems: ClassVar = {"get": (503,)}

    @extend_schema(
        operation_id="list_fax_events",
        tags=["Faxes"],
        parameters=[_LAST],
        responses={
            (200, "application/json"): _EVENTS,
            (200, live.MEDIA_TYPE): OpenApiResponse({"description": "The events."}, _EXAMPLE),
            204: OpenApiResponse(None, "With `stream`: the fax has ended, and all was told."),
        },
    )
    def get(self, request: Request, fax: UUID) -> HttpResponseBase:
        """All events of the fax, oldest first, or a stream of them.

        With `stream=1` they come as server-sent events until the fax has ended. `id` is the
        event's id, `event` is `fax.` and the new status, `data` the event as JSON with `pages_done`
        and `pages`. `event: page` tells of a page done, `event: end` that nothing more will come.
        A comment every 10 seconds keeps the connection open. The stream ends after 20 seconds,
        also if the fax is still under way: connect again with `Last-Event-ID`, as browsers do by
        themselves; once all is told that is answered 204. Only a few streams can be open at once;
        more are answered 503 with `Retry-After`. Webhooks are the way to follow many faxes.
        """
        asked = Asked(request)
        stream = asked.read("stream", _STREAMS.__getitem__, otherwise=False)
        asked.require()
        actor = actor_of(request)
        if not stream:
            return listed(EventShape(detail_for(actor, fax).events, many=True).data)
        if request.method == "HEAD":
            detail_for(actor, fax)
            return HttpResponse(content_type=live.MEDIA_TYPE)
        return live.live_answer(actor, fax, last=_last_seen(request))


class FaxAttempts(Resource):
    """The tries at sending or receiving a fax."""

    @extend_schema(operation_id="list_fax_attempts", tags=["Faxes"], responses=_ATTEMPTS)
    def get(self, request: Request, fax: UUID) -> Response:
        """All tries, the first one first, with every fact of the call that is known."""
        return listed(AttemptShape(detail_for(actor_of(request), fax).attempts, many=True).data)


def _last_seen(request: Request) -> UUID | None:
    """The event that a stream goes on behind; what is no id says nothing, as with browsers."""
    try:
        return an_id(request.headers.get("Last-Event-ID", ""))
    except ValueError:
        return None
