"""After a new site key, or when a key of an account may be known to somebody: keys wrapped anew."""

from faxes.keyring import keys
from faxes.keyring.keys import Wrapped


def wrap_keys_anew() -> Wrapped:
    """Wrap the keys of accounts with the first of the site's keys; objects stay as they are.

    May be stopped at any moment, run beside the portal, and run again.
    """
    return keys.wrap_anew()


def replace_account_keys() -> int:
    """Give every account a new key, and wrap those of its objects with it; how many accounts."""
    return keys.replace_account_keys()
