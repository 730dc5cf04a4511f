"""Whether the portal can do its work: databases, keys of documents, and due work being done."""

import logging
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from faxes.enums import FaxState
from faxes.keyring import keys
from faxes.models import Carrier, Fax
from faxes.queries.held import held_back

# The sweep claims a due fax within seconds; one this late says that nobody sweeps.
_PATIENCE: Final = timedelta(seconds=90)
_KEYS_SEEN_FOR: Final = 10.0  # seconds
log = logging.getLogger(__name__)
_keys_seen: dict[tuple[str, ...], tuple[float, bool]] = {}  # with which keys: until when, and what


def write_probe() -> None:
    """Write to the database; ``django.db.Error`` if it takes nothing."""
    with transaction.atomic():
        Carrier.objects.filter(pk=UUID(int=0)).update(enabled=True)


def keys_open() -> bool:
    """Whether documents can be opened: their keys are there, and the site's key is theirs."""
    known, now = tuple(settings.SITE_KEYS), time.monotonic()
    until, well = _keys_seen.get(known, (0.0, False))
    if until < now:
        try:
            well = keys.all_open()
        except Exception:  # no tables, or a database or key service that is away
            log.exception("keys of documents cannot be had")
            well = False
        _keys_seen.clear()
        _keys_seen[known] = (now + _KEYS_SEEN_FOR, well)
    return well


def work_is_moving() -> bool:
    """Whether due faxes are being looked at."""
    late = Fax.objects.across_tenants(why="health looks at all").filter(
        wake_at__lte=clock.now() - _PATIENCE
    )
    return not late.exclude(state=FaxState.RECEIVED).exclude(held_back(late)).exists()
