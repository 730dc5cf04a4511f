"""Connections to outside hosts: a name is looked up once, and every address of it checked."""

import queue
import socket
import threading
import time
from typing import Any, Final

from accounts.reach import Network, may_reach
from faxes.enums import ErrorCode
from faxes.errors import FetchError

_LOOK_UP_SECONDS: Final = 3.0
_MOST_ADDRESSES: Final = 4  # of a name, that are tried one after the other


def connect(
    host: str, port: int, *, seconds: float, allowed: tuple[Network, ...] = ()
) -> socket.socket:
    """A plain connection to a host, as checked as those to URLs.

    Raises:
        OSError: it does not answer in time, or must not be reached.

    """
    until = time.monotonic() + seconds
    try:
        connected = connected_to(host, port, until=until, seconds=seconds, allowed=allowed)
    except FetchError:
        raise ConnectionError(f"{host} cannot be reached") from None
    connected.settimeout(seconds)
    return connected


def connected_to(
    host: str, port: int, *, until: float, seconds: float, allowed: tuple[Network, ...]
) -> socket.socket:
    """A connection to one of the addresses of a host, tried one after the other until a moment.

    ``until`` is of ``time.monotonic``; ``seconds`` are the most that connecting takes.

    Raises:
        OSError: no address of the host answers.
        FetchError: one of its addresses may not be reached.

    """
    found = _looked_up(host, port, until)
    if not found or not all(may_reach(str(to[0]), allowed=allowed) for _, to in found):
        # what a name means within is nobody's business outside
        raise FetchError(ErrorCode.URL_UNREACHABLE)
    trouble: OSError = ConnectionError()
    until = min(until, time.monotonic() + seconds)
    for family, to in found[:_MOST_ADDRESSES]:
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            connected.settimeout(max(0.001, until - time.monotonic()))
            connected.connect(to)
            peer = str(connected.getpeername()[0])
        except OSError as refused:
            connected.close()
            trouble = refused
            continue
        if may_reach(peer, allowed=allowed):
            return connected
        connected.close()
        raise FetchError(ErrorCode.URL_UNREACHABLE)
    raise trouble


def _looked_up(host: str, port: int, until: float) -> list[tuple[int, Any]]:
    """The addresses of a host; asked in a thread, as the system's answer may take for ever."""
    answers: queue.SimpleQueue[list[tuple[int, Any]] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, to) for family, _, _, _, to in found])
        except (OSError, UnicodeError):
            answers.put(OSError("no such host"))

    threading.Thread(target=look_up, daemon=True, name="look-up").start()
    try:
        left = max(0.001, until - time.monotonic())
        answer = answers.get(timeout=min(_LOOK_UP_SECONDS, left))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer
