"""``/metrics``: what Prometheus reads, for the networks of the operator only.

What waits comes from the rows, so every web process of every machine tells the same, and none of
them needs to know of the others. It is read again after some seconds at the earliest. How requests
and conversions went is counted by the processes that share a data folder, any of which tells it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts import tallies
from accounts.auth.address import address_of
from accounts.exposition import CONTENT_TYPE, PATH, FromTallies, as_text, may_read
from accounts.services.domains import main_host
from faxes.enums import FaxState
from faxes.queries.gauges import Gauges, Waiting, read_gauges

_SEEN_FOR: Final = 5.0  # seconds
_lock = threading.Lock()
_seen: dict[str, tuple[float, bytes]] = {}


def metrics(request: HttpRequest) -> HttpResponse:
    """All gauges as text; nothing is there for addresses of other networks."""
    if not may_read(address_of(request)):
        raise Http404
    return HttpResponse(_text(), content_type=CONTENT_TYPE)


def ask_by_any_host(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: Prometheus is heard by whatever name it asks, also by a bare address."""

    def served(request: HttpRequest) -> HttpResponseBase:
        if request.path == PATH and may_read(address_of(request)):
            cast("Any", request).get_host = main_host
        return get_response(request)

    return served


class FromRows(Collector):
    """What was read of the rows, as Prometheus wants it."""

    def __init__(self, gauges: Gauges) -> None:
        """Of one moment."""
        self.gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """Each gauge with its words."""
        told = self.gauges
        faxes = {each.value: told.faxes.get(each.value, Waiting()) for each in FaxState}
        yield from _both("faxes_open", "Faxes that something is to happen with", "state", faxes)
        yield from _both("messages_waiting", "Webhooks and notices to send", "kind", told.told)
        yield from _both(
            "erasures_due", "Stored objects to destroy", "place", {"storage": told.erasures}
        )
        if told.jobs is not None:
            yield from _both("jobs_waiting", "Jobs that no worker has taken", "queue", told.jobs)
        yield _one("leases_expired", "Conversions whose worker died", told.leases_expired)
        yield _one("lines_in_use", "Calls on the embedded line", told.lines_in_use)
        yield _one("lines", "Calls that the embedded line may carry", settings.LINES)
        yield _each("calls", "Tries under way", "carrier", told.calls)
        yield self._outcomes()
        yield _each("carrier_sync_age_seconds", "Since its list was read", "carrier", told.sync_age)
        yield _each("carrier_shut", "1 while it is left alone", "carrier", told.shut)

    def _outcomes(self) -> Metric:
        family = GaugeMetricFamily(
            "faxportal_tries_last_hour",
            "Tries that began within the hour and have ended",
            labels=["carrier", "outcome"],
        )
        for labels, count in self.gauges.outcomes.items():
            family.add_metric(labels, count)
        return family


def _both(name: str, words: str, label: str, of: dict[str, Waiting]) -> Iterator[Metric]:
    yield _each(name, words, label, {key: each.count for key, each in of.items()})
    late = {key: each.late for key, each in of.items()}
    yield _each(f"{name}_late_seconds", f"{words}: how late the first is", label, late)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"faxportal_{name}", words, value=value)


def _each(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"faxportal_{name}", words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _text() -> bytes:
    with _lock:  # those who ask meanwhile get the same
        until, text = _seen.get("", (0.0, b""))
        if until < time.monotonic():
            text = as_text(FromRows(read_gauges()), FromTallies(tallies.tallies().read()))
            _seen[""] = (time.monotonic() + _SEEN_FOR, text)
        return text


def forget() -> None:
    """Read everything anew the next time."""
    _seen.clear()
