"""What carriers ask of the portal: they tell that something happened, and fetch what is to be sent.

Nothing that they tell is believed. A call names tries and arrivals, or says that there is something
new; what became of them the carrier is asked, by the same jobs as without any call.
"""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import Q

from faxes import jobs
from faxes.carriers.base import Heard, HookRefused, HookRequest
from faxes.enums import FaxState
from faxes.models import Attempt, AttemptState, Carrier, Document, Fax
from faxes.services import handed_out
from faxes.services.carrier_tools import hook_url, is_hook_of, opened
from faxes.services.outgoing import outgoing

_MOST_NAMED: Final = 50  # tries or arrivals, in one call
_LONGEST_REF: Final = 128
_PDF: Final = "application/pdf"


class NoSuchPlace(Exception):
    """Nothing is at this address, or nothing any more."""


class NotTheCarrier(Exception):
    """The address is right, and yet the carrier did not ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the carrier wants to hear."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of a carrier; ``query`` as it stands in the address, names of headers small."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The pages of a try as a file; the same ``tag`` is the same bytes."""

    media_type: str
    tag: str
    name: str
    open: Callable[[], BinaryIO]


def hear(carrier_id: UUID, *, secret: str, call: Call) -> Answer:
    """Take note of what a carrier tells; what it wants to hear.

    Raises:
        NoSuchPlace: there is no such carrier, or the secret is not its own.
        NotTheCarrier: the carrier's own signature is missing or wrong, or it never tells anything.

    """
    row = Carrier.objects.filter(pk=carrier_id).first()
    if not is_hook_of(carrier_id, secret) or row is None:
        raise NoSuchPlace
    request = HookRequest(
        method=call.method,
        url=hook_url(carrier_id) + (f"?{call.query}" if call.query else ""),
        headers=call.headers,
        query=dict(parse_qsl(call.query, keep_blank_values=True)),
        body=call.body,
    )
    try:
        heard = opened(row).heard(request)
    except HookRefused as refused:
        raise NotTheCarrier(f"{row.kind} {row.pk}: {refused}") from None
    _look_after(row, heard)
    return Answer(heard.status, heard.content_type, heard.answer)


def pages_at(token: str) -> HandedOut:
    """The pages that are handed out at an address.

    Raises:
        NoSuchPlace: it is none, its time is over, or the try of its pages has ended.
        CannotOpen: the pages are there, and cannot be opened at present.

    """
    key = handed_out.key_in(token)
    if key is None:
        raise NoSuchPlace
    attempt = (
        Attempt.objects.across_tenants(why="a carrier fetches the pages of a try")
        .select_related("fax__faxbox", "fax__account")
        .filter(key=key, state=AttemptState.CALLING)
        .first()
    )
    if attempt is None:
        raise NoSuchPlace
    try:
        handed = outgoing(attempt, attempt.fax)
        pdf = handed.document.pdf()
    except (Document.DoesNotExist, FileNotFoundError):
        raise NoSuchPlace from None
    tag = hashlib.sha256(pdf).hexdigest()
    return HandedOut(_PDF, tag, f"{key}.pdf", lambda: io.BytesIO(pdf))


def _look_after(row: Carrier, heard: Heard) -> None:
    """Have looked at what was named, as far as there is anything to find out about it."""
    named = Q(key__in=heard.keys[:_MOST_NAMED])
    named |= Q(carrier_ref__in=[each for each in heard.sent_refs[:_MOST_NAMED] if _is_ref(each)])
    tries = Attempt.objects.across_tenants(why="a carrier names tries").filter(
        named, carrier=row, state=AttemptState.CALLING
    )
    for key in tries.values_list("key", flat=True):
        jobs.enqueue("follow", key=key)
    arrivals = {each for each in heard.arrivals[:_MOST_NAMED] if _is_ref(each)}
    known = Fax.objects.across_tenants(why="a carrier names arrivals").filter(
        carrier=row, carrier_ref__in=arrivals
    )
    ended = set(known.exclude(state=FaxState.RECEIVING).values_list("carrier_ref", flat=True))
    for ref in sorted(arrivals - ended):
        jobs.enqueue("receive", carrier=row.pk, ref=ref)
    if heard.look:
        jobs.enqueue("sync", carrier=row.pk)


def _is_ref(told: str) -> bool:
    """Whether it can be an id that a carrier told before."""
    return 0 < len(told) <= _LONGEST_REF and told.isprintable()
