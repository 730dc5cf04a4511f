"""What is left to do once a fax has ended: it is noted whom to tell, documents not kept go."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.scoping import Actor
from faxes.enums import TERMINAL_STATES, Direction
from faxes.errors import MoveNotAllowed
from faxes.models import Fax
from faxes.services import notifying
from faxes.services.privacy import strip_fax

_LEASE: Final = timedelta(minutes=5)
# How often it is looked whether the pages of a fax can go, should nobody say so.
_LOOK_AGAIN: Final = timedelta(hours=1)
# For how long pages that are not kept stay for a program that is told where they are.
_FETCHED_WITHIN: Final = timedelta(hours=1)


def wrap_up(fax_id: UUID) -> None:
    """See to what is left to do for a fax that has ended, unless somebody else does.

    Pages that are not kept stay for the mails that are to carry them, at most as long as such a
    mail is tried.
    """
    now = clock.now()
    ended = Fax.objects.across_tenants(why="the portal's own work").filter(
        pk=fax_id, state__in=TERMINAL_STATES, wake_at__isnull=False
    )
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    if not ended.filter(free).update(lease_until=now + _LEASE, wake_at=now + _LEASE):
        return
    fax = ended.select_related("account", "faxbox__owner").get()
    ours = ended.filter(lease_until=now + _LEASE)
    if fax.notified_at is None:
        with transaction.atomic():
            if not ours.update(notified_at=now):
                return
            notifying.tell(fax)
    wake_at = None
    if not fax.keep_documents and fax.stripped_at is None:
        if _must_stay(fax, now):
            wake_at = now + _LOOK_AGAIN
        else:
            try:
                strip_fax(Actor.system(fax.account_id), fax_id=fax.pk)
            except MoveNotAllowed:  # it is under legal hold: they go once that is lifted
                wake_at = now + _LOOK_AGAIN
    ours.update(lease_until=None, wake_at=wake_at)


def _must_stay(fax: Fax, now: datetime) -> bool:
    """Whether somebody may fetch the pages still, or a mail waits for them; not for too long."""
    since = now - (fax.finished_at or now)
    if fax.callback.get("url") and fax.direction == Direction.INBOUND and since < _FETCHED_WITHIN:
        return True
    return since <= notifying.TOLD_WITHIN and notifying.pages_are_awaited(fax)
