"""Receive one fax: its arrival is followed page by page, and stored once, however often it fails.

``(carrier, its id)`` is unique, so an arrival becomes one row whoever sees it first. Its document
is stored before the row says received; only then does the carrier hear that it may forget. A mark
of what was deleted keeps a carrier that lists it again from bringing it back. Pages that cannot be
had are asked for again by the fax's own wake-up, and hold up no other fax.
"""

import logging
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import clock
from faxes import lifecycle
from faxes.carriers import base
from faxes.enums import Direction, DocumentRole, FaxState, Outcome, Paper, Quality
from faxes.errors import DocumentError
from faxes.models import Carrier, CarrierKind, Fax, Number
from faxes.services import breaker, intake, received_pages, tombstones
from faxes.services.carrier_tools import opened
from faxes.services.documents import attach
from faxes.services.exchange import answers
from faxes.services.settling import MOST_WHOLE

log = logging.getLogger(__name__)
# Carriers may list an arrival late, by so much.
OVERLAP: Final = timedelta(minutes=5)
# For so long it is asked for pages that cannot be had; then the fax is lost, and shown as such.
ASKED_FOR: Final = timedelta(days=3)
LOST: Final = "lost"
LONGEST_REF: Final = 128  # characters of a carrier's own id
_SECONDS: Final = 90.0  # all requests about one arrival, however long a list somebody tells
_PROGRESS_GRACE: Final = timedelta(minutes=2)
_FIRST_PAUSE: Final = 30.0  # seconds, doubled with each try and jittered
_LONGEST_PAUSE: Final = 3600.0
_AFTERWARDS: Final = timedelta(seconds=10)  # storing takes this beside fetching
# What a carrier handed out and is no fax may be its own trouble of the moment, but not for ever.
_UNREADABLE_TRIES: Final = 6
_TOLD_LENGTH: Final = 20  # of a number or name as the far end tells it, which may be anything


class _WasDeleted(Exception):
    """Somebody deleted this fax at this very moment: undo what was begun."""


def receive(carrier_id: UUID, ref: str) -> None:
    """Look at one arrival, and bring it as far as it can be brought now."""
    row, now = Carrier.objects.filter(pk=carrier_id).first(), clock.now()
    if row is None:
        return
    if breaker.is_shut(row, now):  # the fax's wake-up comes again, but not for ever
        _give_up_old(row, ref, now)
        return
    carrier = opened(row, until=time.monotonic() + _SECONDS)
    try:
        told = carrier.arrival(ref)
    except (base.CarrierUnavailable, base.CarrierInDoubt) as trouble:
        note_trouble(row, trouble)
        for each in _arriving(row, ref):
            _in_vain(each)
        return
    if told is None:
        _gone(row, ref)
        return
    arrival = fitting(told)
    if arrival is None:
        return
    fax = begun(row, arrival)
    if fax is None:
        leave(row, carrier, arrival)
    elif fax.state != FaxState.RECEIVING:
        dismiss(carrier, arrival)
    elif arrival.state == base.ArrivalState.RECEIVED:
        _fetch(row, carrier, fax, arrival)
    else:
        noted(carrier, fax, arrival)


def fitting(told: base.Arrival) -> base.Arrival | None:
    """An arrival as rows can hold it, whatever was told; None if its id is none to keep."""
    if not (0 < len(told.ref) <= LONGEST_REF and told.ref.isprintable()):
        log.warning("an arrival has an id that cannot be kept")
        return None
    return replace(
        told,
        called=intake.printable(told.called),
        caller=intake.printable(told.caller),
        station_id=intake.printable(told.station_id),
        pages=max(0, min(told.pages, MOST_WHOLE)),
    )


