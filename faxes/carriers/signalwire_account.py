"""An account at SignalWire, or at whoever speaks its API: asked, and its answers understood."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx

from faxes.carriers.base import CarrierInDoubt, CarrierRefused, CarrierUnavailable
from faxes.carriers.http import Talk, as_object, error_body, require_taken
from faxes.carriers.settings import CarrierSettings, OptionKind, gettext_noop, option
from faxes.carriers.tools import Tools
from faxes.carriers.verdicts import Verdict
from faxes.enums import Outcome
from faxes.wire import signalwire as wire
from faxes.wire.signalwire import FaxTold

MOST_APART: Final = timedelta(minutes=10)  # two clocks
_A_PAGE: Final = 200  # rows of a list; the vendor gives 1000 at most
_MOST_PAGES: Final = 2000
_JSON: Final = {"Accept": "application/json"}
_DOCUMENTS: Final = {"Accept": "application/pdf, image/tiff;q=0.9"}
_MAGIC: Final = (b"%PDF-", b"II*\0", b"MM\0*")
# Besides its own host, pages lie on these; only there the password is shown.
_HOMES: Final = (".signalwire.com", ".twilio.com")
# Codes of what is wrong with the account, its balance, or where the portal is: not with the fax.
_NOT_FOR_NOW: Final = frozenset(
    {"20003", "20005", "20009", "20404", "20429", "21219", "21402", "21408", "21456", "21611",
     "21620", "30002", "4001"}
)  # fmt: skip
_NO_NUMBER: Final = frozenset({"21211", "21217"})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWireSettings(CarrierSettings):
    """An account of the vendor."""

    base_url: str = option(
        gettext_noop("Space"),
        kind=OptionKind.URL,
        help=gettext_noop("Such as https://example.signalwire.com"),
    )
    project: str = option(gettext_noop("Project ID"), help=gettext_noop("Also called AccountSid"))
    token: str = option(
        gettext_noop("API token"),
        kind=OptionKind.SECRET,
        help=gettext_noop("With the scopes Fax and Numbers"),
    )
    signing_key: str = option(
        gettext_noop("Signing key"),
        kind=OptionKind.SECRET,
        default="",
        help=gettext_noop("With it, calls that the vendor did not sign are refused"),
    )
    root: str = option(
        gettext_noop("Root of the API"),
        default="/api/laml/2010-04-01",
        help=gettext_noop("/v1 for Twilio's fax API, whose addresses name no account"),
    )


class Account:
    """The requests of one act of a carrier, each with name and password."""

    def __init__(self, settings: SignalWireSettings, tools: Tools) -> None:
        self._tools = tools
        self._base = settings.base_url.rstrip("/")
        self._auth = (settings.project, settings.token)
        self._root = "/" + settings.root.strip("/")
        self.is_twilio = self._root.endswith("/v1")
        if not self.is_twilio:
            self._root += f"/Accounts/{quote(settings.project, safe='')}"
        self._talk = Talk(tools, base_url=self._base)

    def ask(self, method: str, *names: str, repeat: bool = True, **sent: Any) -> httpx.Response:
        """One answer, whatever its status; ``names`` are those of its address.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        return self._talk.ask(
            method, self._path(*names), repeat=repeat, headers=_JSON, auth=self._auth, **sent
        )

    def fax(self, ref: str) -> FaxTold | None:
        """One fax, or None if there is none.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        answer = self.ask("GET", "Faxes", ref)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        require_read(answer)
        return fax_in(answer)

    def faxes(self, asked: Mapping[str, str]) -> Iterator[FaxTold]:
        """All faxes that match, each page of the list in a time of its own.

        An entry that cannot be read keeps none of the others back; in the end it leaves a doubt.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        unread = 0
        for row in self.listed("Faxes", "faxes", asked):
            try:
                told = wire.read_fax(row)
            except ValueError:
                unread += 1
            else:
                yield told
        if unread:
            raise CarrierInDoubt(f"{unread} entries of its list cannot be read")

    def faxes_soon(self, asked: Mapping[str, str]) -> list[tuple[timedelta, FaxTold]]:
        """All faxes that match, in the time of this act, and how far its clock is ahead of ours.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        found = []
        for answer in self._pages_of("Faxes", asked, key="faxes", at_leisure=False):
            ahead = _clock_ahead(answer, self._tools.now())
            found += [(ahead, _told(row)) for row in rows_of(answer, "faxes")[0]]
        return found

    def listed(self, name: str, key: str, asked: Mapping[str, str]) -> Iterator[Row]:
        """All rows of a list, each page in a time of its own: whoever reads them may take long.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        for answer in self._pages_of(name, asked, key=key, at_leisure=True):
            yield from rows_of(answer, key)[0]

    def media_of(self, ref: str) -> list[str]:
        """The ids of the pages that it has of a fax: one, or none.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        answer = self.ask("GET", "Faxes", ref, "Media")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return []
        require_read(answer)
        rows = rows_of(answer, "media" if self.is_twilio else "fax_media")[0]
        return [str(row["sid"]) for row in rows if row.get("sid")]

    def download(self, told: FaxTold, into: Path) -> None:
        """Write the pages of a fax into a file, from where it says that they are.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        if not (told.media_url or told.media_sid):
            raise CarrierInDoubt("the fax has no pages there")
        url = told.media_url or self._path("Faxes", told.sid, "Media", told.media_sid)
        url = url if "://" in url else self._base + url
        shown = {"Authorization": _basic(*self._auth)} if self._is_home(url) else {}
        self._talk.download(url, into, headers={**_DOCUMENTS, **shown})
        with into.open("rb") as file:
            if not file.read(8).startswith(_MAGIC):
                raise CarrierInDoubt("what it has of the fax are no pages")

    def _path(self, *names: str) -> str:
        return "/".join([self._root, *(quote(name, safe="") for name in names)])

    def _pages_of(
        self, name: str, asked: Mapping[str, str], *, key: str, at_leisure: bool
    ) -> Iterator[httpx.Response]:
        path = f"{self._path(name)}?{urlencode({**asked, 'PageSize': _A_PAGE})}"
        for _ in range(_MOST_PAGES):
            if at_leisure:
                self._talk = Talk(self._tools, base_url=self._base)
            answer = self._talk.ask("GET", path, repeat=True, headers=_JSON, auth=self._auth)
            require_read(answer)
            following = rows_of(answer, key)[1]
            yield answer
            if not following:
                return
            path = self._next(following)
        raise CarrierInDoubt("the list has no end")

    def _next(self, following: str) -> str:
        """The path of the next page: the password is shown to nobody else, whoever says so."""
        if "://" not in following:
            return following
        if not following.startswith(f"{self._base}/"):
            raise CarrierInDoubt("the list goes on elsewhere")
        return following.removeprefix(self._base)

    def _is_home(self, url: str) -> bool:
        """Whether an address is of whom the password is for."""
        here, there = urlsplit(self._base), urlsplit(url)
        if (here.scheme, here.netloc) == (there.scheme, there.netloc):
            return True
        ours, theirs = here.hostname or "", there.hostname or ""
        one = any(ours.endswith(home) and theirs.endswith(home) for home in _HOMES)
        return one and there.scheme == "https"


