"""Whoever receives as Fax2's document says has every fax once, whatever workers and clocks do."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.portal import ROOT, Portal, kill, wait_until
from tests.ports import free_port
from tests.real.running import answers

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

FAXES = 2000
SKEWS = [0, -7 * 60, 4 * 60, 20 * 60]  # seconds by which each worker's clock is off
# Times as they were taken, whatever the order in which faxes are told.
PLAINLY = """
CREATE TRIGGER plainly AFTER UPDATE OF received_at ON faxes_fax
WHEN NEW.received_at IS NOT NEW.finished_at
BEGIN UPDATE faxes_fax SET received_at = finished_at WHERE id = NEW.id; END
"""


class Client:
    """The client of the document: it is killed and goes on where it was."""

    def __init__(self, base: str, credentials: tuple[str, str], file: Path) -> None:
        program = ROOT / "tests" / "faults" / "fax2_reader.py"
        self.command = [sys.executable, str(program), base, *credentials, str(file)]
        self.file = file
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command)

    def kill(self) -> None:
        if self.process is not None:
            assert self.process.poll() is None, "it ended by itself"
            kill(self.process)
            self.process.wait()
            self.process = None

    def _rows(self, sql: str) -> list[str]:
        with closing(sqlite3.connect(self.file, timeout=20)) as kept:
            return [row[0] for row in kept.execute(sql)]

    def processed(self) -> Counter[str]:
        """How often it processed each fax."""
        return Counter(self._rows("SELECT id FROM processed"))

    def rounds(self) -> int:
        """How often it went through its procedure."""
        if not self.file.exists():
            return 0
        try:
            return len(self._rows("SELECT number FROM rounds"))
        except sqlite3.OperationalError:
            return 0  # it has just begun

    def go_round(self, times: int = 2) -> None:
        """Wait until it has begun and ended its procedure anew."""
        until = self.rounds() + times
        wait_until(lambda: self.rounds() >= until, 120, "the client does not get on")


@pytest.fixture(scope="module")
def served(portals: Callable[..., Portal]) -> tuple[Portal, str, dict[str, tuple[str, str]]]:
    """A portal that is served, its address, and the credentials of two tenants' clients."""
    port = free_port()
    portal = portals(
        FAXPORTAL_PORT=str(port),
        FAXPORTAL_API_RATE="100000",
        FAXPORTAL_API_ACCOUNT_RATE="100000",
    )
    credentials = portal.run("-m", "tests.faults.oauth_client")
    portal.start("manage.py", "serve")
    here = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(here, "/health/live"), 120, portal.log)
    return portal, f"{here}/v1", credentials


@contextmanager
def receiving(
    served: tuple[Portal, str, dict[str, Any]], tenant: str, folder: Path
) -> Iterator[Client]:
    """A client of a tenant at work."""
    _, base, credentials = served
    client = Client(base, credentials[tenant], folder / "received.sqlite3")
    client.start()
    client.go_round(1)
    try:
        yield client
    finally:
        client.kill()


def begin(portal: Portal, **asked: Any) -> subprocess.Popen[bytes]:
    """Start a worker."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    worker = portal.start("-m", "tests.faults.arrive", **pipes)
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(asked).encode())
    worker.stdin.close()
    worker.stdin = None
    return worker


def ended(portal: Portal, workers: list[subprocess.Popen[bytes]]) -> tuple[set[str], set[str]]:
    """Which faxes workers wrote and which of them were deleted."""
    made: set[str] = set()
    deleted: set[str] = set()
    for worker in workers:
        out, _ = worker.communicate(timeout=200)
        assert worker.returncode == 0, portal.log()
        told = json.loads(out)
        made |= set(told["made"])
        deleted |= set(told["deleted"])
    return made, deleted


def test_each_fax_is_processed_once_and_only_once(served, tmp_path: Path):
    portal, dice, began = served[0], random.Random(5), time.monotonic()
    with receiving(served, "northside", tmp_path) as client:
        workers = [
            begin(
                portal,
                tenant="northside",
                seed=seed,
                skew=skew,
                count=FAXES // len(SKEWS),
                deletes=0.15,
                pause=0.1,
            )
            for seed, skew in enumerate(SKEWS)
        ]
        deaths = 0
        while any(worker.poll() is None for worker in workers):
            time.sleep(1 + 1.5 * dice.random())
            client.kill()
            deaths += 1
            client.start()
        made, deleted = ended(portal, workers)
        client.go_round()
        processed = client.processed()
    print(f"{len(made)} in {time.monotonic() - began:.0f} s, {deaths} deaths")  # noqa: T201
    assert len(made) == FAXES
    assert deleted
    assert made - deleted - set(processed) == set(), "missed"
    assert {key: times for key, times in processed.items() if times > 1} == {}, "twice"
    assert set(processed) <= made


@pytest.mark.long
def test_by_the_times_that_workers_took_faxes_are_missed(served, tmp_path: Path):
    """What the test above would say if faxes were told by when they ended."""
    portal = served[0]
    portal.rows(PLAINLY)
    try:
        with receiving(served, "lakeside", tmp_path) as client:
            asked = {"tenant": "lakeside", "seed": 2, "skew": 0, "deletes": 0, "pause": 0.3}
            made, _ = ended(portal, [begin(portal, count=200, **asked)])
            client.go_round()
            assert made - set(client.processed())
    finally:
        portal.rows("DROP TRIGGER plainly")
