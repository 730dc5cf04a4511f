"""Traces by OpenTelemetry, where the site wants them: what was done, how long, and how it ended.

Whatever comes of one request is one trace, whichever machine does it: the trace has the request's
own id, by which the logs tell of it, too. A span holds names of the code, ids and states; nothing
that a person or a program has sent. Where nobody wants traces, nothing of OpenTelemetry is loaded.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from django.conf import settings

from accounts.at_work import at_work

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

log = logging.getLogger(__name__)
PACKAGE: Final = "opentelemetry.sdk"
_SEND_WITHIN: Final = 3.0  # seconds, also as a process ends
_SEND_EVERY: Final = 1000  # milliseconds
Kind = Literal["server", "client", "consumer", "internal"]


@dataclass(frozen=True, slots=True)
class Traced:
    """Something that is being done; what becomes known of it may be told meanwhile."""

    span: "Span | None" = None

    def tell(self, facts: Mapping[str, str | int]) -> None:
        """Facts in the code's own words, by the names that OpenTelemetry has for them."""
        if self.span is not None:
            self.span.set_attributes(facts)

    def call(self, name: str) -> None:
        """Another name, by what was found out since."""
        if self.span is not None:
            self.span.update_name(name)

    def fail(self) -> None:
        """It did not come to what it was to come to."""
        if self.span is not None:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415 (only where it is wanted)

            self.span.set_status(StatusCode.ERROR)


_UNTRACED: Final = Traced()


def can_be_had() -> bool:
    """Whether OpenTelemetry is installed."""
    try:
        return find_spec(PACKAGE) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def traced(name: str, kind: Kind = "internal") -> Iterator[Traced]:
    """Trace what is done within. Of an error its type is told, and no word of it."""
    tracer = _tracer()
    if tracer is None:
        yield _UNTRACED
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    with tracer.start_as_current_span(
        name,
        kind=SpanKind[kind.upper()],
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        told = Traced(span)
        try:
            yield told
        except BaseException as error:
            told.fail()
            told.tell({"error.type": type(error).__name__})
            raise
        finally:  # some of these become known on the way
            told.tell({f"faxportal.{name}": each for name, each in at_work().items()})


class _Provider:
    """What this process has for itself: the thread that sends does not outlive a fork."""

    def __init__(self) -> None:
        self._lock = Lock()
        os.register_at_fork(after_in_child=self._unlock)
        self._of, self._made = 0, None  # type: tuple[int, tuple[TracerProvider, Tracer] | None]

    def _unlock(self) -> None:
        self._lock = Lock()  # whoever held it is not in this process

    def tracer(self) -> "Tracer | None":
        """What makes spans; None if it cannot be had."""
        with self._lock:
            if self._of != os.getpid():
                self._of, self._made = os.getpid(), _make()
            return self._made and self._made[1]

    def flush(self) -> None:
        """Send what has not been sent."""
        if self._made is not None:
            self._made[0].force_flush()

    def stop(self) -> None:
        """Send it, and make no more."""
        if self._made is not None:
            self._made[0].shutdown()
            self._made = None


def _make() -> "tuple[TracerProvider, Tracer] | None":
    if not can_be_had():
        log.error("no traces: OpenTelemetry is not installed (deploy/requirements-telemetry.lock)")
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class ByRequest(RandomIdGenerator):
        """Ids of traces that are those of requests."""

        def generate_trace_id(self) -> int:
            try:
                return UUID(at_work().get("request", "")).int
            except ValueError:  # there is none, or a proxy gave one of its own kind
                return super().generate_trace_id()

    named = {SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "faxportal")}
    provider = TracerProvider(resource=Resource.create(named), id_generator=ByRequest())
    provider.add_span_processor(
        BatchSpanProcessor(
            OTLPSpanExporter(timeout=_SEND_WITHIN), schedule_delay_millis=_SEND_EVERY
        )
    )
    return provider, provider.get_tracer("faxportal")


_provider: Final = _Provider()


def _tracer() -> Any:
    return _provider.tracer() if settings.TELEMETRY else None
