"""A carrier opened without the portal around it: real doors, a memory and a clock of its own."""

import math
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx

from faxes.carriers.base import Carrier, OutgoingFax, SentFax
from faxes.carriers.registry import CLASSES, open_carrier
from faxes.carriers.tools import Tools
from faxes.connect import connect
from faxes.enums import Quality
from faxes.fetch_client import checked_client
from tests.upstreams.base import now

_LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Kept:
    """What is remembered, without an end."""

    values: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def put(self, name: str, value: str, *, seconds: float) -> None:
        self.values[name], self.seconds[name] = value, seconds

    def drop(self, name: str) -> None:
        self.values.pop(name, None)


class Vendor(Protocol):
    """Whoever a carrier can be opened for."""

    @property
    def kind(self) -> str: ...

    def settings(self) -> dict[str, Any]: ...


class LoopbackDoors:
    """The doors that the portal has too, to this machine alone."""

    def http(self) -> AbstractContextManager[httpx.Client]:
        return checked_client(allowed=_LOOPBACK)

    def connect(self, host: str, port: int, *, seconds: float) -> socket.socket:
        return connect(host, port, seconds=seconds, allowed=_LOOPBACK)


def opened(
    upstream: Vendor,
    *,
    memory: Kept | None = None,
    seconds: float = 1.0,
    until: float = math.inf,
    **settings: Any,
) -> Any:
    """The carrier of a scripted vendor; ``settings`` beside those that it tells."""
    made = CLASSES[upstream.kind].settings_class(**{**upstream.settings(), **settings})
    tools = Tools(
        exchange=None,  # type: ignore[arg-type]  # the embedded line's alone
        memory=memory or Kept(),
        doors=LoopbackDoors(),
        hook_url="http://127.0.0.1/hooks/",
        seconds=seconds,
        now=lambda: datetime.now(UTC),
        until=until,
    )
    return open_carrier(upstream.kind, made, tools)


@dataclass(frozen=True)
class Pages:
    """The pages of a fax in the forms that a carrier may want."""

    as_tiff: bytes
    as_pdf: bytes = b"%PDF-1.4 pages"
    where: str = "http://127.0.0.1/pages.pdf"

    def tiff(self) -> bytes:
        return self.as_tiff

    def pdf(self) -> bytes:
        return self.as_pdf

    def url(self) -> str:
        return self.where


def fax_of(document: Pages, **told: Any) -> OutgoingFax:
    """One try of a fax."""
    usual: dict[str, Any] = {
        "key": uuid4(),
        "to_number": "+61281234567",
        "from_number": "+12025550121",
        "station_id": "Northside",
        "header": "",
        "time_zone": "UTC",
        "quality": Quality.FINE,
        "pages": 1,
        "document": document,
        "document_key": "key",
        "earlier_calls": 0,
    }
    return OutgoingFax(**usual | told)


def sent(ref: str, **told: Any) -> SentFax:
    """A try that was handed over just now."""
    usual: dict[str, Any] = {
        "key": uuid4(),
        "to_number": "+61281234567",
        "from_number": "+12025550121",
        "pages": 1,
        "at": now(),
    }
    return SentFax(ref=ref, **usual | told)


def fetched(carrier: Carrier, ref: str, folder: Path) -> bytes:
    """The pages of an arrival."""
    into = folder / "fetched"
    carrier.fetch(ref, into)
    return into.read_bytes()
