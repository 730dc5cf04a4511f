"""VoipNow: a fax is handed over with its pages in one request, and nothing more is ever heard.

After the vendor's documents of its UnifiedAPI. There is no list, no status and no key: what was
taken counts as handed over, and what nobody answered to is never handed over again.
"""

from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar, Final
from urllib.parse import quote, urlsplit

import httpx

from faxes.carriers.base import (
    Capabilities,
    Carrier,
    CarrierInDoubt,
    CarrierRefused,
    CarrierUnavailable,
    OutgoingFax,
    SendResult,
    SendStatus,
    SentFax,
)
from faxes.carriers.http import AccessToken, Talk, as_object, error_body, require_taken
from faxes.carriers.settings import CarrierSettings, OptionKind, gettext_noop, option
from faxes.carriers.verdicts import Verdict
from faxes.enums import Outcome, Quality
from faxes.wire import voipnow as wire

_LONGEST_REF: Final = 128
_FILE: Final = "fax.tif"
# Beside those that are no numbers, a fax is refused for what was made of it here. The last one is
# told of whatever goes wrong over there, at whatever moment: nobody knows what came of the fax.
_VERDICTS: Final = MappingProxyType(
    {
        wire.Code.RECIPIENTS: Verdict.REFUSED,
        wire.Code.FILE: Verdict.REFUSED,
        wire.Code.MAX_FILES: Verdict.REFUSED,
        wire.Code.INTERNAL: Verdict.UNKNOWN,
    }
)
_KNOWN: Final = frozenset(
    {
        *(each.value for each in wire.Code),
        *("invalid_client", "invalid_request", "unsupported_grant_type", "unauthorized"),
        *("forbidden", "not_found"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoipNowSettings(CarrierSettings):
    """An app that is registered with a server."""

    base_url: str = option(
        gettext_noop("Server address"), help=gettext_noop("Without a path."), kind=OptionKind.URL
    )
    client_id: str = option(gettext_noop("App ID"))
    client_secret: str = option(gettext_noop("App secret"), kind=OptionKind.SECRET)
    extension: str = option(
        gettext_noop("Extension"),
        help=gettext_noop("Faxes go out from it, and show its number; such as 0003*210."),
    )
    user: str = option(
        gettext_noop("User"),
        help=gettext_noop("Whose faxes they are: @me, @owner, or the id of a user."),
        default="@me",
    )
    legacy: bool = option(
        gettext_noop("Older server"),
        help=gettext_noop("Its API is below /unifiedapi, not /uapi."),
        kind=OptionKind.SWITCH,
        default=False,
    )


class VoipNowCarrier(Carrier):
    """An extension of a VoipNow server."""

    kind: ClassVar[str] = "voipnow"
    name: ClassVar[str] = "VoipNow"
    # The number that is shown is the extension's; the resolution is the server's own to choose.
    capabilities: ClassVar[Capabilities] = Capabilities(
        confirms=False,
        retries=True,
        qualities=frozenset({Quality.STANDARD, Quality.FINE}),
        caller_id=False,
        station=False,
    )
    settings_class: ClassVar[type[CarrierSettings]] = VoipNowSettings

    def submit(self, fax: OutgoingFax) -> str:
        """Hand over the fax TIFF, as it is: a PDF would be drawn anew."""
        pages = fax.document.tiff()
        talk = self._talk()
        answer = self._token(talk).shown(
            lambda token: talk.ask(
                "POST",
                self._path(),
                repeat=False,
                headers={"Authorization": f"Bearer {token}"},
                data={wire.REQUEST: wire.request_part([fax.to_number])},
                files={"files": (_FILE, pages, "image/tiff")},
            )
        )
        taken = _taken(answer)
        for target in taken.targets:
            self._put(talk, target, pages)
        return taken.ref

    def find(self, sent: SentFax) -> SendStatus | None:
        """Tell what is known without asking: what was taken is on its way, and that is all."""
        if not sent.ref:
            raise CarrierInDoubt("this carrier cannot be asked about a fax")
        result = SendResult(Outcome.HANDED_OVER, sent.pages)
        return SendStatus(sent.ref, pages_done=sent.pages, result=result)

    def check(self) -> str:
        """Sign in anew. Whether the extension is right shows with the first fax."""
        self._token(self._talk()).renewed()
        return "Signed in. The extension cannot be looked up."

    def _talk(self) -> Talk:
        return Talk(self._tools, base_url=self._settings.base_url)

    def _path(self) -> str:
        """Where faxes of the extension are handed over; ``@`` and ``*`` stand there as they are."""
        prefix = "unifiedapi" if self._settings.legacy else "uapi"
        user = quote(self._settings.user or "@me", safe="@")
        return f"{prefix}/faxes/{user}/{quote(self._settings.extension, safe='*')}"

    def _token(self, talk: Talk) -> AccessToken:
        """The token of the app, for the requests of one act."""
        return AccessToken(self._tools, lambda: self._got(talk))

    def _got(self, talk: Talk) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
            "redirect_uri": self._settings.base_url,  # not looked at, but always sent
            "type": "unifiedapi",
        }
        answer = talk.ask("POST", "oauth/token.php", repeat=True, data=form)
        if not require_taken(answer, text=_said(answer)):
            raise CarrierUnavailable(_said(answer))
        try:
            return wire.read_token(as_object(answer))
        except wire.Unreadable as error:
            raise CarrierInDoubt(f"the token cannot be read: {error}") from None

    def _put(self, talk: Talk, target: wire.Target, pages: bytes) -> None:
        """Put the pages where a server of version 5 wants them, which knows of the fax already.

        Raises:
            CarrierInDoubt: they are not surely there. What it does then with the fax, if it has
                them from the first request or gets to know them late, nobody tells.

        """
        if not _is_as_secure(target.url, self._settings.base_url):
            raise CarrierInDoubt("the pages were wanted at an address that is not secure")
        headers = target.headers  # without the token, which is the server's alone
        try:
            answer = talk.ask("PUT", target.url, repeat=True, headers=headers, content=pages)
        except CarrierUnavailable as trouble:
            raise CarrierInDoubt(f"the pages could not be put there: {trouble}") from None
        if not answer.is_success:
            raise CarrierInDoubt(f"the pages could not be put there: {answer.status_code}")


def _taken(answer: httpx.Response) -> wire.TakenFax:
    """The fax that was taken.

    Raises:
        CarrierRefused, CarrierUnavailable, CarrierInDoubt

    """
    code = _failure(answer).code
    verdict = _VERDICTS.get(wire.Code(code)) if code in set(wire.Code) else None
    if not require_taken(answer, told=verdict, text=_said(answer)):
        number = code == wire.Code.RECIPIENTS
        outcome = Outcome.DIAL_FAILED if number else Outcome.INTERNAL_ERROR
        raise CarrierRefused(outcome, _said(answer))
    if answer.status_code == HTTPStatus.NO_CONTENT:
        # "There are no faxes to be sent": it found no page in what it got
        raise CarrierRefused(Outcome.INTERNAL_ERROR, "it found nothing to send in the pages")
    try:
        taken = wire.TakenFax.read(answer.json())
    except (ValueError, RecursionError):
        raise CarrierInDoubt("the answer does not tell of a fax") from None
    if len(taken.ref) > _LONGEST_REF:
        raise CarrierInDoubt("the id of the fax is too long")
    return taken


def _is_as_secure(url: str, base_url: str) -> bool:
    """Whether nobody can read along at an address who cannot at the server's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc) and parts.scheme in {"https", urlsplit(base_url).scheme}


def _failure(answer: httpx.Response) -> wire.Failure:
    """What the body of an answer that is not good says."""
    return wire.Failure.read(error_body(answer))


def _said(answer: httpx.Response) -> str:
    """The code of an error that is known, or the status: what else is told may hold anything."""
    code = _failure(answer).code
    return code if code in _KNOWN else f"{answer.status_code} {answer.reason_phrase}".strip()
