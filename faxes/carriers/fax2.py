"""Fax2: a document is brought ahead and sent by its id, and the fax is asked about until it ends.

After the vendor's document of its API 1.1. Only ``send_fax`` sends; its call is small, and is the
only one that can leave a doubt. Nobody can be asked later whether it was heard: there is no list of
sent faxes, and it takes no key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx

from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    Capabilities,
    Carrier,
    CarrierInDoubt,
    CarrierNumber,
    CarrierRefused,
    CarrierUnavailable,
    OutgoingFax,
    PastFax,
    SendResult,
    SendStatus,
    SentFax,
)
from faxes.carriers.http import AccessToken, NotSignedIn, Talk, as_object, error_body, require_taken
from faxes.carriers.settings import CarrierSettings, OptionKind, gettext_noop, option
from faxes.carriers.tools import Tools
from faxes.carriers.verdicts import Verdict
from faxes.enums import Direction, Outcome, Quality
from faxes.wire import fax2 as wire
from faxes.wire.times import iso

_MOST_LISTED: Final = 1000  # at once, the most that may be asked for
_LONGEST_REF: Final = 128
_LATELY: Final = (timedelta(minutes=15), timedelta(days=3))
_SECOND: Final = timedelta(seconds=1)
_NAMED: Final = 5  # numbers that a check tells
_PORTS: Final = {"http": 80, "https": 443}
_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1024  # bytes from the beginning, as readers look for it
# What the codes say of what was asked; those that are missing say no more than their status.
_VERDICTS: Final = MappingProxyType(
    {
        wire.Code.BAD_PARAMETER: Verdict.REFUSED,
        wire.Code.UNSUPPORTED_DOCUMENT_TYPE: Verdict.REFUSED,
        wire.Code.EMPTY_DOCUMENT: Verdict.REFUSED,
        wire.Code.CONVERSION_ERROR: Verdict.REFUSED,
        wire.Code.INVALID_REQUEST: Verdict.NOT_ACCEPTED,
        wire.Code.INVALID_CLIENT: Verdict.NOT_ACCEPTED,
        wire.Code.UNSUPPORTED_GRANT_TYPE: Verdict.NOT_ACCEPTED,
        wire.Code.UNAUTHORIZED: Verdict.NOT_ACCEPTED,
        wire.Code.FORBIDDEN: Verdict.NOT_ACCEPTED,
        wire.Code.INSUFFICIENT_CREDIT: Verdict.NOT_ACCEPTED,
        wire.Code.INVALID_ENDPOINT: Verdict.NOT_ACCEPTED,
        wire.Code.NOT_FOUND: Verdict.NOT_ACCEPTED,
        wire.Code.UNKNOWN_ERROR: Verdict.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax2Settings(CarrierSettings):
    """An account with the vendor, or with whoever speaks its API."""

    base_url: str = option(
        gettext_noop("API address"),
        help=gettext_noop("Up to and with the version."),
        kind=OptionKind.URL,
        default="https://api.fax2.com.au/v1",
    )
    username: str = option(gettext_noop("User name"))
    password: str = option(gettext_noop("Password"), kind=OptionKind.SECRET)


class Fax2Carrier(Carrier):
    """An account with Fax2."""

    kind: ClassVar[str] = "fax2"
    name: ClassVar[str] = "Fax2"
    # It takes a document and a number; in which resolution pages go is its own to choose.
    capabilities: ClassVar[Capabilities] = Capabilities(
        retries=True,
        qualities=frozenset({Quality.STANDARD, Quality.FINE}),
        caller_id=False,
        station=False,
        receives=True,
        lists_numbers=True,
        lag=5.0,
        look_every=30.0,
        sync_every=30.0,
    )
    settings_class: ClassVar[type[CarrierSettings]] = Fax2Settings

    def submit(self, fax: OutgoingFax) -> str:
        """Bring the pages, then send them by their id."""
        if not fax.to_number.removeprefix("+").isdecimal():
            raise CarrierRefused(Outcome.DIAL_FAILED, "no number in international format")
        asking = self._asking()
        document = _uploaded(asking, fax)
        answer = asking.ask(
            "POST",
            "send_fax",
            repeat=False,
            data={"documents[]": [document], "dest_number": wire.digits_of(fax.to_number)},
        )
        failure = _failure(answer)
        if not _taken(answer):
            if "document" in f"{failure.parameter} {failure.description}".lower():
                raise CarrierUnavailable("the document that was brought just now is not known")
            # beside the document the number is all that there is
            bad = failure.code == wire.Code.BAD_PARAMETER
            refused = Outcome.DIAL_FAILED if bad else Outcome.INTERNAL_ERROR
            raise CarrierRefused(refused, _said(answer))
        ref = _read_id(as_object(answer), "id")
        if len(ref) > _LONGEST_REF:
            raise CarrierInDoubt("the id of the fax is too long")
        return ref

    def find(self, sent: SentFax) -> SendStatus | None:
        """Ask about a fax by its id."""
        if not sent.ref:
            raise CarrierInDoubt("a fax whose id was not told cannot be asked about")
        answer = self._asking().ask("GET", f"sent_faxes/{quote(sent.ref, safe='')}", repeat=True)
        if _is_not_there(answer):
            return None
        _require_done(answer)
        try:
            found = wire.SentFax.read(as_object(answer))
        except wire.Unreadable as error:
            raise CarrierInDoubt(f"the fax cannot be read: {error}") from None
        return _status(sent, found)

    def check(self) -> str:
        """Sign in anew, and ask for the numbers."""
        asking = self._asking()
        asking.sign_in()
        numbers = [each.e164 for each in _numbers(asking)]
        more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
        return f"Signed in. Fax numbers: {', '.join(numbers[:_NAMED]) or 'none'}{more}."

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """All pages of the list, from the second of ``mark`` on."""
        return map(_arrival, self._listed(since=mark))

    def arrival(self, ref: str) -> Arrival | None:
        """Look for it in the list, as there is nothing else to ask: what came lately first."""
        begins = [self._tools.now() - each for each in _LATELY]
        for since, before in zip([*begins, None], [None, *begins], strict=True):
            for each in self._listed(since=since, before=before and before + _SECOND):
                if each.id == ref:
                    return _arrival(each)
        return None

    def fetch(self, ref: str, into: Path) -> None:
        """Write the pages, a PDF."""
        self._asking().download(f"received_faxes/{quote(ref, safe='')}/content.pdf", into)
        with into.open("rb") as file:
            if _PDF not in file.read(_PDF_WITHIN):
                raise CarrierInDoubt("the pages are no PDF")

    def numbers(self) -> Iterable[CarrierNumber]:
        """The numbers of the account's services."""
        return _numbers(self._asking())

    def history(self, since: datetime, until: datetime) -> Iterable[PastFax]:
        """What was received; what was sent is not listed anywhere."""
        for each in self._listed(since=since, before=until + _SECOND):
            if since <= each.received_at < until:
                yield PastFax(
                    ref=each.id,
                    direction=Direction.INBOUND,
                    from_number="",
                    to_number=wire.number_of(each.to),
                    at=each.received_at,
                    ended_at=each.received_at,
                    outcome=Outcome.DELIVERED,
                    pages=each.pages,
                    pages_done=each.pages,
                )

    def _listed(
        self, *, since: datetime | None = None, before: datetime | None = None
    ) -> Iterator[wire.ReceivedFax]:
        """All pages of the list of a time, whose limits are read to the second.

        An entry that cannot be read keeps none of the others back; in the end it leaves a doubt.
        """
        asked = {"limit": str(_MOST_LISTED)}
        asked |= {"from_time": iso(since)} if since else {}
        asked |= {"before_time": iso(before)} if before else {}
        url, been, unread = f"received_faxes?{urlencode(asked)}", set[str](), 0
        while url:
            if url in been:
                raise CarrierInDoubt("the list leads back to itself")
            been.add(url)
            answer = self._asking().ask("GET", url, repeat=True)  # each page in a time of its own
            _require_done(answer)
            try:
                page = wire.ReceivedPage.read(as_object(answer))
            except wire.Unreadable as error:
                raise CarrierInDoubt(f"the list cannot be read: {error}") from None
            yield from page.data
            unread += page.unread
            url = page.next_page_url and self._onward(page.next_page_url)
        if unread:
            raise CarrierInDoubt(f"{unread} entries of the list cannot be read")

    def _onward(self, url: str) -> str:
        """The next page, if it is where this one was: the token is shown nowhere else."""
        base = self._settings.base_url
        try:
            onward = urljoin(f"{base}/", url)
            at_home = _origin(onward) == _origin(base)
        except ValueError:
            raise CarrierInDoubt("the list leads nowhere") from None
        if not at_home:
            raise CarrierInDoubt("the list leads to another host")
        return onward

    def _asking(self) -> "_Asking":
        return _Asking(self._settings, self._tools)


