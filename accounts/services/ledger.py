"""The one writer of the ledger: entries, balances and the sums of months, in one transaction.

Balances are locked from the customer up to its providers, so that writers never wait for each
other in a circle, and a provider's row, which many share, is held for the shortest time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Length

from accounts.models import Balance, EntryKind, LedgerEntry, MonthSum
from accounts.prepared import Prepared
from accounts.services.periods import day_of, month_of

_SET_ASIDE: Final = {EntryKind.HOLD, EntryKind.RELEASE}
_COLUMN: Final = {
    EntryKind.TOP_UP: "top_ups",
    EntryKind.CHARGE: "charges",
    EntryKind.FEE: "fees",
    EntryKind.ADJUSTMENT: "adjustments",
}
Balances = Mapping[UUID, Balance]


class LedgerRaced(Exception):
    """A balance changed while it was thought to be locked: an error of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An entry to be made: signed micro-units, and a key that tells what for."""

    account_id: UUID
    kind: EntryKind
    amount: int
    key: str
    by: str = "portal"
    fax_id: UUID | None = None
    note: str = ""


def locked(account_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """The balances of accounts on one path, locked until the caller's transaction ends."""
    ordered = _LOCKED.rows(account_ids=list(account_ids))
    return {balance.account_id: balance for balance in ordered}


_LOCKED: Final = Prepared(
    lambda account_ids: (
        Balance.objects.across_tenants(why="a fax is paid for by each account on its path")
        .filter(account_id__in=account_ids)
        .select_related("account")
        .select_for_update(of=("self",))
        .order_by(Length("account__path").desc())
    )
)


def read(account_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """The same as they stand at this moment, for who only looks."""
    rows = Balance.objects.across_tenants(why="a fax is paid for by each account on its path")
    return {each.account_id: each for each in rows.filter(account_id__in=list(account_ids))}


def post(balances: Balances, postings: Sequence[Posting], *, at: datetime) -> list[LedgerEntry]:
    """Write the entries whose keys are not there yet; the new ones are handed back.

    ``balances`` are locked, and brought up to date in place. Nothing is checked against them.

    Raises:
        LedgerRaced: they were not locked after all; nothing was written.

    """
    wanted = _new(postings)
    if not wanted:
        return []
    before = {key: balance.entries for key, balance in balances.items()}
    entries = [_entry(balances[each.account_id], each, at) for each in wanted]
    with transaction.atomic():
        LedgerEntry.objects.bulk_create(entries, batch_size=500)
        for balance in balances.values():
            if balance.entries != before[balance.account_id]:
                _save(balance, before[balance.account_id])
        _add_up(entries)
    return entries


def use_included(pages: Mapping[tuple[UUID, date], int]) -> None:
    """Note included pages as used, or give back (below zero), by account and month."""
    wanted = {key: count for key, count in pages.items() if count}
    for (account_id, month), count in wanted.items():
        _add_to_month(account_id, month, {"included_used": count})


def _new(postings: Sequence[Posting]) -> list[Posting]:
    postings = [each for each in postings if each.amount]
    if not postings:
        return []
    known = set(
        _KNOWN.rows(
            account_ids=sorted({each.account_id for each in postings}),
            keys=[each.key for each in postings],
        )
    )
    unique = {(each.account_id, each.key): each for each in postings}
    return [each for key, each in unique.items() if key not in known]


_KNOWN: Final = Prepared(
    lambda account_ids, keys: (
        LedgerEntry.objects.across_tenants(why="keys are asked for with their accounts")
        .filter(account_id__in=account_ids, key__in=keys)
        .values_list("account_id", "key")
    )
)


def _entry(balance: Balance, posting: Posting, at: datetime) -> LedgerEntry:
    balance.entries += 1
    if posting.kind in _SET_ASIDE:
        balance.held -= posting.amount
    else:
        balance.posted += posting.amount
    return LedgerEntry(
        account_id=posting.account_id,
        number=balance.entries,
        kind=posting.kind,
        amount=posting.amount,
        posted_after=balance.posted,
        held_after=balance.held,
        key=posting.key,
        fax_id=posting.fax_id,
        month=month_of(day_of(balance.account, at)),
        by=posting.by,
        note=posting.note,
        at=at,
    )


def _save(balance: Balance, entries_before: int) -> None:
    saved = (
        Balance.objects.for_account(balance.account_id)
        .filter(entries=entries_before)
        .update(posted=balance.posted, held=balance.held, entries=balance.entries)
    )
    if not saved:
        raise LedgerRaced(str(balance.account_id))


def _add_up(entries: Sequence[LedgerEntry]) -> None:
    sums: dict[tuple[UUID, date], dict[str, int]] = {}
    for entry in entries:
        kind = EntryKind(entry.kind)
        if kind in _COLUMN:
            row = sums.setdefault((entry.account_id, entry.month), {})
            row[_COLUMN[kind]] = row.get(_COLUMN[kind], 0) + entry.amount
    for (account_id, month), columns in sums.items():
        _add_to_month(account_id, month, columns)


def _add_to_month(account_id: UUID, month: date, amounts: Mapping[str, int]) -> None:
    """Add to columns of a month's sums, whose row is made by the first who adds."""
    row = MonthSum.objects.for_account(account_id).filter(month=month)
    added = {name: F(name) + amount for name, amount in amounts.items()}
    if not row.update(**added):
        first = MonthSum(account_id=account_id, month=month)
        MonthSum.objects.bulk_create([first], ignore_conflicts=True)
        row.update(**added)