def require(answer: httpx.Response) -> None:
    """Let pass what was done.

    Raises:
        CarrierRefused, CarrierUnavailable, CarrierInDoubt

    """
    code = _code_in(answer)
    text = f"{answer.status_code} {answer.reason_phrase}".strip() + (f", code {code}" * bool(code))
    told = Verdict.NOT_ACCEPTED if code in _NOT_FOR_NOW else None
    if not require_taken(answer, told=told, text=text):
        outcome = Outcome.DIAL_FAILED if code in _NO_NUMBER else Outcome.INTERNAL_ERROR
        raise CarrierRefused(outcome, text)


def require_read(answer: httpx.Response) -> None:
    """Let pass what was read; a no to that says nothing of any fax."""
    try:
        require(answer)
    except CarrierRefused as refused:
        raise CarrierUnavailable(str(refused)) from None


def require_gone(answer: httpx.Response) -> bool:
    """Let pass what was deleted; whether there was something to delete."""
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return False
    require(answer)
    return True


def fax_in(answer: httpx.Response) -> FaxTold:
    """The fax that an answer tells of.

    Raises:
        CarrierInDoubt: it tells of none.

    """
    return _told(as_object(answer))


def rows_of(answer: httpx.Response, key: str) -> tuple[Sequence[Row], str]:
    """The rows of a page of a list, and where the next is.

    Raises:
        CarrierInDoubt: it is none.

    """
    try:
        return wire.read_list(as_object(answer), key)
    except ValueError:
        raise CarrierInDoubt("its list cannot be read") from None


def _code_in(answer: httpx.Response) -> str:
    """The vendor's own code of what went wrong; empty if it told none."""
    code = error_body(answer).get("code")
    return str(code) if isinstance(code, int | str) and str(code).isdecimal() else ""


def _told(row: Row) -> FaxTold:
    try:
        return wire.read_fax(row)
    except ValueError:
        raise CarrierInDoubt("what it told of a fax cannot be read") from None


def _clock_ahead(answer: httpx.Response, now: datetime) -> timedelta:
    """How far its clock is ahead of ours, as its answers tell.

    Raises:
        CarrierInDoubt: so far that nothing can be said of times.

    """
    try:
        ahead = parsedate_to_datetime(answer.headers.get("date", "")) - now
    except (TypeError, ValueError):
        return timedelta(0)
    if abs(ahead) > MOST_APART:
        raise CarrierInDoubt("its clock is wrong, or ours")
    return ahead


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
