"""The daily run: what was kept long enough goes, exactly as if somebody removed it by hand.

A run is a row, one a day and account, by the account's clock. Whoever works on it may die at any
instruction: each fax goes in a transaction of its own, with its count, and what is left is found by
whoever takes over. It goes by the rules as it found them when it began, or by those of the moment
where these are longer.
"""

import logging
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from accounts import clock
from accounts.models import Account, Status
from accounts.scoping import Actor
from accounts.services import audit
from faxes import jobs
from faxes.enums import TERMINAL_STATES
from faxes.errors import MoveNotAllowed
from faxes.models import Fax, RetentionRun
from faxes.queries.retention import (
    ended_before,
    forecast,
    free,
    hour_of,
    places_of,
    rules_of,
    waiting_for_run,
)
from faxes.services import privacy

log = logging.getLogger(__name__)
LEASE: Final = timedelta(minutes=2)
_PORTION_SECONDS: Final = 20.0
_FAXES_AT_ONCE: Final = 100  # looked up
_ACCOUNTS_AT_ONCE: Final = 200
_MOST_LEFT: Final = 100  # of one fax machine that cannot go, before the others get their turn


class _Act(Protocol):
    """What removes something of a fax, and says whether it did."""

    def __call__(self, actor: Actor, *, fax: Fax) -> bool: ...


class Place(NamedTuple):
    """A fax machine, one way."""

    faxbox_id: UUID
    direction: str


def attend(now: datetime) -> None:
    """Wake the runs whose hour has come, and those whose worker is dead; for the sweep."""
    left = RetentionRun.objects.across_tenants(why="the sweep looks at all").filter(
        wake_at__lte=now
    )
    for account_id in left.order_by("wake_at").values_list("account_id", flat=True):
        jobs.enqueue("retain", account=account_id)
    zones = Account.objects.order_by().values_list("time_zone", flat=True).distinct()
    for zone in zones:
        if (day := _day_begun(zone, now)) is None:
            continue
        waiting = waiting_for_run(zone, day).order_by("pk").values_list("pk", flat=True)
        for account_id in waiting[:_ACCOUNTS_AT_ONCE]:
            jobs.enqueue("retain", account=account_id)


def run(account_id: UUID) -> None:
    """Work on the run of an account, for as long as a job may take, unless somebody else does."""
    now = clock.now()
    account = Account.objects.filter(pk=account_id).exclude(status=Status.ERASED).first()
    if account is None:
        return
    row = _open(account, now)
    if row is None:
        return
    ours = RetentionRun.objects.for_account(account_id).filter(pk=row.pk, ended_at__isnull=True)
    if not ours.filter(wake_at__lte=now).update(wake_at=now + LEASE):
        return
    until = time.monotonic() + _PORTION_SECONDS
    if _worked(account, row, until):
        _end(account, row)
        return
    ours.update(wake_at=clock.now())
    jobs.enqueue("retain", account=account_id)


def _day_begun(zone: str, now: datetime) -> date | None:
    """The day there, if its hour to run has come."""
    day = now.astimezone(ZoneInfo(zone)).date()
    return day if now >= hour_of(zone, day) else None


def _open(account: Account, now: datetime) -> RetentionRun | None:
    """The run to work on: one that was begun, else that of today if it is due; None if none is."""
    rows = RetentionRun.objects.for_account(account.pk)
    begun = rows.filter(ended_at__isnull=True).order_by("day").first()
    day = _day_begun(account.time_zone, now)
    if begun is not None or day is None:
        return begun
    if not waiting_for_run(account.time_zone, day).filter(pk=account.pk).exists():
        return None
    rules = rules_of(account)
    terms = [
        [faxbox_id.hex, way, kept.pages, kept.record]
        for faxbox_id, way, kept in places_of(account.pk, rules)
    ]
    new = RetentionRun(account=account, day=day, begun_at=now, wake_at=now, terms=terms)
    RetentionRun.objects.bulk_create([new], ignore_conflicts=True)
    return rows.filter(day=day).first()


def _worked(account: Account, row: RetentionRun, until: float) -> bool:
    """Whether all is done: if not, time is up."""
    for faxbox, direction, pages, record in row.terms:
        place = Place(UUID(hex=faxbox), direction)
        acts: tuple[tuple[str, int | None, _Act], ...] = (
            ("deleted", record, privacy.delete),
            ("stripped", pages, privacy.strip),
        )
        for what, days, act in acts:
            if days is None:
                continue
            for fax in _kept_enough(account, row, place, what, days):
                _removed(row, fax, act, what)
                if time.monotonic() > until:
                    return False
    return True


def _kept_enough(
    account: Account, row: RetentionRun, place: Place, what: str, found: int
) -> Iterator[Fax]:
    """The faxes of a fax machine that are to go, each once."""
    here = Fax.objects.for_account(account.pk).filter(
        faxbox=place.faxbox_id, direction=place.direction
    )
    left: set[UUID] = set()  # tried, and there still
    while len(left) < _MOST_LEFT:
        # kept for longer since the run began: that counts; for less: the next run's matter
        kept = rules_of(account).kept(place.faxbox_id, place.direction)
        days = kept.record if what == "deleted" else kept.pages
        if days is None:
            return
        due = here.filter(finished_at__lt=ended_before(account, row.day, max(days, found)))
        if what == "stripped":
            due = due.filter(stripped_at__isnull=True)
        due = free(account.pk, due)
        ordered = due.exclude(pk__in=left).order_by("finished_at", "id")
        keys = list(ordered.values_list("pk", flat=True)[:_FAXES_AT_ONCE])
        if not keys:
            return
        for key in keys:
            fax = here.select_related("faxbox", "account").filter(pk=key).first()
            if fax is not None and fax.state in TERMINAL_STATES:
                yield fax
        left.update(due.filter(pk__in=keys).values_list("pk", flat=True))


def _removed(row: RetentionRun, fax: Fax, act: _Act, column: str) -> None:
    """Remove one, and count it in the same transaction. One that cannot go stops no other."""
    try:
        with transaction.atomic(durable=True):
            if act(Actor.system(fax.account_id), fax=fax):
                RetentionRun.rows.filter(pk=row.pk).update(**{column: F(column) + 1})
    except MoveNotAllowed:
        return  # it came under legal hold a moment ago
    except Exception:  # of whatever kind: it is tried again at the next run
        log.exception("a fax that was kept long enough could not be removed")
        RetentionRun.rows.filter(pk=row.pk).update(failed=F("failed") + 1)


def _end(account: Account, row: RetentionRun) -> None:
    held = forecast(account, rules_of(account), row.day).held
    with transaction.atomic():
        rows = RetentionRun.objects.for_account(account.pk)
        over: dict[str, Any] = {"ended_at": clock.now(), "wake_at": None, "held": held, "terms": []}
        if not rows.filter(pk=row.pk, ended_at__isnull=True).update(**over):
            return
        done = rows.get(pk=row.pk)
        if done.stripped or done.deleted or done.failed:
            audit.record(
                Actor.system(account.pk),
                action="retention.run",
                object_type="account",
                object_id=account.pk,
                stripped=done.stripped,
                deleted=done.deleted,
                failed=done.failed,
                held=done.held,
            )
