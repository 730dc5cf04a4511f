"""After a new site key, or when a key of an account may be known to somebody: keys wrapped anew."""

import logging
import time
from typing import Final

from django.conf import settings

from faxes.keyring import keys
from faxes.keyring.keys import KeysState, Wrapped

_KEYS_SEEN_FOR: Final = 10.0  # seconds
log = logging.getLogger(__name__)
_keys_seen: dict[tuple[str, ...], tuple[float, KeysState]] = {}  # with which: until when, and what


def keys_state() -> KeysState:
    """Whether documents can be sealed and opened: the tables are there, and so are site's keys."""
    known, now = tuple(settings.SITE_KEYS), time.monotonic()
    until, state = _keys_seen.get(known, (0.0, KeysState()))
    if until < now:
        try:
            state = keys.state()
        except Exception:  # no tables, or a database or key service that is away
            log.exception("keys of documents cannot be had")
            state = KeysState()
        _keys_seen.clear()
        _keys_seen[known] = (now + _KEYS_SEEN_FOR, state)
    return state


def wrap_keys_anew() -> Wrapped:
    """Wrap the keys of accounts with the first of the site's keys; objects stay as they are.

    May be stopped at any moment, run beside the portal, and run again.
    """
    return keys.wrap_anew()


def replace_account_keys() -> int:
    """Give every account a new key, and wrap those of its objects with it; how many accounts."""
    return keys.replace_account_keys()
