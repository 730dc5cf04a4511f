"""A portal as it is run, for all tests that ask one for more than its start."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.real.front import certify
from tests.real.running import ROOT, answers, prepared, running, until


@dataclass(frozen=True)
class Running:
    """Where it is, the port that takes mails, and the demonstration's accounts.

    ``secure`` is where the world reaches it, with a certificate by ``authority``.
    """

    url: str
    secure: str
    authority: Path
    data: Path
    smtp_port: int
    accounts: list[dict[str, Any]]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demonstration, with TLS before it; it fetches documents from this machine."""
    data = prepared(tmp_path_factory.mktemp("portal") / "data")
    smtp, port = free_port(), free_port()
    authority, certificate = certify(tmp_path_factory.mktemp("certificates"))
    settings = {
        "FAXPORTAL_FETCH_ALLOW": "127.0.0.0/8",
        "FAXPORTAL_SMTP_PORT": str(smtp),
        "FAXPORTAL_BASE_URL": f"https://localhost:{port}",
    }
    with (
        running(data, **settings) as (_, url),
        fronted(port, int(url.rsplit(":", 1)[1]), certificate),
    ):
        until(lambda: answers(url, "/health/ready"), 180)
        env = {"PATH": os.environ["PATH"], "FAXPORTAL_DATA": str(data), "FAXPORTAL_DEMO": "1"}
        seeded = subprocess.run(
            [sys.executable, "manage.py", "seed_demo", "--json"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            check=True,
        )
        accounts = json.loads(seeded.stdout)["accounts"]
        yield Running(url, settings["FAXPORTAL_BASE_URL"], authority, data, smtp, accounts)


@contextmanager
def fronted(port: int, portal_port: int, certificate: Path) -> Iterator[None]:
    """Have TLS on a port."""
    command = [sys.executable, "-m", "tests.real.front", str(port), str(portal_port)]
    process = subprocess.Popen([*command, str(certificate)], cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
