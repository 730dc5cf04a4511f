"""What carriers are given to work with: doors to the outside that are checked, and a memory."""

import math
import socket
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import httpx

if TYPE_CHECKING:
    from faxes.carriers.base import Arrival, OutgoingFax, SendStatus


class Exchange(Protocol):
    """The embedded line's book of calls; who keeps it is not the carrier's business."""

    def place(self, fax: "OutgoingFax") -> str:
        """Enter a call under its key, once; its id comes back."""

    def find(self, key: UUID) -> "SendStatus | None":
        """The call of a key, from the calling end."""

    def hang_up(self, key: UUID) -> None:
        """End a call at the calling end."""

    def settled(self, key: UUID) -> None:
        """The calling end has taken note of the result."""

    def arrivals(self) -> "Iterable[Arrival]":
        """Calls that were answered for accounts and not fetched yet, from the called end."""

    def arrival(self, ref: str) -> "Arrival | None":
        """One of them."""

    def fetch(self, ref: str, into: Path) -> None:
        """Its pages."""

    def fetched(self, ref: str) -> None:
        """The called end has its pages."""


class Memory(Protocol):
    """Small secrets, such as access tokens, that the processes of a site share for a while.

    It is of one carrier as that is set up: what was got with other settings is not remembered.
    """

    def get(self, name: str) -> str | None:
        """What is remembered under a name, if it is."""

    def put(self, name: str, value: str, *, seconds: float) -> None:
        """Remember something for a while."""

    def drop(self, name: str) -> None:
        """Forget it."""


class Doors(Protocol):
    """Connections to the outside, each to an address that was checked."""

    def http(self) -> AbstractContextManager[httpx.Client]:
        """A client whose every request is checked, and over within its read time-out."""

    def connect(self, host: str, port: int, *, seconds: float) -> socket.socket:
        """A TCP connection, with that time-out; ``OSError`` if it cannot or must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """All of it. ``hook_url`` is where this carrier can tell what happens.

    ``seconds`` are the longest that one act of a carrier may take, all its requests together;
    ``until``, if it is said, is when the act that these are for must be over, by the monotonic
    clock: it began before the carrier was opened. ``now`` tells the time, with its zone.
    """

    exchange: Exchange
    memory: Memory
    doors: Doors
    hook_url: str
    seconds: float
    now: "Clock"
    until: float = math.inf

    def left(self) -> float:
        """The seconds that are left for a few requests that begin now; none if 0 or less."""
        return min(self.seconds, self.until - time.monotonic())


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, with a zone."""
