"""Before a number answers, the program that its account named is asked whether to take the fax.

Each dialect says how it asks and reads what is said, when the site starts. Whatever goes wrong with
that, the fax is taken: a fax that was not wanted is deleted in a moment, one that was turned away
is lost. What was decided is kept with the fax, so a call that is dialled again asks nobody twice.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.models import EventType
from accounts.services import events, webhook_questions
from accounts.services.webhook_queue import Answer
from faxes import lifecycle
from faxes.carriers.base import Arrival
from faxes.enums import FaxState, Outcome, Paper
from faxes.errors import FaxError
from faxes.fetch import Fetched, FetchLimits, fetch
from faxes.models import Fax, Number
from faxes.services import receive
from faxes.services.dialects import Posting

log = logging.getLogger(__name__)
_SECONDS: Final = 7.0  # well within the lease of a call
_MOST_BYTES: Final = 64 * 1024
_NOTED_BYTES: Final = 4096
_NOT_UNDERSTOOD: Final = "answer_not_understood"


class NotUnderstood(Exception):
    """What a program answered says nothing about faxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done with a fax: taken and told of, or turned away.

    ``action`` is where to tell what came of it, ``media_type`` as what it is fetched; ``paper``
    what its pages are laid out on, the account's own if None. Pages not to ``keep`` go once that
    was told.
    """

    take: bool = True
    busy: bool = False  # what a caller who is turned away hears; else that nobody is there
    action: str = ""
    method: str = "POST"
    media_type: str = ""
    paper: Paper | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who is asked about which fax; ``key`` is what the request is signed with."""

    fax: Fax
    url: str
    method: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a dialect asks: the request, and what an answer of so many types says.

    ``read`` takes the type, the body and the URL that answered; it raises ``NotUnderstood``.
    """

    kind: str  # whose words those are: that of the callbacks that follow
    posting: Callable[[Asking], Posting]
    read: Callable[[str, bytes, str], Verdict]
    media_types: frozenset[str]


_WAYS: Final[list[Way]] = []
TAKEN: Final = Verdict()


def register(way: Way) -> None:
    """Say how programs of numbers are asked: there is one way."""
    _WAYS[:] = [way]


def verdict_on(number: Number, arrival: Arrival) -> Verdict:
    """What to do with a fax that is about to come in, by the number's program; holds no lock.

    It takes the time that an answer takes, ``Posting.seconds`` at most.
    """
    if not number.webhook_url or not _WAYS:
        return TAKEN
    fax = receive.begun(number.carrier, arrival)
    if fax is None:  # it was deleted, while the call was dialled again
        return TAKEN
    if "verdict" in fax.callback:
        return _read_back(fax.callback["verdict"])
    if fax.state != FaxState.RECEIVING:
        return TAKEN
    try:
        verdict = _asked(_WAYS[0], fax, number)
    except Exception:  # else the call would not be carried, at any of its dials
        log.exception("the program of number %s could not be asked", number.pk)
        verdict = TAKEN
    return _kept(_WAYS[0].kind, fax, verdict)


def _asked(way: Way, fax: Fax, number: Number) -> Verdict:
    """Ask, and note in the log of webhooks what was answered."""
    endpoint = events.signing_endpoint(fax.account_id, at=clock.now())
    asking = Asking(
        fax=fax, url=number.webhook_url, method=number.webhook_method.upper(), key=endpoint.secret
    )
    posting = way.posting(asking)
    verdict, noted = _answered(way, posting)
    webhook_questions.note(
        endpoint,
        url=number.webhook_url,
        event=EventType.FAX_RECEIVED,
        object_type="fax",
        object_id=fax.pk,
        answer=noted,
        understood=verdict is not None,
        now=clock.now(),
    )
    return verdict or TAKEN


def _answered(way: Way, posting: Posting) -> tuple[Verdict | None, Answer]:
    """What was said, None if nothing that helps; and what is noted of it."""
    limits = FetchLimits(
        seconds=posting.seconds or _SECONDS,
        connect_seconds=posting.connect_seconds,
        size=_MOST_BYTES,
        redirects=posting.redirects,
        media_types=way.media_types,
        allowed=settings.FETCH_ALLOW,
    )
    begun, sent = time.monotonic(), dict(posting.headers)
    try:
        got = fetch(
            posting.url, method=posting.method, headers=sent, body=posting.body, limits=limits
        )
    except FaxError as error:
        seconds = round(time.monotonic() - begun, 3)
        status = error.params.get("status")
        if isinstance(status, int):
            return None, Answer(status=status, seconds=seconds, request_headers=sent)
        return None, Answer(error_code=error.code, seconds=seconds, request_headers=sent)
    try:
        verdict = way.read(got.headers.get("content-type", ""), got.body, got.final_url)
    except NotUnderstood:
        return None, _noted(got, sent, error_code=_NOT_UNDERSTOOD)
    return verdict, _noted(got, sent)


def _noted(got: Fetched, sent: dict[str, str], *, error_code: str = "") -> Answer:
    text = got.body[:_NOTED_BYTES].decode("utf-8", "replace")
    return Answer(
        status=None if error_code else got.status,
        error_code=error_code,
        seconds=round(got.seconds, 3),
        request_headers=sent,
        response_headers={"content-type": _storable(got.headers.get("content-type", "")[:200])},
        response_body=_storable(text),
    )


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _kept(kind: str, fax: Fax, verdict: Verdict) -> Verdict:
    """What counts for the fax, kept with it: what was decided first, should two have asked.

    One that is turned away ends with that.
    """
    callback: dict[str, Any] = {"kind": kind, "verdict": asdict(verdict)}
    if verdict.action:
        callback |= {"url": verdict.action, "method": verdict.method}
    if verdict.media_type:
        callback["media_type"] = verdict.media_type
    changes: dict[str, Any] = {"callback": callback, "keep_documents": verdict.keep}
    if verdict.paper is not None:
        changes["paper"] = verdict.paper
    with transaction.atomic():
        held = Fax.rows.select_for_update(no_key=True).filter(pk=fax.pk)
        earlier = held.values_list("callback", flat=True).first() or {}
        if "verdict" in earlier:
            return _read_back(earlier["verdict"])
        Fax.rows.filter(pk=fax.pk).update(**changes)
        if not verdict.take:
            for name, value in changes.items():
                setattr(fax, name, value)
            lifecycle.move(
                fax,
                FaxState.FAILED,
                because=Outcome.CANCELED,
                now=clock.now(),
                outcome=Outcome.CANCELED,
            )
    return verdict


def _read_back(kept: dict[str, Any]) -> Verdict:
    """A verdict as it was kept."""
    paper = kept.get("paper")
    return Verdict(**{**kept, "paper": Paper(paper) if paper else None})
