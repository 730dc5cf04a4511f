"""When a waiting fax is tried next, as its page tells it and counts it down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from faxes.enums import FaxState, Outcome
from faxes.standings import clock_time
from faxes.wording import OUTCOMES

if TYPE_CHECKING:
    from faxes.models import Fax

_A_WHILE: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NextTry:
    """What the page says of the next try.

    ``seen`` are the calls there were so far: whoever changes something says what they knew.
    ``until`` is None if it goes as soon as it can; ``left`` is the time until then, in words.
    ``offered`` is what to put it off to unless somebody says otherwise, as a form writes it.
    """

    seen: int
    first: bool
    text: str
    until: datetime | None
    left: str
    offered: str


def next_try_of(fax: "Fax", now: datetime) -> NextTry | None:
    """The next try of a fax; None if it waits for none."""
    if fax.state != FaxState.QUEUED or fax.held_for:
        return None
    known = fax.due_at if fax.due_at is not None and not fax.waits_for_id else None
    until = known if known is not None and known > now else None
    offered = timezone.localtime(max(until or now, now) + _A_WHILE)
    return NextTry(
        seen=fax.tries + fax.false_starts,
        first=not fax.tries,
        text=_text(fax, until, now),
        until=until,
        left=_left(until - now) if until else "",
        offered=f"{offered:%Y-%m-%dT%H:%M}",
    )


def _text(fax: "Fax", until: datetime | None, now: datetime) -> str:
    if until is None:
        return _("It goes as soon as a line is free.")
    time = clock_time(until, now)
    if not fax.tries:
        return _("Will be sent: {time}").format(time=time)
    if not fax.outcome:
        return _("Next try: {time}").format(time=time)
    reason = OUTCOMES[Outcome(fax.outcome)]
    return _("{reason}. Next try: {time}").format(reason=reason, time=time)


def _left(time: timedelta) -> str:
    """How long it is still: the minutes, or seconds, as the script counts them on."""
    if time < _MINUTE:
        return _("in {n} s").format(n=max(1, round(time.total_seconds())))
    if time < _HOUR:
        return _("in {n} min").format(n=-(-time // _MINUTE))
    if time < 24 * _HOUR:
        return _("in {n} h").format(n=-(-time // _HOUR))
    return _("in {n} days").format(n=max(2, -(-time // (24 * _HOUR))))
