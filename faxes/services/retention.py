"""An account chooses for how long its faxes are kept, within its providers' bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.retention_bounds import MOST_DAYS, Bounds, Kept
from accounts.tenancy import require
from faxes.enums import Direction, ErrorCode
from faxes.errors import FaxError, FaxNotFound, InvalidRequest, RequestError
from faxes.models import Faxbox, RetentionRule
from faxes.queries.retention import Forecast, Rules, forecast, next_run, rules_of

_EVER: Final = 10**9


@dataclass(frozen=True, slots=True)
class Removed:
    """How much somebody was told that the next run removes, and says yes to."""

    strip: int
    delete: int


def set_rules(
    actor: Actor,
    *,
    chosen: Mapping[Direction, Kept],
    faxbox_id: UUID | None = None,
    sure: bool | Removed = False,
) -> Rules:
    """Choose for the account, or for one of its fax machines; nothing there is as the account.

    ``sure`` is somebody of whatever goes, or of no more than they were told.

    What is shorter than before takes effect at the next daily run, and not before.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such fax machine.
        InvalidRequest: some days cannot be; all of it is told.
        RequestError: it is shorter than before, and nobody is ``sure``: told is what would go.

    """
    require(actor, Action.RETENTION_MANAGE)
    account = Account.objects.get(pk=actor.account_id)
    machines = Faxbox.objects.for_account(account.pk)
    if faxbox_id is not None and not machines.filter(pk=faxbox_id).exists():
        raise FaxNotFound
    rules = rules_of(account)
    _check(chosen, rules.bounds)
    others = {place: kept for place, kept in rules.chosen.items() if place[0] != faxbox_id}
    new = Rules(others | {(faxbox_id, way): kept for way, kept in chosen.items()}, rules.bounds)
    if sure is not True and _is_shorter(account.pk, rules, new):
        _require_sure(forecast(account, new, next_run(account, clock.now(), changing=True)), sure)
    with transaction.atomic():
        audit.hold_chains([account.pk])  # of two who choose, one is first
        RetentionRule.objects.for_account(account.pk).filter(faxbox=faxbox_id).delete()
        _keep(account, new, faxbox_id)
        audit.record(
            actor,
            action="retention.set",
            object_type="faxbox" if faxbox_id else "account",
            object_id=faxbox_id or account.pk,
            **_facts(chosen),
        )
    return new


def _require_sure(told: Forecast, sure: bool | Removed) -> None:  # noqa: FBT001 (as set_rules)
    if isinstance(sure, Removed) and told.strip <= sure.strip and told.delete <= sure.delete:
        return
    raise RequestError(
        ErrorCode.RETENTION_UNCONFIRMED,
        field="confirm",
        strip=told.strip,
        delete=told.delete,
        day=told.day,
    )


def _keep(account: Account, rules: Rules, faxbox_id: UUID | None) -> None:
    """Write what is chosen there. All of the account's was changed now, and waits for the next day.

    The account's own is always there, to say since when.
    """
    now, mine = clock.now(), RetentionRule.objects.for_account(account.pk)
    there = {(row.faxbox_id, row.direction) for row in mine}
    wanted = {place for place in rules.chosen if place[0] == faxbox_id}
    wanted |= {(None, way) for way in Direction}
    RetentionRule.objects.bulk_create(
        RetentionRule(
            account_id=account.pk,
            faxbox_id=place,
            direction=way,
            pages_days=rules.chosen.get((place, way), Kept()).pages,
            record_days=rules.chosen.get((place, way), Kept()).record,
            changed_at=now,
        )
        for place, way in wanted - there
    )
    mine.update(changed_at=now)


def _check(chosen: Mapping[Direction, Kept], bounds: Bounds) -> None:
    errors: list[FaxError] = []
    for way, kept in chosen.items():
        for name, days in (("pages", kept.pages), ("record", kept.record)):
            error = _fault(days, getattr(bounds, f"{name}_least"), getattr(bounds, f"{name}_most"))
            if error is not None:
                error.field = f"{way.value}_{name}"
                errors.append(error)
        if kept.pages is not None and kept.record is not None and kept.record < kept.pages:
            errors.append(RequestError(ErrorCode.RETENTION_ORDER, field=f"{way.value}_record"))
    if errors:
        raise InvalidRequest(tuple(errors))


def _fault(days: int | None, least: int | None, most: int | None) -> FaxError | None:
    if days is None:  # as long as may be
        return None
    if not 1 <= days <= MOST_DAYS:
        return RequestError(ErrorCode.RETENTION_DAYS, most=MOST_DAYS)
    if (least or 1) <= days <= (most or MOST_DAYS):
        return None
    if least is None:
        return RequestError(ErrorCode.RETENTION_MOST, most=most)
    if most is None:
        return RequestError(ErrorCode.RETENTION_LEAST, least=least)
    return RequestError(ErrorCode.RETENTION_BOUNDS, least=least, most=most)


def _is_shorter(account_id: UUID, old: Rules, new: Rules) -> bool:
    """Whether some faxes would be kept for less time than before."""
    machines = [None, *Faxbox.objects.ever_of(account_id).values_list("pk", flat=True)]
    for faxbox_id in machines:
        for way in Direction:
            before, after = old.kept(faxbox_id, way), new.kept(faxbox_id, way)
            if _longer(before.pages, after.pages) or _longer(before.record, after.record):
                return True
    return False


def _longer(one: int | None, other: int | None) -> bool:
    return (_EVER if one is None else one) > (_EVER if other is None else other)


def _facts(chosen: Mapping[Direction, Kept]) -> dict[str, int | None]:
    facts = {}
    for way, kept in chosen.items():
        facts[f"{way.value}_pages_days"] = kept.pages
        facts[f"{way.value}_record_days"] = kept.record
    return facts
