"""Jobs that misbehave in every way the sandbox has to bear."""

import errno
import os
import signal
import socket
import time
from pathlib import Path

from faxes.enums import ErrorCode
from faxes.errors import DocumentError


def echo(job, **arguments):
    return {"arguments": arguments, "folder": str(job.folder), "pid": os.getpid()}


def refuse(job, **facts):
    raise DocumentError(ErrorCode.DOCUMENT_NO_PAGES, **facts)


def stumble(job):
    job.say({"source": 1})
    raise RuntimeError("not foreseen")


def crash(job):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(job):
    os._exit(3)


def loop(job):
    while True:
        pass


def sleep(job, *, seconds):
    time.sleep(seconds)


def eat_memory(job):
    held = []
    while True:
        held.append(bytearray(16 << 20))


def write_one_large_file(job, *, size):
    with (job.folder / "large").open("wb") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))


def write_many_files(job):
    for number in range(10_000):
        (job.folder / str(number)).write_bytes(bytes(1 << 18))
        time.sleep(0.001)


def write_elsewhere(job, *, path):
    Path(path).write_text("escaped")


def read_elsewhere(job, *, path):
    return Path(path).read_text()


def open_many_files(job):
    held = [(job.folder / str(number)).open("w") for number in range(1000)]
    return len(held)


def find_the_disk_full(job):
    raise OSError(errno.ENOSPC, "no room")


def be_killed(job):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_the_helper(job):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


def speak_to_the_network(job, *, port):
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"hello")


def environment(job):
    return dict(os.environ)
