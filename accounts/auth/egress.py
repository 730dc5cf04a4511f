"""Requests to addresses that a tenant named: to public hosts only, small, quick, not led astray."""

from socket import socket
from typing import Any, Final

import requests  # noqa: TID251 (allauth's single sign-on asks for a session of this library)
from django.conf import settings
from requests.adapters import HTTPAdapter  # noqa: TID251
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from accounts import reach

_SECONDS: Final = 8
_MOST_BYTES: Final = 1024 * 1024


def guarded_session() -> requests.Session:
    """A session that reaches no private network, follows nobody and reads no more than 1 MiB."""
    return _GuardedSession()


def may_reach(address: str) -> bool:
    """Whether an address is one of the public internet's, or private ones are allowed here."""
    return settings.SINGLE_SIGN_ON_PRIVATE or reach.may_reach(address)


class _GuardedSession(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxies, no credentials of this machine's user
        for scheme in ("http://", "https://"):
            self.mount(scheme, _GuardedAdapter())

    def request(self, method: str, url: str, **more: Any) -> requests.Response:  # type: ignore[override]
        more |= {"timeout": _SECONDS, "allow_redirects": False, "stream": True}
        response = super().request(method, url, **more)
        content = response.raw.read(_MOST_BYTES + 1, decode_content=True)
        response.close()
        if len(content) > _MOST_BYTES:
            raise requests.exceptions.ContentDecodingError("more than 1 MiB")
        response._content = content  # noqa: SLF001 (read above, with a limit)
        return response


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def _checked(connection: HTTPConnection, connected: socket) -> socket:
    """The socket, if its other end may be reached: what a name resolves to may change, this not."""
    peer = str(connected.getpeername()[0])
    if may_reach(peer):
        return connected
    connected.close()
    raise NewConnectionError(connection, "this address may not be reached")


class _GuardedHTTP(HTTPConnection):
    def _new_conn(self) -> socket:
        return _checked(self, super()._new_conn())


class _GuardedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket:
        return _checked(self, super()._new_conn())


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS
