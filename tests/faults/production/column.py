"""A portal as it runs in production: web and worker processes over PostgreSQL, Redis and S3.

Whatever of its processes ends is started again after a second, as a machine's init does.
"""
# ruff: noqa: S608 (the SQL is all ours)

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from tests.faults.portal import Portal, reap_orphans, wait_until
from tests.faults.production.disk import Disk
from tests.faults.production.gate import Gate
from tests.faults.production.servers import PostgreSQL, Redis, folder_for_all
from tests.faults.sources import Servers
from tests.ports import free_port
from tests.real.running import answers
from tests.seaweed import KEY, SECRET, Seaweed, seaweed
from tests.servers import put_migrated

DATABASE, KEYS, BUCKET = "portal", "portal_keys", "documents"
WEB = 2
# One does all of the work; of the others each does what it is told to, and no queue is one's alone.
WORKERS: Final = ((), ("--queues=line,mail,webhooks",), ("--queues=line,sync,convert,chores",))
_AGAIN_AFTER: Final = 1.0  # seconds
_DISKS: Final = {"data": 96, "postgresql": 900}  # megabytes
_WITHIN: Final = 600.0  # seconds for all to be up


@dataclass
class Backing:
    """The servers that a portal stands on."""

    folder: Path
    postgresql: PostgreSQL
    redis: Redis
    store: Seaweed
    gate: Gate
    disks: dict[str, Disk]  # none where this user may not mount any

    def processes(self) -> Iterator[psutil.Process]:
        """Those of the servers that can be struck."""
        for server in (self.postgresql, self.redis):
            with suppress(psutil.Error):
                if server.process is not None:
                    top = psutil.Process(server.process.pid)
                    yield from (top, *top.children(recursive=True))


@dataclass
class Node:
    """One of the portal's programs, started again whenever it ends."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    again_at: float = 0.0

    @property
    def clock(self) -> Path:
        """What says by how much its clock is wrong."""
        return Path(self.env["FAULTS_CLOCK"])


@dataclass
class Column(Portal):
    """Such a portal. Its nodes are kept running from ``start_all`` to ``close``."""

    backing: Backing = field(kw_only=True)
    nodes: dict[str, Node] = field(default_factory=dict)
    ports: list[int] = field(default_factory=list)
    starting: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def log_path(self) -> Path:
        return self.backing.folder / "log"

    @property
    def source(self) -> Servers:
        """Where its books are read, past whatever stands between it and its store."""
        from faxportal.object_store import ObjectStore  # noqa: PLC0415 (a second to load)

        return Servers(
            database=self.backing.postgresql.url(DATABASE),
            keys_database=self.backing.postgresql.url(KEYS),
            client=ObjectStore(**self.backing.store.options(BUCKET)).client,
            bucket=BUCKET,
            site_key=(self.data / "site_key").read_text(),
            journal=Path(self.env["FAULTS_JOURNAL"]),
        )

    # --- Nodes ------------------------------------------------------------------------------

    def start_all(self) -> None:
        """Start all nodes, and wait until they say that they are well."""
        for number in range(WEB):
            port = free_port()
            self.ports.append(port)
            self._add(f"web {number + 1}", "web", FAXPORTAL_PORT=str(port))
        for number, queues in enumerate(WORKERS):
            self._add(f"worker {number + 1}", "worker", "--skip-checks", *queues)
        threading.Thread(target=self._keep, daemon=True).start()
        wait_until(self.is_ready, _WITHIN, self.log)

    def _add(self, name: str, *command: str, **env: str) -> None:
        clock = self.backing.folder / f"clock-{name.replace(' ', '-')}"
        told = {**self.env, **env, "FAULTS_CLOCK": str(clock)}
        self.nodes[name] = Node(name, ("manage.py", *command), told)

    def _keep(self) -> None:
        while not self.closing.wait(0.1):
            for node in self.nodes.values():
                self._ensure(node)

    def _ensure(self, node: Node) -> None:
        with self.starting:
            if self.closing.is_set():
                return
            if node.process is not None and node.process.poll() is not None:
                self.processes.remove(node.process)
                node.process, node.again_at = None, time.monotonic() + _AGAIN_AFTER
            if node.process is None and time.monotonic() >= node.again_at:
                node.process = self.start(*node.command, env=node.env)

    def is_ready(self) -> bool:
        """Whether each web server says that all of the portal can do its work."""
        return all(self.answers(port, "/health/ready") for port in self.ports)

    def answers(self, port: int, path: str) -> bool:
        """Whether a web server has good news."""
        with suppress(OSError, ValueError):
            return bool(answers(f"http://127.0.0.1:{port}", path))
        return False

    def tree(self, name: str) -> list[psutil.Process]:
        """The processes of a node, itself first."""
        with suppress(psutil.Error, AttributeError):
            top = psutil.Process(self.nodes[name].process.pid)  # type: ignore[union-attr]
            return [top, *top.children(recursive=True)]
        return []

    def end_all(self) -> None:
        """Ask all nodes to end, and wait for it."""
        with self.starting:
            self.closing.set()
        ending = [node.process for node in self.nodes.values() if node.process is not None]
        for process in ending:
            process.terminate()
        for process in ending:
            process.wait(_WITHIN)

    def living(self) -> list[psutil.Process]:
        beneath = {each.pid for each in self.backing.processes()}
        return [each for each in super().living() if each.pid not in beneath]

    def close(self) -> None:
        with self.starting:
            self.closing.set()
        super().close()

    # --- Rows -------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, with %s for values."""
        return self.backing.postgresql.execute(DATABASE, sql, values)

    def open_work(self) -> dict[str, int]:
        kinds = {
            "faxes": "faxes_fax WHERE state IN ('preparing','queued','sending','receiving')",
            "faxes to wrap up": "faxes_fax WHERE wake_at IS NOT NULL",
            "calls": "faxes_linecall",
            "messages": "accounts_webhookmessage WHERE state = 'pending'",
            "objects to erase": "faxes_erasure WHERE due_at <= now() + interval '30 minutes'",
        }
        counted = {kind: self.count(sql) for kind, sql in kinds.items()}
        with self.backing.redis.client() as client:
            counted["jobs"] = sum(client.llen(name) for name in client.keys("*:jobs:*:waiting"))
            counted["jobs held"] = sum(client.zcard(name) for name in client.keys("*:jobs:*:held"))
        return {kind: number for kind, number in counted.items() if number}

    def lose_all_jobs(self) -> None:
        self.backing.redis.end()
        self.backing.redis.start()

    def hurry(self, seconds: float) -> None:
        """Let time pass for what waits: for leases of the dead, for the next try of a message."""
        columns = self.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema ="
            " 'public' AND column_name IN ('lease_until', 'wake_at', 'next_at', 'due_at', 'lock')"
            " AND data_type = 'timestamp with time zone'"
        )
        for table, column in columns:
            self.rows(
                f"UPDATE {table} SET {column} = {column} - %s * interval '1 second'"
                f" WHERE {column} IS NOT NULL",
                seconds,
            )
        with self.backing.redis.client() as client:
            for name in client.keys("*:jobs:*:held"):
                for job in client.zrange(name, 0, -1):
                    client.zincrby(name, -seconds, job)


