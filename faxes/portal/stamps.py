"""What a page shows, in a few letters: a page that asks again is told if nothing is different.

Most looks at a list find it as it was. Those are answered without drawing it.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from django.http import HttpResponse
from django.utils import timezone, translation

from accounts import clock, zones
from accounts.auth.portal import AccountRequest
from faxes.portal.looks import look_of
from faxes.portal.rows import Row

_NOT_MODIFIED = 304


def stamp_of(request: AccountRequest, rows: Sequence[Row], *beside: Any) -> str:
    """The stamp of a list with these rows, and of what else there is to see beside them."""
    told = (
        [(row, [(each.pk, each.name, each.colour) for each in row.labels]) for row in rows],
        timezone.localdate(clock.now()),  # "yesterday" is told anew at midnight
        translation.get_language(),
        look_of(request),
        (request.account.name, zones.here(), request.account.country),
        *beside,
    )
    return f'"{blake2b(repr(told).encode(), digest_size=12).hexdigest()}"'


def is_unchanged(request: AccountRequest, stamp: str) -> bool:
    """Whether whoever asks has just what is there."""
    return request.headers.get("If-None-Match", "") == stamp


def unchanged(stamp: str) -> HttpResponse:
    """Nothing is different."""
    return HttpResponse(status=_NOT_MODIFIED, headers={"ETag": stamp})
