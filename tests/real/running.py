"""The portal as ``make run`` starts it, on a port and a folder of a test's own."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.migrated import PREPARE, put_both_migrated, put_collected
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def prepared(data: Path) -> Path:
    """The same folder, made, with a database and all else that is made before the first start."""
    data.mkdir(parents=True)
    put_both_migrated(data)
    put_collected(data / "static")
    return data


@contextmanager
def running(data: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {
        **kept,
        "FAXPORTAL_DATA": str(data),
        "FAXPORTAL_PORT": str(port),
        "FAXPORTAL_SMTP_PORT": str(free_port()),
        "FAXPORTAL_DEMO": "1",
        **settings,
    }
    recipe = re.search(r"^run: ## .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    lines = [line.strip().lstrip("@") for line in recipe[1].splitlines()]
    assert lines.pop(0) == "deploy/bootstrap"
    if (data / "static").exists():  # it is prepared
        done = {f"$(PY) manage.py {' '.join(command)}" for command in PREPARE}
        assert done <= set(lines)
        lines = [line for line in lines if line not in done]
    script = "\n".join(lines).replace("$(PY)", sys.executable).replace("$$", "$")
    process = subprocess.Popen(
        ["bash", "-euc", script], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, f"http://localhost:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=90)


def answers(url, path):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
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
