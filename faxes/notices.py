"""What webhooks are told of faxes and numbers: ids, numbers and states, never what a fax says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.models import EndpointKind, EventType
from accounts.services import events
from accounts.services.events import About, Callback
from faxes.enums import (
    CONNECTED_PHASES,
    TERMINAL_STATES,
    Direction,
    FaxState,
    Happening,
    Step,
)
from faxes.models import Fax, InboundMail, Number

# What is told when a fax enters a state; of the others nothing is.
OF_STATE: Final = {
    FaxState.QUEUED: EventType.FAX_QUEUED,
    FaxState.SENDING: EventType.FAX_SENDING,
    FaxState.DELIVERED: EventType.FAX_DELIVERED,
    FaxState.FAILED: EventType.FAX_FAILED,
    FaxState.CANCELED: EventType.FAX_CANCELED,
    FaxState.RECEIVED: EventType.FAX_RECEIVED,
}


def tell_state(faxes: Sequence[Fax], *, now: datetime) -> None:
    """Tell that faxes of one account entered the state in which all are; in that transaction."""
    state = FaxState(faxes[0].state)
    event = OF_STATE.get(state)
    if event is None:
        return
    for fax in faxes:
        call_back(fax, now=now)
    if state in TERMINAL_STATES:
        about = [_ended(fax) for fax in faxes]
        events.emit_all(faxes[0].account_id, event=event, object_type="fax", about=about, at=now)
    else:
        tell(faxes, event=event, now=now)


def tell(faxes: Sequence[Fax], *, event: EventType, now: datetime) -> None:
    """Tell of faxes of one account, in the caller's transaction."""
    about = [About(fax.pk, _facts(fax), fax.webhook_url) for fax in faxes]
    events.emit_all(faxes[0].account_id, event=event, object_type="fax", about=about, at=now)


def call_back(fax: Fax, *, now: datetime, phase: str = "") -> None:
    """Tell whom a fax names for itself alone how far it is, if that is another step than before.

    In the caller's transaction. What is told is what is so now, whenever it is sent. Who wants to
    hear of some ``steps`` only is told of those, and of the end.
    """
    event, asked = OF_STATE.get(FaxState(fax.state)), fax.callback
    if event is None or not asked.get("url"):
        return
    kind, step = EndpointKind(asked["kind"]), _step(fax, phase)
    if step not in asked.get("steps", [step]) and fax.state not in TERMINAL_STATES:
        return
    last = events.last_called_back(fax.account_id, kind=kind, object_id=fax.pk)
    if last.get("step") == step:
        return
    options = {name: asked[name] for name in _HOW if name in asked}
    options["step"] = step
    options["moment"] = {name: getattr(fax, name) for name in _MOMENT} | {"phase": phase}
    about = About(fax.pk, {}, callback=Callback(asked["url"], options, kind))
    events.call_back(fax.account_id, event=event, object_type="fax", about=about, at=now)


def tell_deleted(fax: Fax, *, now: datetime) -> None:
    """Tell that a fax is deleted, by its ids alone; in that transaction."""
    events.emit(
        fax.account_id,
        event=EventType.FAX_DELETED,
        object_type="fax",
        object_id=fax.pk,
        data=events.ids_of(fax.account_id, object_type="fax", object_id=fax.pk),
        url=fax.webhook_url,
        at=now,
    )


def tell_mail_refused(mail: InboundMail, *, now: datetime) -> None:
    """Tell that a mail became no fax, by ids and the number; in the caller's transaction."""
    facts = {
        **events.ids_of(mail.account_id, object_type="mail", object_id=mail.pk),
        "to": mail.number or None,
        "faxbox_id": mail.faxbox_id and str(mail.faxbox_id),
    }
    private = mail.faxbox is not None and mail.faxbox.restricted
    about = About(mail.pk, facts, word=Happening.MAIL_REFUSED, private=private)
    events.emit_all(
        mail.account_id, event=EventType.MAIL_REFUSED, object_type="mail", about=[about], at=now
    )


def tell_numbers(
    account_id: UUID, numbers: Sequence[Number], *, event: EventType, now: datetime
) -> None:
    """Tell an account of numbers that it got, has or had; in the caller's transaction."""
    about = [
        About(
            number.pk,
            events.ids_of(account_id, object_type="number", object_id=number.pk)
            | {"number": number.e164, "faxbox_id": number.faxbox_id and str(number.faxbox_id)},
        )
        for number in numbers
    ]
    events.emit_all(account_id, event=event, object_type="number", about=about, at=now)


# What of a callback says how it is told; the rest is read with the fax.
_HOW: Final = ("method", "by_provider", "as_account")
# What a fax is at a moment.
_MOMENT: Final = ("state", "outcome", "error_code", "tries", "pages", "pages_done")


def _step(fax: Fax, phase: str) -> str:
    """How far a fax is: it waits, is being tried, is on the line, or how it ended."""
    if fax.state in TERMINAL_STATES:
        return str(fax.state)
    if phase in CONNECTED_PHASES:
        return Step.CONNECTED
    return Step.TRYING if fax.tries else Step.WAITING


def _facts(fax: Fax) -> dict[str, Any]:
    return {
        **events.ids_of(fax.account_id, object_type="fax", object_id=fax.pk),
        "direction": fax.direction,
        "status": fax.state,
        "outcome": fax.outcome or None,
        "from": fax.from_number or None,
        "to": fax.to_number or None,
        "faxbox_id": str(fax.faxbox_id),
        "pages": fax.pages,
        "pages_done": fax.pages_done,
        "tries": fax.tries,
        "metadata": fax.metadata,
    }


def _ended(fax: Fax) -> About:
    """A fax that has come in or ended, which is told in one word as well, and to its callback."""
    faxbox = fax.faxbox
    inbound = fax.direction == Direction.INBOUND
    return About(
        fax.pk,
        _facts(fax),
        fax.webhook_url,
        word=_happened(fax),
        callback=_callback(faxbox.inbound_callback if inbound else faxbox.outbound_callback),
        private=faxbox.restricted,
    )


def _happened(fax: Fax) -> Happening:
    if fax.direction == Direction.INBOUND:
        whole = fax.state == FaxState.RECEIVED and not fax.incomplete
        return Happening.CAME_IN if whole else Happening.CAME_IN_BROKEN
    delivered = fax.state == FaxState.DELIVERED
    return Happening.WENT_OUT if delivered else Happening.NEVER_WENT_OUT


def _callback(asked: Mapping[str, Any]) -> Callback | None:
    """Where and how a fax machine has it told, if anywhere."""
    if not asked.get("url"):
        return None
    form = asked.get("type", "json") == "www-url-form-encoded"
    verb = asked.get("method", "post")
    return Callback(asked["url"], {"verb": verb, "format": "form-data" if form else "json"})
