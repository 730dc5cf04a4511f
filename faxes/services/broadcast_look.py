"""A broadcast looked at before it is sent: pages, time on the line, cost. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts import clock
from accounts.scoping import Actor
from accounts.services.pricing import Try
from accounts.services.quotes import quotes
from accounts.tenancy import require_sending
from faxes import phone
from faxes.errors import FaxError, NotAffordable
from faxes.services.admission import foresee
from faxes.services.estimate import body_of, line_seconds
from faxes.services.order import FaxRequest, understood


@dataclass(frozen=True, slots=True)
class Look:
    """What a fax to each would take: pages of one, seconds on the line of all together.

    ``price`` is of all, in micro-units of ``currency``, if the account is billed and every number
    has a price; ``included`` are pages that the plan pays for. ``refused`` tells why it would be
    refused if it were sent now.
    """

    pages: int
    seconds: int
    price: int | None
    currency: str
    included: int
    refused: FaxError | None


def look(actor: Actor, *, fax: FaxRequest, numbers: Sequence[str]) -> Look:
    """What ``fax`` would take to all of these numbers (at least one), in E.164.

    Raises:
        InvalidRequest: with everything that is wrong with the fax itself.
        NotAllowed, AccountSuspended

    """
    account = require_sending(actor)
    now = clock.now()
    called = [number for number in numbers if not phone.is_extension(number)]
    first = replace(fax, to=next(iter(called or numbers)), fetch_later=False)
    with understood(actor, account=account, request=first, now=now) as (wanted, files):
        try:
            pages, coded = body_of(wanted, files)
        except FaxError as error:
            error.field = "documents"
            raise
    pages += wanted.cover_size.pages
    seconds = line_seconds(pages=pages, coded_bytes=coded + wanted.cover_size.coded_bytes)
    found = quotes(account, numbers=called, fax=Try(pages, seconds), now=now)
    priced = [each for each in found if each.cost is not None]
    refused: FaxError | None = None
    try:
        foresee(account, numbers=numbers, pages=pages, now=wanted.send_at or now)
    except NotAffordable as error:
        refused = error
    return Look(
        pages=pages,
        seconds=seconds * len(called),
        price=sum(each.cost or 0 for each in priced) if len(priced) == len(found) else None,
        currency=next((each.currency for each in priced), ""),
        included=sum(each.included for each in priced),
        refused=refused,
    )
