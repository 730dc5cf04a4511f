"""The process that forks a process for each call: warm, so that a call costs no start of Python.

Run as ``python -m faxes.line.host`` with a socket for its standard input. Over it come the
channels of calls, as file descriptors; each is handed to a fork of this process, which has the
fax library loaded already. This process itself never touches a fax. It has one thread, so it may
fork, and its children may be tied to its life.
"""

import gc
import os
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from faxes.line.call import Call
from faxes.line.child import run_job
from faxes.line.errors import LineError
from faxes.line.exchange import Medium, answering
from faxes.line.fence import die_with_parent
from faxes.line.protocol import KILL, PLACE
from faxes.line.sample import write_sample_page
from faxes.line.spec import CallSpec
from faxes.line.station import Station

_MOST_OF_A_REQUEST = 64
_LOOK_AFTER_PARENT_SECONDS = 1.0


@dataclass(slots=True)
class Host:
    """The calls under way: each one's process and this end's copy of its channel."""

    control: socket.socket
    pid: int
    parent: int
    wake: tuple[int, int]  # a pipe: readable when a child has ended
    channels: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self) -> None:
        """Fork for every request until the parent is gone, which ends every call."""
        try:
            while os.getppid() == self.parent:
                control, wake = self.control.fileno(), self.wake[0]
                ready, _, _ = select.select([control, wake], [], [], _LOOK_AFTER_PARENT_SECONDS)
                if wake in ready:
                    os.read(wake, 4096)
                    self._bury()
                if control in ready and not self._answer():
                    break
        finally:
            for pid in self.channels:
                os.kill(pid, signal.SIGKILL)

    def _answer(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self.control, _MOST_OF_A_REQUEST, 1)
        if request.startswith(KILL):
            pid = int(request.removeprefix(KILL))
            if pid in self.channels:  # not yet buried, so the id is still that child's
                os.kill(pid, signal.SIGKILL)
        elif request == PLACE and descriptors:
            self._place(socket.socket(fileno=descriptors[0]))
        return bool(request)

    def _place(self, channel: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_child(channel)
        self.channels[pid] = channel

    def _become_child(self, channel: socket.socket) -> None:
        status = 1
        try:
            die_with_parent(self.pid)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in self.wake:
                os.close(end)
            self.control.close()
            for other in self.channels.values():
                other.close()
            run_job(channel)
            status = 0
        finally:
            os._exit(status)

    def _bury(self) -> None:
        """Tell of every child that has ended how it did; that closes its channel."""
        while self.channels:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            channel = self.channels.pop(pid)
            with channel:
                code = os.waitstatus_to_exitcode(status)
                try:
                    channel.send(b'{"exit": %d}\n' % code, socket.MSG_DONTWAIT)
                except OSError:
                    continue  # nobody listens any more


def _warm_up() -> None:
    """Load and look up all that a call needs, so that no call's process has to do it again.

    The looking up happens on first use, so use it: send a sample page from end to end.
    """
    with tempfile.TemporaryDirectory(prefix="line-warm-") as folder:
        page, received = Path(folder, "sent.tiff"), Path(folder, "received.tiff")
        write_sample_page(page)
        behaviour = answering(Station(station_id="WARM"))
        for medium in Medium:
            spec = CallSpec(
                document=page,
                receive=received,
                caller=Station(header="WARM"),
                behaviour=behaviour,
                medium=medium,
            )
            call = Call(CallSpec.from_json(spec.to_json()))
            for progress in call:
                progress.to_json()
            call.result().to_json()


def main() -> None:
    """Serve the process whose id is the one argument, over the socket at standard input."""
    wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake[1])
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with suppress(LineError):  # each call will say so
        _warm_up()
    # What is loaded stays shared with the children: collecting garbage would touch, so copy, it.
    gc.freeze()
    gc.disable()
    Host(socket.socket(fileno=0), os.getpid(), int(sys.argv[1]), wake).serve()


if __name__ == "__main__":
    main()
