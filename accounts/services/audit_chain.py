"""The chain of an account's audit entries: how a link is made, and where one is broken."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from accounts import sealing
from accounts.models import AuditEntry

_PURPOSE = "audit chain"


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is broken: the number of the entry, and what is the matter with it."""

    number: int
    what: str


def link(entry: AuditEntry, *, previous: str) -> str:
    """The digest of an entry: over all it says, and the digest before it.

    HMAC-SHA-256 with a key of the portal's, so that whoever can write to the database but has not
    the portal's secret cannot make a chain that holds.
    """
    return _digest(entry, previous, sealing.keys_for(_PURPOSE)[0])


def first_break(entries: Iterable[AuditEntry], *, number: int, digest: str) -> Break | None:
    """The first place where a chain does not hold, or None.

    ``entries`` are all of one account by number; ``number`` and ``digest`` are its head's.
    """
    keys = sealing.keys_for(_PURPOSE)
    expected, previous = 1, ""
    for entry in entries:
        if entry.number != expected:
            return Break(expected, "is missing" if entry.number > expected else "was added")
        if not any(
            hmac.compare_digest(_digest(entry, previous, key), entry.digest) for key in keys
        ):
            return Break(expected, "was changed, or what stood before it")
        expected, previous = expected + 1, entry.digest
    if expected - 1 < number:
        return Break(expected, "is missing")
    if (expected - 1, previous) != (number, digest):
        return Break(expected - 1, "was added")
    return None


def _digest(entry: AuditEntry, previous: str, key: bytes) -> str:
    said = [
        previous,
        str(entry.account_id),
        entry.number,
        str(entry.pk),
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(entry.user_id or ""),
        entry.actor,
        entry.on_behalf,
        entry.via,
        entry.address,
        entry.action,
        entry.object_type,
        str(entry.object_id or ""),
        entry.facts,
    ]
    written = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, written.encode(), hashlib.sha256).hexdigest()
