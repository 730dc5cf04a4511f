"""What people, programs and workers wait for with very many faxes, on PostgreSQL.

``python benchmarks/bench_scale.py --accounts 1000 --faxes 5000000 --one 1000000`` fills a database
of a server of its own, and another with a thousandth of that (1,000 at least); asks both the same
by turns, and prints a table and writes ``var/bench/scale.json``. ``--one`` of the faxes are of the
account that is asked. Without options it is smaller. What other work on the machine changes little
are the buffers: pages of 8 KB that the server looked at.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
import scale_server

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
MOST = 1.2
SMALLER = 1000
FEWEST = 4  # accounts
FEWEST_FAXES = 1000  # of which a half are of the account that is asked


@dataclass(frozen=True)
class Asked:
    """One question, to the small database and to the full one: milliseconds, queries, buffers."""

    what: str
    median: tuple[float, float]
    p95: tuple[float, float]
    queries: tuple[int, int]
    buffers: tuple[int, int]

    @property
    def times(self) -> float:
        """How many times as long it takes in the full one."""
        return self.median[1] / self.median[0]


class Side:
    """One database of the two, which is the portal's while it is asked."""

    def __init__(self, address: str, folder: Path, *, accounts: int, faxes: int, one: int) -> None:
        """Migrate and fill it, unless it is so already."""
        from django.db import connections  # noqa: PLC0415 (only here are we a portal)

        self._name = address.rpartition("/")[2]
        self._admin = psycopg.connect(address.rpartition("/")[0] + "/postgres", autocommit=True)
        made = connections.create_connection("default")
        made.settings_dict = {**made.settings_dict, "NAME": self._name}
        self._connection = made
        kept = folder / f"{self._name}.json"
        if not kept.exists():
            self._fill(address, kept, accounts, faxes, one)
        self.told = json.loads(kept.read_text())
        self.asked: list[Any] = []

    def _fill(self, address: str, kept: Path, accounts: int, faxes: int, one: int) -> None:
        import scale_fill  # noqa: PLC0415
        import scale_portal  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        self.choose()
        for name in ("migrate", "createcachetable"):
            call_command(name, verbosity=0)
        made, who = scale_portal.build(accounts)
        filled = scale_fill.fill(address, made, faxes, one=one)
        kept.write_text(json.dumps({**who, **filled, "accounts": accounts, "faxes": faxes}))

    def choose(self) -> None:
        """Be the portal's database from now on."""
        from django.db import connections  # noqa: PLC0415

        connections["default"] = self._connection

    def prepare(self, document: bytes) -> None:
        """Make up what is asked here."""
        import scale_portal  # noqa: PLC0415
        from scale_questions import questions  # noqa: PLC0415

        self.choose()
        self.asked = questions(scale_portal.who(self.told), document)

    def looked_at(self, question: Any) -> tuple[int, int]:
        """Queries and buffers of one asking."""
        self.choose()
        question.before()
        self._admin.execute("SELECT pg_stat_statements_reset()")
        question.ask()
        found = self._admin.execute(
            "SELECT sum(calls), sum(shared_blks_hit + shared_blks_read) FROM pg_stat_statements s"
            " JOIN pg_database d ON d.oid = s.dbid WHERE datname = %s"
            " AND query !~* '^(begin|commit|rollback|savepoint|release|set|show)'",
            [self._name],
        ).fetchone()
        assert found is not None  # noqa: S101
        return int(found[0] or 0), int(found[1] or 0)

    def timed(self, question: Any) -> float:
        """Milliseconds of one asking."""
        self.choose()
        question.before()
        began = time.perf_counter()
        question.ask()
        return 1000 * (time.perf_counter() - began)


def compare(few: Side, many: Side) -> list[Asked]:
    """Ask both the same, by turns."""
    told = []
    for pair in zip(few.asked, many.asked, strict=True):
        sides = list(zip((few, many), pair, strict=True))
        for side, question in sides:
            side.timed(question)
        looked = [side.looked_at(question) for side, question in sides]
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for (side, question), each in zip(sides, took, strict=True):
                each.append(side.timed(question))
        told.append(
            Asked(
                pair[0].what,
                _of_both(median(each) for each in took),
                _of_both(quantiles(each, n=20)[-1] for each in took),
                (looked[0][0], looked[1][0]),
                (looked[0][1], looked[1][1]),
            )
        )
        print(row(told[-1]), flush=True)
    return told


