"""Times as most wires write them: ISO 8601 in UTC, to the second."""

import re
from datetime import UTC, datetime
from typing import Final

_FULL: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


def iso(moment: datetime) -> str:
    """A moment to the second, such as 2026-11-21T07:28:44Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def read_iso(written: str) -> datetime | None:
    """The moment of a full date and time with its offset, or Z; None if it is none.

    A blank stands for the plus of an offset: that is what becomes of one in a query that was not
    escaped.
    """
    text = written.strip().replace(" ", "+")
    if not _FULL.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
