"""What happened to a fax, told in plain words from its events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts import clock
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.queries.faxes import FaxDetail
from faxes.standings import clock_time
from faxes.wording import OUTCOMES, sentence_for

if TYPE_CHECKING:
    from faxes.models import Event, Fax

_WITHIN: Final = "within"  # handed over here, without a call
_LOST: Final = "lost"
_RESTORED: Final = "restored"
_STOPPED: Final = lazy(
    "Stopped when the portal was restored from a backup; it may have gone already"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened; ``tone`` as in a standing, ``note`` what is worth adding."""

    at: datetime
    text: str
    tone: str = ""
    note: str = ""
    other: UUID | None = None  # a fax that the step leads to, if it is there still
    number: str = ""  # at the other end of that


def linked(detail: FaxDetail) -> list[UUID]:
    """The faxes that the steps of a fax lead to: those sent instead of another."""
    named = [_other_of(event) for event in detail.events]
    return [each for each in named if each is not None]


def timeline_of(detail: FaxDetail, *, others: Mapping[UUID, str]) -> Sequence[Step]:
    """The steps of a fax, oldest first; ``others`` are the numbers of the ``linked`` ones."""
    fax = detail.fax
    steps = [_step(event, fax, others) for event in detail.events]
    if steps and fax.state == FaxState.QUEUED:
        steps[-1] = replace(steps[-1], note="" if fax.held_for else _goes_on(fax, clock.now()))
    if fax.imported_at is not None:
        without = _("Its pages could not be had.") if fax.stripped_at == fax.imported_at else ""
        steps.append(Step(fax.imported_at, _("Brought over from a carrier"), "move", without))
    if fax.stripped_at is not None and fax.stripped_at != fax.imported_at:
        steps.append(Step(fax.stripped_at, _("Pages removed"), "off"))
    return sorted(steps, key=lambda step: step.at)


def _step(event: "Event", fax: "Fax", others: Mapping[UUID, str]) -> Step:
    told = _CHANGED.get(event.because) if event.from_state == event.to_state else None
    step = told(event) if told else _TOLD[FaxState(event.to_state)](event, fax)
    other = _other_of(event)
    if other is None or other not in others:
        return step
    return replace(step, other=other, number=others[other])


def _other_of(event: "Event") -> UUID | None:
    named = event.facts.get("instead") or event.facts.get("instead_of")
    return UUID(named) if named else None


def _goes_on(fax: "Fax", now: datetime) -> str:
    """When a waiting fax is tried next."""
    if fax.waits_for_id or fax.due_at is None or fax.due_at <= now:
        return _("It goes as soon as a line is free")
    told = _("Next try: {time}") if fax.tries else _("Will be sent: {time}")
    return told.format(time=clock_time(fax.due_at, now))


def _brought_forward(event: "Event") -> Step:
    return Step(event.at, _("Somebody asked to try it at once"))


def _put_off(event: "Event") -> Step:
    return Step(event.at, _("Somebody put the next try off"), "wait")


def _held(event: "Event") -> Step:
    return Step(event.at, _("Waits for approval by a second person"), "wait")


def _approved(event: "Event") -> Step:
    return Step(event.at, _("Approved by {name}").format(name=event.facts.get("by", "")), "good")


def _preparing(event: "Event", _fax: "Fax") -> Step:
    if event.facts.get("instead_of"):
        return Step(event.at, _("Handed in, to be sent here instead of to"))
    return Step(event.at, _("Handed in"))


def _queued(event: "Event", fax: "Fax") -> Step:
    if event.from_state == FaxState.SENDING:
        what = _reason(event) or _("The carrier did not take it")
        return Step(event.at, what, "wait")
    ready = ngettext("{pages} page ready", "{pages} pages ready", fax.pages)
    return Step(event.at, ready.format(pages=fax.pages))


def _sending(event: "Event", _fax: "Fax") -> Step:
    if event.because == _WITHIN:
        return Step(event.at, _("Handed over within this portal"), "move")
    if event.attempt is None or event.attempt.number == 1:
        return Step(event.at, _("Calling"), "move")
    again = _("Calling again: try {number}").format(number=event.attempt.number)
    return Step(event.at, again, "move")


