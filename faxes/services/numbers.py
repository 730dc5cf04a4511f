"""Numbers come in, are given out, taken back and let go: done by those who provide.

A number without a fax machine lies in the pool of its account. Each act changes the rows only as
they were when they were chosen, so that of two who choose the same number one is told so.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.errors import AccountNotFound
from accounts.models import GONE, Account, EventType
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paths import account_below
from accounts.tenancy import require
from faxes import notices
from faxes.enums import TERMINAL_STATES, Direction, ErrorCode
from faxes.errors import RequestError
from faxes.models import Fax, Faxbox, LineCall, Number
from faxes.queries.numbers import NumberFilter, all_numbers, numbers_below
from faxes.services import number_sheets
from faxes.services.number_sheets import Fate, SheetLine

MOST_AT_ONCE: Final = 500
_FAXBOX_NAME: Final = "Fax"
_HEADER_LENGTH: Final = 50


def free_numbers(actor: Actor, *, after: str = "", limit: int = 50) -> list[Number]:
    """Numbers of the actor's pool behind ``after``, which can be given out, lowest first.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    free = Number.objects.visible_to(actor).filter(faxbox__isnull=True, e164__gt=after)
    return list(free.select_related("carrier").order_by("e164")[:limit])


def check_import(actor: Actor, *, text: str) -> list[SheetLine]:
    """What each line of a list would do; nothing is changed.

    Raises:
        NotAllowed
        RequestError: there is no line, or too many, or it is no CSV.

    """
    require(actor, Action.TENANTS_MANAGE)
    return number_sheets.read_sheet(text, _provider(actor))


def import_numbers(actor: Actor, *, text: str) -> list[SheetLine]:
    """Bring the new numbers of a list into the pool; the others are left out. Each line's fate.

    Raises:
        NotAllowed
        RequestError: there is no line, or too many, or it is no CSV; or another import brought one
            of its numbers at the same time.

    """
    lines = check_import(actor, text=text)
    new = [line for line in lines if line.fate == Fate.NEW and line.carrier is not None]
    if not new:
        return lines
    now = clock.now()
    rows = [
        Number(account_id=actor.account_id, e164=line.number, carrier=line.carrier, held_since=now)
        for line in new
    ]
    try:
        with transaction.atomic():
            Number.objects.bulk_create(rows, batch_size=500)
            _record(actor, "numbers.import", numbers=len(rows))
    except IntegrityError:
        raise RequestError(ErrorCode.NUMBERS_CHANGED, field="text") from None
    return lines


