"""The SMTP gateway: takes mails to fax numbers, and nothing else.

Work with rows and storage is done by a few threads; ``250`` is said when it is done.
"""

import asyncio
import logging
import ssl
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from accounts.at_work import note
from faxes.enums import MailRefusal
from faxes.mail import door, sign_in
from faxes.mail.addresses import normal_sender
from faxes.mail.door import REPLIES, Guest, Refused, Wanted
from faxes.mail.head import read_head
from faxes.mail.line import Gate, Line
from faxes.services import mail_spool
from faxes.services.mail_spool import TooBusy

T = TypeVar("T")
log = logging.getLogger(__name__)
_THREADS: Final = 4
_MOST_REFUSED: Final = 20  # recipients and mails in a connection
_MOST_LOGGED: Final = 300  # refusals an hour that an account is told of
_TAKEN: Final = "250 OK, it will be faxed"
_LATER: Final = "451 not now, try again later"


class FaxEnvelope(Envelope):
    """A mail that is being handed in."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[Wanted] = []


class Handler:
    """What is done for each command; its methods are named as aiosmtpd calls them."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self._threads = ThreadPoolExecutor(_THREADS, "mail")

    def close(self) -> None:
        """Let go of the threads, once they are done."""
        self._threads.shutdown()

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's names)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Note who sends; whether they may is asked with the recipients."""
        envelope.mail_from = address or "<>"
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        server: Line,
        session: Session,
        envelope: FaxEnvelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Let a recipient pass that somebody may mail to."""
        if len(envelope.wanted) >= settings.MAX_RECIPIENTS:
            return "452 too many recipients"
        guest = _guest(session, envelope)
        try:
            wanted = await self._work(partial(door.at_recipient, guest, address))
        except Refused as refused:
            return await self._refuse(server, refused)
        envelope.wanted.append(wanted)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Line, session: Session, envelope: FaxEnvelope
    ) -> str:
        """Store the mail; say so when it is."""
        content = envelope.original_content or b""
        guest = _guest(session, envelope)
        try:
            with self.gate.busy():
                await self._work(partial(_take, guest, list(envelope.wanted), content))
        except Refused as refused:
            return await self._refuse(server, refused, size=len(content))
        except TooBusy as busy:
            return f"421 {busy.name.encode('ascii', 'replace').decode()} is too busy"
        return _TAKEN

    async def handle_AUTH(  # noqa: N802
        self, server: Line, session: Session, _envelope: Envelope, arguments: list[str]
    ) -> str | None:
        """Let in who shows an API token as their password."""
        shown = await sign_in.ask(server, arguments)
        if shown is None:
            return None
        actor = await self._work(partial(sign_in.actor_of, shown, address=_address(session)))
        if actor is None:
            return "535 5.7.8 Authentication credentials invalid"
        note(account=actor.account_id)
        session.authenticated = True
        session.auth_data = actor  # type: ignore[assignment]  # anything may stand here
        return "235 2.7.0 Authentication successful"

    async def handle_exception(self, error: Exception) -> str:
        """Ask to come again: nothing is lost by that."""
        if isinstance(error, DatabaseError):
            log.warning("a mail could not be stored: %s", error)
        else:
            log.error("a mail session failed", exc_info=error)
        return _LATER

    async def too_large(self, envelope: FaxEnvelope) -> None:
        """Note that a mail was larger than may be, which the sender was told."""
        mails = [each.mail for each in envelope.wanted]
        await self._log(Refused(MailRefusal.TOO_LARGE, mails))

    async def _work(self, do: Callable[[], T]) -> T:
        """Do something with rows, in a thread for such."""
        known = copy_context()  # whose session it is, for the log
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(known.run, _connected, do))

    async def _refuse(self, server: Line, refused: Refused, *, size: int = 0) -> str:
        """What is answered; whoever is refused time and again in a connection is trying out."""
        server.refused += 1
        if server.refused > _MOST_REFUSED:
            server.hang_up_after()
            return "421 too much was refused"
        await self._log(refused, size=size)
        return REPLIES[refused.refusal]

    async def _log(self, refused: Refused, *, size: int = 0) -> None:
        mails = [each for each in refused.mails if self.gate.may_log(each.account.id, _MOST_LOGGED)]
        if mails:
            told = partial(mail_spool.log_refused, mails, refusal=refused.refusal, size=size)
            await self._work(told)


def _connected(do: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return do()
    finally:
        close_old_connections()


def _take(guest: Guest, wanted: list[Wanted], content: bytes) -> None:
    """Store a mail for all that may have it.

    Raises:
        Refused, TooBusy: nothing was stored.

    """
    mails = [each.mail for each in wanted]
    if not content.strip():
        raise Refused(MailRefusal.TOO_SMALL, mails)
    head = read_head(content, site=settings.MAIL_DOMAIN, authserv=settings.MAIL_AUTHSERV)
    if head is None:
        raise Refused(MailRefusal.UNDECODABLE, mails)
    taken = door.at_data(guest, wanted, head)
    with tempfile.TemporaryDirectory(prefix="mail-") as folder:
        message = Path(folder) / "message"
        message.write_bytes(content)
        mail_spool.keep(taken, message=message, known_by=head.known_by)


def _guest(session: Session, envelope: Envelope) -> Guest:
    address = _address(session)
    trusted = is_trusted(address)
    return Guest(normal_sender(envelope.mail_from or ""), trusted, session.auth_data)


def _address(session: Session) -> str:
    return str(session.peer[0]) if session.peer else ""


def is_trusted(address: str) -> bool:
    """Whether a network address is one of the site's own mail servers."""
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(peer in network for network in settings.MAIL_TRUSTED)


def certificate() -> ssl.SSLContext | None:
    """What STARTTLS is offered with; None without a certificate."""
    if not settings.SMTP_CERT:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.SMTP_CERT, settings.SMTP_KEY or None)
    return context


async def serve(
    stopping: asyncio.Event, *, bind: str, port: int, ready: Callable[[int], None]
) -> None:
    """Take mails until told to stop; what is being stored then is stored, and said to be.

    ``ready`` is told the port.
    """
    gate = Gate(
        most=settings.SMTP_CONNECTIONS,
        most_each=settings.SMTP_CONNECTIONS_EACH,
        most_bytes=4 * settings.MAIL_MAX_BYTES,
        unlimited=is_trusted,
    )
    handler = Handler(gate)
    tls = certificate()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Line(handler, gate, FaxEnvelope, tls=tls, loop=loop), host=bind, port=port
    )
    ready(server.sockets[0].getsockname()[1])
    try:
        await stopping.wait()
    finally:
        server.close()
        await gate.empty()
        handler.close()