class _Asking:
    """The requests of one act, each with a token."""

    def __init__(self, settings: Fax2Settings, tools: Tools) -> None:
        self._settings = settings
        self._talk = Talk(tools, base_url=settings.base_url)
        self._token = AccessToken(tools, self._got)

    def ask(self, method: str, path: str, *, repeat: bool, **sent: Any) -> httpx.Response:
        """One answer, as of ``Talk``; with a new token if the one at hand had ended."""
        headers = sent.pop("headers", {})
        return self._token.shown(
            lambda token: self._talk.ask(
                method, path, repeat=repeat, headers={**headers, **_shown(token)}, **sent
            )
        )

    def download(self, path: str, into: Path) -> None:
        """Write what is at an address into a file."""
        try:
            self._talk.download(path, into, headers=_shown(self._token.value()))
        except NotSignedIn:
            self._talk.download(path, into, headers=_shown(self._token.renewed()))

    def sign_in(self) -> None:
        """Get a new token, whatever is at hand."""
        self._token.renewed()

    def _got(self) -> tuple[str, float]:
        who = (self._settings.username, self._settings.password)
        form = {"grant_type": "client_credentials"}
        answer = self._talk.ask("POST", "oauth2/token", repeat=True, auth=who, data=form)
        _require_done(answer)
        try:
            token = wire.Token.read(as_object(answer))
        except wire.Unreadable as error:
            raise CarrierInDoubt(f"the token cannot be read: {error}") from None
        return token.token, float(token.seconds)


