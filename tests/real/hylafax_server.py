"""A HylaFAX server of a test's own: spool folder, configuration, user, ports, one modem.

The programs are those of Debian's packages, unpacked by ``deploy/bootstrap test`` and not
installed: nothing of them runs by itself, no mail program comes along, and no folder of the machine
is theirs. They want to be root, give that up for the user uucp, and confine each session to
the spool folder (chroot): where that is not allowed there is no server.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tests.ports import free_port
from tests.real.running import ROOT, until

PROGRAMS = ROOT / ".venv/clients/hylafax"
USER, PASSWORD, ADMIN_PASSWORD = "portal", "Parrot-7", "Walrus-9"
_FOLDERS = (
    "archive bin client config dev docq doneq etc info locks log pollq recvq sendq status tmp"
)
_SETUP = """\
SBIN={root}/usr/lib/hylafax/bin
TIFFBIN=/usr/bin
SED=/bin/sed
GREP=/bin/grep
CAT=/bin/cat
CP=/bin/cp
RM=/bin/rm
export LD_LIBRARY_PATH={root}/usr/lib/hylafax
"""
_SEND = """\
#!/bin/sh
LD_LIBRARY_PATH={root}/usr/lib/hylafax exec {root}/usr/lib/hylafax/bin/faxsend "$@"
"""
_QUEUE = """\
LogFacility: daemon
SendFaxCmd: {spool}/bin/faxsend
NotifyCmd: /bin/true
UUCPLockDir: {spool}/locks
UseJobTSI: yes
"""
# As Debian's own for a soft modem (iaxmodem), which this one is much like.
_MODEM = """\
CountryCode: 1
AreaCode: 202
FAXNumber: {number}
LongDistancePrefix: 1
InternationalPrefix: 011
UUCPLockDir: {spool}/locks
LocalIdentifier: "{station}"
UseJobTSI: yes
TagLineFont: etc/lutRS18.pcf
TagLineFormat: "From %%l|%c|Page %%P of %%T"
ServerTracing: 0xFFF
SessionTracing: 0xFFF
RecvFileMode: 0660
DeviceMode: 0666
PollLockWait: 1
PollModemWait: 1
RingsBeforeAnswer: 1
GettyArgs: ""
FaxRcvdCmd: /bin/true
DynamicConfig: ""
ModemType: Class1
ModemResetCmds: "ATH1"
ModemReadyCmds: ATH0
ModemResetDelay: 100
ModemSoftResetCmdDelay: 100
Class1AdaptRecvCmd: AT+FAR=1
Class1TMConnectDelay: 400
"""


def why_not() -> str:
    """What is missing here for a server; empty if nothing is."""
    if not (PROGRAMS / "usr/sbin/hfaxd").exists():
        return "HylaFAX is not there: deploy/bootstrap test unpacks it"
    if os.geteuid() != 0:
        return "HylaFAX's programs must be root"
    if not any(user.pw_name == "uucp" for user in pwd.getpwall()):
        return "HylaFAX's programs want the user uucp"
    return ""


def _crypted(password: str) -> str:
    """As ``crypt(3)`` says it; Python has forgotten how."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    told: bytes = library.crypt(password.encode(), b"ab")
    return told.decode()


@dataclass
class Hylafax:
    """A server: where it is, and its programs."""

    kind: ClassVar[str] = "hylafax"
    spool: Path
    device: str  # of its modem
    port: int
    number: str
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def modem(self) -> str:
        """Its modem's name here."""
        return self.device.removeprefix("/dev/").replace("/", "_")

    def settings(self) -> dict[str, Any]:
        """What a carrier needs to know."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "admin_password": ADMIN_PASSWORD,
            "number": self.number,
        }

    def start(self, program: str) -> None:
        """Start faxq, hfaxd or faxgetty."""
        arguments = {
            "faxq": ["-D", "-q", str(self.spool)],
            "hfaxd": ["-d", "-q", str(self.spool), "-l", "127.0.0.1", "-i", str(self.port)],
            "faxgetty": ["-q", str(self.spool), self.device.removeprefix("/dev/")],
        }[program]
        env = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LD_LIBRARY_PATH": str(PROGRAMS / "usr/lib/hylafax"),
            "TZ": "UTC",
        }
        self.processes[program] = subprocess.Popen(
            [PROGRAMS / "usr/sbin" / program, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def listens(self) -> bool:
        """Whether it takes connections."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            return probe.recv(3) != b""
        return False

    def schedules(self) -> bool:
        """Whether faxq reads what it is told."""
        with suppress(OSError):
            os.close(os.open(self.spool / "FIFO", os.O_WRONLY | os.O_NONBLOCK))
            return True
        return False

    def start_scheduler(self) -> None:
        """Start faxq, and faxgetty anew: it tells of its modem once, and to the faxq it finds."""
        self.stop("faxgetty")
        (self.spool / "status" / self.modem).unlink(missing_ok=True)
        self.start("faxq")
        until(self.schedules, 60)
        self.start("faxgetty")
        until(self.modem_is_ready, 90)

    def modem_is_ready(self) -> bool:
        """Whether faxgetty has found the modem and waits for calls."""
        status = self.spool / "status" / self.modem
        return status.exists() and "Running and idle" in status.read_text()

    def freeze(self, program: str) -> None:
        """Let it do nothing until it is thawed."""
        os.kill(self.processes[program].pid, signal.SIGSTOP)

    def thaw(self, program: str) -> None:
        """Let it go on."""
        os.kill(self.processes[program].pid, signal.SIGCONT)

    def stop(self, program: str) -> None:
        """Kill one of its programs, and whatever it has started."""
        process = self.processes.pop(program, None)
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


@contextmanager
def hylafax(device: str, *, number: str) -> Iterator[Hylafax]:
    """All of it, with its modem at ``device``, until the block ends."""
    spool = Path(tempfile.mkdtemp(prefix="hylafax-"))
    server = Hylafax(spool, device, free_port(), number)
    try:
        _lay_out(server)
        server.start("hfaxd")
        until(server.listens, 60)
        server.start_scheduler()
        yield server
    finally:
        for program in list(server.processes):
            server.stop(program)
        shutil.rmtree(spool)


def _lay_out(server: Hylafax) -> None:
    spool = server.spool
    for folder in _FOLDERS.split():
        (spool / folder).mkdir()
    shutil.copytree(PROGRAMS / "var/spool/hylafax/bin", spool / "bin", dirs_exist_ok=True)
    shutil.copy(PROGRAMS / "etc/hylafax/lutRS18.pcf", spool / "etc")
    said = {"root": PROGRAMS, "spool": spool, "number": server.number, "station": server.number}
    (spool / "etc/setup.cache").write_text(_SETUP.format(**said))
    (spool / "bin/faxsend").write_text(_SEND.format(**said))
    (spool / "bin/faxsend").chmod(0o755)
    (spool / "etc/config").write_text(_QUEUE.format(**said))
    (spool / f"etc/config.{server.modem}").write_text(_MODEM.format(**said))
    hosts = spool / "etc/hosts.hfaxd"
    hosts.write_text(f"^{USER}@:10:{_crypted(PASSWORD)}:{_crypted(ADMIN_PASSWORD)}\n")
    hosts.chmod(0o600)
    for file in ("log/seqf", "log/xferfaxlog", "recvq/seqf"):  # else root's, if faxsend is first
        (spool / file).touch(mode=0o660)
    fax_user = pwd.getpwnam("uucp")
    for path in (spool, *spool.rglob("*")):
        os.chown(path, fax_user.pw_uid, fax_user.pw_gid)
    spool.chmod(0o755)
