"""All that the database holds sealed, sealed anew after a new secret key."""

from collections.abc import Iterator
from typing import Any

from accounts.auth.second_step import reseal_second_steps
from accounts.services.resealing import Resealed, reseal, reseal_accounts, reseal_by, resealed
from faxes.models import Carrier, RemoteDocument
from faxes.models.carrier import SEALED_FOR as CARRIER
from faxes.services.remote_documents import SEALED_FOR as REMOTE

_HEADER = "Authorization"


def reseal_everything() -> Iterator[Resealed]:
    """Seal everything anew that is sealed for longer than a day; column by column.

    Answers that are kept for those who ask the same again, and carriers' tokens in the cache, are
    not: they end by themselves, and are had again without.
    """
    yield from reseal_accounts()
    yield reseal_second_steps()
    yield reseal(Carrier.objects.all(), "sealed_secrets", lambda row: CARRIER.format(row.pk.hex))
    yield _remote_documents()


def _remote_documents() -> Resealed:
    """What is told to servers that documents are fetched from."""
    rows = RemoteDocument.objects.across_tenants(why="a new secret key is for all")

    def anew(row: RemoteDocument) -> tuple[dict[str, Any], bool]:
        told = dict(row.headers)
        if not told.get(_HEADER):
            return told, False
        told[_HEADER], lost = resealed(told[_HEADER], REMOTE)
        return told, lost

    return reseal_by(rows, "headers", anew)
