"""SignalWire by its Compatibility API, and whoever else speaks it; Twilio's fax API as well.

It takes no documents: it fetches them, once or several times, from the address that it is told.
It has no key of ours; what it was told to call back with leads to a fax whose answer was lost, and
else its list does.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    Capabilities,
    Carrier,
    CarrierInDoubt,
    CarrierNumber,
    CarrierUnavailable,
    Heard,
    HookRefused,
    HookRequest,
    OutgoingFax,
    PastFax,
    SendResult,
    SendStatus,
    SentFax,
)
from faxes.carriers.settings import CarrierSettings
from faxes.carriers.signalwire_account import (
    MOST_APART,
    Account,
    SignalWireSettings,
    fax_in,
    require,
    require_gone,
    require_read,
    rows_of,
)
from faxes.enums import Direction, Outcome
from faxes.wire import signalwire as wire
from faxes.wire.signalwire import FaxTold, Status
from faxes.wire.times import iso

_TTL: Final = 60  # minutes, the vendor's usual
_LAG: Final = 30.0
_A_MOMENT: Final = timedelta(seconds=2)  # times are told in whole seconds
_MOST_LATE: Final = timedelta(minutes=2)  # from the claim of a try until it is handed over
_KEY: Final = "key"
_REMEMBERED: Final = 6 * 3600.0  # seconds
_PHASES: Final[Mapping[str, str]] = {Status.PROCESSING: "dialing", Status.SENDING: "connected"}


class SignalWireCarrier(Carrier):
    """An account at SignalWire.

    Its server tries a number again by itself while the ``Ttl`` of a fax lasts.
    """

    kind: ClassVar[str] = "signalwire"
    name: ClassVar[str] = "SignalWire"
    settings_class: ClassVar[type[CarrierSettings]] = SignalWireSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        finds_by_key=True,
        cancels=True,
        retries=True,
        station=False,
        sip=True,
        receives=True,
        lists_sent=True,
        lists_numbers=True,
        deletes_sent=True,
        deletes_received=True,
        webhooks=True,
        lag=_LAG,
        look_every=30.0,
        sync_every=45.0,
    )

    # --- Sending --------------------------------------------------------------------------

    def submit(self, fax: OutgoingFax) -> str:
        """Have it fetched and sent. Its pages are not to stay there: the portal has them."""
        form = {
            "To": fax.to_number,
            "From": fax.from_number,
            "MediaUrl": fax.document.url(),
            "Quality": fax.quality.value,
            "StoreMedia": "false",
            "Ttl": str(_TTL),
            "StatusCallback": f"{self._tools.hook_url}?{urlencode({_KEY: fax.key.hex})}",
            "StatusCallbackMethod": "POST",
        }
        answer = self._account().ask("POST", "Faxes", repeat=False, data=form)
        require(answer)
        return fax_in(answer).sid

    def find(self, sent: SentFax) -> SendStatus | None:
        """Ask about it by its id: that of the answer, of a call back, or of the one like it."""
        account = self._account()
        if not sent.ref:
            found = self._without_ref(account, sent)
            return None if found is None else _status(found, sent)
        found = account.fax(sent.ref)
        if found is not None:
            return _status(found, sent)
        if self._tools.now() < sent.at + timedelta(seconds=_LAG):
            raise CarrierInDoubt("the fax is not there yet")
        # it was there, and somebody has deleted it since
        return SendStatus(sent.ref, result=SendResult(Outcome.UNKNOWN, 0))

    def hang_up(self, sent: SentFax) -> None:
        """Cancel it, which is done while it is queued; later it takes its course."""
        account, ref = self._account(), sent.ref
        if not ref:
            found = self._without_ref(account, sent)
            ref = found.sid if found else ""
        if ref:
            account.ask("POST", "Faxes", ref, data={"Status": Status.CANCELED.value})

    def check(self) -> str:
        """Ask for the newest fax."""
        answer = self._account().ask("GET", "Faxes", params={"PageSize": 1})
        require_read(answer)
        rows_of(answer, "faxes")
        here = urlsplit(self._tools.hook_url)
        return f"Faxes can be read. Pages will be fetched from {here.scheme}://{here.netloc}."

    # --- Receiving ------------------------------------------------------------------------

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """All that came in since then, by when it began."""
        asked = {} if mark is None else {"DateCreatedAfter": _before(mark)}
        for each in self._account().faxes(asked):
            if each.direction == Direction.INBOUND and (mark is None or each.created_at >= mark):
                yield _arrival(each)

    def arrival(self, ref: str) -> Arrival | None:
        """Ask about one."""
        found = self._account().fax(ref)
        return _arrival(found) if found and found.direction == Direction.INBOUND else None

    def fetch(self, ref: str, into: Path) -> None:
        """Fetch its pages."""
        account = self._account()
        found = account.fax(ref)
        if found is None:
            raise CarrierInDoubt("the fax is not there")
        account.download(found, into)

    # --- Beside these ---------------------------------------------------------------------

    def numbers(self) -> Iterable[CarrierNumber]:
        """The numbers of the account that can fax, as far as it says."""
        account = self._account()
        if account.is_twilio:
            raise CarrierUnavailable("this API lists no numbers")
        for row in account.listed("IncomingPhoneNumbers", "incoming_phone_numbers", {}):
            able, number = row.get("capabilities"), wire.read_number(str(row.get("phone_number")))
            if number.startswith("+") and not (isinstance(able, dict) and able.get("fax") is False):
                yield CarrierNumber(number, str(row.get("friendly_name") or ""))

    def history(self, since: datetime, until: datetime) -> Iterable[PastFax]:
        """Faxes that ended, either way, by when they began."""
        asked = {"DateCreatedAfter": _before(since), "DateCreatedOnOrBefore": iso(until)}
        for each in self._account().faxes(asked):
            if since <= each.created_at < until and each.outcome and each.direction:
                # where the pages of a sent one are is not told
                kept = each.media_url or (each.media_sid and self._account().media_of(each.sid))
                yield _past(each, each.direction, each.outcome, has_document=bool(kept))

    def forget_sent(self, ref: str) -> bool:
        """Delete its pages, should there be any, then the fax itself."""
        account = self._account()
        for media in account.media_of(ref):
            require_gone(account.ask("DELETE", "Faxes", ref, "Media", media))
        return require_gone(account.ask("DELETE", "Faxes", ref))

    def forget_arrival(self, ref: str) -> bool:
        """Do the same: received pages are in the same place."""
        return self.forget_sent(ref)

    def heard(self, request: HookRequest) -> Heard:
        """Hear of a fax that goes on, of one that calls, or of one that came in."""
        is_form = "form-urlencoded" in request.headers.get("content-type", "")
        said = dict(parse_qsl(request.body.decode(errors="replace"))) if is_form else {}
        if self._settings.signing_key:
            _require_signed(request, said, key=self._settings.signing_key)
        ref = said.get("FaxSid") or request.query.get("FaxSid", "")
        ref = ref if wire.is_sid(ref) else ""
        if _KEY in request.query:
            key = _uuid(request.query[_KEY])
            if key is None:
                return Heard()
            if ref and self._tools.memory.get(_remembered(key)) != ref:
                self._tools.memory.put(_remembered(key), ref, seconds=_REMEMBERED)
            return Heard(keys=(key,))
        status = said.get("FaxStatus") or request.query.get("FaxStatus", Status.RECEIVING)
        calls = status.lower() == Status.RECEIVING
        answer = wire.receive_verb(self._tools.hook_url) if calls else wire.nothing_more()
        arrivals = (ref,) if ref else ()
        return Heard(arrivals=arrivals, look=not ref, content_type=wire.LAML_TYPE, answer=answer)

    # --- Made ready -----------------------------------------------------------------------

    def _opened(self, settings: SignalWireSettings) -> None:
        self._settings = settings

    def _account(self) -> Account:
        return Account(self._settings, self._tools)

    def _without_ref(self, account: Account, sent: SentFax) -> FaxTold | None:
        """The fax that it called back about, or else the one like it in its list; None if none.

        The list is read by the carrier's own clock.

        Raises:
            CarrierInDoubt: there are several.

        """
        ref = self._tools.memory.get(_remembered(sent.key))
        told = account.fax(ref) if ref else None
        if told is not None and _is_like(told, sent):
            return told
        asked = {"To": sent.to_number, "DateCreatedAfter": iso(sent.at - 2 * MOST_APART)}
        latest = timedelta(seconds=self._tools.seconds) + _MOST_LATE
        found = [
            each
            for ahead, each in account.faxes_soon(asked)
            if _is_like(each, sent) and -_A_MOMENT <= each.created_at - ahead - sent.at <= latest
        ]
        if len(found) > 1:  # other numbers of pages are other faxes; what is not told may be any
            found = [each for each in found if each.pages in {None, sent.pages}]
            if len(found) != 1:
                raise CarrierInDoubt("several faxes there may be this one")
        return found[0] if found else None


def _require_signed(request: HookRequest, said: Mapping[str, str], *, key: str) -> None:
    shown = [request.headers.get(name.lower(), "") for name in wire.SIGNATURES]
    if not any(
        each and wire.is_signed(each, url=request.url, params=said, body=request.body, key=key)
        for each in shown
    ):
        raise HookRefused("it is not signed with the signing key")


def _is_like(told: FaxTold, sent: SentFax) -> bool:
    """Whether it went from the same number to the same."""
    pair = (wire.read_number(sent.from_number), wire.read_number(sent.to_number))
    return told.direction == Direction.OUTBOUND and (told.from_number, told.to_number) == pair


def _status(told: FaxTold, sent: SentFax) -> SendStatus:
    if told.outcome is None:
        return SendStatus(told.sid, _PHASES.get(told.status, ""))
    # how many of the pages arrived is told of none that failed
    pages = sent.pages if told.outcome == Outcome.DELIVERED else 0
    facts: dict[str, Any] = {"resolution": told.quality.value}
    if told.seconds:
        facts["line_seconds"] = float(told.seconds)
    if told.cost is not None:
        facts |= {"cost": told.cost, "cost_currency": told.currency}
    if told.code or told.message:
        facts["completion_text"] = f"{told.message} ({told.code})" if told.code else told.message
    return SendStatus(told.sid, pages_done=pages, result=SendResult(told.outcome, pages, facts))


def _arrival(told: FaxTold) -> Arrival:
    outcome, state = told.outcome, ArrivalState.RECEIVING
    if outcome is not None:
        came = outcome == Outcome.DELIVERED or bool(told.pages and told.media_url)
        state = ArrivalState.RECEIVED if came else ArrivalState.FAILED
    return Arrival(
        ref=told.sid,
        called=told.to_number,
        caller=told.from_number,
        state=state,
        at=told.created_at,
        pages=told.pages or 0,
        complete=outcome == Outcome.DELIVERED,
        quality=told.quality,
    )


def _past(told: FaxTold, way: Direction, outcome: Outcome, *, has_document: bool) -> PastFax:
    pages = told.pages or 0
    return PastFax(
        ref=told.sid,
        direction=way,
        from_number=told.from_number,
        to_number=told.to_number,
        at=told.created_at,
        ended_at=told.updated_at,
        outcome=outcome,
        pages=pages,
        pages_done=pages if outcome == Outcome.DELIVERED else 0,
        quality=told.quality,
        has_document=has_document,
    )


def _before(moment: datetime) -> str:
    """A second earlier: whether the vendor's "after" takes in the second itself is not said."""
    return iso(moment - timedelta(seconds=1))


def _remembered(key: UUID) -> str:
    return f"fax-of-{key.hex}"


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(hex=written)
    except ValueError:
        return None
