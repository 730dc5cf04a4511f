"""Stored objects whose rows are gone: noted in the deleting transaction, destroyed after it."""

from collections.abc import Iterable

from django.db import transaction

from faxes import vault
from faxes.models import Document, Erasure, LineCall


def erase_later(keys: Iterable[str]) -> None:
    """Note objects for destruction, in the transaction that removes their rows."""
    Erasure.objects.bulk_create([Erasure(key=key) for key in set(keys) if key])
    transaction.on_commit(erase_due)


def erase_due() -> None:
    """Destroy what was noted, unless another row (a fax of the same submission) needs it still.

    May run anywhere and twice at once: destroying what is gone does nothing.
    """
    for erasure in Erasure.objects.order_by("pk")[:500]:
        if not _needed(erasure.key):
            vault.destroy(erasure.key)
        Erasure.objects.filter(pk=erasure.pk).delete()


def _needed(key: str) -> bool:
    if Document.objects.across_tenants(why="an object may be shared").filter(key=key).exists():
        return True
    return LineCall.objects.filter(document_key=key).exists()
