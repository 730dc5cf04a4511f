"""The README's commands, run as they stand: a portal from an empty folder, a fax by curl."""

import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.real.running import answers, running, until

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.search(r"```sh\n(PORTAL=.*?)```", README, re.DOTALL)

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def states(database):
    with closing(sqlite3.connect(database)) as rows:
        return sorted(rows.execute("SELECT direction, state FROM faxes_fax").fetchall())


def test_make_run_tells_how_to_get_in_and_the_curl_lines_send_a_fax_to_the_other_tenant(tmp_path):
    data = tmp_path / "data"  # there is none yet
    with running(data) as (process, url):
        send_a_fax(url, lambda: states(data / "portal.sqlite3"), tmp_path)
        assert process.poll() is None
        process.terminate()
        told, _ = process.communicate(timeout=90)
    assert url in told
    assert "admin@northside.example" in told
    assert "demo-fax-portal" in told


def send_a_fax(url, states, folder):
    """Do what the README says, until all faxes are in the states of the end."""
    until(lambda: answers(url, "/health/ready"), 120)
    assert SHELL
    done = subprocess.run(
        ["bash", "-eu", "-c", SHELL[1]],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PORTAL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout)["to"] == "+13125550122"
    until(lambda: states() == [("inbound", "received"), ("outbound", "delivered")], 120)
