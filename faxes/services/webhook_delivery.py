"""Deliver what webhooks are told: signed, once at least, and none held up by another.

Whatever is due is claimed, posted and settled, each in a thread of its own, as an endpoint may take
its time. ``accounts.services.webhook_queue`` says what is due and what follows.
"""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connections
from standardwebhooks import Webhook

from accounts import clock
from accounts.services import webhook_notices, webhook_queue
from accounts.services.webhook_queue import Answer, Parcel
from faxes.enums import ErrorCode
from faxes.errors import FaxError
from faxes.fetch import FetchLimits, fetch
from faxes.services import dialects
from faxes.services.delivery_loop import Kind, carry_out
from faxes.services.dialects import Posting

log = logging.getLogger(__name__)
THREADS: Final = 32
_TELL_EVERY: Final = 10.0  # seconds between looks for endpoints that were switched off
_SECONDS: Final = 15.0
_KEPT_BYTES: Final = 4096
_KEPT_HEADERS: Final = ("content-type", "date", "server", "retry-after", "location", "x-request-id")
_KEPT_LENGTH: Final = 500
_SECRET_LOST: Final = "secret_lost"  # noqa: S105 (sealed with a key that is known no longer)


def run(*, stopping: threading.Event, threads: int = THREADS) -> None:
    """Deliver whatever comes to be due, until told to stop; then let deliveries end."""
    threading.Thread(target=_tell_switched_off, args=(stopping,), daemon=True).start()
    kind = Kind("webhooks", threads, claim_next=webhook_queue.claim_next, deliver=deliver)
    carry_out(kind, stopping=stopping)


def deliver_due() -> int:
    """Deliver all that is due, one after the other; how many tries that were."""
    tries = 0
    while (parcel := webhook_queue.claim_next(clock.now())) is not None:
        deliver(parcel)
        tries += 1
    return tries


def deliver(parcel: Parcel) -> bool:
    """Post a claimed message and settle it; whether the endpoint has it."""
    try:
        answer = _posted(parcel)
    except DatabaseError:  # nothing can be settled either: its lease ends
        raise
    except Exception:  # else it would be claimed for ever, and hold what is told behind it
        log.exception("message %s could not be posted", parcel.message_id)
        answer = Answer(error_code=ErrorCode.INTERNAL_ERROR)
    webhook_queue.settle(parcel, answer, now=clock.now())
    return parcel.delivered(answer)


def _tell_switched_off(stopping: threading.Event) -> None:
    """Mail about endpoints that were switched off; a mail server may take its time, too."""
    while not stopping.wait(_TELL_EVERY):
        try:
            webhook_notices.tell_switched_off(clock.now())
        except Exception:  # the next look finds what is left
            log.exception("nobody could be told of webhooks that were switched off")
        finally:
            connections.close_all()


def _posted(parcel: Parcel) -> Answer:
    """What comes of posting a message, whatever that is."""
    if not parcel.secrets and (parcel.worded is None or parcel.worded.signed):
        return Answer(error_code=_SECRET_LOST)
    now = clock.now()
    posting = _posting(parcel, now)
    limits = FetchLimits(
        seconds=posting.seconds or _SECONDS,
        connect_seconds=posting.connect_seconds,
        size=_KEPT_BYTES,
        redirects=posting.redirects,
        partial=True,
        allowed=settings.FETCH_ALLOW,
    )
    begun = time.monotonic()
    headers = dict(posting.headers)
    try:
        got = fetch(
            posting.url, method=posting.method, headers=headers, body=posting.body, limits=limits
        )
    except FaxError as error:
        seconds = round(time.monotonic() - begun, 3)
        return Answer(error_code=error.code, seconds=seconds, request_headers=headers)
    return Answer(
        status=got.status,
        seconds=round(got.seconds, 3),
        request_headers=headers,
        response_headers=_kept(got.headers),
        response_body=got.body.decode("utf-8", "replace").replace("\0", "\ufffd"),
        retry_after=_retry_after(got.headers.get("retry-after", ""), now),
    )


def _posting(parcel: Parcel, now: datetime) -> Posting:
    """The request that a message is sent by."""
    if parcel.worded is not None:
        return dialects.written(parcel, parcel.worded)
    return Posting("POST", parcel.url, _headers(parcel, now), parcel.body.encode())


def _headers(parcel: Parcel, now: datetime) -> dict[str, str]:
    """The headers of a message, by Standard Webhooks: signed with each secret that counts."""
    key = str(parcel.message_id)
    signatures = [Webhook(secret).sign(key, now, parcel.body) for secret in parcel.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "fax-portal-webhooks/1",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: headers[name].replace("\0", "\ufffd")[:_KEPT_LENGTH]
        for name in _KEPT_HEADERS
        if name in headers
    }


def _retry_after(written: str, now: datetime) -> timedelta | None:
    """For how long not to ask, as seconds or a date tell; None where they do not."""
    if written.isascii() and written.isdecimal():
        return timedelta(seconds=min(int(written[:9]), 10**8))
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
