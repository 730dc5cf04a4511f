"""The README's commands, run as they stand: a portal from an empty folder, a fax by curl."""

import http.client
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.search(r"```sh\n(PORTAL=.*?)```", README, re.DOTALL)

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def portal(tmp_path):
    """The portal as ``make run`` starts it, on a port and a folder of the test's own."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {
        **kept,
        "FAXPORTAL_DATA": str(tmp_path / "data"),
        "FAXPORTAL_PORT": str(port),
        "FAXPORTAL_DEMO": "1",
    }
    recipe = re.search(r"^run: ## .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    lines = [line.strip().lstrip("@") for line in recipe[1].splitlines()]
    assert lines.pop(0) == "deploy/bootstrap"
    script = "\n".join(lines).replace("$(PY)", sys.executable).replace("$$", "$")
    process = subprocess.Popen(
        ["bash", "-euc", script], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, f"http://localhost:{port}", tmp_path / "data" / "portal.sqlite3"
    finally:
        process.terminate()
        process.communicate(timeout=40)


def answers(url, path):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.1)


def states(database):
    with closing(sqlite3.connect(database)) as rows:
        return sorted(rows.execute("SELECT direction, state FROM faxes_fax").fetchall())


def test_make_run_and_the_curl_lines_send_a_fax_to_the_other_tenant(portal, tmp_path):
    process, url, database = portal
    until(lambda: answers(url, "/health/ready"), 60)
    assert SHELL
    done = subprocess.run(
        ["bash", "-eu", "-c", SHELL[1]],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PORTAL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert re.fullmatch(rf"{url}/a/[0-9a-f-]+/faxes/[0-9a-f-]+/", done.stdout.strip())
    until(lambda: states(database) == [("inbound", "received"), ("outbound", "delivered")], 30)
    assert process.poll() is None


def test_the_portal_says_where_it_is_and_how_to_get_in(portal):
    process, url, _ = portal
    until(lambda: answers(url, "/health/live"), 60)
    process.terminate()
    told, _ = process.communicate(timeout=40)
    assert url in told
    assert "admin@northside.example" in told
    assert "demo-fax-portal" in told
