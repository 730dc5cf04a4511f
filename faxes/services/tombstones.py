"""What is kept of deleted faxes: enough to know them again should a carrier list them again."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.conf import settings

from faxes.enums import Direction
from faxes.models import Tombstone

_IN: Final = Direction.INBOUND


def bury(carrier_id: UUID, refs: Iterable[str], *, direction: Direction = _IN) -> None:
    """Keep a mark of what a carrier calls these, in the transaction that deletes their faxes.

    It is a keyed digest, which tells nothing to who has the database alone.
    """
    secret = str(settings.SECRET_KEY)
    rows = [Tombstone(digest=_digest(secret, carrier_id, ref, direction)) for ref in refs]
    Tombstone.objects.bulk_create(rows, ignore_conflicts=True)


def buried(carrier_id: UUID, refs: Iterable[str], *, direction: Direction = _IN) -> set[str]:
    """Those of a carrier's ids whose faxes were deleted, also before the secret key was changed."""
    secrets = [str(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    by_digest = {
        _digest(secret, carrier_id, ref, direction): ref for ref in refs for secret in secrets
    }
    found = Tombstone.objects.filter(digest__in=by_digest).values_list("digest", flat=True)
    return {by_digest[digest] for digest in found}


def _digest(secret: str, carrier_id: UUID, ref: str, direction: Direction) -> str:
    sent = "" if direction == _IN else "sent/"
    message = f"{carrier_id.hex}/{sent}{ref}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
