"""What a fax would take and cost before it is sent; nothing is stored, counted or set aside."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Final

from accounts import clock
from accounts.models import Account, Rate
from accounts.scoping import Actor
from accounts.services.pricing import Try
from accounts.services.quotes import Quote, quotes
from accounts.tenancy import require_sending
from faxes import phone, vault
from faxes.documents import pipeline
from faxes.enums import ErrorCode
from faxes.errors import FaxError, NotAffordable, RequestError
from faxes.models import Upload
from faxes.services import intake, uploads
from faxes.services.admission import foresee, told_money
from faxes.services.intake import SpooledFile
from faxes.services.order import FaxRequest, Order, understood

# Measured on the embedded line with error correction, and kept apart as T.30 does: answering and
# agreeing, what is said between pages, and pages themselves with their frames and stuffed bits.
_BIT_RATE: Final = 14_400
_SESSION_SECONDS: Final = 18.5
_PAGE_SECONDS: Final = 2.9
_FRAMED: Final = 1.08
_HEADER_BYTES: Final = 450  # of the line that goes atop each page


@dataclass(frozen=True, slots=True)
class NumberEstimate:
    """What the fax would cost to one number; micro-units of ``currency``.

    ``price`` is None where ``refused`` tells why there is none, the account is not billed, or
    nobody is called: then ``currency`` is empty. ``country`` is ISO 3166, or empty. ``included``
    pages cost nothing more.
    """

    e164: str
    country: str
    line_seconds: int
    price: int | None
    currency: str
    included: int
    rate: Rate | None
    refused: NotAffordable | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many pages go to each number, how long that takes, and what it costs.

    ``refused`` tells why it would be refused as a whole if it were handed in now.
    """

    pages: int
    line_seconds: int
    numbers: tuple[NumberEstimate, ...]
    refused: NotAffordable | None


def estimate(actor: Actor, *, request: FaxRequest) -> Estimate:
    """What a request would take if each number answered and its first try succeeded.

    The time on the line is that of the fax TIFF at 14,400 bit/s, error-corrected: its coded bytes
    and the header lines, with what frames add, 2.9 s a page and 18.5 s a call. Machines that are
    slower take longer, of course.

    Raises:
        InvalidRequest: with everything that is wrong.
        NotAllowed, AccountSuspended

    """
    account = require_sending(actor)
    now = clock.now()
    with understood(actor, account=account, request=request, now=now) as (wanted, files):
        try:
            pages, coded = body_of(wanted, files)
        except FaxError as error:
            error.field = "documents"
            raise
    pages += wanted.cover_size.pages
    seconds = line_seconds(pages=pages, coded_bytes=coded + wanted.cover_size.coded_bytes)
    called = [each for each in wanted.numbers if not phone.is_extension(each)]
    found = {
        each.number: each
        for each in quotes(account, numbers=called, fax=Try(pages, seconds), now=now)
    }
    numbers = tuple(
        _told(found[each], seconds) if each in found else _told(Quote(each), 0)
        for each in wanted.numbers
    )
    refused = _refused(account, wanted.numbers, pages, now)
    return Estimate(pages, seconds, numbers, refused)


def line_seconds(*, pages: int, coded_bytes: int) -> int:
    """How long a call takes that carries so many pages of so many coded bytes together."""
    bits = (coded_bytes + pages * _HEADER_BYTES) * 8
    return ceil(_SESSION_SECONDS + pages * _PAGE_SECONDS + bits * _FRAMED / _BIT_RATE)


def _refused(
    account: Account, numbers: Sequence[str], pages: int, now: datetime
) -> NotAffordable | None:
    try:
        foresee(account, numbers=numbers, pages=pages, now=now)
    except NotAffordable as refused:
        return refused
    return None


def body_of(wanted: Order, files: Sequence[SpooledFile]) -> tuple[int, int]:
    """Pages and coded bytes of the fax TIFF that would be made of the documents.

    Raises:
        FaxError: it cannot be made.

    """
    if ready := wanted.ready_upload:
        return int(ready.rendered["pages"]), int(ready.rendered["size"])
    with tempfile.TemporaryDirectory(prefix="estimate-") as name:
        folder, rest = Path(name), iter(files)
        named: list[pipeline.NamedPath] = []
        for part in wanted.parts:
            if part is None:
                file = next(rest)
                named.append(pipeline.NamedPath(file.path, file.name))
            elif isinstance(part, Upload):
                named += _sources(part, folder, len(named))
        made = pipeline.render(
            named,
            folder / "fax.tiff",
            quality=wanted.quality,
            paper=wanted.paper,
            limits=intake.limits(),
        )
    return len(made.pages), sum(page.bytes for page in made.pages)


def _sources(upload: Upload, folder: Path, first: int) -> list[pipeline.NamedPath]:
    """Copies of the documents of an upload.

    Raises:
        RequestError: it is gone at this moment.
        CannotOpen: it is there, and cannot be opened at present.

    """
    named = []
    for position, source in enumerate(uploads.documents_of(upload), first):
        path = folder / str(position)
        try:
            vault.copy_out(source.key, path)
        except FileNotFoundError:
            raise RequestError(ErrorCode.UPLOAD_NOT_FOUND, field="documents") from None
        named.append(pipeline.NamedPath(path, source.name))
    return named


def _told(quote: Quote, seconds: int) -> NumberEstimate:
    return NumberEstimate(
        e164=quote.number,
        country=phone.country_of(quote.number),
        line_seconds=seconds,
        price=quote.cost,
        currency=quote.currency,
        included=quote.included,
        rate=quote.rate,
        refused=told_money(quote.refused) if quote.refused else None,
    )