def _of_both(values: Any) -> tuple[float, float]:
    few, many = (round(each, 2) for each in values)
    return few, many


def row(each: Asked) -> str:
    """A line of the table."""
    figures = "".join(
        f"{one:10.1f}{other:8.1f}" for one, other in zip(each.median, each.p95, strict=True)
    )
    queries = "/".join(map(str, dict.fromkeys(each.queries)))
    return (
        f"{each.what:32}{figures}{each.times:7.2f}x{queries:>9}"
        f"{each.buffers[0]:9}{each.buffers[1]:9}"
    )


def letter() -> bytes:
    """A PDF of one page."""
    from weasyprint import HTML  # noqa: PLC0415

    return bytes(HTML(string="<p>The results of Tuesday are in.</p>" * 20).write_pdf())


def measure(address: str, folder: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    """Within a portal: fill both databases, and ask."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    few = Side(
        f"{address}/few",
        folder,
        accounts=max(FEWEST, wanted.accounts // SMALLER),
        faxes=max(FEWEST_FAXES, wanted.faxes // SMALLER),
        one=max(FEWEST_FAXES // 2, wanted.one // SMALLER),
    )
    many = Side(
        f"{address}/many", folder, accounts=wanted.accounts, faxes=wanted.faxes, one=wanted.one
    )
    document = letter()
    few.prepare(document)
    many.prepare(document)
    print(f"\nfaxes: {few.told['faxes']:,} and {many.told['faxes']:,}, {many.told['seconds']} s")
    print(f"{'':32}{'few ms':>10}{'p95':>8}{'many ms':>10}{'p95':>8}{'':8}{'queries':>9}  buffers")
    asked = compare(few, many)
    over = [each.what for each in asked if each.times > MOST]
    print(f"goal: at most {MOST}x" + (f"; over it: {', '.join(over)}" if over else ": kept"))
    return {
        "few": few.told["tables"],
        "many": many.told["tables"],
        "faxes": [few.told["faxes"], many.told["faxes"]],
        "filled_in_seconds": many.told["seconds"],
        "asked": [asdict(each) | {"times": round(each.times, 2)} for each in asked],
        "goal": MOST,
        "over": over,
    }


def main() -> None:
    """Start a server, fill and ask in a process whose portal it is, and write what came of it."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--accounts", type=int, default=20)
    arguments.add_argument("--faxes", type=int, default=50_000)
    arguments.add_argument("--one", type=int, default=20_000)
    arguments.add_argument("--inside", default="", help=argparse.SUPPRESS)
    wanted = arguments.parse_args()
    if wanted.inside:
        sys.path.insert(0, str(ROOT))
        folder = Path(os.environ["FAXPORTAL_DATA"])
        told = measure(wanted.inside, folder, wanted)
        (folder / "scale.json").write_text(json.dumps(told))
        return
    port = scale_server.spare_port()
    with (
        tempfile.TemporaryDirectory(prefix="bench-scale-data-") as folder_name,
        scale_server.postgresql(port) as address,
    ):
        names = [scale_server.create(address, name) for name in ("few", "many")]
        environment = {
            "DJANGO_SETTINGS_MODULE": "faxportal.settings",
            "FAXPORTAL_DATA": folder_name,
            "FAXPORTAL_DEMO": "1",
            "FAXPORTAL_API_RATE": "1000000",
            "FAXPORTAL_API_ACCOUNT_RATE": "1000000",
            "FAXPORTAL_LOG_LEVEL": "WARNING",
            "DATABASE_URL": names[0],
        }
        inside = [sys.executable, __file__, *sys.argv[1:], "--inside", address]
        subprocess.run(inside, env=os.environ | environment, check=True)
        report = json.loads(Path(folder_name, "scale.json").read_text())
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "scale.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
