"""Keys of rows: UUIDs that sort by the time they were made (RFC 9562, version 7)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new key; later ones sort after earlier ones."""
    return UUID(int=uuid7().int)
