"""A mail gateway in a thread, on the test's own database, and mails to hand in there."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from faxes.mail.gateway import serve
from faxes.models import Faxbox
from tests.world import World

SENDER = "nurse@northside.example"


@dataclass
class Gateway:
    """Where it listens, and a client of it."""

    port: int
    stopping: Callable[[], None]  # tells it to end, and does not wait

    def client(self) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.port, timeout=20)

    def send(self, mail: EmailMessage | bytes, *, to: list[str] | str, sender: str = SENDER) -> str:
        """Hand in a mail; what is answered, as ``250 …``."""
        with self.client() as client:
            client.ehlo()
            code, words = client.mail(sender)
            for each in [to] if isinstance(to, str) else to:
                if code == 250:
                    code, words = client.rcpt(each)
            if code == 250:
                code, words = client.data(bytes(mail))
            return f"{code} {words.decode()}"


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a gateway until it is left."""
    started, stopped = threading.Event(), threading.Event()
    told: dict[str, object] = {}

    async def run() -> None:
        stopping = asyncio.Event()
        told["loop"], told["stopping"] = asyncio.get_running_loop(), stopping

        def ready(port: int) -> None:
            told["port"] = port
            started.set()

        await serve(stopping, bind="127.0.0.1", port=0, ready=ready)

    def whole() -> None:
        try:
            asyncio.run(run())
        finally:
            started.set()
            stopped.set()

    def stop() -> None:
        if not stopped.is_set():
            told["loop"].call_soon_threadsafe(told["stopping"].set)  # type: ignore[attr-defined]

    thread = threading.Thread(target=whole)
    thread.start()
    assert started.wait(10)
    try:
        yield Gateway(int(str(told["port"])), stop)
    finally:
        stop()
        thread.join(30)


@pytest.fixture
def smtp(world: World) -> Iterator[Gateway]:
    """A gateway; Northside's fax machine takes mails of everybody at northside.example."""
    allow(world.northside.faxbox, ["*@northside.example"])
    with gateway() as running:
        yield running


def allow(faxbox: Faxbox, senders: list[str]) -> None:
    """Say who may mail to a fax machine."""
    Faxbox.rows.filter(pk=faxbox.pk).update(mail_senders=senders)


def domain_of(faxbox: Faxbox) -> str:
    """The mail domain of a fax machine."""
    return f"{faxbox.mail_label}.fax.localhost"


def letter(text: str = "Dear Dr Jones,\nall is well.\n", **headers: str) -> EmailMessage:
    """A mail of plain text; headers as ``Message_ID``."""
    mail = EmailMessage()
    told = {
        "From": SENDER,
        "To": "fax",
        "Subject": "Results",
        "Message-ID": make_msgid(domain="northside.example"),
    }
    for name, value in (told | {key.replace("_", "-"): v for key, v in headers.items()}).items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail
