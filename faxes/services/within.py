"""Faxes from one fax machine of this site to another: handed over here, without any call.

1. The pages are copied into an object of the account that gets them. Until a row names it, it is
   noted for destruction.
2. One transaction ends the fax out as delivered, and makes the fax in, which has that copy. Whoever
   comes second finds the fax ended, and takes its copy back; whoever dies has handed over nothing,
   or all of it.
"""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.tenancy import is_in_use
from faxes import lifecycle, vault
from faxes.enums import Direction, DocumentRole, FaxState, Outcome, Paper
from faxes.models import Attempt, Document, Fax, Faxbox
from faxes.services import intake
from faxes.services.documents import attach
from faxes.services.intake import KeptFile

_LEASE: Final = timedelta(seconds=20)  # never seen by others: the try ends where it begins
_BECAUSE: Final = "within"


def hand_over(fax: Fax) -> None:
    """Bring a waiting fax to the machine here that it is for; it ends, in any case.

    One whose machine is gone, or in an account that nobody uses at present, ends as a number that
    cannot be reached.
    """
    if fax.due_at is not None and fax.due_at > clock.now():
        return
    machine = _machine_for(fax)
    if machine is None:
        _not_reached(fax)
        return
    copy = _copy_for(machine, fax)
    taken = False
    try:
        taken = _taken(fax, machine, copy)
    finally:
        if not taken:
            intake.drop([copy])


def _machine_for(fax: Fax) -> Faxbox | None:
    """The machine that a fax is for, if it is in use."""
    if fax.to_faxbox is None:  # its extension led nowhere when the fax was made
        return None
    machines = Faxbox.objects.across_tenants(why="a fax names the machine that it is for")
    machine: Faxbox | None = (
        machines.select_related("account").filter(pk=fax.to_faxbox, deleted_at__isnull=True).first()
    )
    return machine if machine is not None and is_in_use(machine.account) else None


def _copy_for(machine: Faxbox, fax: Fax) -> KeptFile:
    """A copy of the fax pages, stored for the account of the machine."""
    pages = Document.objects.for_account(fax.account_id).get(fax=fax, role=DocumentRole.RENDERED)
    with tempfile.TemporaryDirectory(prefix="within-") as folder:
        tiff = Path(folder) / "fax.tiff"
        vault.copy_out(pages.key, tiff)
        stored = vault.put(machine.account_id, tiff)
    return KeptFile(
        "", intake.FAX_TIFF, stored.key, stored.size, stored.sha256, pages.pages, sound=True
    )


def _taken(fax: Fax, machine: Faxbox, copy: KeptFile) -> bool:
    """End the fax out and make the fax in, in one transaction; whether this call was the one."""
    now = clock.now()
    with transaction.atomic(durable=True):
        attempt = _opened(fax, now)
        if attempt is None:
            return False
        if _machine_for(fax) is None:  # since a moment ago
            _close(attempt, Outcome.DIAL_FAILED, now)
            return False
        _close(attempt, Outcome.DELIVERED, now, pages=copy.pages, station_id=machine.station_id)
        _arrive(fax, machine, copy, now)
    return True


def _arrive(fax: Fax, machine: Faxbox, copy: KeptFile, now: datetime) -> None:
    """Make the fax in; nothing of the sender's is told with it but what a call would tell."""
    arrival = Fax(
        account_id=machine.account_id,
        direction=Direction.INBOUND,
        faxbox=machine,
        from_number=fax.from_number,
        to_number=fax.to_number,
        remote_station_id=fax.station_id or fax.faxbox.station_id or fax.from_number,
        quality=fax.quality,
        paper=Paper(machine.account.paper),
    )
    lifecycle.begin([arrival], because=_BECAUSE, now=now)
    lifecycle.move(
        arrival,
        FaxState.RECEIVED,
        because=Outcome.DELIVERED,
        now=now,
        outcome=Outcome.DELIVERED,
        pages=copy.pages,
        pages_done=copy.pages,
    )
    attach(arrival, DocumentRole.RECEIVED, [copy])


def _not_reached(fax: Fax) -> None:
    now = clock.now()
    with transaction.atomic(durable=True):
        attempt = _opened(fax, now)
        if attempt is not None:
            _close(attempt, Outcome.DIAL_FAILED, now)


def _opened(fax: Fax, now: datetime) -> Attempt | None:
    return lifecycle.open_attempt(fax, carrier=None, because=_BECAUSE, now=now, lease=_LEASE)


def _close(
    attempt: Attempt, outcome: Outcome, now: datetime, *, pages: int = 0, station_id: str = ""
) -> None:
    """End the try; there is no other."""
    lifecycle.close_attempt(
        attempt,
        outcome=outcome,
        now=now,
        scale=settings.RETRY_SCALE,
        last=True,
        pages_sent=pages,
        remote_station_id=station_id,
    )
