"""Leases in rows: of all processes on all machines one does a work, and another when that is gone.

A lease says who begins, not who ends: a holder may be stopped in the midst of anything and go on
after another has taken over. So what is done under it must do no harm when done twice.
"""

import time
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from accounts import clock
from faxes.models import Lease

LIFE: Final = timedelta(seconds=12)  # of a lease whose holder says nothing
_RENEWED_EVERY: Final = 4.0  # seconds


class Holder:
    """One process that would do a work; to be used by one of its threads."""

    def __init__(self, name: str) -> None:
        """Nothing is held yet."""
        self.name = name
        self.me: UUID = uuid4()
        self.fence = 0
        self._renewed = 0.0

    def holds(self) -> bool:
        """Whether the work is ours for now; it is taken if nobody has it.

        A fresh lease is believed for a few seconds, which cost nothing; behind that, or a sleep of
        whatever length, the row says so.
        """
        if self.fence and time.monotonic() - self._renewed < _RENEWED_EVERY:
            return True
        asked = time.monotonic()
        self.fence = self.fence if self._renew() else self._take()
        self._renewed = asked
        return bool(self.fence)

    def give_back(self) -> None:
        """Let another take over at once."""
        fence, self.fence = self.fence, 0
        Lease.objects.filter(name=self.name, fence=fence).update(until=clock.now())

    def _renew(self) -> bool:
        mine = Lease.objects.filter(name=self.name, holder=self.me, fence=self.fence)
        return bool(self.fence and mine.update(until=clock.now() + LIFE))

    def _take(self) -> int:
        """Take the lease if it has ended; its number then, else 0."""
        now = clock.now()
        if Lease.objects.filter(name=self.name, until__gt=now).exists():
            return 0
        free = Lease.objects.filter(name=self.name, until__lte=now)
        taken = {"holder": self.me, "until": now + LIFE}
        with transaction.atomic():
            if not free.update(fence=F("fence") + 1, **taken):
                first = Lease(name=self.name, **taken)
                Lease.objects.bulk_create([first], ignore_conflicts=True)
            mine = Lease.objects.filter(name=self.name, holder=self.me, until__gt=now)
            return mine.values_list("fence", flat=True).first() or 0