def export_numbers(actor: Actor, *, shown: NumberFilter) -> Iterator[str]:
    """The numbers of the account and of those below it as CSV; the export goes on record.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = all_numbers(actor, shown)
    audit.record(actor, action="numbers.export", object_type="number", object_id=None)
    return number_sheets.written(rows)


def assign(
    actor: Actor, *, number_ids: Collection[UUID], account_id: UUID, faxbox_id: UUID | None = None
) -> int:
    """Give numbers of the pool to an account below, or to fax machines of one's own; how many.

    They lead to the fax machine that is named, else to the only one that the account has. Who has
    none gets one; with a reseller below they come into its pool, unless one is named.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account, or closed.
        RequestError: none or too many are chosen, one is not free any more, or which fax machine
            is meant has to be said.

    """
    require(actor, Action.TENANTS_MANAGE)
    account = _receiver(actor, account_id)
    chosen = _chosen(number_ids)
    with transaction.atomic():
        free = Number.objects.visible_to(actor).filter(pk__in=chosen, faxbox__isnull=True)
        to_pool = account.provides and account.pk != actor.account_id and faxbox_id is None
        faxbox = None if to_pool else _faxbox_of(account, faxbox_id, free)
        changed = free.update(account_id=account.pk, faxbox=faxbox, held_since=clock.now())
        if changed != len(chosen):
            raise RequestError(ErrorCode.NUMBERS_CHANGED)
        given = Number.objects.for_account(account.pk).filter(pk__in=chosen)
        _tell(account.pk, list(given), EventType.NUMBER_ASSIGNED)
        _record(actor, "numbers.assign", below=account.pk, numbers=changed)
    return changed


def take_back(actor: Actor, *, number_ids: Collection[UUID]) -> int:
    """Take numbers back into the actor's pool, whoever below has them; how many.

    Faxes stay with whoever sent and received them. What waits to be sent from such a number ends
    unsent.

    Raises:
        NotAllowed
        RequestError: none or too many are chosen, one is not in use below any more, or a fax to
            it is just coming in.

    """
    require(actor, Action.TENANTS_MANAGE)
    chosen = _chosen(number_ids)
    with transaction.atomic():
        rows = numbers_below(actor).filter(pk__in=chosen)
        in_pool = {"account_id": actor.account_id, "faxbox__isnull": True}
        found = list(rows.exclude(**in_pool).select_for_update(of=("self",)).order_by("pk"))
        if len(found) != len(chosen):
            raise RequestError(ErrorCode.NUMBERS_CHANGED)
        Number.objects.across_tenants(why="found below the actor's account").filter(
            pk__in=chosen
        ).update(account_id=actor.account_id, faxbox=None, webhook_url="", held_since=clock.now())
        # after the change: from here on no call to them is answered
        _require_no_arrivals([number.e164 for number in found])
        counted = Counter(number.account_id for number in found)
        audit.hold_chains([actor.account_id, *counted])
        for owner in sorted(counted):
            _record(actor, "numbers.take_back", below=owner, numbers=counted[owner])
            theirs = [number for number in found if number.account_id == owner]
            _tell(owner, theirs, EventType.NUMBER_RELEASED)
    return len(chosen)


def release(actor: Actor, *, number_ids: Collection[UUID]) -> int:
    """Let numbers of the pool go for good; how many.

    Raises:
        NotAllowed
        RequestError: none or too many are chosen, one is not in the pool any more, or a fax from
            or to it is under way.

    """
    require(actor, Action.TENANTS_MANAGE)
    chosen = _chosen(number_ids)
    with transaction.atomic():
        free = Number.objects.visible_to(actor).filter(pk__in=chosen, faxbox__isnull=True)
        going = list(free)
        e164s = [number.e164 for number in going]
        deleted = free.delete()[0]
        if deleted != len(chosen):
            raise RequestError(ErrorCode.NUMBERS_CHANGED)
        _require_no_arrivals(e164s)
        _require_nothing_sent(e164s)
        _tell(actor.account_id, going, EventType.NUMBER_RELEASED)
        _record(actor, "numbers.release", numbers=deleted)
    return deleted


def _provider(actor: Actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def _chosen(number_ids: Collection[UUID]) -> list[UUID]:
    chosen = sorted(set(number_ids))
    if not chosen:
        raise RequestError(ErrorCode.NUMBERS_MISSING)
    if len(chosen) > MOST_AT_ONCE:
        raise RequestError(ErrorCode.TOO_MANY_NUMBERS_CHOSEN, limit=MOST_AT_ONCE)
    return chosen


def _receiver(actor: Actor, account_id: UUID) -> Account:
    """Who gets numbers: an account below, or the provider itself."""
    if account_id == actor.account_id:
        return _provider(actor)
    account = account_below(actor, account_id)
    if account.status in GONE:
        raise AccountNotFound
    return account


def _faxbox_of(account: Account, faxbox_id: UUID | None, numbers: QuerySet[Number]) -> Faxbox:
    """The fax machine that numbers given to an account lead to; made if it has none."""
    rows = Faxbox.objects.for_account(account.pk)
    if faxbox_id is not None:
        faxbox: Faxbox | None = rows.filter(pk=faxbox_id).first()
        if faxbox is None:
            raise RequestError(ErrorCode.FAXBOX_UNCLEAR, field="faxbox")
        return faxbox
    faxboxes = list(rows[:2])
    if len(faxboxes) > 1:
        raise RequestError(ErrorCode.FAXBOX_UNCLEAR, field="faxbox")
    if faxboxes:
        return faxboxes[0]
    first = numbers.order_by("e164").first()
    return Faxbox.objects.create(
        account=account,
        name=_FAXBOX_NAME,
        header=account.name[:_HEADER_LENGTH],
        station_id=first.e164 if first else "",
    )


def _require_no_arrivals(e164s: Collection[str]) -> None:
    """Refuse while a fax to one of the numbers comes in: it is still its owner's."""
    calls = LineCall.objects.filter(called__in=e164s, tenant_number=True, fetched=False)
    arriving = _under_way().filter(direction=Direction.INBOUND, to_number__in=e164s)
    if calls.exists() or arriving.exists():
        raise RequestError(ErrorCode.NUMBER_UNDER_WAY)


def _require_nothing_sent(e164s: Collection[str]) -> None:
    if _under_way().filter(direction=Direction.OUTBOUND, from_number__in=e164s).exists():
        raise RequestError(ErrorCode.NUMBER_UNDER_WAY)


def _under_way() -> QuerySet[Fax]:
    rows = Fax.objects.across_tenants(why="a number changes hands between accounts")
    return rows.filter(wake_at__isnull=False).exclude(state__in=TERMINAL_STATES)


def _tell(account_id: UUID, numbers: Sequence[Number], event: EventType) -> None:
    notices.tell_numbers(account_id, numbers, event=event, now=clock.now())


def _record(actor: Actor, action: str, *, below: UUID | None = None, numbers: int) -> None:
    """Put an act on record; where another account's numbers are concerned, in its chain too."""
    if below is None or below == actor.account_id:
        audit.record(actor, action=action, object_type="number", object_id=None, numbers=numbers)
    else:
        audit.record_below(actor, account_id=below, action=action, numbers=numbers)
