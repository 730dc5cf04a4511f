"""Opens carriers: settings unsealed, doors to the outside checked, tokens kept."""

import hmac
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID

import httpx
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.cache import cache

from accounts import clock
from accounts.sealing import keys_for, seal, unseal
from accounts.tracing import Traced, traced
from faxes.carriers import base
from faxes.carriers.registry import CLASSES, open_carrier
from faxes.carriers.tools import Tools
from faxes.connect import connect
from faxes.fetch_client import checked_client
from faxes.models import Carrier
from faxes.services.exchange import BOOK

_PURPOSE: Final = "carrier tokens"
_HOOKS: Final = "carrier hooks"


def class_of(kind: str) -> type[base.Carrier]:
    """The class of a kind of carrier.

    Raises:
        KeyError: there is no such kind.

    """
    return CLASSES[kind]


def kinds() -> list[type[base.Carrier]]:
    """All kinds of carriers that there are."""
    return list(CLASSES.values())


def opened(carrier: Carrier, *, until: float = math.inf) -> base.Carrier:
    """The carrier's protocol, ready for use; what it asks is over at a monotonic time.

    Raises:
        KeyError: there is no such kind.
        CarrierUnavailable: its settings cannot be read: they are sealed with a key that is known
            no longer, or are of before.

    """
    try:
        chosen = class_of(carrier.kind).settings_class(**carrier.options, **carrier.secrets)
    except (TypeError, ValueError):
        raise base.CarrierUnavailable("its settings cannot be read; fill them in again") from None
    tools = Tools(
        exchange=BOOK,
        memory=_Memory(carrier),
        doors=_Doors(),
        hook_url=hook_url(carrier.pk),
        seconds=settings.CARRIER_SECONDS,
        now=clock.now,
        until=until,
    )
    return open_carrier(carrier.kind, chosen, tools)


def hook_url(carrier_id: UUID) -> str:
    """Where this carrier may tell what happens: an address that nobody can guess."""
    return f"{settings.BASE_URL}/hooks/carriers/{carrier_id}/{_hook_secret(carrier_id)}/"


def is_hook_of(carrier_id: UUID, secret: str) -> bool:
    """Whether an address is the one that the carrier was told."""
    known = [_secret_of(carrier_id, key) for key in keys_for(_HOOKS)]
    return any(hmac.compare_digest(secret.encode(), each.encode()) for each in known)


def _hook_secret(carrier_id: UUID) -> str:
    return _secret_of(carrier_id, keys_for(_HOOKS)[0])


def _secret_of(carrier_id: UUID, key: bytes) -> str:
    return hmac.new(key, carrier_id.bytes, sha256).hexdigest()[:40]


class _Doors:
    @contextmanager
    def http(self) -> Iterator[httpx.Client]:
        with (
            checked_client(allowed=settings.FETCH_ALLOW) as client,
            traced("ask carrier", "client") as asking,
        ):
            client.event_hooks = {"response": [partial(_tell, asking)]}
            yield client

    def connect(self, host: str, port: int, *, seconds: float) -> socket.socket:
        return connect(host, port, seconds=seconds, allowed=settings.FETCH_ALLOW)


def _tell(asking: Traced, answer: httpx.Response) -> None:
    status = answer.status_code
    asking.tell({"http.request.method": answer.request.method, "http.response.status_code": status})


class _Memory:
    """In the cache that all processes share, sealed: a database holds no open tokens."""

    def __init__(self, carrier: Carrier) -> None:
        """What was got with other settings is not remembered."""
        settled = f"{sorted(carrier.options.items())}{carrier.sealed_secrets}"
        of = sha256(settled.encode()).hexdigest()[:16]
        self._prefix = f"carrier:{carrier.pk.hex}:{of}:"

    def get(self, name: str) -> str | None:
        sealed = cache.get(self._prefix + name)
        if sealed is None:
            return None
        try:
            return unseal(sealed, purpose=_PURPOSE)
        except (InvalidToken, ValueError):
            return None

    def put(self, name: str, value: str, *, seconds: float) -> None:
        cache.set(self._prefix + name, seal(value, purpose=_PURPOSE), timeout=seconds)

    def drop(self, name: str) -> None:
        cache.delete(self._prefix + name)
