"""A session with hfaxd, HylaFAX's server: FTP (RFC 959) with commands for jobs.

All of it is over by one moment, however slowly the other end drips. Data connections are passive
and go to the address that the session has, whatever address the other end tells.
"""

import ftplib  # HylaFAX speaks it  # nosec B402
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from faxes.carriers.tools import Doors
from faxes.wire import hylafax as wire

_LONGEST_LINE: Final = 8 * 1024  # bytes
_MOST_SAID: Final = 1024 * 1024  # by the other end, beside data
_MOST_LISTED: Final = 8 * 1024 * 1024
_MOST_OF_A_DOCUMENT: Final = 100 * 1024 * 1024
_PORTION: Final = 64 * 1024
_DOCUMENT: Final = re.compile(r"FILE: (\S+)")
_JOB: Final = re.compile(r"jobid: (\d+)")
# Whatever a session may raise, garbage of the other end included.
TROUBLE: Final[tuple[type[Exception], ...]] = (*ftplib.all_errors, ValueError)
# To JSUBM: what hfaxd says before it has told its scheduler, or where there is none to be told.
_DEFINITE_NO: Final = re.compile(r"50[0-4] |450 |460 .*Unable to open scheduler FIFO")
_LET_IN, _WANTS_PASSWORD = "230", "331"


class NotLetIn(ftplib.Error):
    """The server knows no such user, or the password is another."""


class Strange(ftplib.Error):
    """An answer that makes no sense."""


class Unanswered(ftplib.Error):
    """A command went out, and nothing tells what became of it."""


