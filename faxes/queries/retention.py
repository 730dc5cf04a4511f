"""For how long faxes are kept, until when each is, and what the next daily run removes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length, Substr

from accounts.models import Account, RetentionBounds, Status
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.retention_bounds import Bounds, Kept, bounds_of, kept_within
from accounts.tenancy import require
from faxes.enums import Direction
from faxes.models import Fax, Faxbox, RetentionRule, RetentionRun
from faxes.queries.legal_holds import lasting

RUNS_AT: Final = time(3)  # by the account's clock
_RUNS_SHOWN: Final = 14
Place = tuple[UUID | None, str]  # a fax machine, or the account; and a direction


@dataclass(frozen=True, slots=True)
class Rules:
    """What an account chose, and the bounds within which that counts."""

    chosen: Mapping[Place, Kept]
    bounds: Bounds = field(default_factory=Bounds)

    def chosen_for(self, faxbox_id: UUID | None, direction: str) -> Kept:
        """What is chosen for a fax machine: its own, or the account's."""
        of_account = self.chosen.get((None, direction), Kept())
        return self.chosen.get((faxbox_id, direction), of_account)

    def kept(self, faxbox_id: UUID | None, direction: str) -> Kept:
        """For how long faxes are kept there indeed."""
        return kept_within(self.bounds, self.chosen_for(faxbox_id, direction))

    def has_own(self, faxbox_id: UUID) -> bool:
        """Whether a fax machine has rules of its own."""
        return any(key == faxbox_id for key, _ in self.chosen)


