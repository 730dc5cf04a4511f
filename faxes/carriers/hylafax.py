"""HylaFAX: a fax server of the operator's own, with modems, asked by its client protocol.

A job carries the key of its try (JOBINFO), which comes onto the server's disk in the same step that
submits it, so that a try can be found however its handing over ended. Jobs are tried once: it is
the portal that tries again.
"""

import ftplib  # HylaFAX speaks it  # nosec B402
import io
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from PIL import Image

from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    Capabilities,
    Carrier,
    CarrierError,
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
from faxes.carriers.hfaxd import TROUBLE, NotLetIn, Session, Unanswered
from faxes.carriers.settings import CarrierSettings, OptionKind, gettext_noop, option
from faxes.enums import Direction, Outcome, Quality
from faxes.wire import hylafax as wire

_PORT: Final = 4559
# Jobs that have ended are cleaned away after 15 minutes, if the operator has not said otherwise
# (faxqclean(8), -j): from when on a job that is not there says nothing.
_KEPT: Final = timedelta(minutes=10)
_SCHEDULING: Final = timedelta(minutes=1)
_PATIENCE: Final = "001200"  # LASTTIME, days, hours and minutes: for a modem, and for the call
_A4_MM, _WIDTH_MM, _MM_PER_INCH = 297, 209, 25.4
_NUMBER: Final = frozenset({"DIALSTRING", "EXTERNAL"})
_MOST_LINES: Final = 196  # an inch; what has more HylaFAX makes anew from what it is given
_FASTEST: Final = 14400  # what is asked for where nothing slower is
_LOG, _LOG_BYTES = "log/xferfaxlog", 128 * 1024
_WAIT_FOR_KILL: Final = 1.0  # seconds: the answer comes when the call has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class HylafaxSettings(CarrierSettings):
    """Where the server is, who the portal is there, and how its modems dial."""

    host: str = option(gettext_noop("Host"), kind=OptionKind.HOST)
    port: int = option(gettext_noop("Port"), kind=OptionKind.NUMBER, default=_PORT)
    user: str = option(gettext_noop("User"), help=gettext_noop("As in hosts.hfaxd."))
    password: str = option(gettext_noop("Password"), kind=OptionKind.SECRET, default="")
    admin_password: str = option(
        gettext_noop("Administrator's password"),
        help=gettext_noop("So that received faxes can be fetched and deleted; not needed to send."),
        kind=OptionKind.SECRET,
        default="",
    )
    modem: str = option(
        gettext_noop("Modem"), help=gettext_noop("A modem or a group of modems."), default="any"
    )
    prefix: str = option(
        gettext_noop("Dialled before a number"),
        help=gettext_noop(
            "In front of country code and number; + leaves it to HylaFAX's rules for dialling."
        ),
        default="+",
    )
    number: str = option(
        gettext_noop("Fax number"),
        help=gettext_noop(
            "For which all faxes come in. Empty: what each modem has as its FAXNumber."
        ),
        default="",
    )
    header_line: bool = option(
        gettext_noop("Print a header line"),
        help=gettext_noop("Over the top 4 mm of each page; else pages go out as they are."),
        kind=OptionKind.SWITCH,
        default=True,
    )