class Session(ftplib.FTP):
    """One connection, from ``with`` to its end; commands raise what is in ``ftplib.all_errors``.

    ``error_perm`` is a no, ``error_temp`` one for now; anything else says nothing of what became of
    the command.
    """

    def __init__(self, doors: Doors, host: str, port: int, *, seconds: float) -> None:
        super().__init__(encoding="latin-1")
        self._doors = doors
        self._until = time.monotonic() + seconds
        self._unread = bytearray()
        self._said = 0
        self.sock = doors.connect(host, port, seconds=seconds)
        self.af = self.sock.family

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up; what was asked is done or not without a good-bye."""
        self.close()

    # --- commands ---

    def log_in(self, user: str, password: str, admin_password: str) -> None:
        """Wait for the greeting, and be let in.

        Raises:
            NotLetIn: the server says no; why is not told, as it may repeat what it heard.

        """
        while self.getresp().startswith("1"):
            pass  # "130 Warning, no inverse address mapping" may come before the greeting
        try:
            answer = self.sendcmd(f"USER {wire.quoted(user)}")
            if answer.startswith(_WANTS_PASSWORD):
                answer = self.sendcmd(f"PASS {wire.quoted(password)}")
            if admin_password and answer.startswith(_LET_IN):
                answer = self.sendcmd(f"ADMIN {wire.quoted(admin_password)}")
        except ftplib.error_perm:
            raise NotLetIn from None
        if not answer.startswith(_LET_IN):
            raise NotLetIn
        self.voidcmd("TYPE I")

    def store(self, document: bytes) -> str:
        """Hand a TIFF over; its name there, which ends with the session unless a job takes it."""
        self.voidcmd("FORM TIFF")
        data, answer = self._data("STOT")
        with data:
            data.settimeout(self._left())
            data.sendall(document)
        self.voidresp()
        if (found := _DOCUMENT.search(answer)) is None:
            raise Strange("no name for what was stored")
        return found[1]

    def new_job(self) -> str:
        """Begin a job, the current one from now on; its id. Not submitted it ends with us."""
        answer = self.voidcmd("JNEW")
        if (found := _JOB.search(answer)) is None:
            raise Strange("no number for a new job")
        return found[1]

    def set(self, name: str, value: str | int) -> None:
        """A parameter of the current job."""
        self.voidcmd(f"JPARM {name} {wire.quoted(value) if isinstance(value, str) else value}")

    def submit(self) -> None:
        """Submit the current job.

        Raises:
            Unanswered: it may be submitted or not; anything else: it is not.

        """
        self._left()
        try:
            self.voidcmd("JSUBM")
        except TROUBLE as trouble:
            if _DEFINITE_NO.match(str(trouble)):
                raise
            raise Unanswered from None

    def jobs(self) -> list[wire.Job]:
        """All jobs that we may see. One that ends meanwhile may be there twice, but not missing."""
        self.voidcmd(f"JOBFMT {wire.quoted(wire.JOB_FORMAT)}")
        return [*wire.jobs_in(self._listed("sendq")), *wire.jobs_in(self._listed("doneq"))]

    def received(self) -> list[wire.Received]:
        """All that lies in the queue of what was received."""
        self.voidcmd(f"RCVFMT {wire.quoted(wire.RECEIVED_FORMAT)}")
        return list(wire.received_in(self._listed("recvq")))

    def modems(self) -> list[wire.ModemLine]:
        """The modems."""
        self.voidcmd(f"MDMFMT {wire.quoted(wire.MODEM_FORMAT)}")
        return list(wire.modems_in(self._listed("status")))

    def text(self, path: str, *, last: int | None = None) -> str:
        """A small text file, or so many of its last bytes."""
        if last is not None:
            size = int(self.voidcmd(f"SIZE {path}").split()[1])
            if size > last:
                self.sendcmd(f"REST {size - last}")
        return self._read(f"RETR {path}", _MOST_LISTED).decode("latin-1")

    def fetch(self, path: str, into: Path) -> None:
        """Write a file of theirs into one of ours."""
        into.write_bytes(self._read(f"RETR {path}", _MOST_OF_A_DOCUMENT))

    def farewell(self) -> None:
        """Part in order: jobs that were not submitted are gone when this returns.

        hfaxd removes them after its good-bye, and hangs up after that.
        """
        with suppress(*TROUBLE):
            self.voidcmd("QUIT")
            while True:
                self.getline()

    # --- the wire ---

    def _listed(self, folder: str) -> list[str]:
        text = self._read(f"LIST {folder}", _MOST_LISTED).decode("latin-1")
        return [line for line in text.split("\r\n") if line]

    def _read(self, command: str, most: int) -> bytes:
        """All that a command sends over a data connection of its own."""
        data, _ = self._data(command)
        read = bytearray()
        with data:
            while True:
                data.settimeout(self._left())
                portion = data.recv(_PORTION)
                if not portion:
                    break
                read += portion
                if len(read) > most:
                    raise Strange("it sends more than anybody needs")
        self.voidresp()
        return bytes(read)

    def _data(self, command: str) -> tuple[socket.socket, str]:
        """A data connection on which a command has begun, and what was answered to it."""
        host, port = self.makepasv()  # the host is that of the session
        data = self._doors.connect(host, port, seconds=self._left())
        try:
            answer = self.sendcmd(command)
        except BaseException:
            data.close()
            raise
        if not answer.startswith("1"):
            data.close()
            raise Strange(answer)
        return data, answer

    def putline(self, line: str) -> None:
        """Send a line, within the time that is left."""
        self._ready().settimeout(self._left())
        super().putline(line)

    def getline(self) -> str:
        """The next line, without its end, within the time that is left."""
        while b"\n" not in self._unread:
            if len(self._unread) > _LONGEST_LINE or self._said > _MOST_SAID:
                raise Strange("it says more than anybody can read")
            control = self._ready()
            control.settimeout(self._left())
            heard = control.recv(_LONGEST_LINE)
            if not heard:
                raise EOFError
            self._said += len(heard)
            self._unread += heard
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def hear(self, *, seconds: float) -> None:
        """Wait a while for an answer that nobody needs."""
        self._until = min(self._until, time.monotonic() + seconds)
        with suppress(*TROUBLE):
            self.getresp()

    def _ready(self) -> socket.socket:
        if self.sock is None:
            raise EOFError
        return self.sock

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        return left
