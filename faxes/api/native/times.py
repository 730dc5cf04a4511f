"""Times as the API writes them."""

from datetime import UTC, datetime


def instant(moment: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC, to the millisecond; None where there is none."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
