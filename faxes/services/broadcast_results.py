"""What became of each recipient of a broadcast: in words, and as a table for spreadsheets."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock
from accounts.scoping import Actor
from accounts.services import audit, sheets
from faxes.enums import ErrorCode, RecipientStatus
from faxes.models import BroadcastRecipient
from faxes.queries.broadcasts import all_recipients, broadcast_for, status_of
from faxes.queries.standing import standing_of
from faxes.standings import Standing
from faxes.wording import sentence_for

_TO_THE_MINUTE: Final = "%Y-%m-%d %H:%M"


def standing_of_recipient(recipient: BroadcastRecipient, now: datetime) -> Standing:
    """Where a recipient stands, in the words of its fax if it has one."""
    if recipient.fax is not None:
        return standing_of(recipient.fax, now)
    match status_of(recipient):
        case RecipientStatus.REFUSED:
            params = recipient.error_params
            return Standing("bad", sentence_for(ErrorCode(recipient.error_code), params))
        case RecipientStatus.CANCELED:
            return Standing("off", _("Canceled"))
        case RecipientStatus.DELETED:
            return Standing("off", _("Its fax was deleted"))
        case _:
            return Standing("wait", _("Waits for its turn"))


def export_results(actor: Actor, *, broadcast_id: UUID) -> Iterator[str]:
    """The recipients of a broadcast with what became of each, as CSV, a piece at a time.

    Raises:
        NotAllowed: the actor may not see what faxes hold: subject, recipients' names.
        FaxNotFound: there is no such broadcast for the actor.

    """
    broadcast = broadcast_for(actor, broadcast_id).broadcast
    audit.record(actor, action="broadcast.export", object_type="broadcast", object_id=broadcast.pk)
    return _as_table(all_recipients(actor, broadcast_id), clock.now())


def _as_table(rows: Iterator[BroadcastRecipient], now: datetime) -> Iterator[str]:
    headings = (_("Name"), _("Fax number"), _("Result"), _("Status"), _("Pages"), _("Tries"))
    yield "\ufeff" + sheets.line((*headings, _("Ended")))  # the mark of UTF-8, for Excel
    for row in rows:
        fax = row.fax
        cells = (
            row.name,
            row.number,
            standing_of_recipient(row, now).text,
            status_of(row).value,
            str(fax.pages) if fax else "",
            str(fax.tries) if fax else "",
            _minute(fax.finished_at) if fax else "",
        )
        yield sheets.line(sheets.harmless(cell) for cell in cells)


def _minute(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime(_TO_THE_MINUTE) if moment else ""
