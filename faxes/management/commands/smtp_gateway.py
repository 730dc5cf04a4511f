"""Take mails that are to become faxes; ``serve`` starts and guards this."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from faxes.mail.gateway import serve


class Command(BaseCommand):
    requires_system_checks = ()  # whoever starts this has run them
    help = "Take mails to fax numbers on FAXPORTAL_SMTP_PORT (started and guarded by serve)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            bind, port = settings.SMTP_BIND, settings.SMTP_PORT
            raise CommandError(
                f"mails cannot be taken on {bind}, port {port}: {error.strerror}"
            ) from None

    async def _serve(self) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        await serve(
            stopping,
            bind=settings.SMTP_BIND,
            port=settings.SMTP_PORT,
            ready=lambda port: self.stdout.write(f"Taking mails on port {port}"),
        )
