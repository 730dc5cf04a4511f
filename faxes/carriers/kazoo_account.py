"""An account of a Kazoo cluster: signed in to, and asked for the faxes in its folders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import httpx

from faxes.carriers.base import CarrierInDoubt, CarrierRefused, CarrierUnavailable
from faxes.carriers.http import AccessToken, NotSignedIn, Talk, as_object, error_body, require_taken
from faxes.carriers.settings import CarrierSettings, OptionKind, gettext_noop, option
from faxes.carriers.tools import Tools
from faxes.carriers.verdicts import Verdict
from faxes.enums import Outcome
from faxes.wire import kazoo as wire

_TOKEN_SECONDS: Final = 3600.0  # as the vendor has it usually
_PAGE: Final = 100  # rows of a list
_NOT_THERE: Final = "bad_identifier"
_ELSEWHERE: Final = "document is not in folder"
_PAGES_AS: Final = "image/tiff, application/pdf;q=0.8, */*;q=0.1"
_VERDICTS: Final[Mapping[int, Verdict]] = MappingProxyType(
    {HTTPStatus.LOCKED: Verdict.NOT_ACCEPTED}
)
_MOST_TOLD: Final = 120  # characters of what went wrong

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KazooSettings(CarrierSettings):
    """An account of a Kazoo cluster: a person's name and password in it, or its API key."""

    base_url: str = option(
        gettext_noop("API address"),
        help=gettext_noop("With its port and version, such as https://api.example.com:8443/v2"),
        kind=OptionKind.URL,
    )
    account_realm: str = option(
        gettext_noop("Account realm"), help=gettext_noop("The realm, or else the name."), default=""
    )
    account_name: str = option(gettext_noop("Account name"), default="")
    user: str = option(
        gettext_noop("User name"), help=gettext_noop("Or fill in an API key instead."), default=""
    )
    password: str = option(gettext_noop("Password"), kind=OptionKind.SECRET, default="")
    api_key: str = option(gettext_noop("API key"), kind=OptionKind.SECRET, default="")
    account_id: str = option(
        gettext_noop("Account id"),
        help=gettext_noop("Only to fax as another account below that one."),
        default="",
    )
    faxbox_id: str = option(
        gettext_noop("Faxbox id"), help=gettext_noop("Only to use just one faxbox."), default=""
    )


