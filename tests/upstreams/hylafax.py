"""A scripted hfaxd: takes jobs, lists them, and fails at JSUBM as a test says."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, ClassVar

BETWEEN = "\x1f"


class Trouble(Enum):
    """What goes wrong when a job is submitted."""

    REFUSES = auto()
    HAS_NO_SCHEDULER = auto()
    IS_UNSURE = auto()
    CLOSES_BEFORE = auto()
    HANGS = auto()
    CLOSES_AFTER = auto()
    HANGS_AFTER = auto()
    DRIPS_AFTER = auto()
    GARBLES_AFTER = auto()


@dataclass
class Server:
    """What it was told, and what it has."""

    kind: ClassVar[str] = "hylafax"
    port: int = 0
    trouble: Trouble | None = None
    garbage: bytes = b""  # said instead of a greeting
    password: str = 'Pa"ss\\ word, 7'
    refused: str = ""  # a parameter that no job may have
    liar: bool = False  # it tells another address for data
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)  # those that were submitted
    queues: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def settings(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "user": "portal", "password": self.password}


class Connection:
    """One client."""

    def __init__(self, server: Server, control: socket.socket) -> None:
        self.server, self.control = server, control
        self.data = socket.create_server(("127.0.0.1", 0))
        self.job: dict[str, str] = {}

    def say(self, line: str) -> None:
        self.control.sendall(line.encode("latin-1") + b"\r\n")

    def serve(self) -> None:
        server = self.server
        if server.garbage:
            self.control.sendall(server.garbage)
            server.ended.wait(5)
            return
        self.say('130 Warning, no inverse address mapping for client host name "x".')
        self.say("220 fax server (HylaFAX (tm) Version 6.0.7) ready.")
        for raw in self.control.makefile("rb"):
            line = raw.decode("latin-1").rstrip("\r\n")
            server.heard.append(line)
            if not self.answer(*re.split(r" ", line, maxsplit=1)):
                return

    def answer(self, verb: str, rest: str = "") -> bool:
        """Do one command; False if the connection is over."""
        acts = {
            "USER": lambda: self.say("331 Password required."),
            "PASS": lambda: self.say(
                "230 Logged in." if plain(rest) == self.server.password else "530 Login incorrect."
            ),
            "PASV": self.passive,
            "STOT": self.store,
            "LIST": lambda: self.send("\r\n".join(self.server.queues.get(rest, [])).encode()),
            "SIZE": lambda: self.say(f"213 {len(self.server.files.get(rest, b''))}"),
            "RETR": lambda: self.retrieve(rest),
            "JNEW": lambda: self.say("200 New job created: jobid: 7 groupid: 7."),
            "JPARM": lambda: self.parameter(rest),
        }
        if verb == "JSUBM":
            return self.submit()
        acts.get(verb, lambda: self.say("200 fine"))()
        return True

    def passive(self) -> None:
        address = "192,0,2,1" if self.server.liar else "127,0,0,1"
        port = self.data.getsockname()[1]
        self.say(f"227 Entering passive mode ({address},{port >> 8},{port & 255})")

    def store(self) -> None:
        self.say("150 FILE: /tmp/doc7.tif (Opening new data connection).")
        with self.data.accept()[0] as data:
            self.job["document"] = str(len(data.makefile("rb").read()))
        self.say("226 Transfer complete.")

    def send(self, content: bytes) -> None:
        self.say("150 Opening new data connection.")
        with self.data.accept()[0] as data:
            data.sendall(content)
        self.say("226 Transfer complete.")

    def retrieve(self, path: str) -> None:
        if path in self.server.files:
            self.send(self.server.files[path])
        else:
            self.say(f"550 {path}: Permission denied.")

    def parameter(self, rest: str) -> None:
        name, _, value = rest.partition(" ")
        if name == self.server.refused:
            self.say(f"553 {name}: Permission denied.")
            return
        self.job[name] = plain(value)
        self.say(f"213 {name} set.")

    def submit(self) -> bool:
        refusals = {
            Trouble.REFUSES: "504 Cannot submit job 7; null or missing DIALSTRING parameter.",
            Trouble.HAS_NO_SCHEDULER: "460 Failed to submit job 7: Unable to open scheduler FIFO:"
            " No such device or address.",
        }
        trouble = self.server.trouble
        if trouble in refusals:
            self.say(refusals[trouble])
            return True
        if trouble is Trouble.CLOSES_BEFORE:
            return False
        if trouble is Trouble.HANGS:
            self.server.ended.wait(5)
            return False
        self.server.jobs["7"] = dict(self.job)
        match trouble:
            case Trouble.CLOSES_AFTER:
                return False
            case Trouble.HANGS_AFTER:
                self.server.ended.wait(5)
            case Trouble.DRIPS_AFTER:
                while not self.server.ended.wait(0.05):
                    self.control.sendall(b"2")
            case Trouble.GARBLES_AFTER:
                self.control.sendall(b"\xff\x00 submitted, perhaps\r\n")
            case Trouble.IS_UNSURE:
                self.say(
                    "460 Failed to submit job 7: Unspecified reason (scheduler NAK'd request)."
                )
            case _:
                self.say("200 Job 7 submitted.")
        return True


def plain(value: str) -> str:
    """What hfaxd's scanner makes of a string: after a ``\\`` a letter as it is, or in octal."""
    text = value[1:-1] if value.startswith('"') else value
    return re.sub(r"\\(\d{3}|.)", lambda found: _letter(found[1]), text)


def _letter(escaped: str) -> str:
    return chr(int(escaped, 8)) if escaped.isdigit() else escaped


@contextmanager
def scripted(**told: Any) -> Iterator[Server]:
    """Serve while the block lasts."""
    server = Server(**told)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    def talk(control: socket.socket) -> None:
        with control, suppress(OSError):
            connection = Connection(server, control)
            with connection.data:
                connection.serve()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
