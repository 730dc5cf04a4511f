"""A fax that is deleted or stripped goes from exports, too: what held it is erased, and made anew.

A file of an export goes as soon as one fax in it does, and so does the last one, which has the
lists. They are packed again some time later, once for many faxes that go together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from faxes.models import Export, ExportPart, Fax
from faxes.services import erasure

_QUIET: Final = timedelta(seconds=60)


def take_out(fax: Fax) -> None:
    """Take a fax out of all exports that hold it, in the transaction that removes its pages.

    Whoever packs one at this moment finds that it is no longer theirs, or that the fax is gone.
    """
    rows = Export.objects.for_account(fax.account_id).select_for_update()
    # all of them held, also one that is not as far yet: its packer may be about to say that it is
    for export in rows.filter(created_at__gte=fax.created_at):
        packed = export.after is not None and export.after >= fax.pk
        if packed and export.number in {"", fax.from_number, fax.to_number}:
            _take_out(export, fax)


def take_out_lists(account_id: UUID) -> None:
    """Take the lists out of all exports that have them, in the transaction that removes an entry.

    They are in the last file of one that is ready; one that is being packed has none yet.
    """
    rows = Export.objects.for_account(account_id).select_for_update()
    for export in rows.filter(ready_at__isnull=False):
        parts = list(export.parts.order_by("position"))
        _keep(export, parts[:-1], parts[-1:])
        rows.filter(pk=export.pk).update(rebuilt_at=clock.now())


def begin_anew(export: Export, *, lease: datetime) -> None:
    """Throw away what is packed, for the packer at work until ``lease``: it cannot be read."""
    with transaction.atomic(durable=True):
        rows = Export.objects.for_account(export.account_id).select_for_update()
        mine = rows.filter(pk=export.pk, lease_until=lease).first()
        if mine is not None:
            _keep(mine, [], list(mine.parts.all()))


def _take_out(export: Export, fax: Fax) -> None:
    kept: list[ExportPart] = []
    going: list[ExportPart] = []
    for part in export.parts.order_by("position"):
        before = not going and part.up_to is not None and part.up_to < fax.pk
        (kept if before else going).append(part)
    _keep(export, kept, going)
    Export.objects.for_account(export.account_id).filter(pk=export.pk).update(
        rebuilt_at=clock.now()
    )


def _keep(export: Export, kept: Sequence[ExportPart], going: Sequence[ExportPart]) -> None:
    """Erase files of an export, and have packing go on behind those that it keeps."""
    erasure.erase_later(part.key for part in going)
    export.parts.filter(pk__in=[part.pk for part in going]).delete()
    after = kept[-1].up_to if kept else None
    Export.objects.for_account(export.account_id).filter(pk=export.pk).update(
        ready_at=None,
        after=after,
        faxes_done=kept[-1].faxes if kept else 0,
        unreadable=[each for each in export.unreadable if after and each <= str(after)],
        lease_until=None,
        wake_at=clock.now() + _QUIET,
    )
