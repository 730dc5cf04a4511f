"""The command that runs everything: one portal to a port, and an end that can be hurried."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
# A child that does not listen, as one in the middle of long work.
STUBBORN = """
import signal, sys, time
from faxes.management.children import Child
from faxes.management.commands import serve
code = "import signal as s, time; s.signal(15, s.SIG_IGN); print('up', flush=True); time.sleep(99)"
child = Child("stubborn", [sys.executable, "-c", code])
serve.Command._web = lambda self: child
Child.manage = classmethod(lambda cls, *_: Child("other", [sys.executable, "-c", code]))
serve.Command().handle()
"""


def start(data, port, *arguments):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **kept,
            "FAXPORTAL_DATA": str(data),
            "FAXPORTAL_PORT": str(port),
            "FAXPORTAL_SMTP_PORT": str(free_port()),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_in_use_ends_the_second_portal_with_one_sentence(tmp_path, shared):
    with socket.socket() as taken:
        if shared:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path / "data", port, "serve")
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == f"CommandError: port {port} is in use; set FAXPORTAL_PORT to another\n"
    assert out == ""


def test_a_second_interrupt_stops_at_once(tmp_path):
    port = free_port()
    process = start(tmp_path / "data", port, "shell", "-v0", "-c", STUBBORN)
    lines = iter(process.stdout.readline, "")
    up = 0
    for line in lines:
        up += line == "up\n"
        if up == 3:
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 3
    process.send_signal(signal.SIGINT)
    assert next(lines) == "Stopping; Ctrl-C again to stop at once\n"
    time.sleep(1)
    assert process.poll() is None
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert psutil.wait_procs(children, timeout=5)[1] == []
