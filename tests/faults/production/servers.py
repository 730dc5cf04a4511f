"""The servers behind a portal in production, each of which can be struck: PostgreSQL and Redis."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
import redis

from tests.faults.portal import wait_until
from tests.ports import free_port
from tests.servers import USER, as_postgres, newest_programs

_WITHIN: Final = 120.0  # seconds for a server to come up
_SETTINGS: Final = {
    "fsync": "off",  # processes are killed here, never the machine
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "logging_collector": "off",
}


@dataclass
class Server:
    """A program that listens on a port of its own and keeps its files in a folder of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def is_up(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start it, as often as that takes: what was killed lets go of its things a bit later."""
        wait_until(self._started, _WITHIN, self.log)

    def _started(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    self.command(),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        return self.is_up()

    def end(self, number: int = signal.SIGKILL) -> None:
        """End it by a signal; whatever it had started is gone, too, when this returns."""
        if self.process is None:
            return
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
            self.process.send_signal(number)
            self.process.wait(_WITHIN)
            _, left = psutil.wait_procs(children, timeout=20)
            for each in left:
                each.kill()
            psutil.wait_procs(left, timeout=20)

    def log(self) -> str:
        """The end of what it said."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]


class PostgreSQL(Server):
    """One that is told not to run as root, so it gets a user of its own there."""

    @classmethod
    def made(cls, folder: Path) -> "PostgreSQL":
        """A new one in a folder that is there."""
        server = cls(folder)
        give_to_user(folder)
        command = [
            str(newest_programs() / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            USER,
            "-A",
            "trust",
        ]
        command += ["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*as_postgres(), *command], check=True, cwd=folder, stdout=subprocess.DEVNULL
        )
        return server

    def command(self) -> Sequence[str]:
        told = {**_SETTINGS, "unix_socket_directories": "", "port": str(self.port)}
        options = [part for name, value in told.items() for part in ("-c", f"{name}={value}")]
        return [
            *as_postgres(),
            str(newest_programs() / "postgres"),
            "-D",
            str(self.folder / "data"),
            *options,
        ]

    def is_up(self) -> bool:
        try:
            self.execute("postgres", "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """Where a portal finds a database of it."""
        return f"postgres://{USER}:unasked@127.0.0.1:{self.port}/{database}"

    def execute(self, database: str, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a statement."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(sql.encode(), values or None)
            return found.fetchall() if found.description else []


class Redis(Server):
    """One that keeps nothing: whoever ends it has lost all that was in it."""

    def command(self) -> Sequence[str]:
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
        program = self.folder / "redis-server"
        if not program.exists():  # it is one program, which does what its name says
            program.symlink_to(shutil.which("redis-server") or str(shutil.which("redis-check-rdb")))
        return [
            str(program),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    @property
    def url(self) -> str:
        """Where a portal finds it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def is_up(self) -> bool:
        with self.client() as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def client(self) -> redis.Redis:
        """Somebody who asks it."""
        return redis.Redis(port=self.port, socket_timeout=5)


def folder_for_all() -> Path:
    """A new folder that a server of another user can reach, too."""
    folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
    folder.chmod(0o755)
    return folder


def give_to_user(folder: Path) -> None:
    """Let the user of PostgreSQL keep its files there."""
    if as_postgres():
        shutil.chown(folder, "postgres")
