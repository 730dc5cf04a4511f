"""Send the pages of a fax that is there once more, with what is to be other than it was."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require, require_sending
from faxes import phone
from faxes.enums import TERMINAL_STATES, Direction, ErrorCode, Paper, Quality
from faxes.errors import InvalidRequest, MoveNotAllowed
from faxes.models import Fax
from faxes.queries.faxes import detail_for
from faxes.services.echo import without_document
from faxes.services.fax_papers import Papers, copied
from faxes.services.order import Checks, FaxRequest, Marks, Order, read_numbers
from faxes.services.sender import read_sender
from faxes.services.submit import create


def send_again(actor: Actor, *, fax_id: UUID, changes: Mapping[str, Any], origin: str) -> Fax:
    """A new fax with the pages of one that has ended, sent or received.

    ``changes`` are fields of a ``FaxRequest``: ``to``, ``from_number``, ``retries``, names, marks,
    whom to tell, ``echo``. What they do not name is as it was; an arrival needs ``to``, and has
    nothing else to keep.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        InvalidRequest: a field is not right, or it cannot be paid for.
        MoveNotAllowed: it is under way, or its pages are gone.

    """
    account = require_sending(actor)
    require(actor, Action.FAX_PAGES)  # where they go, they can be read
    fax = detail_for(actor, fax_id).fax
    if fax.state not in TERMINAL_STATES:
        raise MoveNotAllowed(ErrorCode.FAX_NOT_FINISHED)
    asked = FaxRequest(**(as_it_was(fax) | dict(changes)))
    wanted = order_as_it_was(actor, account=account, fax=fax, asked=asked)

    def files() -> Papers:
        return copied(actor, fax=fax, same_number=wanted.numbers == [fax.to_number])

    return create(actor, wanted=wanted, files=files, origin=origin, now=clock.now())[0]


def as_it_was(fax: Fax) -> dict[str, Any]:
    """The fields of a request that would have made this fax."""
    if fax.direction == Direction.INBOUND:
        return {"to": ""}
    return {
        "to": fax.to_number,
        "from_number": "" if phone.is_extension(fax.from_number) else fax.from_number,
        "retries": "" if fax.retries is None else str(fax.retries),
        "from_name": fax.from_name,
        "to_name": fax.to_name,
        "station_id": fax.station_id,
        "header": fax.header,
        "time_zone": fax.time_zone,
        "metadata": fax.metadata,
        "webhook_url": fax.webhook_url,
        "notify": fax.notify,
        "notify_sms": fax.notify_sms,
        "keep_documents": fax.keep_documents,
    }


def order_as_it_was(actor: Actor, *, account: Account, fax: Fax, asked: FaxRequest) -> Order:
    """The order for the pages of a fax, as a request like its own asks for them.

    Raises:
        InvalidRequest: with everything that is wrong.

    """
    checks, none = Checks(), list[str]()
    numbers = checks.get(lambda: read_numbers(asked.to, account), none)
    faxbox, sender = checks.get(
        lambda: read_sender(
            actor,
            account=account,
            from_number=asked.from_number,
            faxbox=asked.faxbox or str(fax.faxbox_id),
            check_later=True,
            calls=phone.needs_call(asked.to),
        ),
        (fax.faxbox, ""),
    )
    extras = checks.extras(asked, country=account.country)
    marks: Marks = checks.marks(asked)
    if checks.errors:
        raise InvalidRequest(tuple(checks.errors))
    kept = {} if fax.direction == Direction.INBOUND else without_document(fax.echo)
    return Order(
        numbers=numbers,
        faxbox=faxbox,
        from_number=sender,
        quality=Quality(fax.quality),
        paper=Paper(account.paper),
        subject=fax.subject,
        message=fax.message,
        send_at=None,
        retries=int(asked.retries) if asked.retries else None,
        extras=replace(extras, echo={**kept, **extras.echo}),
        marks=marks,
        copied_from=fax.pk,
    )
