"""The root of links in answers: the portal's address as the client has it."""

from contextlib import suppress

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest


def root_of(request: HttpRequest) -> str:
    """Scheme and host as the client reached them; the portal's own if they cannot be told."""
    with suppress(SuspiciousOperation):
        secure = settings.SECURE or request.is_secure()  # a proxy may have ended TLS
        return f"{'https' if secure else 'http'}://{request.get_host()}"
    return str(settings.BASE_URL)
