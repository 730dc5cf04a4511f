"""PostgreSQL and Redis for tests: on loopback, in a scratch folder, gone with whoever started them.

``python -m tests.servers COMMAND…`` runs a command with both of them in its environment; without
one it makes what databases begin with ahead of time.
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

from tests.migrated import kept, state_of_the_product
from tests.ports import free_port
from tests.real.running import until

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
        both = self.database(f"portal_{number}"), self.database(f"keys_{number}")
        put_migrated(both[0], "all")
        put_migrated(both[1], "keys")
        return {
            "DATABASE_URL": both[0],
            "FAXPORTAL_KEYS_DATABASE_URL": both[1],
            "REDIS_URL": f"redis://127.0.0.1:{self.redis}/{number}",
        }

    def database(self, name: str) -> str:
        """The address of a database."""
        return f"postgres://{USER}@127.0.0.1:{self.postgresql}/{name}"


def put_migrated(address: str, *parts: str) -> None:
    """Make a database anew: with the tables of ``all``, of ``keys``, or of all and the keyring."""
    server, _, name = address.rpartition("/")
    template = f"{'_'.join(parts)}_{state_of_the_product()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        with in_turn(admin):  # one makes it, the others wait
            if not exists(admin, template):
                create(admin, template)
                with kept() as folder:
                    if not (folder / "postgresql").exists():
                        _dump(admin, server, folder / "postgresql")
                    for part in parts:
                        told = folder / "postgresql" / part
                        _program(
                            "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", told, server, template
                        )
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        create(admin, name, template)


def _dump(admin: psycopg.Connection[Any], server: str, folder: Path) -> None:
    """Migrate as an operator does, keys apart from all else, and write down what that makes."""
    both = f"made_{os.getpid()}", f"made_{os.getpid()}_keys"
    for name in both:
        create(admin, name)
    with tempfile.TemporaryDirectory() as data:
        env = {
            "PATH": os.environ["PATH"],
            "FAXPORTAL_DATA": data,
            "DATABASE_URL": f"{server}/{both[0]}",
            "FAXPORTAL_KEYS_DATABASE_URL": f"{server}/{both[1]}",
        }
        for command in (("migrate", "-v0"), ("createcachetable",)):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        for part, name, what in (
            ("all", both[0], ()),
            ("keys", both[1], ()),
            ("keyring", both[1], ("-t", "keyring_*")),
        ):
            _program("pg_dump", "-O", "-f", Path(data) / part, *what, server, name)
        whole = folder.with_name("postgresql.new")
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(data, whole, ignore=lambda _, names: {*names} - {"all", "keys", "keyring"})
        whole.rename(folder)


def _program(name: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs; the server and the database come last."""
    *options, server, database = map(str, arguments)
    command = [str(newest_programs() / name), *options, "-d", f"{server}/{database}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


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
        init = [*server, str(programs / "initdb"), "-D", str(data), "-U", USER, "-A", "trust"]
        init += ["-N", "--locale=C.UTF-8", "--encoding=UTF8"]
        subprocess.run(init, cwd=folder, stdout=subprocess.DEVNULL, check=True)
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
        found = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        assert found, "Redis is not installed: deploy/bootstrap test does"
        program, port = Path(name) / "redis-server", free_port()
        program.symlink_to(found)  # it is one program, which does what its name says
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", name]
        command += ["--save", "", "--appendonly", "no", "--databases", "1000"]
        with _started(command, Path(name), lambda: _pings(port)):
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with production() as servers:
        if not command:
            servers.environment()
            return 0
        told = {
            "DATABASE_URL": servers.database("portal"),
            "REDIS_URL": f"redis://127.0.0.1:{servers.redis}/0",
        }
        process = subprocess.Popen(command, env=os.environ | told)
        try:
            return process.wait()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
