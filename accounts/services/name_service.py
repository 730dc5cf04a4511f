"""What the name service (DNS) says."""

from typing import Final

from django.conf import settings
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from accounts.errors import NameServiceAway

_PORT: Final = 53
_SECONDS: Final = 5.0
_MOST_TEXTS: Final = 100


def texts_of(name: str) -> list[str]:
    """The TXT records of a name; none if there is no such name.

    Raises:
        NameServiceAway: no answer within a few seconds.

    """
    try:
        answer = _resolver().resolve(f"{name}.", "TXT", search=False, lifetime=_SECONDS)
    except (NXDOMAIN, NoAnswer):
        return []
    except DNSException:
        raise NameServiceAway from None
    records = list(answer)[:_MOST_TEXTS]
    return [b"".join(record.strings).decode("utf-8", "replace") for record in records]


def _resolver() -> Resolver:
    servers = [_server(each) for each in settings.DNS_SERVERS]
    resolver = Resolver(configure=not servers)
    if servers:
        resolver.nameservers = servers
    return resolver


def _server(written: str) -> Do53Nameserver:
    """A server such as ``192.0.2.1``, ``192.0.2.1:53`` or ``[2001:db8::1]:53``."""
    if written.startswith("["):
        address, _, port = written[1:].partition("]")
        return Do53Nameserver(address, int(port.removeprefix(":") or _PORT))
    address, _, port = written.partition(":") if written.count(":") == 1 else (written, "", "")
    return Do53Nameserver(address, int(port or _PORT))