def begun(row: Carrier, arrival: base.Arrival) -> Fax | None:
    """The fax of an arrival, begun if this is the first that is heard of it.

    None if the number is nobody's (it lies in a pool, has changed hands since the call, or was
    closed before it), or the fax was deleted.
    """
    known = Fax.objects.across_tenants(why="an arrival names its fax").filter(
        carrier=row, carrier_ref=arrival.ref
    )
    if fax := known.first():
        return fax
    if tombstones.buried(row.pk, [arrival.ref]):
        return None
    number = _number_called(row, arrival)
    if number is None or number.faxbox_id is None:
        return None
    fax = Fax(
        account_id=number.account_id,
        direction=Direction.INBOUND,
        faxbox_id=number.faxbox_id,
        from_number=arrival.caller[:_TOLD_LENGTH],
        to_number=arrival.called,
        remote_station_id=arrival.station_id[:_TOLD_LENGTH],
        quality=arrival.quality,
        paper=Paper(number.account.paper),
        carrier=row,
        carrier_ref=arrival.ref,
    )
    try:
        with transaction.atomic():
            lifecycle.begin([fax], because="answered", now=clock.now())
            # Looked for again behind the row: a fax that came, was stored and deleted since the
            # first look has left its mark by the time that its key is free.
            if tombstones.buried(row.pk, [arrival.ref]):
                raise _WasDeleted  # noqa: TRY301 (it must leave the transaction)
    except _WasDeleted:
        return None
    except IntegrityError:
        return known.first()
    return fax


def noted(carrier: base.Carrier, fax: Fax, arrival: base.Arrival) -> None:
    """Note how far an arrival is that has no pages to fetch: it is under way, or brought none."""
    if arrival.state == base.ArrivalState.FAILED:
        _nothing_came(fax)
        dismiss(carrier, arrival)
        return
    Fax.rows.filter(pk=fax.pk, state=FaxState.RECEIVING).update(
        pages_done=arrival.pages,
        remote_station_id=arrival.station_id[:_TOLD_LENGTH],
        wake_at=clock.now() + _PROGRESS_GRACE,
    )


def leave(row: Carrier, carrier: base.Carrier, arrival: base.Arrival) -> None:
    """Leave an arrival that has no fax here to its carrier, unless that fax was deleted here.

    What is for nobody is nobody's to delete: the number may be entered here tomorrow. The embedded
    line alone need not keep it: whom it answers for it knows by itself.
    """
    if row.kind == CarrierKind.EMBEDDED or tombstones.buried(row.pk, [arrival.ref]):
        dismiss(carrier, arrival)


def dismiss(carrier: base.Carrier, arrival: base.Arrival) -> None:
    """Let a carrier forget an arrival with which nothing more is to happen here."""
    if arrival.state == base.ArrivalState.RECEIVING:
        return
    try:
        carrier.discard(arrival.ref)
    except base.CarrierError:
        log.info("arrival %s stays with its carrier for now", arrival.ref)


def note_trouble(row: Carrier, trouble: base.CarrierError) -> None:
    """Tell the breaker that a carrier could not be asked."""
    breaker.note_failure(row, str(trouble), retry_after=getattr(trouble, "retry_after", None))


def for_nobody(row: Carrier, arrivals: Sequence[base.Arrival]) -> set[str]:
    """Which arrivals are for numbers that no account has with this carrier, by their ids.

    They are logged when they come, not each time that the list is read again.
    """
    held = Number.objects.across_tenants(why="a called number names its account").filter(
        e164__in={each.called for each in arrivals}, carrier=row, faxbox__isnull=False
    )
    ours = set(held.values_list("e164", flat=True))
    nobodys = [each for each in arrivals if each.called not in ours]
    for each in nobodys:
        if row.received_until is None or each.at > row.received_until:
            log.warning("arrival %s of carrier %s is for a number of nobody", each.ref, row.pk)
    return {each.ref for each in nobodys}


def _number_called(row: Carrier, arrival: base.Arrival) -> Number | None:
    """The number that an arrival is for, if it was its account's then."""
    number = (
        Number.objects.across_tenants(why="a called number names its account")
        .select_related("account")
        .filter(e164=arrival.called, carrier=row)
        .first()
    )
    if number is None or number.faxbox_id is None or not answers(number, arrival.at):
        return None
    return number


def _arriving(row: Carrier, ref: str) -> list[Fax]:
    rows = Fax.objects.across_tenants(why="an arrival names its fax")
    return list(rows.filter(carrier=row, carrier_ref=ref, state=FaxState.RECEIVING))


def _give_up_old(row: Carrier, ref: str, now: datetime) -> None:
    for fax in _arriving(row, ref):
        if fax.created_at + ASKED_FOR <= now:
            _lose(fax, now)


