"""What Prometheus reads: where, who may, as what text; and what processes have counted, for it."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts import tallies

PATH: Final = "/metrics"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class FromTallies(Collector):
    """What the processes have counted, as Prometheus wants it."""

    def __init__(self, rows: tallies.Rows) -> None:
        """Of one moment."""
        self.rows = rows

    def collect(self) -> Iterator[Metric]:
        """Each histogram with its words."""
        for kind in tallies.KINDS.values():
            family = HistogramMetricFamily(f"faxportal_{kind.name}", kind.words, labels=kind.labels)
            bounds = [*map(str, kind.bounds), "+Inf"]
            for labels, upto, seconds in tallies.as_told(self.rows, kind):
                family.add_metric(labels, list(zip(bounds, upto, strict=True)), seconds)
            yield family


def may_read(address: str) -> bool:
    """Whether an address is of the operator's networks (``FAXPORTAL_METRICS_ALLOW``)."""
    try:
        asking = ip_address(address)
    except ValueError:
        return False
    asking = getattr(asking, "ipv4_mapped", None) or asking
    return any(asking in network for network in settings.METRICS_ALLOW)


def as_text(*collectors: Collector) -> bytes:
    """All that they collect, in the text format of Prometheus."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    return generate_latest(registry)
