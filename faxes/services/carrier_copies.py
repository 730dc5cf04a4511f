"""What carriers still have of faxes that were deleted or stripped here goes, too, where it can.

The transaction that removes a fax's pages here notes a ``CarrierCopy`` for each copy that a carrier
may have. A job asks the carrier until that is answered, for three days at most; the audit log tells
how it went, by the fax's id alone.
"""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import clock
from accounts.scoping import Actor
from accounts.services import audit
from faxes import jobs
from faxes.carriers import base
from faxes.enums import Direction
from faxes.models import Attempt, Carrier, CarrierCopy, CarrierKind, Fax
from faxes.services import breaker
from faxes.services.carrier_tools import class_of, opened

ASKED_FOR: Final = timedelta(days=3)
_WOKEN_AT_ONCE: Final = 50
_WAKE_AGAIN: Final = timedelta(seconds=90)  # longer than any carrier's answer takes
_FIRST_PAUSE: Final = 60.0  # seconds, doubled with each try and jittered
_LONGEST_PAUSE: Final = 6 * 3600.0


class Forgotten(StrEnum):
    """What became of a carrier's copy, as the audit log tells it."""

    DELETED = "deleted"
    HAD_NONE = "had none"
    CANNOT = "cannot"  # its API deletes no such thing, or it refused to
    GAVE_UP = "gave up"


def note_copies(fax: Fax) -> None:
    """Note what carriers have of a fax that is finished, in the transaction that removes its pages.

    The embedded line keeps nothing. What carriers cannot delete is put on record at once.
    """
    if fax.stripped_at is not None and fax.imported_at is None:
        return  # they were noted as its pages were removed
    now, beyond = clock.now(), 0
    rows = []
    for carrier, ref in _copies(fax):
        if carrier.kind == CarrierKind.EMBEDDED:
            continue
        if ref and _deletes(carrier, Direction(fax.direction)):
            rows.append(
                CarrierCopy(
                    account_id=fax.account_id,
                    carrier=carrier,
                    direction=fax.direction,
                    ref=ref,
                    fax_id=fax.pk,
                    noted_at=now,
                    due_at=now,
                )
            )
        else:
            beyond += 1
    CarrierCopy.objects.bulk_create(rows)
    if beyond:
        _record(fax.account_id, fax.pk, Forgotten.CANNOT, copies=beyond)


def attend(now: datetime) -> None:
    """Have carriers asked whose turn it is; for the sweep."""
    due = CarrierCopy.objects.filter(due_at__lte=now).select_related("carrier").order_by("due_at")
    for copy in due[:_WOKEN_AT_ONCE]:
        claimed = CarrierCopy.objects.filter(pk=copy.pk, due_at=copy.due_at).update(
            due_at=now + _WAKE_AGAIN
        )
        if claimed:
            jobs.enqueue("forget_copy", copy=copy.pk)


def forget(copy_id: UUID) -> None:
    """Ask a carrier to delete its copy of a fax."""
    copy = CarrierCopy.objects.select_related("carrier").filter(pk=copy_id).first()
    if copy is None:
        return
    row, sent = copy.carrier, copy.direction == Direction.OUTBOUND
    if breaker.is_shut(row, clock.now()):
        _again(copy)
        return
    carrier = opened(row)
    try:
        had = carrier.forget_sent(copy.ref) if sent else carrier.forget_arrival(copy.ref)
    except (base.CarrierRefused, NotImplementedError):
        _settle(copy, Forgotten.CANNOT)
    except (base.CarrierUnavailable, base.CarrierInDoubt) as trouble:
        if isinstance(trouble, base.CarrierUnavailable):
            breaker.note_failure(row, str(trouble), retry_after=trouble.retry_after)
        _again(copy)
    else:
        _settle(copy, Forgotten.DELETED if had else Forgotten.HAD_NONE)


def _copies(fax: Fax) -> Iterable[tuple[Carrier, str]]:
    """The carriers that had a fax, each with its own id of it; that is empty if it told none."""
    if fax.direction == Direction.INBOUND:
        return [(fax.carrier, fax.carrier_ref or "")] if fax.carrier else []
    tries = Attempt.objects.for_account(fax.account_id).filter(
        fax=fax, carrier__isnull=False, never_left=False
    )
    return {
        (each.carrier_id, each.carrier_ref): (each.carrier, each.carrier_ref)
        for each in tries.select_related("carrier")
        if each.carrier is not None
    }.values()


def _deletes(carrier: Carrier, direction: Direction) -> bool:
    able = class_of(carrier.kind).capabilities
    return able.deletes_sent if direction == Direction.OUTBOUND else able.deletes_received


def _again(copy: CarrierCopy) -> None:
    """Have it asked again later, unless it was for long enough."""
    now = clock.now()
    if copy.noted_at <= now - ASKED_FOR:
        _settle(copy, Forgotten.GAVE_UP)
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(copy.tries, 10)) * settings.CARRIER_PACE
    wake_at = now + timedelta(seconds=pause * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)  # nosec B311
    CarrierCopy.objects.filter(pk=copy.pk).update(due_at=wake_at, tries=F("tries") + 1)


def _settle(copy: CarrierCopy, how: Forgotten) -> None:
    """Put on record what became of it, once."""
    with transaction.atomic():
        if CarrierCopy.objects.filter(pk=copy.pk).delete()[0]:
            _record(copy.account_id, copy.fax_id, how, copies=1)


def _record(account_id: UUID, fax_id: UUID, how: Forgotten, *, copies: int) -> None:
    audit.record(
        Actor.system(account_id),
        action="fax.carrier_copy",
        object_type="fax",
        object_id=fax_id,
        outcome=how.value,
        copies=copies,
    )
