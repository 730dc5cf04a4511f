"""What stands between a portal and its object store, and does as it is told: lets through or not.

It knows just enough of HTTP to answer in the store's place.
"""

import asyncio
import re
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNK: Final = 64 * 1024


class Mood(StrEnum):
    """What it does with whoever comes."""

    OPEN = "open"
    ERROR_500 = "500"
    ERROR_503 = "503"
    HANGING = "hanging"
    RESET = "reset"
    DEAF = "deaf"  # what is asked is done, and nobody hears of it


class Gate:
    """A server on loopback in front of another; a change of mood ends all connections."""

    def __init__(self, beyond: str) -> None:
        there = urlsplit(beyond)
        self._beyond = (there.hostname, there.port)
        self._mood = Mood.OPEN
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Any = self._do(asyncio.start_server(self._come, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def be(self, mood: Mood) -> None:
        """Do this with all that comes from now on, and with what is under way."""
        self._do(self._change(mood))

    def close(self) -> None:
        """End it."""
        self._server.close()
        self._do(self._change(Mood.RESET))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    async def _change(self, mood: Mood) -> None:
        self._mood = mood
        for writer in list(self._open):
            writer.transport.abort()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            match self._mood:
                case Mood.OPEN | Mood.DEAF:
                    await self._pass(reader, writer)
                case Mood.ERROR_500 | Mood.ERROR_503:
                    await self._refuse(reader, writer)
                case Mood.HANGING:
                    while await reader.read(_CHUNK):
                        pass  # it says nothing until somebody has had enough
                case Mood.RESET:
                    writer.transport.abort()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"100-continue" not in head.lower() and (length := _LENGTH.search(head)):
            await reader.readexactly(int(length[1]))
        body = b"<Error><Code>SlowDown</Code><Message>not now</Message></Error>"
        status = b"500 Internal Server Error"
        if self._mood == Mood.ERROR_503:
            status = b"503 Service Unavailable"
        writer.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%b" % (status, len(body), body)
        )
        await writer.drain()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, beyond = await asyncio.open_connection(*self._beyond)
        self._open.add(beyond)
        try:
            await asyncio.gather(
                self._pump(reader, beyond),
                self._pump(there, writer, silent=self._mood == Mood.DEAF),
            )
        finally:
            self._open.discard(beyond)
            beyond.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, silent: bool = False
    ) -> None:
        while data := await source.read(_CHUNK):
            if not silent:
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
