"""Ports for servers that tests start, below those that the kernel hands out by itself.

A port that the kernel names (bind to 0) lies among those of outgoing connections: one of these
may take it before the server does, or while a server is down that is to come back there.
"""

import random
import socket
from typing import Final

_LOWEST: Final = 11_000
_HIGHEST: Final = 32_000  # Linux hands out 32768 and above
_dice = random.SystemRandom()  # processes that were begun alike must not choose alike


def free_port(*, neighbour: int = 0) -> int:
    """One that nobody listens at on loopback; with ``neighbour``, also that many above it."""
    while True:
        port = _dice.randint(_LOWEST, _HIGHEST - neighbour)
        if _is_free(port) and (not neighbour or _is_free(port + neighbour)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
