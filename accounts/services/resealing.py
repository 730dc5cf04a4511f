"""After a new secret key: what the database holds sealed is sealed anew, a portion at a time.

Each value is changed by itself, only as it was when it was read, so this may be stopped at any
moment, run beside the portal and run again: what has today's key already is left as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, QuerySet

from accounts import sealing
from accounts.models import Account, Credential, SignInPolicy, WebhookEndpoint
from accounts.models.account import PAGE_TEXT_SEALED_FOR as PAGE_TEXT
from accounts.models.policy import SEALED_FOR as SINGLE_SIGN_ON
from accounts.models.webhook import SEALED_FOR as WEBHOOK
from accounts.services.api_keys import SEALED_FOR as API_KEY

_PORTION: Final = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was done with one column: values sealed anew, and such as no known key opens."""

    what: str
    done: int
    lost: int


def reseal_accounts() -> Iterator[Resealed]:
    """Seal anew what accounts have sealed: webhooks' secrets, single sign-on, API keys, search."""
    endpoints = WebhookEndpoint.objects.across_tenants(why="a new secret key is for all")
    for column in ("sealed_secret", "sealed_old_secret"):
        yield reseal(endpoints, column, lambda _row: WEBHOOK)
    yield reseal(SignInPolicy.objects.all(), "sealed_secret", lambda _row: SINGLE_SIGN_ON)
    yield reseal(Credential.objects.all(), "sealed", lambda _row: API_KEY)
    searching = Account.objects.filter(page_text_key__isnull=False)
    yield reseal(searching, "page_text_key", lambda _row: PAGE_TEXT)


def reseal(rows: QuerySet[Any], column: str, purpose_of: Callable[[Any], str]) -> Resealed:
    """Seal a column of text anew; ``purpose_of`` tells of a row what its value is sealed for."""

    def anew(row: Model) -> tuple[str, bool]:
        sealed = str(getattr(row, column))
        return resealed(sealed, purpose_of(row))

    return reseal_by(rows.exclude(**{column: ""}), column, anew)


def reseal_by(
    rows: QuerySet[Any], column: str, anew: Callable[[Any], tuple[Any, bool]]
) -> Resealed:
    """Put in place of each row's value what ``anew`` makes of it; that tells too if it is lost."""
    done = lost = 0
    for row in _in_portions(rows):
        before = getattr(row, column)
        after, is_lost = anew(row)
        lost += is_lost
        if after != before:
            # as it was: whoever has changed it meanwhile has sealed it with today's key
            done += rows.filter(pk=row.pk, **{column: before}).update(**{column: after})
    return Resealed(f"{rows.model._meta.label_lower}.{column}", done, lost)  # noqa: SLF001


def resealed(sealed: str, purpose: str) -> tuple[str, bool]:
    """A sealed text with today's key, and whether no known key opens it."""
    return sealing.resealed(sealed, purpose=purpose), not sealing.unseal(sealed, purpose=purpose)


def _in_portions(rows: QuerySet[Any]) -> Iterator[Any]:
    """All rows by their keys, never many in memory, nor a query that lasts."""
    after = None
    while True:
        portion = list(
            (rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[:_PORTION]
        )
        yield from portion
        if len(portion) < _PORTION:
            return
        after = portion[-1].pk
