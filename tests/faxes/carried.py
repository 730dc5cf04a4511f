"""A carrier in memory, which lists, breaks off, fails and deletes as a test says."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from accounts import clock
from faxes.carriers import base, registry
from faxes.documents.tiff import FaxTiffWriter
from faxes.enums import Outcome, Quality
from faxes.models import Carrier, Number

KIND = "carried"
CALLER = "+12025550199"
RECEIVES = base.Capabilities(receives=True)


@dataclass
class Vendor:
    """What lies at the carrier, and what is wrong with it."""

    arrivals: list[base.Arrival] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    past: list[base.PastFax] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    pages: bytes = b""  # of whatever has no document of its own
    breaks_after: int | None = None  # so many entries of a list
    trouble: Exception | None = None  # whatever it is asked
    fails: dict[str, int] = field(default_factory=dict)  # how often pages cannot be had, by ref
    sent: set[str] = field(default_factory=set)  # its copies of what was sent
    asked_from: list[datetime | None] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def comes(self, ref: str, called: str, at: datetime, **more: Any) -> base.Arrival:
        """A fax has come in."""
        told: dict[str, Any] = {"caller": CALLER, "state": base.ArrivalState.RECEIVED, "pages": 1}
        arrival = base.Arrival(ref=ref, called=called, at=at, **told | more)
        self.arrivals.append(arrival)
        return arrival

    def changes(self, ref: str, **more: Any) -> None:
        """An arrival has come further."""
        self.arrivals = [replace(a, **more) if a.ref == ref else a for a in self.arrivals]


class Carried(base.Carrier):
    """Asks its vendor."""

    kind: ClassVar[str] = KIND
    name: ClassVar[str] = "Carried"
    capabilities: ClassVar[base.Capabilities] = RECEIVES
    vendor: ClassVar[Vendor]

    def submit(self, fax: base.OutgoingFax) -> str:
        self._reached()
        return str(fax.key)

    def find(self, sent: base.SentFax) -> base.SendStatus | None:
        self._reached()
        delivered = base.SendResult(Outcome.DELIVERED, sent.pages)
        return base.SendStatus(sent.ref or str(sent.key), result=delivered)

    def received_since(self, mark: datetime | None) -> Iterator[base.Arrival]:
        self.vendor.asked_from.append(mark)
        self._reached()
        found = [each for each in self.vendor.arrivals if mark is None or each.at >= mark]
        yield from self._breaking_off(found)

    def arrival(self, ref: str) -> base.Arrival | None:
        self._reached()
        return next((each for each in self.vendor.arrivals if each.ref == ref), None)

    def fetch(self, ref: str, into: Path) -> None:
        self._reached()
        self.vendor.fetched.append(ref)
        if self.vendor.fails.get(ref, 0) > 0:
            self.vendor.fails[ref] -= 1
            raise base.CarrierInDoubt("no document: 500")
        into.write_bytes(self.vendor.documents.get(ref, self.vendor.pages))

    def discard(self, ref: str) -> None:
        self.vendor.discarded.append(ref)

    def numbers(self) -> Iterable[base.CarrierNumber]:
        self._reached()
        yield from self._breaking_off([base.CarrierNumber(each) for each in self.vendor.numbers])

    def history(self, since: datetime, until: datetime) -> Iterable[base.PastFax]:
        self._reached()
        yield from self._breaking_off([p for p in self.vendor.past if since <= p.at < until])

    def forget_sent(self, ref: str) -> bool:
        self._reached()
        self.vendor.forgotten.append(ref)
        had = ref in self.vendor.sent
        self.vendor.sent.discard(ref)
        return had

    def forget_arrival(self, ref: str) -> bool:
        self._reached()
        self.vendor.forgotten.append(ref)
        before = len(self.vendor.arrivals)
        self.vendor.arrivals = [each for each in self.vendor.arrivals if each.ref != ref]
        return len(self.vendor.arrivals) < before

    def _reached(self) -> None:
        if self.vendor.trouble is not None:
            raise self.vendor.trouble

    def _breaking_off(self, entries: list[Any]) -> Iterator[Any]:
        for place, entry in enumerate(entries):
            if place == self.vendor.breaks_after:
                raise base.CarrierInDoubt("the list broke off")
            yield entry


def fax_pages(folder: Path, pages: int = 1, *, quality: Quality = Quality.FINE) -> bytes:
    """A fax TIFF with a line on each of its short pages."""
    page = np.zeros((64, 216), np.uint8)
    page[30:34, 40:80] = 0xFF
    path = folder / f"pages-{pages}.tiff"
    with FaxTiffWriter(path) as writer:
        for _ in range(pages):
            writer.add(page, quality)
    return path.read_bytes()


def carried(monkeypatch: Any, vendor: Vendor, **able: Any) -> type[Carried]:
    """Have the portal know carriers of this kind, which ask this vendor."""
    capabilities = base.Capabilities(**{"receives": True} | able)
    made = type("Carried", (Carried,), {"vendor": vendor, "capabilities": capabilities})
    monkeypatch.setitem(registry.CLASSES, KIND, made)
    return made


def carrier_row(tenant: Any = None, *, account: Any = None) -> Carrier:
    """A carrier of the whole site (or of an account), to which a tenant's number has moved.

    It was set up two days ago.
    """
    row = Carrier.objects.create(kind=KIND, name="Carried", account=account)
    Carrier.objects.filter(pk=row.pk).update(created_at=clock.now() - timedelta(days=2))
    row.refresh_from_db()
    if tenant is not None:
        Number.rows.filter(e164=tenant.number).update(carrier=row)
    return row


@contextmanager
def out_of_order(vendor: Vendor, trouble: Exception) -> Iterator[None]:
    """The carrier is in trouble for a while."""
    vendor.trouble = trouble
    yield
    vendor.trouble = None


def whole(moment: datetime) -> datetime:
    """A moment as most vendors tell it: in whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0)
