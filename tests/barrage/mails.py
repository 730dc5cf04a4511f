"""Hostile mails at the gateway: damaged ones, and sessions out of order."""

import random
import socket
from dataclasses import dataclass
from typing import Any

from tests.hostile.mutate import mutated

_ODD = (
    b"MAIL FROM:<>", b"RCPT TO:<x@y>", b"DATA", b"EHLO " + b"x" * 900, b"AUTH PLAIN AAAA", b"NOOP",
    b"VRFY root", b"\xff\xfe\x00", b"RSET", b"HELP", b"MAIL FROM:<a@b> SIZE=999999999999",
    b"STARTTLS", b"RCPT TO:<" + b"a" * 2000 + b">", b"MAIL FROM:<\r>", b"BDAT 9 LAST", b"",
    b"EHLO \x00",
)  # fmt: skip


@dataclass(frozen=True)
class Mailer:
    """Sends mails to one address, from somebody who may; ``good`` are what it damages."""

    port: int
    sender: str
    to: str
    good: list[bytes]

    def send(self, chance: random.Random) -> bool:
        """Send a mail; whether it was taken. Raises OSError if the gateway does not answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            file = line.makefile("rwb")
            if not self._said(file).startswith(b"2"):
                return False
            told = [b"EHLO there", b"MAIL FROM:<%s>" % self.sender.encode(),
                    b"RCPT TO:<%s>" % self.to.encode(), b"DATA"]  # fmt: skip
            if chance.random() < 0.4:
                told.insert(chance.randrange(len(told)), chance.choice(_ODD))
            answer = b""
            for each in told:
                file.write(each + b"\r\n")
                file.flush()
                answer = self._said(file)
                if answer[:1] not in b"2345" or answer.startswith(b"421"):
                    return False
                if answer.startswith(b"354"):  # what is said from here on is the mail
                    break
            if not answer.startswith(b"354"):
                return False
            file.write(self._mail(chance) + b"\r\n.\r\n")
            file.flush()
            return self._said(file).startswith(b"250")

    def _mail(self, chance: random.Random) -> bytes:
        mail = chance.choice(self.good)
        if chance.random() < 0.9:
            mail = mutated("eml", mail, chance)[:60_000]
        return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..")

    def _said(self, file: Any) -> bytes:
        while (line := file.readline(2000)) and line[3:4] == b"-":
            pass
        return line or b"421 it hung up"
