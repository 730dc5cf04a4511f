"""Networks from which a token works."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from accounts.errors import NetworkInvalid

_MOST: Final = 50


def read_networks(written: str) -> list[str]:
    """Networks in CIDR, from a text that holds one a line or parted by commas.

    Raises:
        NetworkInvalid: one of them is none, or they are too many.

    """
    words = written.replace(",", " ").split()
    if len(words) > _MOST:
        raise NetworkInvalid(f"{len(words)}")
    return [str(_network(word)) for word in words]


def within(address: str, networks: list[str]) -> bool:
    """Whether an address is in one of the networks; every address is if there are none."""
    if not networks:
        return True
    try:
        asked = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(asked, "ipv4_mapped", None)
    return any((mapped or asked) in ip_network(network) for network in networks)


def covered(network: str, networks: Sequence[str]) -> bool:
    """Whether all addresses of a network are in one of the others."""
    inner = ip_network(network)
    outer = [each for each in map(ip_network, networks) if each.version == inner.version]
    return any(inner.subnet_of(each) for each in outer)  # type: ignore[arg-type]


def _network(word: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        raise NetworkInvalid(word[:60]) from None
