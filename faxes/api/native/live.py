"""A fax followed as server-sent events (WHATWG HTML, 9.2) while it is under way.

A stream holds one of the few threads that the web server answers with. So few are open at once and
none for long: programs connect anew and go on behind the last event that they saw.
"""

import json
import time
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts import patience
from accounts.scoping import Actor
from faxes.api.native.problems import Fault, Problem
from faxes.api.native.shapes import EventShape
from faxes.errors import FaxNotFound
from faxes.queries.follow import Moment, events_after, moment_of

MEDIA_TYPE: Final = "text/event-stream"
AT_ONCE: Final = 2  # in one process, which has four threads
SECONDS: Final = 20.0  # less than a portal that is stopped waits for its web server
_LOOK_EVERY: Final = 1.0
_BEAT_EVERY: Final = 10.0
_CONNECT_AGAIN: Final = 2000  # ms
_open: Final = BoundedSemaphore(AT_ONCE)


def live_answer(actor: Actor, fax_id: UUID, *, last: UUID | None) -> HttpResponseBase:
    """The events of a fax from behind ``last``, as they come; 204 if there will never be another.

    Raises:
        NotAllowed, FaxNotFound
        Problem: as many streams as may be are open.

    """
    now = moment_of(actor, fax_id)
    if now is None:
        raise FaxNotFound
    if now.ended and last is not None and not events_after(actor, fax_id, last):
        return HttpResponse(status=204)  # which keeps browsers from connecting again
    if not patience.taken(_open):
        told = "As many streams as may be are open. Try again, or ask without stream."
        raise Problem(503, [Fault("streams_busy", told)], headers={"Retry-After": "5"})
    answer = StreamingHttpResponse(_Stream(actor, fax_id, last), content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Accel-Buffering"] = "no"  # a proxy would wait for more
    return answer


class _Stream:
    """What is sent; the place among the open ones is given back with ``close``, once."""

    def __init__(self, actor: Actor, fax_id: UUID, last: UUID | None) -> None:
        self._actor, self._fax_id, self._last = actor, fax_id, last
        self._holds = True

    def __iter__(self) -> Iterator[str]:
        yield f"retry: {_CONNECT_AGAIN}\n\n"
        began = beat = time.monotonic()
        before: Moment | None = None
        while (now := moment_of(self._actor, self._fax_id)) is not None:
            told = list(self._news(before, now))
            yield from told
            if now.ended or time.monotonic() - began > SECONDS:
                return
            if told:
                beat = time.monotonic()
            elif time.monotonic() - beat > _BEAT_EVERY:
                beat = time.monotonic()
                yield ": still here\n\n"
            before = now
            time.sleep(_LOOK_EVERY)

    def close(self) -> None:
        """Let somebody else have the place."""
        if self._holds:
            self._holds = False
            patience.give_back(_open)

    def _news(self, before: Moment | None, now: Moment) -> Iterator[str]:
        if before is None or (before.state, before.tries) != (now.state, now.tries):
            for event in events_after(self._actor, self._fax_id, self._last):
                self._last = event.pk
                told = {**EventShape(event).data, **_progress(now)}
                yield _message(f"fax.{event.to_state}", told, key=event.pk)
        done = before.pages_done if before else 0
        if now.pages_done not in {0, done} and not now.ended:
            yield _message("page", {"status": now.state.value, **_progress(now)})
        if now.ended:
            yield _message("end", {"status": now.state.value, "outcome": now.outcome or None})


def _progress(now: Moment) -> dict[str, int]:
    return {"pages_done": now.pages_done, "pages": now.pages}


def _message(name: str, data: dict[str, Any], *, key: UUID | None = None) -> str:
    line = f"id: {key}\n" if key else ""
    return f"{line}event: {name}\ndata: {json.dumps(data)}\n\n"
