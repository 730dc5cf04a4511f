"""An httpx client whose every request goes through the checked door, whole and in time.

What httpx offers beside stays as it is: how bodies are made, how sign-in is written, how answers
are read. Its time-outs are for one step each, though, and a drip never ends; here the read
time-out is for all of a request.
"""

from collections.abc import Iterator
from typing import IO, Final

import httpx

from accounts.reach import Network
from faxes.enums import ErrorCode
from faxes.errors import FetchError
from faxes.fetch import FetchLimits, fetch

_SECONDS: Final = 30.0
_SIZE: Final = 8 * 1024 * 1024  # bytes of an answer, unless the request says ``size``
_PORTION: Final = 64 * 1024
# The door says these itself.
_LEFT_OUT: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "cookie"}
)


# For operators, who see what a carrier's trouble was; no address, which may hold a secret.
_WORDS: Final = {
    ErrorCode.URL_INVALID: "its address is none",
    ErrorCode.URL_NOT_ALLOWED: "its address must not be asked from here",
    ErrorCode.URL_UNREACHABLE: "it cannot be reached",
    ErrorCode.URL_INSECURE: "its certificate is not trusted",
    ErrorCode.URL_TOO_SLOW: "it did not answer in time",
    ErrorCode.URL_TOO_LARGE: "its answer is too large",
    ErrorCode.URL_REDIRECTED: "it leads from one address to the next",
}


def checked_client(*, allowed: tuple[Network, ...] = ()) -> httpx.Client:
    """A client that reaches what may be reached, and ``allowed`` networks of the operator's own.

    It keeps no cookies, follows redirects of GET alone, and takes nothing from the environment.
    Its errors are httpx's: ``ConnectError`` and ``ConnectTimeout`` say that nothing was sent.
    """
    return httpx.Client(transport=_CheckedTransport(allowed), trust_env=False)


class _CheckedTransport(httpx.BaseTransport):
    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self._allowed = allowed

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        limits = FetchLimits(
            seconds=request.extensions.get("timeout", {}).get("read") or _SECONDS,
            size=request.extensions.get("size", _SIZE),
            any_status=True,
            to_file=True,
            allowed=self._allowed,
        )
        headers = {name: value for name, value in request.headers.items() if name not in _LEFT_OUT}
        body = request.read()
        try:
            fetched = fetch(
                str(request.url),
                method=request.method,
                headers=headers,
                body=body if body or request.method not in {"GET", "HEAD"} else None,
                limits=limits,
            )
        except FetchError as error:
            raise _as_httpx(error, request) from None
        if fetched.file is None:
            raise httpx.ReadError("no body", request=request)
        return httpx.Response(
            fetched.status,
            headers=[
                (name, value)
                for name, value in fetched.headers.items()
                if name != "transfer-encoding"
            ],
            stream=_FileStream(fetched.file),
            request=request,
        )


class _FileStream(httpx.SyncByteStream):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        while portion := self._file.read(_PORTION):
            yield portion

    def close(self) -> None:
        self._file.close()


def _as_httpx(error: FetchError, request: httpx.Request) -> httpx.TransportError:
    slow = error.code == ErrorCode.URL_TOO_SLOW
    kind: type[httpx.TransportError]
    if error.never_left:
        kind = httpx.ConnectTimeout if slow else httpx.ConnectError
    else:
        kind = httpx.ReadTimeout if slow else httpx.ReadError
    return kind(_WORDS.get(error.code, "it cannot be asked"), request=request)
