"""Faxes a second from submitting to delivered, through real workers, and what a job costs.

``python benchmarks/bench_send.py`` prints tables and writes ``var/bench/send.json``. Each portal is
a ``manage.py worker`` on SQLite in a folder of its own. Jobs are compared with django-q2 alone on
the same broker: the same function, put in by ``async_task`` and run by ``manage.py qcluster``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from uuid import uuid4

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults.make import MORE_NUMBERS  # noqa: E402 (after the path)
from tests.faults.portal import Portal, copy_of, make_template, wait_until  # noqa: E402

FAXES = 120
SINGLE = 7
JOBS = 1500
WARM_UP = 200
ROUNDS = 5  # of each kind, in turns
MOST_OVERHEAD = 0.10
SETTINGS = {"DJANGO_SETTINGS_MODULE": "faxportal.settings"}
TEST_NUMBER = "+12025550100"


@dataclass(frozen=True)
class Sending:
    """Faxes of one page, submitted as fast as three accounts can."""

    what: str
    workers: int
    faxes: int
    faxes_a_second: float


@dataclass(frozen=True)
class Jobs:
    """Jobs that look for a row which is not there; processor time is for both ways."""

    kind: str
    put_in_a_second: float
    done_a_second: float
    cpu_milliseconds_a_job: float


def sending(portal: Portal, what: str, workers: int, numbers: list[str]) -> Sending:
    """Submit many faxes at once; the time is from the first row to the last delivery."""
    worker = start(portal)
    before = portal.count("faxes_fax WHERE direction = 'outbound'")
    since = portal.rows("SELECT max(created_at) FROM faxes_fax")[0][0]
    tenants = ("northside", "redwood")
    orders = [
        {"tenant": tenants[n % len(tenants)], "to": numbers[n % len(numbers)]} for n in range(FAXES)
    ]
    submitting = portal.start_submit(*orders)
    wait_until(
        lambda: portal.count("faxes_fax WHERE state = 'delivered'") == before + FAXES,
        120,
        portal.log,
    )
    submitting.wait()
    [(first, last)] = portal.rows(
        "SELECT min(created_at), max(finished_at) FROM faxes_fax"
        " WHERE direction = 'outbound' AND created_at > ?",
        since,
    )
    seconds = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
    portal.wait_idle(60)
    portal.stop(worker)
    return Sending(what, workers, FAXES, round(FAXES / seconds, 1))


def one_by_one(portal: Portal) -> float:
    """Seconds from submitting to delivered for one fax when nothing else is to be done."""
    worker = start(portal)
    took = []
    for _ in range(SINGLE):
        [fax] = portal.submit({"tenant": "northside", "to": TEST_NUMBER})
        portal.wait_idle(20)
        [(begun, ended)] = portal.rows(
            "SELECT created_at, finished_at FROM faxes_fax WHERE id = ?", fax
        )
        took.append(datetime.fromisoformat(ended) - datetime.fromisoformat(begun))
    portal.stop(worker)
    return median(each.total_seconds() for each in took)


def start(portal: Portal) -> subprocess.Popen[bytes]:
    """Start a worker and have it send one fax, so that all of it is warm."""
    worker = portal.worker()
    portal.submit({"tenant": "northside", "to": TEST_NUMBER})
    portal.wait_idle(30)
    return worker


def jobs(portal: Portal, kind: str) -> Jobs:
    """Put many jobs in, then have them done by one cluster; its start is not counted."""
    put_wall, put_cpu = portal.run(__file__, "--put", kind)
    cluster = portal.start("manage.py", "cluster" if kind == "portal" else "qcluster")

    def left() -> int:
        return portal.count("django_q_ormq")

    wait_until(lambda: left() <= JOBS - WARM_UP, 60, portal.log)
    counted, began, cpu = left(), time.monotonic(), cpu_of(cluster.pid)
    wait_until(lambda: left() == 0, 120, portal.log)
    took, cpu = time.monotonic() - began, cpu_of(cluster.pid) - cpu
    portal.stop(cluster)
    milliseconds = 1000 * (put_cpu / JOBS + cpu / counted)
    return Jobs(kind, round(JOBS / put_wall), round(counted / took), round(milliseconds, 3))


def cpu_of(root: int) -> float:
    """Processor seconds of a process and all beneath it so far."""
    main = psutil.Process(root)
    times = [each.cpu_times() for each in (main, *main.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def put(kind: str) -> None:
    """Put jobs in, as a process of a portal; prints the seconds it took, of time and processor."""
    import django  # noqa: PLC0415 (only here are we a portal)

    django.setup()
    from django_q.tasks import async_task  # noqa: PLC0415, TID251 (the peer)

    from faxes import jobs as door  # noqa: PLC0415

    key = uuid4()
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(JOBS):
        if kind == "portal":
            door.enqueue("follow", key=key)
        else:
            async_task("faxes.tasks.follow", key=str(key))
    print(json.dumps([time.perf_counter() - began, time.process_time() - cpu]))


def compare(template: Path, folder: Path) -> tuple[list[Jobs], float]:
    """The medians of each kind, and what ours costs on top, in processor time.

    Other work on the machine changes how long things take, and much less what they cost.
    """
    measured: dict[str, list[Jobs]] = {"django-q2": [], "portal": []}
    for number in range(ROUNDS):
        for kind, rounds in measured.items():
            portal = copy_of(template, folder / f"jobs-{kind}-{number}", **SETTINGS)
            try:
                rounds.append(jobs(portal, kind))
            finally:
                portal.close()
    typical = [
        Jobs(
            kind,
            median(each.put_in_a_second for each in rounds),
            median(each.done_a_second for each in rounds),
            median(each.cpu_milliseconds_a_job for each in rounds),
        )
        for kind, rounds in measured.items()
    ]
    return typical, typical[1].cpu_milliseconds_a_job / typical[0].cpu_milliseconds_a_job - 1


def main() -> None:
    """Measure sending and jobs."""
    with tempfile.TemporaryDirectory(prefix="bench-send-") as name:
        folder = Path(name)
        template = make_template(folder / "template")
        sent = []
        for workers in (1, 2, 4):
            portal = copy_of(
                template, folder / f"many-{workers}", FAXPORTAL_WORKERS=str(workers), **SETTINGS
            )
            try:
                sent.append(sending(portal, "to sixty numbers", workers, MORE_NUMBERS[:60]))
            finally:
                portal.close()
        portal = copy_of(template, folder / "one", **SETTINGS)
        try:
            sent.append(sending(portal, "to one number, one after the other", 2, MORE_NUMBERS[:1]))
            latency = one_by_one(portal)
        finally:
            portal.close()
        compared, overhead = compare(template, folder)

    print(f"\n{'faxes of one page':36} {'workers':>8} {'faxes/s':>8}")
    for row in sent:
        print(f"{row.what:36} {row.workers:8} {row.faxes_a_second:8.1f}")
    print(f"\none fax when idle: {latency * 1000:.0f} ms from submitting to delivered")
    print(f"\n{'jobs':12} {'put in/s':>9} {'done/s':>9} {'CPU ms a job':>13}")
    for kind in compared:
        print(
            f"{kind.kind:12} {kind.put_in_a_second:9.0f} {kind.done_a_second:9.0f}"
            f" {kind.cpu_milliseconds_a_job:13.2f}"
        )
    print(f"goal: at most {MOST_OVERHEAD:.0%} on top of django-q2 alone: {overhead:+.1%}")
    report = {
        "sending": [asdict(row) for row in sent],
        "one_fax_seconds": round(latency, 3),
        "jobs": [asdict(row) for row in compared],
        "overhead": round(overhead, 3),
        "goal_overhead": MOST_OVERHEAD,
        "met": overhead <= MOST_OVERHEAD,
    }
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "send.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--put"]:
        put(sys.argv[2])
    else:
        main()
