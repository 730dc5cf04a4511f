"""Keys of rows as they would have been made at some moment."""

import itertools
from datetime import datetime
from uuid import UUID

from accounts.ids import id_at

_turns = itertools.count()


def key_at(moment: datetime) -> UUID:
    """A key of that moment; of those within a millisecond, the later made sorts later."""
    return id_at(moment, seed=next(_turns).to_bytes(10, "big"))
