"""Wind up closed accounts: cancel what waits, and when the time has come erase all that is theirs.

The job may die at any instruction and may run twice: each step finds what is left and removes it,
and the account says erased only once nothing is. What remains are the ledger and the audit log,
and the account as a row without a name, which those refer to.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet

from accounts import clock
from accounts.models import (
    Account,
    Balance,
    Billing,
    Charge,
    DayUsage,
    LedgerEntry,
    MonthSum,
    Plan,
    RateDeck,
    Status,
    User,
)
from accounts.scoping import Actor
from accounts.services import leaving, tree
from faxes import jobs, lifecycle, vault
from faxes.enums import TERMINAL_STATES, Direction, FaxState
from faxes.models import (
    Broadcast,
    Carrier,
    CarrierCopy,
    CoverTemplate,
    Fax,
    Number,
    Upload,
    WindUp,
)
from faxes.services import (
    broadcasting,
    carrier_settings,
    deletion_list,
    erasure,
    export,
    legal_holds,
    privacy,
    uploads,
)

# The law wants these kept; they hold amounts, days and prefixes, and no fax.
KEPT: Final = frozenset({Balance, Billing, Charge, DayUsage, LedgerEntry, MonthSum, Plan, RateDeck})
# Rows that refer to an account but are not its own.
_OTHERS: Final = frozenset({Account, User})
_APART: Final = frozenset(
    {Carrier, WindUp}
)  # gone before, but for carriers that others' past names
_WAITING: Final = (FaxState.PREPARING, FaxState.QUEUED)
_PORTION_SECONDS: Final = 20.0
_AGAIN: Final = timedelta(minutes=2)
_AT_ONCE: Final = 20


def attend(now: datetime) -> None:
    """Wake what closed accounts still want done, and their exports; for the sweep."""
    waiting = Fax.rows.filter(
        account=OuterRef("pk"), direction=Direction.OUTBOUND, state__in=_WAITING
    )
    broadcasts = Broadcast.rows.filter(account=OuterRef("pk"), handed_over_at__isnull=True)
    wanting = Q(erase_at__lte=now) | Exists(waiting) | Exists(broadcasts)
    closed = Account.objects.filter(wanting, status=Status.CLOSED)
    for account_id in closed.values_list("pk", flat=True)[:_AT_ONCE]:
        _wake(account_id, now)
    export.attend(now)


def wind_up(account_id: UUID) -> None:
    """Do what a closed account wants done, for as long as a job may take."""
    until = time.monotonic() + _PORTION_SECONDS
    account = Account.objects.filter(pk=account_id, status=Status.CLOSED).first()
    if account is None:
        return
    _cancel_waiting(account, until)
    if account.erase_at is None or account.erase_at > clock.now():
        return
    if not _erased(account, until) and time.monotonic() > until:
        jobs.enqueue("wind_up", account=account_id)


def _wake(account_id: UUID, now: datetime) -> None:
    rows = WindUp.objects.for_account(account_id)
    if not rows.exists():
        row = WindUp(account_id=account_id, wake_at=now)
        WindUp.objects.bulk_create([row], ignore_conflicts=True)
    if rows.filter(wake_at__lte=now).update(wake_at=now + _AGAIN):
        jobs.enqueue("wind_up", account=account_id)


def _cancel_waiting(account: Account, until: float) -> None:
    broadcasting.stop_all(account.pk)
    faxes = Fax.objects.for_account(account.pk).filter(direction=Direction.OUTBOUND)
    for fax in _while_time(faxes.filter(state__in=_WAITING), until):
        lifecycle.cancel(fax, now=clock.now())


def _erased(account: Account, until: float) -> bool:
    """Whether the account is erased: if not, there is more to do, or something to be waited for."""
    if tree.below(account).exclude(status=Status.ERASED).exists():
        return False
    if legal_holds.holds_anything(account.pk):
        return False  # until it is reopened, and they are lifted
    actor = Actor.system(account.pk)
    faxes = Fax.objects.for_account(account.pk)
    for fax in _while_time(faxes.filter(state__in=TERMINAL_STATES), until):
        with transaction.atomic(durable=True):
            privacy.remove(actor, fax=fax)
            deletion_list.note([fax.pk], what=deletion_list.DELETED)
    if faxes.exists():
        return False  # time is up, or a call goes on
    if CarrierCopy.objects.filter(carrier__account=account).exists():
        return False  # its own carriers still have copies, and are asked to delete them
    _remove_files(account)
    leaving.remove_people(account)
    numbers = _return_numbers(account)
    carrier_settings.remove_all_of(account)
    _remove_rest(account)
    _empty_storage(account)
    with transaction.atomic(durable=True):
        WindUp.objects.for_account(account.pk).delete()
        leaving.entomb(account, numbers=numbers)
    erasure.scrub()
    return True


def _remove_files(account: Account) -> None:
    """Remove the rows that name stored objects, and note those for destruction."""
    for upload in Upload.objects.for_account(account.pk):
        uploads.discard(upload)
    with transaction.atomic(durable=True):
        covers = CoverTemplate.objects.for_account(account.pk)
        erasure.erase_later(list(covers.values_list("logo_key", flat=True)))
        covers.delete()
        export.remove_all(account.pk)


def _return_numbers(account: Account) -> int:
    """Give the account's numbers to the pool of whoever provides for it; how many.

    Those of a carrier of its own end with that carrier.
    """
    rows = Number.objects.for_account(account.pk)
    rows.filter(carrier__account=account).delete()
    return rows.update(
        account_id=account.parent_id, faxbox=None, webhook_url="", held_since=clock.now()
    )


def _remove_rest(account: Account) -> None:
    """Remove every other row of the account, whatever it is, but for the books.

    Rows that others refer to go after those.
    """
    left = [rows for rows in rows_of(account) if rows.model not in KEPT | _OTHERS | _APART]
    while left:
        stuck = [rows for rows in left if not _removed(rows)]
        if len(stuck) == len(left):
            raise RuntimeError(f"rows hold each other: {[rows.model for rows in stuck]}")
        left = stuck


def rows_of(account: Account) -> Iterator[QuerySet[Any]]:
    """All rows that refer to an account, one query a table and column."""
    for relation in Account._meta.get_fields(include_hidden=True):  # noqa: SLF001 (its public name)
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        manager = relation.related_model._base_manager  # noqa: SLF001 (every table has it)
        yield manager.filter(**{relation.field.name: account})


def _removed(rows: QuerySet[Any]) -> bool:
    try:
        with transaction.atomic():
            rows.all().delete()
    except ProtectedError:
        return False
    return True


def _empty_storage(account: Account) -> None:
    """Destroy all that lies in storage for the account, noted or not; no row names it any more."""
    vault.destroy_all(account.pk)
    erasure.forget_notes_of(account.pk)


def _while_time(rows: QuerySet[Fax], until: float) -> Iterator[Fax]:
    """Faxes one by one, until time is up."""
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        if time.monotonic() > until:
            return
        fax = rows.select_related("faxbox", "account").filter(pk=pk).first()
        if fax is not None:
            yield fax
