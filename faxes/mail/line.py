"""A connection of the mail gateway, and what all of them may take together."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope
from django.conf import settings

from accounts.at_work import begin, new_request

_IDLE_SECONDS: Final = 300.0  # RFC 5321, section 4.5.3.2
_DATA_SECONDS: Final = 900.0  # for all of a mail
_END_SECONDS: Final = 20.0
_LOOK_EVERY: Final = 0.05
_LONGEST_COMMAND: Final = 1 << 16  # bytes, far more than any may have (RFC 5321, 4.5.3.1)
_HOUR: Final = 3600.0
# In one connection: nobody has more to say at once, and whoever has may connect anew.
_COMMANDS: Final = {"*": 50, "MAIL": 1000, "RCPT": 5000, "DATA": 1000, "RSET": 1000, "NOOP": 200}


class Gate:
    """What connections share: how many there are, from where, what they hold in memory."""

    def __init__(
        self,
        *,
        most: int,
        most_each: int,
        most_bytes: int,
        unlimited: Callable[[str], bool],
    ) -> None:
        self._most, self._most_each, self._most_bytes = most, most_each, most_bytes
        self._unlimited = unlimited
        self._lines: set[Line] = set()
        self._by_address: Counter[str] = Counter()
        self._logged: Counter[UUID] = Counter()
        self._logged_since = time.monotonic()
        self._storing = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.bytes = 0

    def enter(self, line: "Line", address: str) -> bool:
        """Count a connection; False if there are too many."""
        each = self._by_address[address]
        full = len(self._lines) >= self._most
        if full or (each >= self._most_each and not self._unlimited(address)):
            return False
        self._lines.add(line)
        self._by_address[address] += 1
        return True

    def leave(self, line: "Line", address: str) -> None:
        """Count a connection no more."""
        if line in self._lines:
            self._lines.remove(line)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def hold(self, size: int) -> bool:
        """Count bytes in memory; False if they are too many."""
        self.bytes += size
        return self.bytes <= self._most_bytes

    def greediest(self) -> "Line | None":
        """Return what holds most, of the address whose connections hold most together."""
        held: Counter[str] = Counter()
        for line in self._lines:
            held[line.address] += line.held
        most = max(held, key=held.__getitem__, default="")
        theirs = (line for line in self._lines if line.address == most)
        return max(theirs, key=lambda line: line.held, default=None)

    def may_log(self, account_id: UUID, most: int) -> bool:
        """Whether there is room in the hour for one more refusal of an account's log."""
        if time.monotonic() - self._logged_since > _HOUR:
            self._logged.clear()
            self._logged_since = time.monotonic()
        self._logged[account_id] += 1
        return self._logged[account_id] <= most

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While a mail is stored."""
        self._storing += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._storing -= 1
            if not self._storing:
                self._quiet.set()

    async def empty(self) -> None:
        """Have all connections end; those that wait to hear of a mail hear it first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._quiet.wait()
        await asyncio.sleep(_LOOK_EVERY)  # for the words themselves
        for line in list(self._lines):
            line.hang_up("421 the server ends, try again later")
        await asyncio.sleep(_LOOK_EVERY)


class Line(SMTP):
    """One connection, from an ``address``; ``held`` are the bytes of it that are in memory.

    ``refused`` counts the recipients that were.
    """

    line_length_limit = _LONGEST_COMMAND

    def __init__(
        self,
        handler: Any,
        gate: Gate,
        envelope: Callable[[], Envelope],
        *,
        tls: ssl.SSLContext | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._gate = gate
        self._envelope_of = envelope
        self._shut_out = False
        self.address = ""
        self.held = 0
        self.refused = 0
        super().__init__(
            handler,
            data_size_limit=settings.MAIL_MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname=settings.MAIL_DOMAIN,
            ident="Fax by e-mail",
            tls_context=tls,
            timeout=_IDLE_SECONDS,
            command_call_limit=_COMMANDS,
            loop=loop,
        )

    def _create_envelope(self) -> Envelope:
        self._let_go()
        return self._envelope_of()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """An address, but none with a comment: ``(30)`` in a number is one, and would be lost."""
        if "(" in arg and '"' not in arg:
            return None, None
        return super()._getaddr(arg)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to speak, unless too many do."""
        if self._original_transport is None:
            peer = transport.get_extra_info("peername")
            self.address = str(peer[0]) if peer else ""
            if not self._gate.enter(self, self.address):
                self._shut_out = True
                transport.write(b"421 the server is too busy\r\n")  # type: ignore[attr-defined]
                transport.close()
                return
            begin(request=new_request())  # the whole connection is one, in the log
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        if self._shut_out:
            return
        self._let_go()
        self._gate.leave(self, self.address)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Whoever has nothing more to say is let go."""
        return None if self._shut_out else super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, as long as there is room for them in memory.

        Without, whoever has taken most of it makes room: no one address keeps all others out.
        """
        if self._shut_out:
            return
        self.held += len(data)
        if not self._gate.hold(len(data)):
            greedy = self._gate.greediest()
            if greedy is None or greedy.address == self.address:
                greedy = self
            greedy.make_room()
            if greedy is self:
                return
        super().data_received(data)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's names)
        """Take a mail; one that was too large is put on record."""
        envelope = self.envelope
        self._reset_timeout(_DATA_SECONDS)
        # sloppy programs write whole documents in one line, or end lines as no mail does
        self._let_lines_be(settings.MAIL_MAX_BYTES + _LONGEST_COMMAND)
        try:
            await super().smtp_DATA(arg)
        finally:
            self._let_lines_be(_LONGEST_COMMAND)
        if self.envelope is not envelope and getattr(envelope, "original_content", b"") is None:
            await self.event_handler.too_large(envelope)

    def hang_up(self, words: str) -> None:
        """Say a last word, and end."""
        if self.transport is not None:
            self.transport.write(f"{words}\r\n".encode())  # type: ignore[attr-defined]
            self.transport.close()

    def make_room(self) -> None:
        """End, as what it holds is needed for others."""
        self._let_go()
        self.hang_up("421 the server is too busy, try again later")

    def hang_up_after(self) -> None:
        """End once what is about to be said has been."""
        if self.transport is not None:
            self.loop.call_later(_LOOK_EVERY, self.transport.close)

    def _let_lines_be(self, length: int) -> None:
        self.line_length_limit = length
        if self._reader is not None:
            self._reader._limit = length  # type: ignore[attr-defined]  # noqa: SLF001 (no other way)

    def _let_go(self) -> None:
        self._gate.hold(-self.held)
        self.held = 0