@contextmanager
def backing() -> Iterator[Backing]:
    """The servers, started, and ended with all that they held."""
    folder = folder_for_all()
    places = {name: folder / name for name in ("data", "postgresql", "redis", "store")}
    for place in places.values():
        place.mkdir()
    disks = {name: Disk(places[name], size) for name, size in _DISKS.items()}
    disks = {name: disk for name, disk in disks.items() if disk.mount()}
    try:
        with seaweed(places["store"]) as store:
            postgresql, redis = PostgreSQL.made(places["postgresql"]), Redis(places["redis"])
            gate = Gate(store.address)
            try:
                postgresql.start()
                put_migrated(postgresql.url(DATABASE), "all")
                put_migrated(postgresql.url(KEYS), "keys")
                redis.start()
                yield Backing(folder, postgresql, redis, store, gate, disks)
            finally:
                gate.close()
                redis.end()
                postgresql.end()
    finally:
        for disk in disks.values():
            disk.unmount()
        subprocess.run(["rm", "-rf", str(folder)], check=False)


@contextmanager
def column(**env: str) -> Iterator[Column]:
    """A portal in production, with empty databases and none of its nodes running."""
    from faxportal.object_store import ObjectStore  # noqa: PLC0415 (a second to load)

    reap_orphans(yes=True)
    with backing() as beneath:
        client = ObjectStore(**beneath.store.options(BUCKET)).client
        client.create_bucket(Bucket=BUCKET)
        data = beneath.folder / "data"
        (data / "static").mkdir(exist_ok=True)
        portal = Column(data, {**_environment(beneath), **env}, backing=beneath)
        try:
            yield portal
        finally:
            portal.close()


def _environment(beneath: Backing) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.faults.production.settings",
        "DATABASE_URL": beneath.postgresql.url(DATABASE),
        "REDIS_URL": beneath.redis.url,
        "FAXPORTAL_KEYS_DATABASE_URL": beneath.postgresql.url(KEYS),
        "AWS_STORAGE_BUCKET_NAME": BUCKET,
        "AWS_S3_ENDPOINT_URL": beneath.gate.url,
        "AWS_S3_REGION_NAME": "us-east-1",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_S3_ADDRESSING_STYLE": "path",
        "FAXPORTAL_FETCH_ALLOW": "127.0.0.0/8",
        "FAXPORTAL_SWEEP_SECONDS": "1",
        "FAXPORTAL_UNDO_SECONDS": "0",
        "FAXPORTAL_API_RATE": "0",
        "FAXPORTAL_API_ACCOUNT_RATE": "0",
        "FAXPORTAL_LINES": "4",
        "FAXPORTAL_WORKERS": "2",
        "FAXPORTAL_HOSTS": "localhost,127.0.0.1",
        "FAULTS_JOURNAL": str(beneath.folder / "journal"),
    }