def _shown(token: str) -> dict[str, str]:
    return {"Authorization": f"bearer {token}"}  # in small letters, as the document has it


def _uploaded(asking: _Asking, fax: OutgoingFax) -> str:
    """The id of the pages, brought as the fax TIFF that they are: a PDF would be drawn anew.

    Whatever goes wrong here, nothing was sent.

    Raises:
        CarrierRefused, CarrierUnavailable

    """
    pages = fax.document.tiff()
    kind = {"Content-Type": "image/tiff"}
    try:
        answer = asking.ask("POST", "upload_document", repeat=True, headers=kind, content=pages)
        if not _taken(answer):
            raise CarrierRefused(Outcome.INTERNAL_ERROR, f"the pages: {_said(answer)}")
        told = as_object(answer)
        document, count = _read_id(told, "document_id"), wire.read_count(told, "pages")
    except CarrierInDoubt as trouble:
        raise CarrierUnavailable(f"the pages: {trouble}") from None
    if count is not None and count < fax.pages:
        raise CarrierRefused(Outcome.INTERNAL_ERROR, f"the pages: {count} of {fax.pages} are left")
    return document


def _numbers(asking: _Asking) -> list[CarrierNumber]:
    answer = asking.ask("GET", "fax_services", repeat=True)
    _require_done(answer)
    try:
        services = wire.read_services(as_object(answer))
    except wire.Unreadable as error:
        raise CarrierInDoubt(f"the numbers cannot be read: {error}") from None
    return [CarrierNumber(wire.number_of(each.fax_number)) for each in services]


def _status(sent: SentFax, found: wire.SentFax) -> SendStatus:
    if found.outcome is None:
        # "The receiving number will be called shortly after": nobody tells when it was answered
        return SendStatus(sent.ref, "dialing" if found.status == wire.Status.SENDING else "")
    every = found.pages or sent.pages
    usual = every if found.outcome == Outcome.DELIVERED else 0
    facts: dict[str, Any] = {"carrier_tries": found.send_attempts}
    if found.status == wire.Status.FAILED and found.reason not in wire.OUTCOMES:
        facts["completion_text"] = found.reason
    pages_sent = usual if found.pages_sent is None else min(found.pages_sent, every)
    return SendStatus(
        sent.ref, pages_done=pages_sent, result=SendResult(found.outcome, pages_sent, facts)
    )


def _arrival(fax: wire.ReceivedFax) -> Arrival:
    """A fax of the list, which has no faxes under way and tells no sender."""
    return Arrival(
        ref=fax.id,
        called=wire.number_of(fax.to),
        caller="",
        state=ArrivalState.RECEIVED,
        at=fax.received_at,
        pages=fax.pages,
    )


def _taken(answer: httpx.Response) -> bool:
    return require_taken(answer, told=_told(answer), text=_said(answer))


def _require_done(answer: httpx.Response) -> None:
    """Let pass a good answer to what sends nothing.

    Raises:
        CarrierUnavailable, CarrierInDoubt

    """
    if not _taken(answer):
        raise CarrierUnavailable(_said(answer))


def _is_not_there(answer: httpx.Response) -> bool:
    missing = answer.status_code == HTTPStatus.NOT_FOUND
    return missing and _failure(answer).code == wire.Code.NOT_FOUND


def _failure(answer: httpx.Response) -> wire.Failure:
    """What the body of an answer that is not good says."""
    return wire.Failure.read(error_body(answer))


def _told(answer: httpx.Response) -> Verdict | None:
    try:
        return _VERDICTS.get(wire.Code(_failure(answer).code))
    except ValueError:
        return None


def _said(answer: httpx.Response) -> str:
    """The code of an error, or the status: its description may hold what was sent."""
    try:
        return wire.Code(_failure(answer).code).value
    except ValueError:
        return f"{answer.status_code} {answer.reason_phrase}".strip()


def _read_id(told: dict[str, Any], name: str) -> str:
    try:
        return wire.read_id(told, name)
    except wire.Unreadable:
        raise CarrierInDoubt(f"the answer has no {name}") from None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Who answers there.

    Raises:
        ValueError: it is no address.

    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