class HylafaxCarrier(Carrier):
    """One HylaFAX server."""

    kind: ClassVar[str] = "hylafax"
    name: ClassVar[str] = "HylaFAX"
    settings_class: ClassVar[type[CarrierSettings]] = HylafaxSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        finds_by_key=True,
        cancels=True,
        qualities=frozenset({Quality.STANDARD, Quality.FINE}),
        caller_id=False,  # it is that of the modem's line
        negotiates=True,
        receives=True,
        lists_numbers=True,
        deletes_received=True,
        lag=5.0,
        look_every=5.0,
    )
    _settings: HylafaxSettings

    def check(self) -> str:
        """Log in, and tell what the modems do."""
        with self._session() as session:
            modems = session.modems()
            waiting = len(session.received())
        told = [f"{each.name} {each.number}: {each.status}" for each in modems]
        return "; ".join([*(told or ["no modem"]), f"{waiting} received faxes to be seen"])

    # --- sending ---

    def submit(self, fax: OutgoingFax) -> str:
        """Store the pages, describe a job, submit it. Until the last step all ends with us."""
        document = fax.document.tiff()
        with self._session() as session:
            stored = session.store(document)
            job = session.new_job()
            for name, value in self._job(fax, document).items():
                _set(session, name, value)
            for name, value in self._words(fax).items():
                session.voidcmd(f"JPARM {name} {value}")
            session.voidcmd(f"JPARM DOCUMENT {stored}")
            try:
                session.submit()
            except Unanswered:
                raise CarrierInDoubt("no answer to the submitting of a job") from None
            except TROUBLE:
                with suppress(*TROUBLE):  # a second name for the pages, that outlives the job
                    session.voidcmd(f"DELE docq/{PurePosixPath(stored).name}.{job}")
                session.farewell()
                raise
        return job

    def _job(self, fax: OutgoingFax, document: bytes) -> dict[str, str | int]:
        """Parameters of a job, as hfaxd(8) names them."""
        job: dict[str, str | int] = {
            "JOBINFO": str(fax.key),
            "DIALSTRING": self._settings.prefix + fax.to_number.removeprefix("+"),
            "EXTERNAL": fax.to_number,
            "FROMUSER": self._settings.user,
            "NOTIFYADDR": self._settings.user,
            "NOTIFY": "none",
            "MODEM": self._settings.modem,
            "MAXDIALS": 1,
            "MAXTRIES": 1,
            "VRES": min(wire.LINES_AN_INCH[fax.quality], _MOST_LINES),
            "PAGEWIDTH": _WIDTH_MM,
            "PAGELENGTH": _length_mm(document, fax.quality),
            "PAGECHOP": "none",
            "TSI": fax.station_id,
            "TAGLINE": self._tag_line(fax),
        }
        if fax.most_bits < _FASTEST:
            job["BEGBR"] = wire.speed_of(fax.most_bits)
        return job

    def _words(self, fax: OutgoingFax) -> dict[str, str]:
        """Those that hfaxd wants without quotes."""
        return {
            "LASTTIME": _PATIENCE,
            "USETAGLINE": "YES",  # with a blank one none is printed; NO prints the server's own
            "USEECM": "YES" if fax.ecm else "NO",
            "USEXVRES": "NO",
        }

    def _tag_line(self, fax: OutgoingFax) -> str:
        if not self._settings.header_line:
            return wire.tag_line("", "", "", pages=False)
        now = self._tools.now().astimezone(ZoneInfo(fax.time_zone))
        # the pages of a later try are counted from its own first one, which would mislead
        whole = fax.first_page == 1
        return wire.tag_line(fax.header, fax.station_id, f"{now:%Y-%m-%d %H:%M}", pages=whole)

    def find(self, sent: SentFax) -> SendStatus | None:
        """Look through both queues for the key."""
        with self._session() as session:
            job = _job_of(session, sent)
            if job is None:
                return self._not_there(sent)
            if job.state == wire.SUSPENDED and not sent.ref:
                self._never_queued(session, job, sent)
                return None
            if job.state not in {wire.DONE, wire.FAILED}:
                on_line = "page" if job.pages else "dialing"
                return SendStatus(job.id, on_line if job.state == wire.RUNNING else "", job.pages)
            ended = _ended(session, job)
        result = SendResult(
            Outcome.DELIVERED
            if job.state == wire.DONE
            else wire.outcome_of(ended.status, ended.code),
            job.pages,
            {
                **ended.facts,
                "completion_code": ended.code,
                "completion_text": ended.status,
                "carrier_tries": job.dials,
            },
        )
        return SendStatus(job.id, pages_done=job.pages, result=result)

    def _not_there(self, sent: SentFax) -> SendStatus | None:
        """Tell what it means that there is no job of a try: nothing, if there was one once."""
        if not sent.ref and self._tools.now() - sent.at < _KEPT:
            return None
        gone = {"completion_text": "HylaFAX does not have the job any more"}
        return SendStatus(sent.ref, result=SendResult(Outcome.UNKNOWN, 0, gone))

    def _never_queued(self, session: Session, job: wire.Job, sent: SentFax) -> None:
        """Take back a job that the scheduler has not taken up; a slow one gets its time first."""
        if self._tools.now() - sent.at < _SCHEDULING:
            raise CarrierInDoubt("HylaFAX's scheduler (faxq) has not taken up the job yet")
        session.voidcmd(f"JDELE {job.id}")

    def hang_up(self, sent: SentFax) -> None:
        """Ask for the end of a job. The answer would come when its call has ended."""
        with self._session() as session:
            job = _job_of(session, sent)
            if job is not None and job.state not in {wire.DONE, wire.FAILED}:
                session.putcmd(f"JKILL {job.id}")
                session.hear(seconds=_WAIT_FOR_KILL)

    def settled(self, sent: SentFax) -> None:
        """Delete the job and its document; what cannot be deleted the server's cleaner finds."""
        with suppress(CarrierError), self._session() as session:
            job = _job_of(session, sent)
            if job is None or job.state not in {wire.DONE, wire.FAILED}:
                return
            documents = _ended(session, job).documents
            session.voidcmd(f"JDELE {job.id}")
            for document in documents:
                session.voidcmd(f"DELE {document}")

    # --- receiving ---

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:
        """What lies in recvq. A fax that still comes in has no name of its own yet: not listed."""
        with self._session() as session:
            return [each for each in self._arrivals(session) if mark is None or each.at >= mark]

    def arrival(self, ref: str) -> Arrival | None:
        """One of them."""
        with self._session() as session:
            return next((each for each in self._arrivals(session) if each.ref == ref), None)

    def _arrivals(self, session: Session) -> list[Arrival]:
        files = [each for each in session.received() if not each.coming]
        logged = wire.received_in_log(_log_of(session)) if files else {}
        nothing = wire.Logged("", "")
        return [self._arrival(each, logged.get(each.file, nothing)) for each in files]

    def _arrival(self, file: wire.Received, logged: wire.Logged) -> Arrival:
        return Arrival(
            ref=file.ref,
            called=wire.e164(self._settings.number) or logged.called,
            caller=file.caller or file.station_id,
            state=ArrivalState.RECEIVED,
            at=file.at,
            pages=file.pages,
            complete=not logged.reason,
            station_id=file.station_id,
            quality=file.quality,
        )

    def fetch(self, ref: str, into: Path) -> None:
        """Copy the file, if it is still the same."""
        with self._session() as session:
            if (file := _file_of(session, ref)) is None:
                raise CarrierInDoubt("HylaFAX does not have this fax any more")
            session.fetch(f"recvq/{file}", into)

    def forget_arrival(self, ref: str) -> bool:
        """Delete the file, if it is still the same."""
        with self._session() as session:
            if (file := _file_of(session, ref)) is None:
                return False
            try:
                session.voidcmd(f"DELE recvq/{file}")
            except ftplib.error_perm as no:
                raise CarrierRefused(Outcome.INTERNAL_ERROR, _said(no)) from None
            return True

    def discard(self, ref: str) -> None:
        """Delete what is stored here now."""
        with suppress(CarrierError):
            self.forget_arrival(ref)

    def numbers(self) -> Iterable[CarrierNumber]:
        """The fax numbers of the modems, where one is set."""
        if own := wire.e164(self._settings.number):
            return [CarrierNumber(own)]
        with self._session() as session:
            modems = [each for each in session.modems() if each.number]
        return [CarrierNumber(each.number, each.name) for each in modems]

    def history(self, since: datetime, until: datetime) -> Iterable[PastFax]:
        """What lies in recvq of that time; of what was sent the server keeps nothing for long."""
        return [
            PastFax(
                ref=each.ref,
                direction=Direction.INBOUND,
                from_number=each.caller,
                to_number=each.called,
                at=each.at,
                ended_at=each.at,
                outcome=Outcome.DELIVERED if each.complete else Outcome.TRANSMIT_ERROR,
                pages=each.pages,
                pages_done=each.pages,
                quality=each.quality,
                station_id=each.station_id,
            )
            for each in self.received_since(since)
            if each.at < until
        ]

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """Log in; whatever goes wrong means that the server cannot be asked now."""
        chosen, left = self._settings, self._tools.left()
        if left <= 0:
            raise CarrierUnavailable("no time is left to ask")
        try:
            with Session(self._tools.doors, chosen.host, chosen.port, seconds=left) as session:
                session.log_in(chosen.user, chosen.password, chosen.admin_password)
                yield session
        except NotLetIn:
            raise CarrierUnavailable("HylaFAX does not let this user in") from None
        except TROUBLE as trouble:
            raise CarrierUnavailable(_said(trouble)) from None


