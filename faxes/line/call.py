"""One answered call, driven turn by turn from the answer to the last hanging up."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from faxes.line.exchange import Medium
from faxes.line.media import join
from faxes.line.result import CallResult, DialResult, Progress, ProgressKind
from faxes.line.session import Session
from faxes.line.spec import CallSpec
from faxes.line.tiff import count_pages, cut_after, page_rows

# When one end has hung up, the other is left some simulated time to notice, as its own account
# then says what it saw. Then the exchange releases it; T.38 would let it wait for ever.
_CALLED_ALONE_SECONDS = 15.0
_CALLER_ALONE_SECONDS = 120.0
_LOOK_UP_SECONDS = 0.1  # of wall time between looks at whether to hang up


class Call:
    """Iterate over it for its progress, then ask for its ``result``."""

    def __init__(
        self, spec: CallSpec, asked_to_hang_up: Callable[[], bool] = lambda: False
    ) -> None:
        behaviour = spec.behaviour
        self._spec = spec
        self._asked_to_hang_up = asked_to_hang_up
        if spec.receive is not None:
            # The library leaves a file alone until the first page comes: none may lie there.
            with contextlib.suppress(OSError):
                spec.receive.unlink()
        self._pages = max(spec.pages or 0, count_pages(spec.document))
        whole = len(page_rows(spec.document)) == self._pages
        self._pace = behaviour.pace
        self._line = join(
            behaviour.fault,
            t38=(spec.medium or behaviour.medium) is Medium.T38,
            answered_by_machine=behaviour.station is not None,
            paced=behaviour.pace > 0,
        )
        # Of a damaged document nothing is sent: the library would fill up what is missing.
        document = spec.document if whole else Path(os.devnull)
        caller, called = self._line.engines
        self._caller = Session(caller, spec.caller, self._clock, document=document)
        self._called: Session | None = None
        if called is not None and behaviour.station is not None:
            self._called = Session(called, behaviour.station, self._clock, target=spec.receive)
        self._line.follow(self._caller, self._called)
        self._hung_up_by_caller = False
        self._out_of_time = False

    def _clock(self) -> float:
        return self._line.seconds

    def __iter__(self) -> Iterator[Progress]:
        """Run the call, telling whenever something happens that a watcher may want to see."""
        try:
            yield from self._run()
            self._release()
            yield from self._news()
        finally:
            self._line.close()
            self._leave_whole_pages()

    def _run(self) -> Iterator[Progress]:
        limits = self._spec.limits
        line_limit = limits.line_limit(self._pages)
        began = time.monotonic()
        last_moment = began + limits.wall_limit(self._pages, self._pace)
        next_look = began
        while not self._over():
            self._line.turn()
            yield from self._news()
            now = time.monotonic()
            if now >= next_look:
                next_look = now + _LOOK_UP_SECONDS
                self._hung_up_by_caller = self._asked_to_hang_up()
                self._out_of_time = now >= last_moment
            if self._line.seconds >= line_limit:
                self._out_of_time = True
            if self._pace:
                time.sleep(max(0.0, began + self._line.seconds / self._pace - now))

    def _over(self) -> bool:
        if self._hung_up_by_caller or self._out_of_time or self._line.severed:
            return True
        if self._called is None:
            return self._caller.ended
        return self._called.cannot_keep or self._given_up(self._called)

    def _given_up(self, called: Session) -> bool:
        """Whether both ends have hung up, or one has and the other does not come to notice."""
        alone_from = self._line.seconds
        if called.ended:
            alone_from = called.ended_at + _CALLER_ALONE_SECONDS
        if self._caller.ended:
            alone_from = self._caller.ended_at + _CALLED_ALONE_SECONDS
        both = self._caller.ended and called.ended
        return both or self._line.seconds > alone_from

    def _release(self) -> None:
        """The line is taken down; an end that has not hung up notices that it is dead."""
        self._caller.terminate()
        if self._called is not None:
            self._called.terminate()

    def _leave_whole_pages(self) -> None:
        """What could not be written to the end is taken out of the received file again."""
        target = self._spec.receive
        if self._called is None or not self._called.cannot_keep or target is None:
            return
        with contextlib.suppress(OSError):
            whole = len(page_rows(target))
            cut_after(target, whole) if whole else target.unlink()

    def _news(self) -> Iterator[Progress]:
        for moment in self._caller.take_moments():
            yield self._progress(moment)
        if self._called is not None:
            for moment in self._called.take_moments():
                if moment is ProgressKind.PAGE:
                    yield self._progress(moment)

    def _progress(self, kind: ProgressKind) -> Progress:
        facts = self._caller.result()
        return Progress(
            kind=kind,
            pages_total=self._pages,
            pages_done=self._caller.pages,
            received_pages=self._called.pages if self._called is not None else 0,
            bit_rate=facts.bit_rate,
            ecm=facts.ecm,
            compression=facts.compression,
            remote_station_id=facts.remote_station_id,
        )

    def result(self) -> CallResult:
        """What the call was like; to be asked when the iteration is over."""
        ringing = self._spec.behaviour.dial_line_seconds
        return CallResult(
            answered=DialResult.ANSWERED,
            line_seconds=round(ringing + self._line.seconds, 2),
            caller=self._caller.result(),
            called=self._called.result() if self._called is not None else None,
            pages_to_send=self._pages,
            hung_up_by_caller=self._hung_up_by_caller,
            out_of_time=self._out_of_time,
        )
