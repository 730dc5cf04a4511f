"""After a new site key, or when a key of an account may be known to somebody: keys wrapped anew."""

import logging
import time
from typing import Final

from django.conf import settings

from faxes.keyring import keys
from faxes.keyring.keys import Wrapped

_KEYS_SEEN_FOR: Final = 10.0  # seconds
log = logging.getLogger(__name__)
_keys_seen: dict[tuple[str, ...], tuple[float, bool]] = {}  # with which keys: until when, and what


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


def wrap_keys_anew() -> Wrapped:
    """Wrap the keys of accounts with the first of the site's keys; objects stay as they are.

    May be stopped at any moment, run beside the portal, and run again.
    """
    return keys.wrap_anew()


def replace_account_keys() -> int:
    """Give every account a new key, and wrap those of its objects with it; how many accounts."""
    return keys.replace_account_keys()
