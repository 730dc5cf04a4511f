"""A PostgreSQL of one's own, as it is set up for a portal, in a scratch folder."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

USER = "portal"
_WITHIN = 60.0
# What is written need not outlive the measurement; all else is as production has it.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
}


@contextlib.contextmanager
def postgresql(port: int) -> Iterator[str]:
    """Start it, politely; its address without a database."""
    programs = max(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        who: list[str] = []
        if not os.geteuid():  # it does not run as root
            shutil.chown(name, "postgres")
            user = pwd.getpwnam("postgres")
            who = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data = f"{name}/data"
        made = [*who, str(programs / "initdb"), "-D", data, "-U", USER, "-A", "trust", "-N"]
        made += ["--locale=C.UTF-8", "--encoding=UTF8"]
        subprocess.run(made, cwd=name, stdout=subprocess.DEVNULL, check=True)
        chosen = [f"-c{key}={value}" for key, value in _SETTINGS.items()]
        command = [*who, "nice", "-n", "5", str(programs / "postgres"), "-D", data, f"-p{port}"]
        with Path(name, "log").open("wb") as log:
            server = subprocess.Popen([*command, *chosen], cwd=name, stdout=log, stderr=log)
        try:
            _wait(port)
            yield f"postgres://{USER}@127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def create(address: str, name: str) -> str:
    """Make a database anew; its address."""
    with psycopg.connect(f"{address}/postgres", autocommit=True) as server:
        server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        server.execute(f"CREATE DATABASE {name}")
    return f"{address}/{name}"


def spare_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + _WITHIN
    while True:
        try:
            psycopg.connect(f"postgres://{USER}@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
