"""The network address that a request came from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Who asked the outermost of our proxies; without proxies, who asked us.

    Each proxy adds whom it saw to the end of ``X-Forwarded-For``; what stands before the entries
    of our own was written by the client, who may write anything. A request with fewer entries
    did not come through all proxies, and is known by its connection only.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies == 0 or len(seen) < proxies:
        return direct
    try:
        return str(ip_address(_without_port(seen[-proxies].strip())))
    except ValueError:
        return direct


def _without_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
