"""A portal of a test's own: its data folder, its database file, its processes, and their end.

Processes are started in sessions of their own. The test's process makes itself the reaper of
orphans, so that whatever is left behind becomes its child and can be found.
"""
# ruff: noqa: S608 (the SQL is all ours)

import ctypes
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from tests.migrated import put_both_migrated

ROOT: Final = Path(__file__).resolve().parents[2]
_PR_SET_CHILD_SUBREAPER: Final = 36
_LOOK_EVERY: Final = 0.05


@dataclass
class Victims:
    """Processes that were struck, and by step whether they were."""

    process: subprocess.Popen[bytes]
    struck: dict[str, bool]

    def wake(self, within: float = 120) -> None:
        """Let those that sleep go on to their ends."""
        self.process.communicate(b"\n", timeout=within)


@dataclass
class Portal:
    """One portal; ``close`` ends all of it."""

    data: Path
    env: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    before: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        reap_orphans(yes=True)
        self.before = {process.pid for process in psutil.Process().children(recursive=True)}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "FAXPORTAL_DATA": str(self.data),
            "FAXPORTAL_DEMO": "1",
            "FAXPORTAL_SWEEP_SECONDS": "0.5",
            "FAXPORTAL_WORKERS": "2",
            "FAXPORTAL_RETRY_SCALE": "0",
            "FAXPORTAL_LOG_LEVEL": "WARNING",
            **self.env,
        }

    # --- Processes ------------------------------------------------------------------------

    def start(self, *arguments: str, **popen: Any) -> subprocess.Popen[bytes]:
        """Start Python with these arguments, in a session of its own."""
        with (self.data / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.env,
                start_new_session=True,
                **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **popen},
            )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Start ``manage.py worker``; the settings are those of many others."""
        return self.start("manage.py", "worker", "--skip-checks")

    def run(self, *arguments: str, given: object = None, within: float = 120) -> Any:
        """Run Python to its end; what it printed, as JSON."""
        process = self.start(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        out, _ = process.communicate(json.dumps(given).encode(), timeout=within)
        assert process.returncode == 0, f"{arguments} ended with {process.returncode}\n{self.log()}"
        return json.loads(out) if out.strip() else None

    def submit(self, *orders: dict[str, Any]) -> list[str]:
        """Submit faxes: ``{"tenant": "northside", "to": "+1…", "times": 3, "pages": 1}``."""
        ids: list[str] = self.run("-m", "tests.faults.submit", given=orders, within=120)
        return ids

    def start_submit(self, *orders: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Begin to submit faxes, and do not wait."""
        process = self.start("-m", "tests.faults.submit", stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(orders).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def victims(self, how: str, *steps: str) -> "Victims":
        """Take faxes through their steps, each by a process that is struck at one of them."""
        process = self.start(
            "-m",
            "tests.faults.victims",
            how,
            *steps,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        struck = {}
        for line in process.stdout:
            told = json.loads(line)
            if not told["step"]:
                break
            struck[told["step"]] = told["struck"]
        return Victims(process, struck)

    def living(self) -> list[psutil.Process]:
        """All that this portal has running, orphans included."""
        self._reap()
        alive = []
        waiting = psutil.Process().children()
        while waiting:
            process = waiting.pop()
            with suppress(psutil.NoSuchProcess):
                if process.pid not in self.before and not self._is_anothers(process):
                    waiting += process.children()
                    if process.status() != psutil.STATUS_ZOMBIE:
                        alive.append(process)
        return alive

    def _is_anothers(self, process: psutil.Process) -> bool:
        """Whether it belongs to another portal; helpers know of none, and have lost their own."""
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("FAXPORTAL_DATA", str(self.data)) != str(self.data)

    def _reap(self) -> None:
        ours = {process.pid for process in self.processes}
        for child in psutil.Process().children():
            if child.pid not in ours | self.before:
                with suppress(ChildProcessError):
                    os.waitpid(child.pid, os.WNOHANG)
        for process in self.processes:
            process.poll()

    def stop(self, process: subprocess.Popen[bytes], *, within: float = 60) -> float:
        """End a process kindly; how long it took."""
        began = time.monotonic()
        process.terminate()
        process.wait(within)
        return time.monotonic() - began

    def close(self) -> None:
        """Kill whatever is left."""
        while alive := self.living():
            for process in alive:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(_LOOK_EVERY)
        for started in self.processes:
            started.communicate()  # which closes its pipes, too

    def assert_all_gone(self, within: float = 5) -> None:
        """Nothing of this portal runs any more, no orphan either."""
        wait_until(lambda: not self.living(), within, lambda: f"left behind: {self.living()}")

    # --- Rows -----------------------------------------------------------------------------

    @property
    def database(self) -> Path:
        return self.data / "portal.sqlite3"

    @property
    def documents(self) -> Path:
        return self.data / "documents"

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.database, timeout=20, isolation_level=None)) as opened:
            yield opened

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return connection.execute(sql, values).fetchall()

    def count(self, sql: str, *values: object) -> int:
        return int(self.rows(f"SELECT count(*) FROM {sql}", *values)[0][0])

    def idle(self) -> bool:
        """Nothing is under way and nothing waits."""
        return not self.open_work()

    def open_work(self) -> dict[str, int]:
        """What is under way, by kind."""
        kinds = {
            "faxes": "faxes_fax WHERE state IN ('preparing','queued','sending','receiving')",
            "calls": "faxes_linecall",
            "jobs": "django_q_ormq WHERE lock <= datetime('now')",
        }
        counted = {kind: self.count(sql) for kind, sql in kinds.items()}
        return {kind: number for kind, number in counted.items() if number}

    def wait_idle(self, within: float) -> None:
        wait_until(self.idle, within, lambda: f"still open: {self.open_work()}\n{self.log()}")

    def lose_all_jobs(self) -> None:
        """What happens when the broker loses its memory."""
        self.rows("DELETE FROM django_q_ormq")

    def pass_time(self, time: timedelta) -> None:
        """Let time pass in the rows: every moment written down moves so far into the past."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table, column in _moments(connection):
                rows = connection.execute(
                    f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"
                ).fetchall()
                earlier = [(str(datetime.fromisoformat(at) - time), row) for row, at in rows]
                connection.executemany(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", earlier)
            connection.execute("COMMIT")

    def log(self) -> str:
        """The end of what the processes said."""
        path = self.data / "log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""


def reap_orphans(*, yes: bool) -> None:
    """Whether orphans of this process become its children."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def wait_until(
    condition: Callable[[], object], within: float, what: Callable[[], str] | str
) -> float:
    """Wait for a condition; how long it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within:
            raise AssertionError(f"after {within} s: {what() if callable(what) else what}")
        time.sleep(_LOOK_EVERY)
    return time.monotonic() - began


def kill(process: psutil.Process | subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process that may be gone already."""
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        process.send_signal(number)


def make_template(folder: Path) -> Path:
    """A data folder with the demonstration's accounts and some more numbers, to be copied."""
    folder.mkdir(parents=True)
    portal = Portal(folder)
    put_both_migrated(folder)
    try:
        portal.run("-m", "tests.faults.make")
    finally:
        portal.close()
    with portal.connection() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def copy_of(template: Path, folder: Path, **env: str) -> Portal:
    """A portal on a copy of a template."""
    shutil.copytree(template, folder)
    return Portal(folder, env)


def _moments(connection: sqlite3.Connection) -> Sequence[tuple[str, str]]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND"
        " (name LIKE 'faxes_%' OR name = 'django_q_ormq')"
    ).fetchall()
    return [
        (table, column[1])
        for (table,) in tables
        for column in connection.execute(f"PRAGMA table_info({table})")
        if column[2] == "datetime"
    ]
