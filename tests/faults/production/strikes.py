"""What can befall a portal in production: each a block, at whose end the cause is gone again."""

import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import psutil

from tests.faults.portal import kill
from tests.faults.production.column import Column
from tests.faults.production.disk import allow_writing
from tests.faults.production.gate import Mood

Strike = Callable[[Column, random.Random, float], Iterator[str]]
_CUT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND datname IS NOT NULL AND random() < %s"
)


@dataclass(frozen=True)
class Kind:
    """A kind of fault: how often it comes among all, and for how long at most, in seconds."""

    name: str
    often: int
    longest: float
    strike: Strike


def label(process: psutil.Process) -> str:
    """What a process of the portal is."""
    line = process.cmdline()
    text = " ".join(line)
    for part, name in (
        ("faxes.management.web", "web server"),
        ("zygote", "converter"),
        ("faxes.line", "call"),
        ("faxes/line", "call"),
    ):
        if part in text:
            return name
    if any(word.endswith("manage.py") for word in line[:-1]):
        name = next(after for before, after in pairwise(line) if before.endswith("manage.py"))
        return {"cluster": "task worker"}.get(name, name)
    return line[-1][-20:]


def by_label(column: Column) -> dict[str, list[psutil.Process]]:
    """All processes of the portal."""
    found = defaultdict(list)
    for name in column.nodes:
        for process in column.tree(name):
            with suppress(psutil.Error, IndexError):
                found[label(process)].append(process)
    return dict(sorted(found.items()))


def any_process(column: Column, dice: random.Random) -> tuple[str, psutil.Process | None]:
    """One of the portal's processes, each kind as likely as any other."""
    found = by_label(column)
    if not found:
        return "nobody", None
    name = dice.choice(list(found))
    return name, dice.choice(found[name])


def _kill_one(column: Column, dice: random.Random, _seconds: float) -> Iterator[str]:
    name, process = any_process(column, dice)
    if process:
        kill(process)
    yield name


def _kill_three(column: Column, dice: random.Random, _seconds: float) -> Iterator[str]:
    chosen = [any_process(column, dice) for _ in range(3)]
    for _, process in chosen:
        if process:
            kill(process)
    yield " + ".join(name for name, _ in chosen)


def _kill_node(column: Column, dice: random.Random, _seconds: float) -> Iterator[str]:
    name = dice.choice(list(column.nodes))
    for process in column.tree(name)[:1]:
        kill(process)
    yield name


def _kill_all(column: Column, _dice: random.Random, _seconds: float) -> Iterator[str]:
    for name in column.nodes:
        for process in column.tree(name)[:1]:
            kill(process)
    yield "every node"


def _stop(column: Column, dice: random.Random, seconds: float) -> Iterator[str]:
    name, process = any_process(column, dice)
    if process:
        kill(process, signal.SIGSTOP)
    yield f"{name}, {seconds:.0f} s"
    if process:
        kill(process, signal.SIGCONT)


def _restart_database(column: Column, _dice: random.Random, _seconds: float) -> Iterator[str]:
    column.backing.postgresql.end(signal.SIGINT)
    yield "restarted"
    column.backing.postgresql.start()


def _kill_database(column: Column, _dice: random.Random, _seconds: float) -> Iterator[str]:
    column.backing.postgresql.end(signal.SIGKILL)
    yield "kill -9"
    column.backing.postgresql.start()


def _cut_database(column: Column, dice: random.Random, _seconds: float) -> Iterator[str]:
    with suppress(Exception):  # it may be away
        column.rows(_CUT, dice.choice([0.3, 1.0]))
    yield "connections"


def _restart_redis(column: Column, _dice: random.Random, _seconds: float) -> Iterator[str]:
    column.backing.redis.end()
    yield "lost all"
    column.backing.redis.start()


def _store(mood: Mood) -> Strike:
    def strike(column: Column, _dice: random.Random, seconds: float) -> Iterator[str]:
        column.backing.gate.be(mood)
        yield f"{mood}, {seconds:.0f} s"
        column.backing.gate.be(Mood.OPEN)

    return strike


def _fill_data(column: Column, _dice: random.Random, seconds: float) -> Iterator[str]:
    if disk := column.backing.disks.get("data"):
        disk.fill()
        yield f"disk, {seconds:.0f} s"
        disk.free()
        return
    allow_writing((each for name in column.nodes for each in column.tree(name)), yes=False)
    yield f"quota, {seconds:.0f} s"
    allow_writing((each for name in column.nodes for each in column.tree(name)), yes=True)


def _fill_database(column: Column, _dice: random.Random, seconds: float) -> Iterator[str]:
    disk = column.backing.disks["postgresql"]
    disk.fill()
    with suppress(Exception):  # so that it notices, however little is written at this moment
        column.rows("SELECT pg_switch_wal()")
    yield f"{seconds:.0f} s"
    disk.free()
    column.backing.postgresql.start()


def _clock(*, of_all: bool) -> Strike:
    def strike(column: Column, dice: random.Random, seconds: float) -> Iterator[str]:
        nodes = list(column.nodes.values())
        chosen = nodes if of_all else [dice.choice(nodes)]
        wrong = dice.choice([-600, -60, -5, 5, 60, 600])
        for node in chosen:
            node.clock.write_text(str(wrong))
        yield f"{wrong:+} s, {seconds:.0f} s"
        for node in chosen:
            node.clock.write_text("0")

    return strike


KINDS: Final = (
    Kind("process killed", 30, 0, _kill_one),
    Kind("three processes killed", 6, 0, _kill_three),
    Kind("node killed", 8, 0, _kill_node),
    Kind("every node killed", 2, 0, _kill_all),
    Kind("process stopped", 12, 12, _stop),
    Kind("PostgreSQL restarted", 5, 4, _restart_database),
    Kind("PostgreSQL killed", 5, 12, _kill_database),
    Kind("PostgreSQL connections cut", 5, 0, _cut_database),
    Kind("PostgreSQL disk full", 2, 6, _fill_database),
    Kind("Redis lost", 6, 5, _restart_redis),
    Kind("S3 500", 3, 12, _store(Mood.ERROR_500)),
    Kind("S3 503", 3, 12, _store(Mood.ERROR_503)),
    Kind("S3 hanging", 3, 25, _store(Mood.HANGING)),
    Kind("S3 reset", 3, 10, _store(Mood.RESET)),
    Kind("S3 answers lost", 3, 10, _store(Mood.DEAF)),
    Kind("disk full", 4, 10, _fill_data),
    Kind("clock of one node wrong", 3, 10, _clock(of_all=False)),
    Kind("clock of all nodes wrong", 2, 10, _clock(of_all=True)),
)


def possible(column: Column) -> list[Kind]:
    """The kinds that can befall this portal here."""
    without = set()
    if "REDIS_URL" not in column.env:
        without.add("Redis lost")
    if "postgresql" not in column.backing.disks:
        without.add("PostgreSQL disk full")
    return [kind for kind in KINDS if kind.name not in without]


@contextmanager
def struck(
    kind: Kind, column: Column, dice: random.Random, seconds: float
) -> Iterator[tuple[str, float]]:
    """Do it, and undo it in the end; what it was exactly, and when."""
    strike = kind.strike(column, dice, seconds)
    with column.starting:
        what = next(strike)
    try:
        yield what, time.monotonic()
    finally:
        next(strike, None)
