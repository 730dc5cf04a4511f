"""Faxes that came in, written as workers write them, each at a time of its own choosing."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts import clock
from faxes import lifecycle
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax
from tests.databases import NEW_ID, minutes_before


def arrival(tenant: Any, **more: Any) -> Fax:
    """A fax to a tenant's number that is not written yet."""
    told = {
        "account_id": tenant.faxbox.account_id,
        "direction": Direction.INBOUND,
        "faxbox": tenant.faxbox,
        "from_number": "+12025550100",
        "to_number": tenant.number,
        "quality": Quality.FINE,
        "paper": Paper.LETTER,
    }
    return Fax(**told | more)


def come_in(tenant: Any, *times: datetime, **more: Any) -> list[Fax]:
    """Faxes that ended at these times, written in one transaction."""
    faxes = [arrival(tenant, **more) for _ in times]
    with transaction.atomic():
        for fax, ended in zip(faxes, times, strict=True):
            lifecycle.begin([fax], because="answered", now=ended)
            told: dict[str, Any] = {"outcome": Outcome.DELIVERED, "pages": 1, "pages_done": 1}
            assert lifecycle.move(
                fax, FaxState.RECEIVED, because=Outcome.DELIVERED, now=ended, **told
            )
    return faxes


def very_many(tenant: Any, count: int) -> None:
    """So many faxes, a minute between each two, that nobody was told of yet; rows only."""
    (one,) = come_in(tenant, clock.now())
    taken = {"id", "finished_at"}
    same = [f.column for f in Fax._meta.concrete_fields if f.column not in taken]
    columns = ", ".join(map(str, same))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO faxes_fax (id, finished_at, {columns})"  # noqa: S608 (all ours)
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
            f" SELECT {NEW_ID}, {minutes_before('finished_at', 'i')}, {columns}"
            " FROM faxes_fax, n WHERE id = %s",
            [count - 1, one.pk.hex],
        )
