"""A mail server on a spare port, that keeps what it is handed, or says no."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port


class MailServer:
    """What it was handed, in order; ``says`` is what it answers instead of taking a mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.says = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.says:
            return self.says
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A server that runs, and to which the portal hands its mails."""
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=0, data_size_limit=0)
    controller.port = free_port()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    try:
        yield server
    finally:
        controller.stop()
