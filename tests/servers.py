"""PostgreSQL and Redis for tests: on loopback, in a scratch folder, gone with whoever started them.

``python -m tests.servers COMMAND…`` runs a command with both of them in its environment.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from tests.migrated import state_of_the_product
from tests.real.running import free_port, until

ROOT = Path(__file__).resolve().parent.parent
USER = "portal"
_WITHIN = 60  # seconds for a server to come up


@dataclass(frozen=True)
class Production:
    """The servers behind a portal in production."""

    postgresql: int
    redis: int

    def environment(self) -> dict[str, str]:
        """Settings of a portal with databases of its own, migrated and empty, and a Redis.

        For ``running(prepared(folder), **servers.environment())``.
        """
        with redis.Redis(port=self.redis) as asked:
            number = asked.incr("portals")
        names = f"portal_{number}", f"keys_{number}"
        with psycopg.connect(self.database("postgres"), autocommit=True) as server:
            for name, template in zip(names, self._templates(server), strict=True):
                create(server, name, template)
        return {
            "DATABASE_URL": self.database(names[0]),
            "FAXPORTAL_KEYS_DATABASE_URL": self.database(names[1]),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis}/{number}",
        }

    def database(self, name: str) -> str:
        """The address of a database."""
        return f"postgres://{USER}@127.0.0.1:{self.postgresql}/{name}"

    def _templates(self, server: psycopg.Connection[Any]) -> tuple[str, str]:
        """Databases of all, and of keys, migrated as an operator does that."""
        state = state_of_the_product()
        both = f"all_{state}", f"keys_{state}"
        with in_turn(server):
            if not exists(server, both[1]):
                create(server, both[0])
                create(server, both[1])
                everything, keys = map(self.database, both)
                migrate(DATABASE_URL=everything, FAXPORTAL_KEYS_DATABASE_URL=keys)
        return both


def migrate(**environment: str) -> None:
    """Run the commands that prepare databases, in a process of their own."""
    with tempfile.TemporaryDirectory() as data:
        env = {"PATH": os.environ["PATH"], "FAXPORTAL_DATA": data, "FAXPORTAL_DEMO": "1"}
        for command in (("migrate", "-v0"), ("createcachetable",)):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=env | environment, check=True
            )


@contextmanager
def in_turn(server: psycopg.Connection[Any]) -> Iterator[None]:
    """One process at a time, of all that use this server."""
    server.execute("SELECT pg_advisory_lock(55432)")
    yield
    server.execute("SELECT pg_advisory_unlock(55432)")


def exists(server: psycopg.Connection[Any], name: str) -> bool:
    """Whether there is a database of that name."""
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def create(server: psycopg.Connection[Any], name: str, template: str = "template0") -> None:
    """Make a database as a copy of another."""
    mine, theirs = sql.Identifier(name), sql.Identifier(template)
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(mine, theirs))


@contextmanager
def production(*, durable: bool = False) -> Iterator[Production]:
    """Start both servers, and stop them; ``durable`` ones write to disk before they say so."""
    with postgresql(durable=durable) as first, redis_server() as second:
        yield Production(first, second)


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[int]:
    """Start a PostgreSQL whose user needs no password; its port."""
    with tempfile.TemporaryDirectory(prefix="portal-postgresql-") as name:
        folder, programs = Path(name), newest_programs()
        server = as_postgres()
        if server:
            shutil.chown(folder, "postgres")
        data, port = folder / "data", free_port()
        subprocess.run(
            [
                *[*server, str(programs / "initdb"), "-D", str(data), "-U", USER],
                *["-A", "trust", "-N", "--locale=C.UTF-8", "--encoding=UTF8"],
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "300",
            "shared_buffers": "128MB",
            "max_wal_size": "256MB",
            "timezone": "UTC",
            "autovacuum": "on",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        chosen = [f"-c{name}={value}" for name, value in settings.items()]
        command = [*server, str(programs / "postgres"), "-D", str(data), f"-p{port}", *chosen]
        with _started(command, folder, lambda: _is_up(port)):
            yield port


@contextmanager
def redis_server() -> Iterator[int]:
    """Start a Redis that keeps nothing; its port."""
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as name:
        port = free_port()
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", name]
        command += ["--save", "", "--appendonly", "no", "--databases", "1000"]
        program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/bin:/usr/sbin")
        with _started([str(program), *command[1:]], Path(name), lambda: _pings(port)):
            yield port


def newest_programs() -> Path:
    """The folder of PostgreSQL's programs."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4])
    )
    beside = shutil.which("postgres")
    assert found or beside, "PostgreSQL is not installed: deploy/bootstrap test does"
    return found[-1].parent if found else Path(str(beside)).parent


def as_postgres() -> list[str]:
    """What runs a program as the user of PostgreSQL, which does not run as root."""
    if os.geteuid():
        return []
    who = pwd.getpwnam("postgres")
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]


@contextmanager
def _started(command: Sequence[str], folder: Path, is_up: Any) -> Iterator[None]:
    """Run a server until the end: that of the thread which starts it, at the latest."""
    log = folder / "log"
    first, rest = (command[:1], command[1:]) if command[0] == "setpriv" else (["setpriv"], command)
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*first, "--pdeathsig=KILL", *rest], cwd=folder, stdout=told, stderr=subprocess.STDOUT
        )
    try:

        def works() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")[-2000:]
            return bool(is_up())

        until(works, _WITHIN)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # which waits for no client
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
        process.kill()
        process.wait()


def _is_up(port: int) -> bool:
    try:
        psycopg.connect(f"postgres://{USER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _pings(port: int) -> bool:
    with redis.Redis(port=port, socket_timeout=2) as asked, suppress(redis.RedisError):
        return bool(asked.ping())
    return False


def run(command: Sequence[str]) -> int:
    """Run a command with servers in its environment; how it ended."""
    with production() as servers:
        told = {
            "DATABASE_URL": servers.database("portal"),
            "REDIS_URL": f"redis://127.0.0.1:{servers.redis}/0",
        }
        return subprocess.run(command, env=os.environ | told, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