def _gone(row: Carrier, ref: str) -> None:
    """Give up what is gone at its carrier and not stored by now; carriers may know late, though."""
    now = clock.now()
    for fax in _arriving(row, ref):
        if fax.created_at <= now - OVERLAP:
            _lose(fax, now)


def _lose(fax: Fax, now: datetime) -> None:
    lifecycle.move(fax, FaxState.FAILED, because=LOST, now=now, outcome=Outcome.INTERNAL_ERROR)


def _nothing_came(fax: Fax) -> None:
    lifecycle.move(
        fax,
        FaxState.FAILED,
        because=Outcome.TRANSMIT_ERROR,
        now=clock.now(),
        outcome=Outcome.TRANSMIT_ERROR,
    )


def _fetch(row: Carrier, carrier: base.Carrier, fax: Fax, arrival: base.Arrival) -> None:
    """Fetch the pages and store them. A try counts once it begins: it may end its worker."""
    wake_at = clock.now() + timedelta(seconds=settings.CARRIER_SECONDS) + _AFTERWARDS
    arriving = Fax.rows.filter(pk=fax.pk, state=FaxState.RECEIVING)
    if not arriving.update(fetch_tries=F("fetch_tries") + 1, wake_at=wake_at):
        return
    try:
        _store(carrier, fax, arrival)
    except base.CarrierUnavailable as trouble:
        note_trouble(row, trouble)
        _in_vain(fax, counted=True)
    except base.CarrierInDoubt:  # of this document: that says little of the carrier
        _in_vain(fax, counted=True)
    except DocumentError as error:
        log.warning("the pages of fax %s cannot be read: %s", fax.pk, error.code)
        local = row.kind == CarrierKind.EMBEDDED  # they are what they are
        if local or fax.fetch_tries + 1 >= _UNREADABLE_TRIES:
            _nothing_came(fax)
            dismiss(carrier, arrival)
        else:
            _in_vain(fax, counted=True)
    except Exception:
        _in_vain(fax, counted=True)
        raise
    else:
        dismiss(carrier, arrival)


def _store(carrier: base.Carrier, fax: Fax, arrival: base.Arrival) -> None:
    """Store the pages, then say received. Whoever comes second takes its copy back."""
    told = received_pages.AsTold(arrival.pages, Quality(arrival.quality), Paper(fax.paper))
    with tempfile.TemporaryDirectory(prefix="receive-") as folder:
        looked = received_pages.brought(
            lambda into: carrier.fetch(arrival.ref, into), Path(folder), told=told
        )
        kept = intake.keep_one(fax.account_id, looked.tiff, "", intake.FAX_TIFF, looked.pages)
    outcome = Outcome.DELIVERED if arrival.complete and looked.whole else Outcome.TRANSMIT_ERROR
    changes: dict[str, Any] = {
        "outcome": outcome,
        "pages": looked.pages,
        "pages_done": looked.pages,
        "remote_station_id": arrival.station_id[:_TOLD_LENGTH],
        "quality": arrival.quality,
    }
    with transaction.atomic(durable=True):
        moved = lifecycle.move(fax, FaxState.RECEIVED, because=outcome, now=clock.now(), **changes)
        if moved:
            attach(fax, DocumentRole.RECEIVED, [replace(kept, sound=looked.sound)])
    if not moved:
        intake.drop([kept])


def _in_vain(fax: Fax, *, counted: bool = False) -> None:
    """Have the pages asked for again later, the later the more often it was in vain.

    The fax is as it was read before the try, which is ``counted`` in its row or not yet.
    """
    now, tries = clock.now(), fax.fetch_tries + 1
    if fax.created_at <= now - ASKED_FOR:
        _lose(fax, now)
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries - 1, 10)) * settings.CARRIER_PACE
    wake_at = now + timedelta(seconds=pause * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)  # nosec B311
    changes: dict[str, Any] = {"wake_at": wake_at}
    if not counted:
        changes["fetch_tries"] = F("fetch_tries") + 1
    Fax.rows.filter(pk=fax.pk, state=FaxState.RECEIVING).update(**changes)