class Account:
    """The requests of one act of a carrier, each with a token. ``ahead``: of our clock by theirs.

    Addresses are within the faxes of the account, or of the one faxbox that is to be used.
    """

    def __init__(self, settings: KazooSettings, tools: Tools) -> None:
        self._settings, self._tools = settings, tools
        self._talk = self._new_talk()
        self._token = AccessToken(tools, self._got)
        self.ahead = timedelta()

    @property
    def seconds(self) -> float:
        """The longest that an act may take."""
        return self._tools.seconds

    def ask(
        self, method: str, path: str, *, repeat: bool, of_account: bool = False, **sent: Any
    ) -> httpx.Response:
        """One answer, as of ``Talk``; with a new token if the one at hand had ended."""
        headers = sent.pop("headers", {})

        def asked(shown: str) -> httpx.Response:
            token, address = self._opened(shown, path, of_account=of_account)
            return self._talk.ask(
                method, address, repeat=repeat, headers={**headers, "X-Auth-Token": token}, **sent
            )

        return self._token.shown(asked)

    def document(self, folder: str, ref: str) -> Document | None:
        """One document of a folder, None if it is not there.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        answer = self.ask("GET", f"{folder}/{quote(ref, safe='')}", repeat=True)
        if _is_not_there(answer):
            return None
        require_done(answer)
        data = as_object(answer).get("data")
        if not isinstance(data, Mapping):
            raise CarrierInDoubt("the answer has no document")
        return data

    def rows(self, folder: str, first: int = 0, last: int = 0) -> Iterator[Document]:
        """All rows of a folder, if a time is given of that, page by page.

        Raises:
            CarrierUnavailable, CarrierInDoubt

        """
        asked = {"page_size": str(_PAGE)}
        if last:
            asked |= {"created_from": str(first), "created_to": str(last)}
        been: set[str] = set()
        while True:
            self._talk = self._new_talk()  # each page in a time of its own
            answer = self.ask("GET", folder, repeat=True, params=asked)
            require_done(answer)
            told = as_object(answer)
            rows = told.get("data")
            if not isinstance(rows, list):
                raise CarrierInDoubt("the answer has no list")
            self.ahead = (wire.clock_in(told) or self._tools.now()) - self._tools.now()
            yield from (row for row in rows if isinstance(row, Mapping))
            onward = told.get("next_start_key")
            if not onward:
                return
            if not isinstance(onward, str) or onward in been:
                raise CarrierInDoubt("the list leads nowhere")
            been.add(onward)
            asked["start_key"] = onward

    def delete(self, folder: str, ref: str) -> bool:
        """Delete a fax: its pages first, as the vendor may keep those of what it calls deleted.

        Raises:
            CarrierRefused, CarrierUnavailable, CarrierInDoubt

        """
        path = f"{folder}/{quote(ref, safe='')}"
        self._deleted(f"{path}/attachment")
        return self._deleted(path)

    def download(self, path: str, into: Path) -> None:
        """Write an attachment into a file."""
        try:
            self._download(self._token.value(), path, into)
        except NotSignedIn:
            self._download(self._token.renewed(), path, into)

    def sign_in(self) -> None:
        """Get a new token, whatever is at hand."""
        self._token.renewed()

    @property
    def _base(self) -> str:
        base = self._settings.base_url.rstrip("/")
        return base if base.endswith("/v2") else f"{base}/v2"

    def _new_talk(self) -> Talk:
        return Talk(self._tools, base_url=self._base)

    def _deleted(self, path: str) -> bool:
        answer = self.ask("DELETE", path, repeat=True)
        if _is_not_there(answer):
            return False
        if not taken(answer):
            raise CarrierRefused(Outcome.INTERNAL_ERROR, said(answer))
        return True

    def _download(self, shown: str, path: str, into: Path) -> None:
        token, address = self._opened(shown, path)
        headers = {"X-Auth-Token": token, "Accept": _PAGES_AS}
        self._talk.download(address, into, headers=headers)

    def _opened(self, shown: str, path: str, *, of_account: bool = False) -> tuple[str, str]:
        """Token and address: whose account it is was told with the token."""
        account, _, token = shown.partition(":")
        way = ["accounts", self._settings.account_id or account]
        if self._settings.faxbox_id and not of_account:
            way += ["faxboxes", self._settings.faxbox_id]
        way = [quote(each, safe="") for each in way]
        way += ([] if of_account else ["faxes"]) + ([path] if path else [])
        return token, "/".join(way)

    def _got(self) -> tuple[str, float]:
        """Sign in: what is remembered is the account's id, and the token."""
        chosen = self._settings
        if chosen.api_key:
            path, data = "api_auth", {"api_key": chosen.api_key}
        elif chosen.user and chosen.password:
            path = "user_auth"
            data = {"credentials": wire.credentials(chosen.user, chosen.password)}
            named = {"account_realm": chosen.account_realm, "account_name": chosen.account_name}
            data |= {name: each for name, each in named.items() if each}
        else:
            raise CarrierUnavailable("neither a user with a password nor an API key is filled in")
        answer = self._talk.ask("PUT", path, json={"data": data}, repeat=True)
        require_taken(answer, told=Verdict.NOT_ACCEPTED, text=f"cannot sign in: {said(answer)}")
        told = as_object(answer)
        whose = told.get("data")
        account = wire.text_at(whose, "account_id") if isinstance(whose, Mapping) else ""
        token = wire.text_at(told, "auth_token")
        if not (token and (account or chosen.account_id)):
            raise CarrierInDoubt("the answer has no token")
        if not (f"{account}{token}".isascii() and f"{account}{token}".isprintable()):
            raise CarrierInDoubt("the token cannot be shown")
        return f"{account}:{token}", _TOKEN_SECONDS


def taken(answer: httpx.Response) -> bool:
    """Whether what was asked was done; False is a definite no to it.

    Raises:
        CarrierUnavailable, CarrierInDoubt

    """
    told = (
        _VERDICTS.get(HTTPStatus(answer.status_code)) if answer.status_code in _VERDICTS else None
    )
    return require_taken(answer, told=told, text=said(answer))


def require_done(answer: httpx.Response) -> None:
    """Let pass a good answer to what hands nothing over.

    Raises:
        CarrierUnavailable, CarrierInDoubt

    """
    if not taken(answer):
        raise CarrierUnavailable(said(answer))


def fields_of(answer: httpx.Response) -> dict[str, list[str]]:
    """The fields that an answer finds wrong, each with the codes of what is wrong."""
    data = error_body(answer).get("data")
    if answer.status_code != HTTPStatus.BAD_REQUEST or not isinstance(data, Mapping):
        return {}
    return {
        str(name): sorted(map(str, wrong))
        for name, wrong in data.items()
        if isinstance(wrong, Mapping)
    }


def said(answer: httpx.Response) -> str:
    """What went wrong, in the vendor's words for it but without any value: those may be secret."""
    words = [str(answer.status_code), wire.text_at(error_body(answer), "message")]
    if wrong := fields_of(answer):
        words += [f"{name}: {', '.join(codes)}" for name, codes in wrong.items()]
    return " ".join(filter(None, words))[:_MOST_TOLD]


def _is_not_there(answer: httpx.Response) -> bool:
    """Whether the vendor says that there is no such document, which not every 404 does."""
    message = wire.text_at(error_body(answer), "message")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return message == _NOT_THERE
    return message.startswith(_ELSEWHERE)
