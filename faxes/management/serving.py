"""The web server as a child process, and whether its port is free."""

import errno
import socket
import sys

from django.conf import settings
from django.core.management.base import CommandError

from faxes.management.children import Child


def web_server() -> Child:
    """The web server."""
    return Child(
        "web server",
        [
            sys.executable,
            "-m",
            "faxes.management.web",
            "--interface=wsgi",
            f"--host={settings.BIND}",
            f"--port={settings.PORT}",
            f"--workers={settings.WEB_WORKERS}",
            "--blocking-threads=4",
            "--respawn-failed-workers",
            "--log-level=warning",
            "faxportal.wsgi:application",
        ],
    )


def require_free_port() -> None:
    """Let pass if the web server can listen.

    Web servers share a port in silence, and the people with it: so ask before they do. The address
    may be used again, since connections of the last run linger for a minute.

    Raises:
        CommandError: it cannot, and why.

    """
    port = settings.PORT
    try:
        found = socket.getaddrinfo(settings.BIND, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"port {port} is in use; set FAXPORTAL_PORT to another") from None
        if error.errno == errno.EACCES:
            raise CommandError(
                f"port {port} is not for this user; set FAXPORTAL_PORT to another"
            ) from None
        raise CommandError(
            f"FAXPORTAL_BIND is {settings.BIND}, where nothing can listen: {error.strerror}"
        ) from None
