"""What happened to a fax, told in plain words from its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faxes.enums import Direction, FaxState, Outcome
from faxes.queries.faxes import FaxDetail
from faxes.wording import OUTCOMES

if TYPE_CHECKING:
    from faxes.models import Event, Fax

_WITHIN: Final = "within"  # handed over here, without a call
_LOST: Final = "lost"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened; ``tone`` as in a standing, ``note`` what is worth adding."""

    at: datetime
    text: str
    tone: str = ""
    note: str = ""


def timeline_of(detail: FaxDetail) -> Sequence[Step]:
    """The steps of a fax, oldest first."""
    steps = [_TOLD[FaxState(event.to_state)](event, detail.fax) for event in detail.events]
    fax = detail.fax
    if fax.imported_at is not None:
        without = _("Its pages could not be had.") if fax.stripped_at == fax.imported_at else ""
        steps.append(Step(fax.imported_at, _("Brought over from a carrier"), "move", without))
    if fax.stripped_at is not None and fax.stripped_at != fax.imported_at:
        steps.append(Step(fax.stripped_at, _("Pages removed"), "off"))
    return sorted(steps, key=lambda step: step.at)


def _preparing(event: "Event", _fax: "Fax") -> Step:
    return Step(event.at, _("Handed in"))


def _queued(event: "Event", fax: "Fax") -> Step:
    if event.from_state == FaxState.SENDING:
        what = _reason(event) or _("The carrier did not take it")
        return Step(event.at, what, "wait", _("It will be tried again."))
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
        return Step(event.at, _("Canceled"), "off")
    return Step(event.at, _("Given up"), "bad", _reason(event))


def _canceled(event: "Event", _fax: "Fax") -> Step:
    return Step(event.at, _("Canceled before it was sent"), "off")


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


def _reason(event: "Event") -> str:
    """How the try came out; empty if the reason is none of the outcomes."""
    if event.because == _LOST:
        return _("Its pages could not be had from the carrier.")
    words = {outcome.value: str(said) for outcome, said in OUTCOMES.items()}
    return words.get(event.because, "")
