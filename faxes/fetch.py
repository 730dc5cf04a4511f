"""The one door to outside URLs: looked up once, checked, and connected to what was checked.

A name is resolved once, every answer is checked, and the connection goes to an address that was
checked, whatever the name says a moment later. Certificates are held against the name. Nothing is
taken from the environment (no proxy, no netrc), no cookie is kept and nothing is decompressed.
"""

import http.client
import io
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from os import environ
from typing import IO, Any, Final
from urllib.parse import urljoin

from accounts.reach import Network, Target, may_ask, read_url
from faxes.connect import connected_to
from faxes.enums import ErrorCode
from faxes.errors import FetchError

_PORTION: Final = 64 * 1024
_IN_MEMORY: Final = 1024 * 1024
_AGENT: Final = "fax-portal/1"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Who asks for these would speak to another host than the one that was checked, or talk in riddles.
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te",
     "upgrade", "expect", "trailer", "keep-alive", "proxy-authorization", "proxy-connection",
     "cookie"}
)  # fmt: skip
_HARMLESS: Final = frozenset({"accept", "user-agent"})  # follow to whomever a redirect leads


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How far a request may go.

    ``seconds`` are for all of it, redirects and the last byte included; ``size`` is of the body.
    ``media_types`` are those that an answer may have (any if empty): then it must not be packed
    either. With ``any_status`` an error is an answer too. With ``partial`` it is as well, and the
    body but a note: what came in time and fits is handed back. With ``to_file`` it comes as a
    temporary file. ``allowed`` are networks of the operator's own.
    """

    seconds: float = 30.0
    connect_seconds: float = 5.0
    size: int = 30 * 1024 * 1024
    redirects: int = 3
    media_types: frozenset[str] = frozenset()
    any_status: bool = False
    partial: bool = False
    to_file: bool = False
    allowed: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back. ``headers`` are in small letters; of ``body`` and ``file`` one is filled.

    ``address`` is the one that was connected to, ``seconds`` the time that it all took.
    """

    status: int
    headers: Mapping[str, str]
    final_url: str
    seconds: float
    address: str
    body: bytes = b""
    file: IO[bytes] | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request on its way: what is sent, and the moment by which all must be over."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None
    limits: FetchLimits
    until: float
    on_the_way: threading.Event  # set just before the first byte of a request goes out

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            TimeoutError: none.

        """
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: FetchLimits | None = None,
) -> Fetched:
    """Ask for an outside URL. Redirects are followed for GET and HEAD only, each checked anew.

    Raises:
        FetchError: ``url_invalid``, ``url_not_allowed``, ``url_unreachable``, ``url_insecure`` (its
            certificate), ``url_too_slow``, ``url_too_large``, ``url_refused`` (``status``),
            ``url_type`` or ``url_redirected``; its ``never_left`` tells whether nobody can have
            heard the request.

    """
    limits = limits or FetchLimits()
    on_the_way = threading.Event()
    try:
        return _fetched(url, method, headers or {}, body, limits, on_the_way)
    except FetchError as error:
        error.never_left = not on_the_way.is_set()
        raise


def _fetched(
    url: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: FetchLimits,
    on_the_way: threading.Event,
) -> Fetched:
    begun = time.monotonic()
    until = begun + limits.seconds
    asked = _Asked(method, _checked(headers), body, limits, until, on_the_way)
    target = _allowed(url, limits)
    for _ in range(limits.redirects + 1):
        try:
            answer = _ask(target, asked)
        except TimeoutError:
            raise FetchError(ErrorCode.URL_TOO_SLOW) from None
        except ssl.SSLError:
            raise FetchError(ErrorCode.URL_INSECURE) from None
        except (OSError, http.client.HTTPException, ValueError):
            raise FetchError(ErrorCode.URL_UNREACHABLE) from None
        if isinstance(answer, Fetched):
            return replace(answer, seconds=time.monotonic() - begun)
        beyond = _allowed(urljoin(target.url, answer), limits)
        if target.scheme == "https" and beyond.scheme != "https":
            raise FetchError(ErrorCode.URL_NOT_ALLOWED)
        if beyond.origin != target.origin:
            asked = _without_secrets(asked)
        target = beyond
    raise FetchError(ErrorCode.URL_REDIRECTED)


def check_url(url: str, *, allowed: tuple[Network, ...] = ()) -> str:
    """The URL in its one form, if it may be asked as far as it tells itself; nothing is asked.

    Raises:
        FetchError: ``url_invalid`` or ``url_not_allowed``.

    """
    return _allowed(url, FetchLimits(allowed=allowed)).url


def _allowed(url: str, limits: FetchLimits) -> Target:
    target = read_url(url)
    if target is None:
        raise FetchError(ErrorCode.URL_INVALID)
    if not may_ask(target, allowed=limits.allowed):
        raise FetchError(ErrorCode.URL_NOT_ALLOWED)
    return target


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        plain = value.isascii() and value.isprintable()
        if not _HEADER_NAME.fullmatch(name) or not plain or name.lower() in _OURS:
            raise FetchError(ErrorCode.URL_INVALID)
    return {"User-Agent": _AGENT, "Accept": "*/*", **headers}


def _without_secrets(asked: _Asked) -> _Asked:
    kept = {name: value for name, value in asked.headers.items() if name.lower() in _HARMLESS}
    return replace(asked, headers=kept)


def _ask(target: Target, asked: _Asked) -> Fetched | str:
    """The answer, or the place that it leads on to."""
    with closing(_connected(target, asked)) as plain:
        address = str(plain.getpeername()[0])
        with closing(_secured(plain, target, asked)) as connected:
            wire = _Wire(connected, asked)
            asked.left()
            asked.on_the_way.set()
            connection = http.client.HTTPConnection(target.host)
            connection.auto_open = 0
            connection.sock = wire
            connection.putrequest(
                asked.method, target.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in _sent(target, asked).items():
                connection.putheader(name, value)
            connection.endheaders(asked.body)
            with closing(connection.getresponse()) as response:
                if wire.ended:
                    raise ConnectionError  # within the headers, which are not whole
                return _read(response, target, asked, address)


def _sent(target: Target, asked: _Asked) -> dict[str, str]:
    """All headers of a request."""
    sent = {"Host": target.authority, **asked.headers}
    sent |= {"Accept-Encoding": "identity", "Connection": "close"}
    if asked.body is not None:
        sent["Content-Length"] = str(len(asked.body))
    return sent


def _read(
    response: http.client.HTTPResponse, target: Target, asked: _Asked, address: str
) -> Fetched | str:
    limits = asked.limits
    headers = {name.lower(): value for name, value in response.getheaders()}
    if response.status in _REDIRECTS and limits.redirects and asked.method in {"GET", "HEAD"}:
        return headers.get("location", "")
    if not (limits.partial or limits.any_status):
        _require_right(response, headers, limits)
    file = _place(limits)
    try:
        _copy(response, file, limits)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    known: dict[str, Any] = {"file": file} if limits.to_file else {"body": file.read()}
    return Fetched(response.status, headers, target.url, 0.0, address, **known)


def _place(limits: FetchLimits) -> IO[bytes]:
    """Where a body goes: whoever takes it as a file closes it."""
    return tempfile.SpooledTemporaryFile(_IN_MEMORY) if limits.to_file else io.BytesIO()


def _require_right(
    response: http.client.HTTPResponse, headers: Mapping[str, str], limits: FetchLimits
) -> None:
    """Let pass an answer that is what was asked for.

    Raises:
        FetchError

    """
    if not http.client.OK <= response.status < http.client.MULTIPLE_CHOICES:
        raise FetchError(ErrorCode.URL_REFUSED, status=response.status)
    if (response.length or 0) > limits.size:
        raise FetchError(ErrorCode.URL_TOO_LARGE, limit=max(1, limits.size // 1024 // 1024))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = headers.get("content-encoding", "identity").strip().lower() != "identity"
    if limits.media_types and (packed or kind not in limits.media_types):
        raise FetchError(ErrorCode.URL_TYPE)


def _copy(response: http.client.HTTPResponse, file: IO[bytes], limits: FetchLimits) -> None:
    """Copy a body, as it is, until it is whole, too large, or enough."""
    try:
        # one byte more than fits tells that there is more
        while read := response.read1(min(_PORTION, limits.size + 1 - file.tell())):
            file.write(read)
            if file.tell() > limits.size:
                break
    except (OSError, http.client.HTTPException, ValueError):
        if not limits.partial:
            raise
    if limits.partial:
        file.truncate(limits.size)
    elif file.tell() > limits.size:
        raise FetchError(ErrorCode.URL_TOO_LARGE, limit=max(1, limits.size // 1024 // 1024))
    elif response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _connected(target: Target, asked: _Asked) -> socket.socket:
    """A connection to an address that was checked, and is what the other end says it is."""
    limits = asked.limits
    return connected_to(
        target.host,
        target.port,
        until=asked.until,
        seconds=limits.connect_seconds,
        allowed=limits.allowed,
    )


def _secured(connected: socket.socket, target: Target, asked: _Asked) -> socket.socket:
    """The connection with TLS, its certificate held against the name; plain for http."""
    if target.scheme == "http":
        return connected
    connected.settimeout(asked.left())
    context = _context(environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR"))
    return context.wrap_socket(connected, server_hostname=target.host)


@cache
def _context(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Whom this machine trusts; read once for each place that OpenSSL is told to look."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Wire:
    """A connection on which each step must end before the whole has to; for ``http.client``."""

    def __init__(self, connected: socket.socket, asked: _Asked) -> None:
        self._connected = connected
        self._asked = asked
        self.ended = False

    def sendall(self, data: bytes) -> None:
        """Send all, in portions: an unwilling reader must not stretch the time."""
        left = memoryview(data)
        while left:
            self._connected.settimeout(self._asked.left())
            left = left[self._connected.send(left[:_PORTION]) :]

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """What is received, as a file."""
        return io.BufferedReader(_Received(self))

    def receive(self, into: Any) -> int:
        """Receive what there is; 0 at the end."""
        self._connected.settimeout(self._asked.left())
        received = self._connected.recv_into(into)
        self.ended = not received
        return received

    def close(self) -> None:
        """Leave that to whoever opened it."""


class _Received(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._wire.receive(into)
