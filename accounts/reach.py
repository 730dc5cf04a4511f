"""Which outside addresses may be reached: of the public internet, and of no network within."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

Network = IPv4Network | IPv6Network

_LONGEST_URL: Final = 2000
_LONGEST_HOST: Final = 253
_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65535
# No user, no backslash, no blank or control character, nothing beyond ASCII: what one program
# reads one way and the next another has no place in it.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][!-\[\]-~]*)?",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
# "1.2.3.4" has one form only; what else ends in a number is read as an address by some (WHATWG).
_ENDS_IN_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE)

# What is spoken there is not HTTP, and what we say might be taken for it: the ports that browsers
# refuse (the Fetch standard's), and those of databases, caches and remote desks.
REFUSED_PORTS: Final = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95,
    101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179,
    389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587,
    601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045,
    4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
    10080, 11211, 27017,
})  # fmt: skip
# Among the public ones, and yet of somebody's inside: machines of a cloud find their host there.
_INSIDE: Final = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",  # the nearest 6to4 relay, whatever is behind it
        "2001::/23",  # Teredo, ORCHID, benchmarks and their like
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
)
_UNICAST: Final = ip_network("2000::/3")  # all that is given out of IPv6; NAT64 lies outside


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: ``path`` with its query, ``literal`` if the host is an address."""

    scheme: str
    host: str
    port: int
    path: str
    literal: IPv4Address | IPv6Address | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who answers there."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as a request names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole, in its one form."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read_url(url: str) -> Target | None:
    """Where a URL leads, its fragment left off; None if it is none that may be used at all."""
    match = _URL.fullmatch(url.partition("#")[0]) if len(url) <= _LONGEST_URL else None
    if match is None or not url.isascii() or not url.isprintable():
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else _PORTS[scheme]
    host = (match["name"] or "").lower().removesuffix(".")
    literal = _literal(match["six"] or host)
    if port > _HIGHEST_PORT or (literal is None and not _is_name(host)):
        return None
    path = match["path"] or "/"
    if path.startswith("?"):
        path = f"/{path}"
    return Target(scheme, str(literal) if literal else host, port, path, literal)


def may_ask(target: Target, *, allowed: Sequence[Network] = ()) -> bool:
    """Whether anything may be asked there at all, as far as the URL itself tells."""
    if target.port in REFUSED_PORTS:
        return False
    if target.literal is not None:
        return may_reach(str(target.literal), allowed=allowed)
    if target.host == "localhost" or target.host.endswith(".localhost"):  # RFC 6761
        return may_reach("127.0.0.1", allowed=allowed) or may_reach("::1", allowed=allowed)
    return True


def may_reach(address: str, *, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address is one of the public internet's, or in a network that is allowed.

    One with a zone never is, nor is an IPv4 address inside an IPv6 one: such lead where the other
    leads, past whoever looks at the other only.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if getattr(found, "scope_id", None) is not None or getattr(found, "ipv4_mapped", None):
        return False
    if any(found in network for network in allowed):
        return True
    if found.is_multicast or found.is_reserved or not found.is_global:
        return False
    if isinstance(found, IPv6Address) and found not in _UNICAST:
        return False
    return not any(found in network for network in _INSIDE)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    if not 0 < len(host) <= _LONGEST_HOST or _ENDS_IN_NUMBER.fullmatch(host):
        return False
    return all(_LABEL.fullmatch(label) for label in host.split("."))
