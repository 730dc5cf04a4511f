"""One end's T.30 session: what it sends or where it receives, and every fact that it learns."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from faxes.line.result import CALL_DROPPED, FrameDirection, PageFacts, ProgressKind, SessionResult
from faxes.line.spandsp import (
    ENCODINGS,
    T30,
    Statistics,
    completion_text,
    frame_name,
)
from faxes.line.station import Station, header_bytes, posix_time_zone
from faxes.line.tiff import page_rows
from faxes.line.trace import Trace, answers_page, ends_procedure


class Session:
    """Follows one T.30 engine from its settings to its result.

    Give either a ``document`` to send or a ``target`` to receive into. ``clock`` tells the
    simulated seconds since the answer.
    """

    def __init__(
        self,
        t30: T30,
        station: Station,
        clock: Callable[[], float],
        *,
        document: Path | None = None,
        target: Path | None = None,
    ) -> None:
        self._t30 = t30
        self._clock = clock
        self._sending = document is not None
        self._target = target
        self._trace = Trace(clock)
        self._facts = Statistics.nothing()  # of the last event; the library forgets
        self._pages: list[PageFacts] = []
        self._unanswered: PageFacts | None = None  # a page received, not yet MCF, RTP or RTN
        self._remote: tuple[str | None, str | None, str | None] = (None, None, None)
        self._last_page_ended = False
        self._moments: list[ProgressKind] = []
        self._code: int | None = None
        self._ended_at = 0.0
        self.cannot_keep = False  # a received page did not get onto the disk
        zone = posix_time_zone(station.time_zone, datetime.now(UTC))
        t30.identify(station.station_id, header_bytes(station.header), zone)
        t30.enable(station)
        if document is not None:
            t30.send(document)
        if target is not None:
            t30.receive(target)
        t30.on_events(
            identified=self._on_identified,
            page_ended=self._on_page_ended,
            ended=self._on_ended,
            frame=self._on_frame,
        )

    @property
    def ended(self) -> bool:
        """Whether this end has hung up (T.30 phase E)."""
        return self._code is not None

    @property
    def ended_at(self) -> float:
        """When it hung up, in simulated seconds since the answer."""
        return self._ended_at

    @property
    def in_image(self) -> bool:
        """Whether this end's image is on the line, or its modem's training for it."""
        return self._trace.in_image

    @property
    def trained(self) -> bool:
        """Whether the far end has confirmed this end's training: an image can follow."""
        return self._trace.trained

    @property
    def pages(self) -> int:
        """Pages confirmed so far: by the far end, or to it."""
        if self._sending:
            return self._facts.pages_sent
        return self._facts.pages_received - int(self.cannot_keep)

    @property
    def remote_station_id(self) -> str | None:
        """How the far end has identified itself so far."""
        return self._remote[0]

    @property
    def bad_rows_by_now(self) -> int:
        """Bad rows of the page that is being received, as far as it has come."""
        return self._t30.statistics().bad_rows

    def take_moments(self) -> list[ProgressKind]:
        """What has happened since this was last asked, oldest first."""
        moments, self._moments = self._moments, []
        return moments

    def terminate(self) -> None:
        """The line went dead under this end."""
        self._t30.terminate()

    def _on_frame(self, way: FrameDirection, message: bytes) -> None:
        trained = self._trace.trained
        self._trace.add(way, message)
        if self._trace.trained and not trained:
            self._facts = self._t30.statistics()
            self._moments.append(ProgressKind.PAGE)
        if way is FrameDirection.SENT and answers_page(message[2]):
            self._answer(frame_name(message[2]))

    def _on_identified(self) -> None:
        self._facts = self._t30.statistics()
        self._remote = self._t30.remote()
        self._moments.append(ProgressKind.CONNECTED)

    def _on_page_ended(self, code: int) -> None:
        """Phase D. A sender gets the answer to its page here; a receiver answers afterwards."""
        before = self.pages
        facts = self._facts = self._t30.statistics()
        kept = self.pages > before
        page = self._page_facts(facts, number=self.pages if kept else self.pages + 1)
        if self._sending:
            self._pages.append(replace(page, frame=frame_name(code)))
        else:
            self._unanswered = page
            if kept:
                self._last_page_ended = ends_procedure(code)
                self._look_at_page(self.pages, facts.rows)
        self._moments.append(ProgressKind.PAGE)

    def _look_at_page(self, number: int, rows: int) -> None:
        """The library believes that it wrote a page, even to a full disk: look at the file.

        The page's confirmation is not on the line yet, so the sender need never get it.
        """
        if self._target is None or page_rows(self._target, first=number - 1)[:1] != (rows,):
            self.cannot_keep = True
            self._last_page_ended = False

    def _answer(self, frame: str | None) -> None:
        if self._unanswered is not None and not self.cannot_keep:
            self._pages.append(replace(self._unanswered, frame=frame))
            self._unanswered = None

    def _on_ended(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._ended_at = self._clock()
            self._facts = self._t30.statistics()
            remote = self._t30.remote()
            self._remote = remote if any(remote) else self._remote

    def _page_facts(self, facts: Statistics, number: int) -> PageFacts:
        receiving = not self._sending
        return PageFacts(
            number=number,
            bit_rate=facts.bit_rate,
            compression=ENCODINGS.get(facts.encoding),
            x_resolution=facts.x_resolution,
            y_resolution=facts.y_resolution,
            width=facts.width,
            rows=facts.rows,
            image_bytes=facts.image_bytes,
            # A sender never learns of bad rows, and with error correction there are none.
            bad_rows=facts.bad_rows if receiving and not facts.ecm else None,
            longest_bad_row_run=(
                facts.longest_bad_row_run if receiving and not facts.ecm else None
            ),
            ecm_retries=facts.ecm_retries if facts.ecm else None,
        )

    def result(self) -> SessionResult:
        """Every fact of the session so far; all of them once it has ended."""
        facts = self._facts
        pages = self._pages + ([self._unanswered] if self._unanswered is not None else [])
        accepted = [page for page in pages if page.accepted]
        # The library calls a session complete that was ended for want of room on the disk.
        code = CALL_DROPPED if self._code is None or self.cannot_keep else self._code
        negotiated = any(frame.name == "DCS" for frame in self._trace.frames)
        imaged = facts.width > 0
        return SessionResult(
            completion_code=code,
            completion_text=completion_text(code),
            pages=self.pages,
            line_seconds=round(self._ended_at, 2),
            pages_in_file=facts.pages_in_file if self._sending else self._pages_kept(),
            bit_rate=facts.bit_rate if negotiated else None,
            ecm=bool(facts.ecm) if negotiated else None,
            compression=ENCODINGS.get(facts.encoding) if negotiated and imaged else None,
            width=facts.width if imaged else None,
            x_resolution=facts.x_resolution if imaged else None,
            y_resolution=facts.y_resolution if imaged else None,
            bad_rows=_sum(page.bad_rows for page in accepted),
            ecm_retries=_sum(page.ecm_retries for page in accepted),
            remote_station_id=self._remote[0],
            remote_vendor=self._remote[1],
            remote_model=self._remote[2],
            remote_qualities=self._trace.remote_qualities,
            last_page_ended=self._last_page_ended,
            page_facts=tuple(pages),
            frames=tuple(self._trace.frames),
            frames_left_out=self._trace.left_out,
        )

    def _pages_kept(self) -> int:
        return len(page_rows(self._target)) if self._target is not None and self.pages else 0


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum of what was told; None if nothing was."""
    told = [value for value in values if value is not None]
    return sum(told) if told else None
