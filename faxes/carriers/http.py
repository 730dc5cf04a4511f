"""Manners over HTTP that all carriers share: limits in time, repeats only where safe, tokens."""

import random
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx

from faxes.carriers.base import CarrierInDoubt, CarrierUnavailable
from faxes.carriers.tools import Tools
from faxes.carriers.verdicts import Verdict, verdict_on

_MOST_REPEATS: Final = 2
_FIRST_PAUSE: Final = 0.5  # seconds, doubled with each repeat, and jittered
_LONGEST_PAUSE: Final = 5.0
_MOST_OF_A_DOCUMENT: Final = 100 * 1024 * 1024  # bytes
_MOST_OF_AN_ANSWER: Final = 8 * 1024 * 1024
_PORTION: Final = 64 * 1024
_TOKEN: Final = "token"  # noqa: S105 (by what it is remembered)

# What never left this machine: nobody can have taken it.
_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)

# Of addresses, headers and tokens that a carrier told, and that no request can hold.
_NOT_TO_BE_WRITTEN: Final = (httpx.InvalidURL, ValueError)


class NotSignedIn(CarrierUnavailable):
    """The carrier did not take what was shown of who asks."""


class Talk:
    """A few requests that are over within ``tools.seconds`` together, by a clock that never stops.

    A process that was stopped meanwhile finds its time up before it sends anything more.
    """

    def __init__(self, tools: Tools, *, base_url: str) -> None:
        self._tools = tools
        self._base = base_url.rstrip("/")
        self._until = time.monotonic() + tools.left()

    def ask(
        self,
        method: str,
        path: str,
        *,
        repeat: bool,
        headers: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> httpx.Response:
        """One answer, whatever its status but 429; ``path`` may be a whole URL.

        ``repeat``: asking again does no harm, so an answer that did not come, or 502 to 504, is
        asked for again, a few times. ``sent``: params, json, data, files, content or auth.

        Raises:
            CarrierUnavailable: it surely did not arrive, or the carrier wants to be left alone.
            CarrierInDoubt: there was no answer.

        """
        for turn in range(_MOST_REPEATS + 1):
            last = not repeat or turn == _MOST_REPEATS
            try:
                answer = self._once(method, path, headers, sent)
            except (CarrierInDoubt, CarrierUnavailable) as trouble:
                wanted = getattr(trouble, "retry_after", None)
                if last or wanted is not None or not self._pause(turn):
                    raise
                continue
            passing = HTTPStatus.BAD_GATEWAY <= answer.status_code <= HTTPStatus.GATEWAY_TIMEOUT
            if last or not passing or not self._pause(turn):
                return answer
        raise AssertionError  # the last turn returns or raises

    def download(self, path: str, into: Path, *, headers: Mapping[str, str] | None = None) -> None:
        """Write what is at an address into a file.

        Raises:
            NotSignedIn: not with these headers.
            CarrierUnavailable, CarrierInDoubt: it cannot be had now.

        """
        with self._tools.doors.http() as client:
            try:
                with (
                    client.stream(
                        "GET",
                        self._url(path),
                        headers=dict(headers or {}),
                        timeout=self._timeout(),
                        extensions={"size": _MOST_OF_A_DOCUMENT},
                    ) as answer,
                    into.open("wb") as file,
                ):
                    _told_to_wait(answer)
                    if answer.status_code == HTTPStatus.UNAUTHORIZED:
                        raise NotSignedIn(f"no document: {answer.status_code}")
                    if answer.status_code != HTTPStatus.OK:
                        raise CarrierInDoubt(f"no document: {answer.status_code}")
                    for portion in answer.iter_bytes(_PORTION):
                        file.write(portion)
            except httpx.HTTPError as trouble:
                raise CarrierInDoubt(_words(trouble)) from None
            except _NOT_TO_BE_WRITTEN:
                raise CarrierInDoubt("no address that can be asked") from None

    def _once(
        self, method: str, path: str, headers: Mapping[str, str] | None, sent: Mapping[str, Any]
    ) -> httpx.Response:
        with self._tools.doors.http() as client:
            try:
                answer = client.request(
                    method,
                    self._url(path),
                    headers=dict(headers or {}),
                    timeout=self._timeout(),
                    extensions={"size": _MOST_OF_AN_ANSWER},
                    **sent,
                )
            except _NEVER_LEFT as trouble:
                raise CarrierUnavailable(_words(trouble)) from None
            except httpx.HTTPError as trouble:
                raise CarrierInDoubt(_words(trouble)) from None
            except _NOT_TO_BE_WRITTEN:
                raise CarrierInDoubt("what it told before cannot be told back") from None
        _told_to_wait(answer)
        return answer

    def _url(self, path: str) -> str:
        return path if "://" in path else f"{self._base}/{path.lstrip('/')}"

    def _timeout(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise CarrierUnavailable("no time is left to ask")
        return left

    def _pause(self, turn: int) -> bool:
        """Wait before a repeat; False if the time would be up."""
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**turn) * random.uniform(0.5, 1.5)  # noqa: S311  # nosec B311
        if time.monotonic() + pause >= self._until:
            return False
        time.sleep(pause)
        return True


def require_taken(answer: httpx.Response, *, told: Verdict | None = None, text: str = "") -> bool:
    """Whether what was asked was done; False is a definite no to it, which the caller words.

    Raises:
        CarrierUnavailable: surely not done, because of the carrier or our account there.
        CarrierInDoubt: it may have been done.

    """
    said = text or f"{answer.status_code} {answer.reason_phrase}".strip()
    match verdict_on(answer.status_code, told=told):
        case Verdict.ACCEPTED:
            return True
        case Verdict.REFUSED:
            return False
        case Verdict.NOT_ACCEPTED:
            raise CarrierUnavailable(said)
        case Verdict.UNKNOWN:
            raise CarrierInDoubt(said)


def as_object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        CarrierInDoubt: it is none; of whatever was asked nothing is known then.

    """
    try:
        told = answer.json()
    except (ValueError, RecursionError):  # endless numbers too
        raise CarrierInDoubt("the answer is not JSON") from None
    if not isinstance(told, dict):
        raise CarrierInDoubt("the answer is not a JSON object")
    return told


def error_body(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer that is not good; empty if it is good, or has none."""
    if answer.is_success:
        return {}
    try:
        return as_object(answer)
    except CarrierInDoubt:
        return {}


class AccessToken:
    """A token that is got once and shared by a site's processes until it ends."""

    def __init__(self, tools: Tools, get: Callable[[], tuple[str, float]]) -> None:
        """``get`` asks for a new one: the token, and the seconds that it lasts."""
        self._memory, self._get = tools.memory, get

    def value(self) -> str:
        """The token at hand, or a new one.

        Raises:
            CarrierUnavailable: there is none. Nobody hands a fax over by asking for a token, so
                there is nothing to be in doubt about.

        """
        token = self._memory.get(_TOKEN)
        if token is None:
            try:
                token, seconds = self._get()
            except CarrierInDoubt as trouble:
                raise CarrierUnavailable(f"no token: {trouble}") from None
            # it ends a little earlier here than there
            self._memory.put(_TOKEN, token, seconds=max(1.0, min(seconds * 0.9, 3300.0)))
        return token

    def renewed(self) -> str:
        """A new one, since the carrier did not take the one at hand."""
        self._memory.drop(_TOKEN)
        return self.value()

    def shown(self, ask: Callable[[str], httpx.Response]) -> httpx.Response:
        """The answer to what ``ask`` asks with a token; with a new one, once, if that had ended.

        Whoever is answered 401 has had nothing done, so this is right for a fax as well.

        Raises:
            CarrierUnavailable, CarrierInDoubt: as ``ask`` does.

        """
        answer = ask(self.value())
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            answer = ask(self.renewed())
        return answer


def _told_to_wait(answer: httpx.Response) -> None:
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        wanted = answer.headers.get("retry-after", "")
        seconds = float(wanted) if wanted.isdecimal() else 30.0
        raise CarrierUnavailable("too many requests", retry_after=min(seconds, 3600.0))


def _words(trouble: Exception) -> str:
    """What went wrong, without the address: it may hold secrets."""
    return str(trouble) or type(trouble).__name__