def _set(session: Session, name: str, value: str | int) -> None:
    """Set a parameter of a job; a no to the number is one to this fax, not to all."""
    try:
        session.set(name, value)
    except ftplib.error_perm as no:
        if name in _NUMBER:
            raise CarrierRefused(Outcome.DIAL_FAILED, _said(no)) from None
        raise


def _job_of(session: Session, sent: SentFax) -> wire.Job | None:
    """The job of a try, which is the last of those of its number.

    Raises:
        CarrierInDoubt: there are two.

    """
    ours = {job.id: job for job in session.jobs() if job.info == str(sent.key)}
    if len(ours) > 1:
        raise CarrierInDoubt("HylaFAX has two jobs of one try")
    return next(iter(ours.values()), None)


def _ended(session: Session, job: wire.Job) -> wire.Ended:
    """What more is told of a job that has ended, if we may read it."""
    try:
        return wire.ended_in(session.text(f"doneq/q{job.id}"))
    except ftplib.error_perm:
        return wire.Ended(job.status, None, {}, [])


def _log_of(session: Session) -> str:
    """The end of the server's log of faxes, if we may read it."""
    try:
        return session.text(_LOG, last=_LOG_BYTES)
    except ftplib.error_perm:
        return ""


def _file_of(session: Session, ref: str) -> str | None:
    return next((each.file for each in session.received() if each.ref == ref), None)


def _length_mm(document: bytes, quality: Quality) -> int:
    """The length to ask for: a page that is longer than that would be scaled down."""
    with Image.open(io.BytesIO(document), formats=["TIFF"]) as image:
        rows = 0
        for page in range(getattr(image, "n_frames", 1)):
            image.seek(page)
            rows = max(rows, image.height)
    return max(_A4_MM, math.ceil(rows * _MM_PER_INCH / wire.LINES_AN_INCH[quality]))


def _said(trouble: Exception) -> str:
    """What went wrong. What the other end repeats in quotes may be a number or a secret."""
    text = str(trouble) or type(trouble).__name__
    return f"HylaFAX said {text[:3]}" if "'" in text or '"' in text else text[:150]
