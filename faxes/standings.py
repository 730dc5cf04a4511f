"""Where a fax stands, in the words of its page and lists."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import languages, moments
from faxes.enums import Direction, FaxState, Outcome
from faxes.wording import OUTCOMES


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fax stands: ``tone`` (wait, move, good, bad, off) picks icon and colour."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The plain facts of a fax that its standing is told from."""

    direction: Direction
    state: FaxState
    outcome: Outcome | None
    tries: int
    pages: int
    pages_done: int
    phase: str
    due_at: datetime | None
    incomplete: bool = False
    held: bool = False  # until a second person approves it
    undoable: bool = False  # not dialled in its first seconds


def clock_time(moment: datetime, now: datetime) -> str:
    """A time in plain words: the hour today, else with its day."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return moments.tell(local, "time")
    same_year = local.year == today.year
    return moments.tell(local, "day+time" if same_year else "date+time")


def standing(fax: Progress, now: datetime) -> Standing:  # noqa: PLR0911 (a table)
    """Where a fax stands, in words."""
    match fax.state:
        case FaxState.PREPARING:
            return Standing("wait", _("Preparing") if not fax.held else _("Waits for approval"))
        case FaxState.QUEUED:
            return Standing("wait", _queued(fax, now))
        case FaxState.SENDING:
            return Standing("move", _sending(fax))
        case FaxState.DELIVERED:
            told = OUTCOMES[fax.outcome or Outcome.DELIVERED]  # or its carrier took it, no more
            return Standing("good", str(told))
        case FaxState.FAILED:
            wished = fax.outcome == Outcome.CANCELED
            return Standing("off" if wished else "bad", _failed(fax))
        case FaxState.CANCELED:
            return Standing("off", _("Canceled"))
        case FaxState.RECEIVING:
            return Standing("move", _receiving(fax))
        case FaxState.RECEIVED:
            if fax.incomplete:
                return Standing("bad", _("Incomplete: the call broke off"))
            return Standing("good", _("Received"))


def _queued(fax: Progress, now: datetime) -> str:
    if fax.held:
        return _("Waits for approval")
    if fax.undoable:
        return _("Goes in a few seconds")
    later = fax.due_at is not None and fax.due_at > now
    if later and fax.outcome and fax.due_at:
        return _("{outcome}. Next try: {time}").format(
            outcome=OUTCOMES[fax.outcome], time=clock_time(fax.due_at, now)
        )
    if later and fax.due_at:
        return _("Will be sent: {time}").format(time=clock_time(fax.due_at, now))
    return _("Waiting for a line")


def _sending(fax: Progress) -> str:
    match fax.phase:
        case "connected" | "page":
            page = min(fax.pages_done + 1, fax.pages)
            return _("Sending page {page} of {pages}").format(page=page, pages=fax.pages)
        case "dialing":
            return _("Dialing")
        case _:
            return _("Waiting for a line")


def _receiving(fax: Progress) -> str:
    return _("Receiving page {page}").format(page=fax.pages_done + 1)


def _failed(fax: Progress) -> str:
    if fax.direction == Direction.INBOUND and fax.outcome == Outcome.CANCELED:
        return _("Turned away, as a program of yours said")
    if fax.direction == Direction.INBOUND:
        return _("Nothing arrived: the call broke off")
    if fax.outcome is None:
        return _("Not sent")
    reason = str(OUTCOMES[fax.outcome])
    if fax.outcome in {Outcome.UNKNOWN, Outcome.CANCELED}:
        return reason
    lowered = languages.inside(reason)
    if fax.tries > 1:
        return _("Not delivered: {reason} after {tries} tries").format(
            reason=lowered, tries=fax.tries
        )
    return _("Not delivered: {reason}").format(reason=lowered)