@dataclass(frozen=True, slots=True)
class Until:
    """The last days on which pages and record are kept; None is for ever."""

    pages: date | None = None
    record: date | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run removes on a day: faxes that lose their pages, or go as a whole.

    ``unread`` of these nobody has opened; ``held`` would go, but for legal holds.
    """

    day: date
    strip: int = 0
    delete: int = 0
    unread: int = 0
    held: int = 0


def rules_of(account: Account) -> Rules:
    """The rules of an account."""
    rows = RetentionRule.objects.for_account(account.pk)
    chosen = {(row.faxbox_id, row.direction): Kept(row.pages_days, row.record_days) for row in rows}
    return Rules(chosen, bounds_of(account))


def rules_for(actor: Actor) -> tuple[Account, Rules]:
    """The actor's account and its rules.

    Raises:
        NotAllowed

    """
    require(actor, Action.RETENTION_MANAGE)
    account = Account.objects.get(pk=actor.account_id)
    return account, rules_of(account)


def until_of(account: Account, fax: Fax, rules: Rules | None = None) -> Until:
    """Until when a fax is kept; while it is under way, nobody knows."""
    if fax.finished_at is None:
        return Until()
    kept = (rules or rules_of(account)).kept(fax.faxbox_id, fax.direction)
    ended = fax.finished_at.astimezone(ZoneInfo(account.time_zone)).date()
    gone = fax.stripped_at is not None
    return Until(
        None if kept.pages is None or gone else ended + timedelta(days=kept.pages),
        None if kept.record is None else ended + timedelta(days=kept.record),
    )


def with_ends(account_id: UUID, faxes: Sequence[Fax]) -> Sequence[Fax]:
    """Faxes of an account, those that ended told as ``until`` until when they are kept."""
    ended = [fax for fax in faxes if fax.finished_at is not None]
    if ended:
        account = Account.objects.get(pk=account_id)
        rules = rules_of(account)
        for fax in ended:
            fax.until = until_of(account, fax, rules)  # type: ignore[attr-defined]
    return faxes


def next_run(account: Account, now: datetime, *, changing: bool = False) -> date:
    """The day of the next daily run, by the account's clock; of the next if rules are ``changing``.

    What is changed after the hour of a day waits for the next day's, also if that day's is late.
    """
    today = now.astimezone(ZoneInfo(account.time_zone)).date()
    done = RetentionRun.objects.for_account(account.pk).filter(day__gte=today)
    last = done.order_by("-day").values_list("day", flat=True).first()
    if last:
        return last + timedelta(days=1)
    late = now >= hour_of(account.time_zone, today)
    if late and (changing or not waiting_for_run(account.time_zone, today).filter(pk=account.pk)):
        return today + timedelta(days=1)
    return today


def hour_of(zone: str, day: date) -> datetime:
    """When the run of a day begins."""
    return datetime.combine(day, RUNS_AT, ZoneInfo(zone)).astimezone(UTC)


def waiting_for_run(zone: str, day: date) -> QuerySet[Account]:
    """The accounts of a zone that keep not everything for ever and whose run of a day is to come.

    Not those whose rules, or the bounds of these, were changed after the hour of that day.
    """
    why = "each account by its own"
    rules = RetentionRule.objects.across_tenants(why=why).filter(account=OuterRef("pk"))
    bounds = RetentionBounds.objects.across_tenants(why=why).filter(
        account__path=Substr(OuterRef("path"), 1, Length("account__path"))
    )
    some = rules.filter(Q(pages_days__isnull=False) | Q(record_days__isnull=False))
    most = bounds.filter(Q(pages_most__isnull=False) | Q(record_most__isnull=False))
    lately = {"changed_at__gte": hour_of(zone, day)}
    runs = RetentionRun.objects.across_tenants(why=why)
    ran = runs.filter(account=OuterRef("pk"), day__gte=day)
    return (
        Account.objects.filter(Exists(some) | Exists(most), ~Exists(ran), time_zone=zone)
        .exclude(Exists(rules.filter(**lately)) | Exists(bounds.filter(**lately)))
        .exclude(status=Status.ERASED)
    )


def forecast(account: Account, rules: Rules, day: date) -> Forecast:
    """What a run removes on a day, by these rules."""
    places = list(places_of(account.pk, rules))
    gone, bare = _due(account, places, day)
    faxes = Fax.objects.for_account(account.pk)
    to_delete, to_strip = faxes.filter(gone), faxes.filter(bare)
    free_delete, free_strip = free(account.pk, to_delete), free(account.pk, to_strip)
    delete, strip = free_delete.count(), free_strip.count()
    unread = Q(direction=Direction.INBOUND, read_at__isnull=True)
    held = 0
    if lasting(account.pk).exists():
        held = to_delete.count() + to_strip.count() - delete - strip
    return Forecast(
        day,
        strip=strip,
        delete=delete,
        unread=free_delete.filter(unread).count() + free_strip.filter(unread).count(),
        held=held,
    )


def places_of(account_id: UUID, rules: Rules) -> Iterator[tuple[UUID, str, Kept]]:
    """All places from which something goes some day: fax machine, direction, how long."""
    machines = Faxbox.objects.ever_of(account_id).order_by("id").values_list("pk", flat=True)
    for faxbox_id in machines:
        for direction in Direction:
            kept = rules.kept(faxbox_id, direction)
            if kept.any:
                yield faxbox_id, direction, kept


def ended_before(account: Account, day: date, days: int) -> datetime:
    """Faxes that ended before this have been kept so many whole days when that day begins."""
    midnight = datetime.combine(day - timedelta(days=days), time(), ZoneInfo(account.time_zone))
    return midnight.astimezone(UTC)


def free(account_id: UUID, rows: QuerySet[Fax]) -> QuerySet[Fax]:
    """Those of the faxes that are under no legal hold."""
    holds = lasting(account_id)
    wide = list(holds.filter(fax__isnull=True).values_list("faxbox_id", flat=True))
    if None in wide:
        return rows.none()
    if wide:
        rows = rows.exclude(faxbox_id__in=wide)
    return rows.exclude(pk__in=holds.filter(fax__isnull=False).values("fax_id"))


def runs_of(actor: Actor) -> list[RetentionRun]:
    """The last runs of the actor's account, newest first.

    Raises:
        NotAllowed

    """
    require(actor, Action.RETENTION_MANAGE)
    return list(RetentionRun.objects.visible_to(actor).order_by("-day")[:_RUNS_SHOWN])


def _due(account: Account, places: Iterable[tuple[UUID, str, Kept]], day: date) -> tuple[Q, Q]:
    """Which faxes go as a whole on a day, and which lose their pages only."""
    alike: defaultdict[tuple[str, Kept], list[UUID]] = defaultdict(list)
    for faxbox_id, direction, kept in places:
        alike[direction, kept].append(faxbox_id)
    gone, bare = Q(pk__in=[]), Q(pk__in=[])  # an empty one would be all
    for (direction, kept), machines in alike.items():
        here = Q(faxbox_id__in=machines, direction=direction)
        rest = here
        if kept.record is not None:
            since = ended_before(account, day, kept.record)
            gone |= here & Q(finished_at__lt=since)
            rest = here & Q(finished_at__gte=since)
        if kept.pages is not None:
            since = ended_before(account, day, kept.pages)
            bare |= rest & Q(stripped_at__isnull=True, finished_at__lt=since)
    return gone, bare
