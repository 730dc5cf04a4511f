"""What all scripted vendors share: a server on loopback, its memory, and its ways to fail."""

import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.outside import Handler, Outside, outside


class Fault(Enum):
    """How a vendor fails at the next handing over of a fax."""

    REFUSES = auto()  # a definite no to this fax, in the vendor's own words
    SAYS_429 = auto()
    SAYS_401 = auto()
    CLOSES_BEFORE = auto()  # the connection is reset, nothing was taken
    HANGS = auto()  # nothing was taken, no answer ever comes
    CLOSES_AFTER_ACCEPT = auto()
    SAYS_500_AFTER_ACCEPT = auto()
    HANGS_AFTER_ACCEPT = auto()
    WRONG_JSON_AFTER_ACCEPT = auto()
    DRIPS_AFTER_ACCEPT = auto()  # a byte now and then, for longer than anybody waits
    REDIRECTS = auto()


@dataclass
class Taken:
    """A fax that the vendor took: the truth, whatever it answered."""

    ref: str
    to_number: str
    from_number: str
    pages: int
    at: datetime
    document: bytes = b""
    extra: dict[str, Any] = field(default_factory=dict)
    state: str = "waiting"  # waiting, sending, delivered, or an outcome of the portal's words
    pages_sent: int = 0


@dataclass
class Came:
    """A fax that came in at the vendor. ``listed`` is when its list has it: never before."""

    ref: str
    called: str
    caller: str
    at: datetime
    pages: int
    document: bytes  # PDF or TIFF
    listed: bool = True
    fetch_fails: int = 0  # how often its pages cannot be had yet


@dataclass(frozen=True)
class Call:
    """A request to the vendor, taken apart."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, list[str]]:
        """A body of form fields."""
        return parse_qs(self.body.decode(), keep_blank_values=True)

    def json(self) -> Any:
        """A JSON body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the vendor answers."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, told: Any, **headers: str) -> "Reply":
        """An answer in JSON."""
        return cls(status, json.dumps(told).encode(), headers=headers)


class Upstream(ABC):
    """One vendor. A subclass answers; the faults are here, and the same for all."""

    kind: ClassVar[str]

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.came: list[Came] = []
        self.calls: list[Call] = []
        self.faults: deque[Fault] = deque()  # one is used up by each handing over
        self.black_hole = False  # every request hangs, as if it had never come
        self.lock = threading.RLock()
        self.server: Outside | None = None

    # --- a vendor writes ---

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """What is filled in for a carrier of this vendor, secrets and all."""

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """The answer to a request, done with all its effects. Called with the lock held."""

    @abstractmethod
    def hands_over(self, call: Call) -> bool:
        """Whether this request is the one that hands a fax over: faults are for these."""

    @abstractmethod
    def refusal(self) -> Reply:
        """A definite no to a fax, for its number, in the vendor's words."""

    # --- a vendor leaves alone ---

    @property
    def base(self) -> str:
        """Scheme, host and port."""
        assert self.server is not None
        return self.server.url("").rstrip("/")

    def finish(self, ref: str, state: str = "delivered", pages_sent: int | None = None) -> None:
        """End a fax that was taken."""
        with self.lock:
            one = next(each for each in self.taken if each.ref == ref)
            one.state = state
            every = one.pages if state == "delivered" else 0
            one.pages_sent = every if pages_sent is None else pages_sent

    def behave(self, handler: Handler) -> None:
        """Answer one request, or fail as the script says."""
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        call = Call(handler.command, parts.path, query, handler.asked.headers, handler.asked.body)
        if self.black_hole:
            handler.server.outside.ended.wait(60)
            return
        with self.lock:
            self.calls.append(call)
            fault = self.faults.popleft() if self.faults and self.hands_over(call) else None
        if fault is None:
            with self.lock:
                reply = self.answer(call)
            self._send(handler, reply)
        else:
            self._fail(handler, call, fault)

    def _fail(self, handler: Handler, call: Call, fault: Fault) -> None:
        before = {
            Fault.REFUSES: self.refusal,
            Fault.SAYS_429: lambda: Reply.of(429, {}, Retry_After="2"),
            Fault.SAYS_401: lambda: Reply.of(401, {"error": "unauthorized"}),
            Fault.REDIRECTS: lambda: Reply.of(302, {}, Location="/elsewhere"),
        }
        if fault in before:
            self._send(handler, before[fault]())
            return
        if fault is Fault.CLOSES_BEFORE:
            _reset(handler)
            return
        if fault is Fault.HANGS:
            handler.server.outside.ended.wait(60)
            return
        with self.lock:
            reply = self.answer(call)
        match fault:
            case Fault.CLOSES_AFTER_ACCEPT:
                _reset(handler)
            case Fault.SAYS_500_AFTER_ACCEPT:
                self._send(handler, Reply.of(500, {"error": "broken"}))
            case Fault.HANGS_AFTER_ACCEPT:
                handler.server.outside.ended.wait(60)
            case Fault.WRONG_JSON_AFTER_ACCEPT:
                self._send(handler, Reply(reply.status, b'{"data": [', headers=reply.headers))
            case Fault.DRIPS_AFTER_ACCEPT:
                handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not handler.server.outside.ended.wait(0.2):
                    handler.raw(b" ")
            case _:
                raise AssertionError(fault)

    def _send(self, handler: Handler, reply: Reply) -> None:
        handler.answer(reply.status, reply.body, Content_Type=reply.content_type, **reply.headers)

    @contextmanager
    def running(self, **told: Any) -> Iterator["Upstream"]:
        """Serve while the block lasts; ``tls`` and ``port`` as for ``outside``."""
        with outside(**told) as server:
            server.behave = self.behave
            self.server = server
            yield self


def _reset(handler: Handler) -> None:
    """Close so that the other end sees a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def now() -> datetime:
    """Now, in whole seconds, as most vendors tell it."""
    return datetime.now(UTC).replace(microsecond=0)
