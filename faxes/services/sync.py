"""Receive: an arriving fax is followed page by page, and stored once, never missed.

``(carrier, its id)`` is unique, so an arrival becomes one row whoever sees it first. Its document
is stored before the row says received; only then does the carrier hear that it may forget. A mark
of what was deleted keeps a carrier that lists it again from bringing it back.
"""

import hashlib
import hmac
import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import clock
from faxes import lifecycle
from faxes.carriers import base
from faxes.documents import pipeline
from faxes.enums import Direction, DocumentRole, ErrorCode, FaxState, Outcome, Paper
from faxes.errors import DocumentError
from faxes.models import Carrier, Fax, Number, Tombstone
from faxes.services import intake
from faxes.services.documents import attach
from faxes.services.exchange import answers
from faxes.services.route import opened

log = logging.getLogger(__name__)
# Carriers may list an arrival late: every look goes back behind the mark by this much.
OVERLAP: Final = timedelta(minutes=5)
_PROGRESS_GRACE: Final = timedelta(minutes=2)
_TOLD_LENGTH: Final = 20  # of a number or name as the far end tells it, which may be anything


def sync(carrier_id: UUID) -> None:
    """Look at all that a carrier has received since its mark, and move the mark.

    The mark is the newest arrival that is stored, with all before it; never the clock, and it
    never moves back. One that cannot be stored stops the mark, but not those that follow.
    """
    row = Carrier.objects.filter(pk=carrier_id, enabled=True).first()
    if row is None:
        return
    carrier = opened(row)
    since = row.received_until - OVERLAP if row.received_until else None
    newest, complete = row.received_until, True
    for arrival in carrier.received_since(since):
        complete = _taken_surely(row, carrier, arrival) and complete
        ended = arrival.state != base.ArrivalState.RECEIVING
        if complete and ended and (newest is None or arrival.at > newest):
            newest = arrival.at
    if newest is not None:
        Carrier.objects.filter(pk=row.pk).exclude(received_until__gte=newest).update(
            received_until=newest
        )


def receive(carrier_id: UUID, ref: str) -> None:
    """Look at one arrival."""
    row = Carrier.objects.filter(pk=carrier_id).first()
    if row is None:
        return
    carrier = opened(row)
    arrival = carrier.arrival(ref)
    if arrival is not None:
        _taken(row, carrier, arrival)
        return
    # Gone at the carrier: what is not stored by now will never be. Carriers may know late, though.
    now = clock.now()
    for fax in Fax.objects.across_tenants(why="an arrival names its fax").filter(
        carrier=row, carrier_ref=ref, state=FaxState.RECEIVING, created_at__lte=now - OVERLAP
    ):
        lifecycle.move(
            fax, FaxState.FAILED, because="lost", now=now, outcome=Outcome.INTERNAL_ERROR
        )


def tombstone_of(carrier_id: UUID, ref: str) -> str:
    """What is kept of a deleted arrival: a keyed digest of whence it came."""
    message = f"{carrier_id.hex}/{ref}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()


def _taken_surely(row: Carrier, carrier: base.Carrier, arrival: base.Arrival) -> bool:
    """Take one of many; whatever is wrong with it must not stop the others."""
    try:
        return _taken(row, carrier, arrival)
    except Exception:
        log.exception("arrival %s of carrier %s could not be stored", arrival.ref, row.pk)
        return False


def _taken(row: Carrier, carrier: base.Carrier, arrival: base.Arrival) -> bool:
    """Bring one arrival as far as it can be brought now; False if it should have gone further."""
    fax = _fax_of(row, arrival)
    if fax is not None and fax.state == FaxState.RECEIVING:
        match arrival.state:
            case base.ArrivalState.RECEIVING:
                _note_progress(fax, arrival)
                return True
            case base.ArrivalState.FAILED:
                _nothing_came(fax)
            case base.ArrivalState.RECEIVED:
                if not _stored(carrier, fax, arrival):
                    return False
    carrier.discard(arrival.ref)
    return True


def _fax_of(row: Carrier, arrival: base.Arrival) -> Fax | None:
    """The fax of an arrival, begun if this is the first that is heard of it.

    None if the number is nobody's (it lies in a pool, has changed hands since the call, or was
    closed before it), or the fax was deleted.
    """
    known = Fax.objects.across_tenants(why="an arrival names its fax").filter(
        carrier=row, carrier_ref=arrival.ref
    )
    if fax := known.first():
        return fax
    if Tombstone.objects.filter(digest=tombstone_of(row.pk, arrival.ref)).exists():
        return None
    number = (
        Number.objects.across_tenants(why="a called number names its account")
        .select_related("account")
        .filter(e164=arrival.called, carrier=row)
        .first()
    )
    if number is None or number.faxbox_id is None:
        log.warning("arrival %s of carrier %s is for a number of nobody", arrival.ref, row.pk)
        return None
    if not answers(number, arrival.at):
        log.warning("arrival %s of carrier %s is not its number's", arrival.ref, row.pk)
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
        lifecycle.begin([fax], because="answered", now=clock.now())
    except IntegrityError:
        return known.first()
    return fax


def _note_progress(fax: Fax, arrival: base.Arrival) -> None:
    Fax.rows.filter(pk=fax.pk, state=FaxState.RECEIVING).update(
        pages_done=arrival.pages,
        remote_station_id=arrival.station_id[:_TOLD_LENGTH],
        wake_at=clock.now() + _PROGRESS_GRACE,
    )


def _nothing_came(fax: Fax) -> None:
    lifecycle.move(
        fax,
        FaxState.FAILED,
        because=Outcome.TRANSMIT_ERROR,
        now=clock.now(),
        outcome=Outcome.TRANSMIT_ERROR,
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is to be said of pages that came: how many, whether all is there, and all of it well."""

    pages: int
    whole: bool
    sound: bool


def _looked_at(tiff: Path, arrival: base.Arrival) -> _Looked:
    """Decode every page once. A damaged fax is kept: half a page may say what matters.

    Raises:
        DocumentError: it is not a fax.

    """
    try:
        found = pipeline.verify(tiff)
    except DocumentError as error:
        if error.code in {ErrorCode.DOCUMENT_UNREADABLE, ErrorCode.DOCUMENT_NO_PAGES}:
            raise
        # The check was killed or ran out of time or memory, which says nothing of the pages.
        return _Looked(arrival.pages, whole=True, sound=False)
    return _Looked(
        len(found),
        whole=all(page.whole for page in found),
        sound=all(page.clean for page in found),
    )


def _stored(carrier: base.Carrier, fax: Fax, arrival: base.Arrival) -> bool:
    """Store the pages, then say received; whether the carrier may forget them.

    Whoever comes second takes its copy back.
    """
    with tempfile.TemporaryDirectory(prefix="receive-") as folder:
        tiff = Path(folder) / "fax.tiff"
        try:
            carrier.fetch(arrival.ref, tiff)
            looked = _looked_at(tiff, arrival)
        except base.CarrierInDoubt:
            return False  # it is listed again, or somebody else has stored it
        except DocumentError:
            _nothing_came(fax)
            return True
        kept = intake.keep_one(fax.account_id, tiff, "", intake.FAX_TIFF, looked.pages)
    complete = arrival.complete and looked.whole
    outcome = Outcome.DELIVERED if complete else Outcome.TRANSMIT_ERROR
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
    return True
