"""Whether the portal can do its work: the database takes writes, and due work is being done."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from faxes.enums import FaxState
from faxes.models import Carrier, Fax
from faxes.queries.held import held_back

# The sweep claims a due fax within seconds; one this late says that nobody sweeps.
_PATIENCE: Final = timedelta(seconds=90)


def write_probe() -> None:
    """Write to the database; ``django.db.Error`` if it takes nothing."""
    with transaction.atomic():
        Carrier.objects.filter(pk=UUID(int=0)).update(enabled=True)


def work_is_moving() -> bool:
    """Whether due faxes are being looked at."""
    late = Fax.objects.across_tenants(why="health looks at all").filter(
        wake_at__lte=clock.now() - _PATIENCE
    )
    return not late.exclude(state=FaxState.RECEIVED).exclude(held_back(late)).exists()
