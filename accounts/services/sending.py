"""How an account sends: when its night is, and which of its faxes a second person approves."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require

NIGHT: Final = (time(22), time(6))
MOST_PAGES: Final = 9999
_DAYS: Final = 4  # a night may be skipped, or a whole day


@dataclass(frozen=True, slots=True)
class Sending:
    """What an account chose; ``approve_pages`` is None if length does not matter."""

    night_from: time
    night_until: time
    approve_pages: int | None
    approve_new_numbers: bool
    approve_programs: bool
    approve_mail: bool
    approve_by_members: bool

    @property
    def approves(self) -> bool:
        """Whether any faxes wait for approval."""
        some = self.approve_new_numbers or self.approve_programs or self.approve_mail
        return some or self.approve_pages is not None


def sending_of(account: Account) -> Sending:
    """What the account chose, or what goes for all that chose nothing."""
    return Sending(
        night_from=account.night_from or NIGHT[0],
        night_until=account.night_until or NIGHT[1],
        approve_pages=account.approve_pages,
        approve_new_numbers=bool(account.approve_new_numbers),
        approve_programs=bool(account.approve_programs),
        approve_mail=bool(account.approve_mail),
        approve_by_members=bool(account.approve_by_members),
    )


def set_sending(actor: Actor, *, chosen: Sending) -> None:
    """Have the account send as chosen; what waits already is not touched.

    Raises:
        NotAllowed: the actor may not.

    """
    require(actor, Action.FAXBOX_MANAGE)
    with transaction.atomic():
        Account.objects.filter(pk=actor.account_id).update(**asdict(chosen))
        facts = {
            name: str(value)[:5] if isinstance(value, time) else value
            for name, value in asdict(chosen).items()
        }
        audit.record(
            actor,
            action="account.sending",
            object_type="account",
            object_id=actor.account_id,
            **facts,
        )


def has_chosen(account: Account) -> bool:
    """Whether the account ever said which faxes wait for approval, so that some may."""
    return account.approve_new_numbers is not None


def is_night(account: Account, now: datetime) -> bool:
    """Whether it is night for the account by its own clock; from six to six is always."""
    chosen, local = sending_of(account), now.astimezone(ZoneInfo(account.time_zone)).time()
    begin, end = chosen.night_from, chosen.night_until
    if begin < end:
        return begin <= local < end
    return local >= begin or local < end


def next_night(account: Account, now: datetime) -> datetime:
    """When a fax goes that is to go at night: now if it is night, else when the next one begins.

    It begins when the clocks of the account's zone show it, also on days on which they are changed:
    one whose begin they skip begins at the moment of the skip (one that they skip as a whole is
    not), one whose begin comes twice the first time, and again if it was over in between.
    """
    if is_night(account, now):
        return now
    zone, begin = ZoneInfo(account.time_zone), sending_of(account).night_from
    begins = _begins(now, zone, begin)
    may_begin = sorted({each for each in [*begins, *_changes(now, zone)] if each > now})
    return next((each for each in may_begin if is_night(account, each)), now)


def _begins(now: datetime, zone: ZoneInfo, begin: time) -> Iterator[datetime]:
    """When the clocks show ``begin`` in the next days; it may be twice on one of them."""
    day = now.astimezone(zone).date()
    for ahead in range(_DAYS):
        for fold in (0, 1):
            local = datetime.combine(day + timedelta(days=ahead), begin, tzinfo=zone)
            yield local.replace(fold=fold).astimezone(UTC)


def _changes(now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of the next days at which the clocks are changed."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(_DAYS * 24):
        later = hour + timedelta(hours=1)
        if _offset(hour, zone) != _offset(later, zone):
            minutes = (hour + timedelta(minutes=each) for each in range(1, 61))
            yield next(each for each in minutes if _offset(each, zone) != _offset(hour, zone))
        hour = later


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
