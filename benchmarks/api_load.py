"""Asks a web server the same thing over and over, on several connections at once."""

import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from statistics import quantiles

import psutil

_BOUNDARY = b"----bench"


@dataclass(frozen=True)
class Load:
    """What came of it: requests a second, and milliseconds each at the middle and of the slowest.

    ``p99`` is what 99 in a hundred took at most; ``cpu`` are milliseconds of the processor, of the
    server and all beneath it.
    """

    requests: int
    requests_a_second: float
    p50: float
    p99: float
    cpu: float


@dataclass
class Asking:
    """One request that is made again and again; with ``keyed`` each has an idempotency key."""

    port: int
    head: bytes
    body: bytes
    server: int = 0  # process id
    keyed: bool = False
    until: float = 0.0
    took: list[float] = field(default_factory=list)
    faults: list[bytes] = field(default_factory=list)

    def run(self, connections: int, seconds: float) -> Load:
        """Ask on so many connections, each as soon as its last answer came."""
        cost, began = cpu_of(self.server), time.perf_counter()
        self.until = began + seconds
        threads = [threading.Thread(target=self._ask) for _ in range(connections)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        seconds = time.perf_counter() - began
        if self.faults:
            raise SystemExit(f"the server refused: {self.faults[0][:2000]!r}")
        cuts = quantiles(self.took, n=100)
        return Load(
            len(self.took),
            round(len(self.took) / seconds, 1),
            round(1000 * cuts[49], 1),
            round(1000 * cuts[98], 1),
            round(1000 * (cpu_of(self.server) - cost) / len(self.took), 1),
        )

    def _ask(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (began := time.perf_counter()) < self.until and not self.faults:
                key = f"Idempotency-Key: {uuid.uuid4()}\r\n".encode() if self.keyed else b""
                line.sendall(self.head + key + b"\r\n" + self.body)
                # a server that answers in two pieces would wait 40 ms for the first to be confirmed
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                answer = _answer(line)
                self.took.append(time.perf_counter() - began)
                if not answer.startswith(b"HTTP/1.1 201"):
                    self.faults.append(answer)


def cpu_of(root: int) -> float:
    """Processor seconds of a process and all beneath it so far, of ended ones too."""
    main = psutil.Process(root)
    times = [each.cpu_times() for each in (main, *main.children(recursive=True))]
    return float(
        sum(each.user + each.system + each.children_user + each.children_system for each in times)
    )


def form(port: int, path: str, token: str, fields: dict[str, str], document: bytes) -> Asking:
    """A form with a PDF, as an integrator's program sends it."""
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (_BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    parts.append(
        b'--%s\r\nContent-Disposition: form-data; name="documents"; filename="letter.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%s\r\n" % (_BOUNDARY, document)
    )
    body = b"".join(parts) + b"--%s--\r\n" % _BOUNDARY
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    return Asking(port, head.encode(), body)


def _answer(line: socket.socket) -> bytes:
    """One whole answer; all that are asked say how long they are."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := line.recv(65536)):
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [each for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        if not (more := line.recv(65536)):
            break
        body += more
    return head + b"\r\n\r\n" + body