def _delivered(event: "Event", _fax: "Fax") -> Step:
    if event.because == Outcome.HANDED_OVER:
        return Step(event.at, _reason(event), "good")
    sent = event.attempt.pages_sent if event.attempt else 0
    pages = ngettext("{pages} page", "{pages} pages", sent).format(pages=sent)
    return Step(event.at, _("Delivered"), "good", pages if sent else "")


def _failed(event: "Event", fax: "Fax") -> Step:
    if event.because == Outcome.CANCELED and fax.direction == Direction.INBOUND:
        return Step(event.at, _("Turned away, as a program of yours said"), "off")
    if event.because == Outcome.CANCELED:
        return _ended_by_somebody(event, _("Canceled"))
    if event.because == _RESTORED:
        return Step(event.at, str(_STOPPED), "off")
    return Step(event.at, _("Given up"), "bad", _why(event, fax))


def _canceled(event: "Event", _fax: "Fax") -> Step:
    if event.because == "undone":
        return Step(event.at, _("Undone by who sent it"), "off")
    if event.because == "not_approved":
        return Step(event.at, _("Nobody approved it within 7 days"), "off")
    if event.because == "declined":
        who = _("Declined by {name}").format(name=event.facts.get("by", ""))
        return Step(event.at, who, "off", event.facts.get("reason", ""))
    if event.because == _RESTORED:
        return Step(event.at, str(_STOPPED), "off")
    return _ended_by_somebody(event, _("Canceled before it was sent"))


def _ended_by_somebody(event: "Event", words: str) -> Step:
    if event.facts.get("instead"):
        return Step(event.at, _("Sent to another number instead"), "off")
    return Step(event.at, words, "off")


def _receiving(event: "Event", _fax: "Fax") -> Step:
    if event.because == _WITHIN:
        return Step(event.at, _("Came from a fax machine of this portal"), "move")
    return Step(event.at, _("A call came in"), "move")


def _received(event: "Event", fax: "Fax") -> Step:
    return Step(event.at, _("Received"), "bad" if fax.incomplete else "good")


_TOLD: Final[dict[FaxState, Callable[["Event", "Fax"], Step]]] = {
    FaxState.PREPARING: _preparing,
    FaxState.QUEUED: _queued,
    FaxState.SENDING: _sending,
    FaxState.DELIVERED: _delivered,
    FaxState.FAILED: _failed,
    FaxState.CANCELED: _canceled,
    FaxState.RECEIVING: _receiving,
    FaxState.RECEIVED: _received,
}


_CHANGED: Final[dict[str, Callable[["Event"], Step]]] = {
    "brought_forward": _brought_forward,
    "held": _held,
    "approved": _approved,
    "put_off": _put_off,
}


# What there is to do once a fax was given up because of that.
_NEXT_STEPS: Final[dict[str, Promise]] = {
    Outcome.BUSY: lazy("There is no further try. Send it again later, or to another number."),
    Outcome.NO_ANSWER: lazy("There is no further try. Send it again later, or to another number."),
    Outcome.NO_CARRIER: lazy("Check the number: it may be a telephone. Then send it again."),
    Outcome.DIAL_FAILED: lazy("Check the number, then send it again."),
    Outcome.TRANSMIT_ERROR: lazy("Not all pages arrived. Send it again."),
    Outcome.INTERNAL_ERROR: lazy("Send it again, or ask your provider."),
    Outcome.UNKNOWN: lazy("Ask the other end whether it came before you send it again."),
}


def _why(event: "Event", fax: "Fax") -> str:
    """Why a fax was given up: how its last try came out, or what else was in the way."""
    if fax.error_code and event.because not in set(Outcome):
        return sentence_for(ErrorCode(fax.error_code), fax.error_params)
    reason, next_step = _reason(event), _NEXT_STEPS.get(event.because)
    return f"{reason}. {next_step}" if next_step else reason


def _reason(event: "Event") -> str:
    """How the try came out; empty if the reason is none of the outcomes."""
    if event.because == _LOST:
        return _("Its pages could not be had from the carrier.")
    words = {outcome.value: str(said) for outcome, said in OUTCOMES.items()}
    return words.get(event.because, "")
