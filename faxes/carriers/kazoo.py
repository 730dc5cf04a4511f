"""Kazoo: a job is handed over with its document, followed in the queue, and then in the outbox.

A job leaves the queue when it has ended and comes up in the outbox, a moment later and by another
id. It carries the key of its try in a member of our own, which the vendor keeps, so that one whose
id nobody heard is found again. The vendor tries once: the portal is the one that tries again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote

import httpx

from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    Capabilities,
    Carrier,
    CarrierInDoubt,
    CarrierNumber,
    CarrierRefused,
    Heard,
    HookRequest,
    OutgoingFax,
    PastFax,
    SendResult,
    SendStatus,
    SentFax,
)
from faxes.carriers.http import as_object
from faxes.carriers.kazoo_account import (
    Account,
    Document,
    KazooSettings,
    fields_of,
    require_done,
    said,
    taken,
)
from faxes.carriers.settings import CarrierSettings
from faxes.enums import Direction, FaxState, Happening, Outcome, Quality
from faxes.wire import kazoo as wire

_KEY: Final = "client_key"  # the member of a job that holds the key of its try
_LONGEST_REF: Final = 128
_SPAN: Final = 31 * 24 * 3600  # seconds, the most that a list may reach over
_MARGIN: Final = timedelta(hours=1)  # on both sides of what is looked for
_OLDEST: Final = timedelta(days=366)  # of arrivals, where nothing says since when
_MINUTE: Final = 60.0  # seconds between a try and a job that looks like it
# "The move is asynchronous, up to several retries": then it is given up to look for a job.
_MOVES_WITHIN: Final = 600.0  # seconds
_REMEMBERED: Final = 7 * 24 * 3600.0  # seconds
_CAME: Final = frozenset({Happening.CAME_IN.value, Happening.CAME_IN_BROKEN.value})
_WENT: Final = frozenset({Happening.WENT_OUT.value, Happening.NEVER_WENT_OUT.value})
_IN_SERVICE: Final = frozenset({"", "in_service"})
_BAD_NUMBER: Final = frozenset({"to_number", "document.to_number"})


class KazooCarrier(Carrier):
    """An account of a Kazoo cluster (2600Hz Crossbar, version 2 of its API)."""

    kind: ClassVar[str] = "kazoo"
    name: ClassVar[str] = "Kazoo"
    # Documents are drawn anew there, for the usual resolutions of fax machines.
    capabilities: ClassVar[Capabilities] = Capabilities(
        finds_by_key=True,
        qualities=frozenset({Quality.STANDARD, Quality.FINE}),
        receives=True,
        lists_sent=True,
        lists_numbers=True,
        deletes_sent=True,
        deletes_received=True,
        webhooks=True,
        lag=120.0,
        look_every=10.0,
        sync_every=15.0,
    )
    settings_class: ClassVar[type[CarrierSettings]] = KazooSettings

    def submit(self, fax: OutgoingFax) -> str:
        """Hand a job over with its document; its id as it will be in the outbox comes back."""
        body, media_type = wire.mixed(_job(fax), fax.document.pdf())
        answer = self._account().ask(
            "PUT", "", repeat=False, content=body, headers={"Content-Type": media_type}
        )
        if not taken(answer):
            wrong = set(fields_of(answer))
            bad_number = not wrong.isdisjoint(_BAD_NUMBER)
            raise CarrierRefused(
                Outcome.DIAL_FAILED if bad_number else Outcome.INTERNAL_ERROR, said(answer)
            )
        return self._ref_of(answer)

    def find(self, sent: SentFax) -> SendStatus | None:
        """Where a job stands, by its id, or by the key of its try if it told none."""
        account = self._account()
        if not sent.ref:
            return _look_up(account, sent, by_key_alone=False)
        document = account.document("outgoing", wire.job_id(sent.ref))
        if document is not None:
            return _status(sent, sent.ref, document, ended=False)
        for ref in wire.kept_ids(sent.ref, sent.at):
            document = account.document("outbox", ref)
            if document is not None:
                return _status(sent, ref, document, ended=True)
        return self._lost(account, sent)

    def check(self) -> str:
        """Sign in anew, and look into the queue."""
        account = self._account()
        account.sign_in()
        require_done(account.ask("GET", "outgoing", repeat=True, params={"page_size": "1"}))
        return "Signed in; the account's faxes can be read."

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """The inbox from ``mark`` on; if that is None, of a year."""
        now = self._tools.now()
        for document in self._kept("inbox", mark or now - _OLDEST, now + _MARGIN):
            yield from _arrivals(document)

    def arrival(self, ref: str) -> Arrival | None:
        """One document of the inbox."""
        document = self._account().document("inbox", ref)
        return None if document is None else next(_arrivals({**document, "id": ref}), None)

    def fetch(self, ref: str, into: Path) -> None:
        """Write the attachment: a TIFF where one is to be had, else what the server is set to."""
        self._account().download(f"inbox/{quote(ref, safe='')}/attachment", into)

    def fetch_past(self, past: PastFax, into: Path) -> None:
        """The same, of a fax that went out as well."""
        folder = "inbox" if past.direction == Direction.INBOUND else "outbox"
        self._account().download(f"{folder}/{quote(past.ref, safe='')}/attachment", into)

    def numbers(self) -> Iterable[CarrierNumber]:
        """The numbers of the account that are in service, whatever they are used for."""
        answer = self._account().ask("GET", "phone_numbers", repeat=True, of_account=True)
        require_done(answer)
        for written, told in _number_rows(as_object(answer).get("data")):
            number = wire.e164_of(written)
            if number and wire.text_at(told, "state") in _IN_SERVICE:
                yield CarrierNumber(number, wire.text_at(told, "name"))

    def history(self, since: datetime, until: datetime) -> Iterable[PastFax]:
        """What lies in the inbox and in the outbox of a time."""
        for folder, direction in (("inbox", Direction.INBOUND), ("outbox", Direction.OUTBOUND)):
            for document in self._kept(folder, since, until):
                past = _past(document, direction)
                if past is not None and since <= past.at < until:
                    yield past

    def forget_sent(self, ref: str) -> bool:
        """Delete a fax from the outbox; one that is not there yet cannot be deleted yet."""
        account = self._account()
        if account.delete("outbox", ref):
            return True
        if account.document("outgoing", wire.job_id(ref)) is not None:
            raise CarrierInDoubt("the job has not ended")
        return False

    def forget_arrival(self, ref: str) -> bool:
        """Delete a fax from the inbox."""
        return self._account().delete("inbox", ref)

    def heard(self, request: HookRequest) -> Heard:
        """What a webhook of the account tells, in JSON, as a form, or in its address."""
        event = _event(request)
        name = wire.text_at(event, "event_name", "type")
        fax, job = wire.text_at(event, "fax_id"), wire.text_at(event, "fax_jobid")
        if name in _CAME:
            return Heard(arrivals=(fax,) if fax else (), look=True)
        if name in _WENT or job:
            at = wire.time_at(event, "fax_timestamp", "timestamp") or self._tools.now()
            refs = {
                ref
                for each in (job, fax)
                if each
                for ref in wire.kept_ids(wire.kept_id(each, at), at)
            }
            return Heard(sent_refs=tuple(sorted(refs)))
        return Heard()

    def _account(self) -> Account:
        return Account(self._settings, self._tools)

    def _ref_of(self, answer: httpx.Response) -> str:
        """The id of a new job, which the vendor tells in three ways, with the month of it."""
        told = as_object(answer)
        data = told.get("data")
        document = data if isinstance(data, Mapping) else {}
        place = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        written = wire.text_at(document, "id", "_id") or place
        if not written or len(written) > _LONGEST_REF:
            raise CarrierInDoubt("the answer has no id of the job")
        created = wire.time_at(document, "created", "pvt_created") or wire.clock_in(told)
        return wire.kept_id(written, created or self._tools.now())

    def _lost(self, account: Account, sent: SentFax) -> SendStatus:
        """A job that was taken and is in no folder: it moves, or somebody has deleted it.

        It is never said to be unheard of, as that would send it again.
        """
        name, now = f"lost-{sent.key.hex}", self._tools.now().timestamp()
        since = self._tools.memory.get(name)
        if since is None:
            self._tools.memory.put(name, f"{now:.0f}", seconds=_REMEMBERED)
        if since is None or now - float(since) < _MOVES_WITHIN:
            return SendStatus(sent.ref)
        said = {"completion_text": "the carrier took it, and has it no more"}
        gone = SendStatus(sent.ref, result=SendResult(Outcome.UNKNOWN, 0, said))
        return _look_up(account, sent, by_key_alone=True) or gone

    def _kept(self, folder: str, since: datetime, until: datetime) -> Iterator[Document]:
        """All documents of a folder of a time, a span after the other as far as one may reach."""
        first, last = wire.gregorian(since), wire.gregorian(until)
        while first <= last:
            yield from self._account().rows(folder, first, min(first + _SPAN, last))
            first += _SPAN + 1


# --- What goes over the wire --------------------------------------------------------------------


def _job(fax: OutgoingFax) -> dict[str, Any]:
    """A job: "retries" 0 is one try there, however that server counts them."""
    told: dict[str, Any] = {
        "to_number": fax.to_number,
        "from_number": fax.from_number,
        "retries": 0,
        "attempts": 0,
        "fax_identity_number": fax.station_id,
        "fax_identity_name": fax.header,
        "fax_timezone": fax.time_zone,
        _KEY: fax.key.hex,
    }
    return {name: value for name, value in told.items() if value != ""}


def _look_up(account: Account, sent: SentFax, *, by_key_alone: bool) -> SendStatus | None:
    """Look for a try in both folders: by its key, else by what it looks like.

    First where a job is, then where it goes: one that moves meanwhile is met at least once.

    Raises:
        CarrierUnavailable
        CarrierInDoubt: more than one looks like it, and none has a key.

    """
    alike: dict[str, SendStatus] = {}
    for ref, document, ended in _candidates(account, sent):
        key = wire.text_at(document, _KEY)
        if key == sent.key.hex:
            return _status(sent, ref, document, ended=ended)
        if not key and _is_alike(document, sent, account):
            alike[wire.job_id(ref)] = _status(sent, ref, document, ended=ended)
    if by_key_alone or not alike:
        return None
    if len(alike) > 1:
        raise CarrierInDoubt("several faxes look like this one")
    return next(iter(alike.values()))


def _candidates(account: Account, sent: SentFax) -> Iterator[tuple[str, Document, bool]]:
    """Jobs to the number, with the ids that they will have, and whether they have ended."""
    for row in account.rows("outgoing"):
        ref, created = wire.text_at(row, "id"), wire.time_at(row, "created") or sent.at
        if ref and wire.number_at(row, "to", "to_number") == sent.to_number:
            document = account.document("outgoing", ref)  # the list has no members of ours
            if document is not None:
                yield wire.kept_id(ref, created), {**row, **document}, False
    first = wire.gregorian(sent.at + account.ahead - _MARGIN)
    for row in account.rows("outbox", first, first + _SPAN):
        ref = wire.text_at(row, "id")
        if ref and wire.number_at(row, "to_number", "to") == sent.to_number:
            yield ref, row, True


def _is_alike(document: Document, sent: SentFax, account: Account) -> bool:
    """Whether a job without a key is from the same number, as long, and of the same minute."""
    created = wire.time_at(document, "created", "pvt_created")
    total = wire.read_result(document.get("tx_result")).total
    if created is None or wire.number_at(document, "from_number", "from") != sent.from_number:
        return False
    apart = abs((created - sent.at - account.ahead).total_seconds())
    return (not total or total == sent.pages) and apart <= _MINUTE + account.seconds


def _status(sent: SentFax, ref: str, document: Document, *, ended: bool) -> SendStatus:
    """Where a job stands; in the outbox it has ``ended``, whatever its word is."""
    written = wire.text_at(document, "status", "pvt_job_status")
    at = wire.read_status(written) if written else wire.Standing(FaxState.QUEUED)
    if not ended and at.state not in {FaxState.DELIVERED, FaxState.FAILED}:
        return SendStatus(ref, at.phase, at.pages_done)
    result = wire.read_result(document.get("tx_result"))
    delivered = bool(result.success)
    if at.state in {FaxState.DELIVERED, FaxState.FAILED}:
        delivered = at.state == FaxState.DELIVERED
    tries = wire.count_at(document, "attempts")
    facts = {**result.facts, **({} if tries is None else {"carrier_tries": tries})}
    pages = result.pages or 0
    if delivered:
        pages = pages or result.total or sent.pages
    outcome = Outcome.DELIVERED if delivered else result.reason
    return SendStatus(ref, pages_done=pages, result=SendResult(outcome, pages, facts))


def _arrivals(document: Document) -> Iterator[Arrival]:
    """The arrival of a document of the inbox; none if it has no id or no time."""
    ref, at = wire.text_at(document, "id", "_id"), _time_of(document)
    if not ref or len(ref) > _LONGEST_REF or at is None:
        return
    result = wire.read_result(document.get("rx_result"))
    pages = result.total or 0 if result.pages is None else result.pages
    nothing = result.success is False and not pages
    yield Arrival(
        ref=ref,
        called=wire.number_at(document, "to_number", "to"),
        caller=wire.number_at(document, "from_number", "from"),
        state=ArrivalState.FAILED if nothing else ArrivalState.RECEIVED,
        at=at,
        pages=pages,
        complete=result.success is not False,
        station_id=result.station_id,
        quality=result.quality or Quality.FINE,
    )


def _past(document: Document, direction: Direction) -> PastFax | None:
    """A fax of a folder; None if it has no id or no time."""
    ref, at = wire.text_at(document, "id", "_id"), _time_of(document)
    if not ref or len(ref) > _LONGEST_REF or at is None:
        return None
    inbound = direction == Direction.INBOUND
    result = wire.read_result(document.get("rx_result" if inbound else "tx_result"))
    written = wire.text_at(document, "status", "pvt_job_status")
    whole = result.success if result.success is not None else inbound or written == "completed"
    failed = Outcome.TRANSMIT_ERROR if inbound else result.reason
    done = result.total or 0 if result.pages is None else result.pages
    return PastFax(
        ref=ref,
        direction=direction,
        from_number=wire.number_at(document, "from_number", "from"),
        to_number=wire.number_at(document, "to_number", "to"),
        at=at,
        ended_at=wire.time_at(document, "timestamp" if inbound else "delivered"),
        outcome=Outcome.DELIVERED if whole else failed,
        pages=result.total or done,
        pages_done=done,
        quality=result.quality or Quality.FINE,
        station_id=result.station_id,
        has_document=not inbound or whole or done > 0,
    )


def _time_of(document: Document) -> datetime | None:
    return wire.time_at(document, "created", "pvt_created", "timestamp")


def _number_rows(data: object) -> Iterator[tuple[str, Document]]:
    """Numbers with what is told of them: by number, as the vendor has them, or row by row."""
    if isinstance(data, Mapping) and isinstance(numbers := data.get("numbers"), Mapping):
        for number, told in numbers.items():
            yield str(number), told if isinstance(told, Mapping) else {}
    elif isinstance(data, list):
        rows = [row for row in data if isinstance(row, Mapping)]
        yield from ((wire.text_at(row, "id"), row) for row in rows)
    else:
        raise CarrierInDoubt("the answer has no numbers")


def _event(request: HookRequest) -> Document:
    """The members of an event; none if it is not to be read, which is nothing to worry about."""
    if request.method.upper() == "GET" or not request.body:
        return request.query
    try:
        text = request.body.decode()
        if "json" not in request.headers.get("content-type", ""):
            return dict(parse_qsl(text, keep_blank_values=True))
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
