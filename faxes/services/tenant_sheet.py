"""The list of tenants as CSV: line by line, in fixed memory."""

from collections.abc import Iterable, Iterator
from typing import Final

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.amounts import plain
from accounts.services.sheets import harmless, line
from accounts.tenancy import require
from faxes.queries.tenants import TenantFilter, TenantRow, all_tenants

_COLUMNS: Final = (
    "id", "name", "realm", "kind", "status", "parent", "numbers", "plan", "mode", "currency",
    "balance", "pages_sent", "pages_received", "charged", "created",
)  # fmt: skip


def tenants_csv(actor: Actor, *, shown: TenantFilter) -> Iterator[str]:
    """What a list of tenants shows, as lines of CSV; the export goes on record.

    Raises:
        NotAllowed
        AccountNotFound: the reseller that is named is not below the actor's account.

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = all_tenants(actor, shown)
    audit.record(actor, action="tenants.export", object_type="account", object_id=None)
    return _lines(rows)


def _lines(rows: Iterable[TenantRow]) -> Iterator[str]:
    yield line(_COLUMNS)
    for row in rows:
        account, funds, billing = row.account, row.funds, row.billing
        yield line(
            [
                str(account.pk),
                harmless(account.name),
                account.realm,
                account.kind,
                row.status,
                harmless(account.parent.name if account.parent else ""),
                str(row.numbers),
                harmless(billing.plan.name) if billing else "",
                billing.mode if billing else "",
                funds.currency if funds else "",
                plain(funds.available) if funds else "",
                str(row.sent),
                str(row.received),
                plain(row.charged),
                account.created_at.isoformat(timespec="seconds"),
            ]
        )
