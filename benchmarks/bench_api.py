"""The REST API: faxes handed in a second beside a bare FastAPI, and lists of a million faxes.

``python benchmarks/bench_api.py`` prints tables and writes ``var/bench/api.json``; ``--quick``
leaves the million out. Both web servers run two processes, are asked on eight connections at once,
and take their turns. The portal's is started just as ``manage.py serve`` does it; no task worker
runs beside it.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import api_lists  # noqa: E402 (after the path)
from api_load import Asking, Load, form  # noqa: E402
from weasyprint import HTML  # noqa: E402

CONNECTIONS = 8
SECONDS = 4.0
WARM_UP = 2.0
ROUNDS = 3
LEAST_SHARE = 0.5  # of FastAPI's requests a second
FIELDS = {"to": "+12025550100"}
PATH = "/api/v1/faxes"


@dataclass(frozen=True)
class Posted:
    """One server and how it did, at the median of its rounds."""

    what: str
    load: Load


def letter() -> bytes:
    """A PDF of one page."""
    words = "<h1>Results</h1>" + "<p>Dear Dr Jones, the results of Tuesday are in.</p>" * 20
    return bytes(HTML(string=words).write_pdf())


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """A server, from the moment it listens; its process id."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"{command} does not listen") from None
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def portal_environment(folder: Path, port: int) -> dict[str, str]:
    """A demonstration of its own, whose limits are counted but never met."""
    return {
        "DJANGO_SETTINGS_MODULE": "faxportal.settings",
        "FAXPORTAL_DATA": str(folder),
        "FAXPORTAL_DEMO": "1",
        "FAXPORTAL_PORT": str(port),
        "FAXPORTAL_WEB_WORKERS": "2",
        "FAXPORTAL_API_RATE": "1000000",
        "FAXPORTAL_API_ACCOUNT_RATE": "1000000",
        "FAXPORTAL_LOG_LEVEL": "WARNING",
    }


def prepare() -> None:
    """Within a portal: its tables, its demonstration, and credit enough; prints how it is run."""
    import django  # noqa: PLC0415 (only here are we a portal)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from accounts.models import Billing, Mode  # noqa: PLC0415
    from faxes.management.commands.serve import Command  # noqa: PLC0415
    from faxes.services.demo import DEMO_TOKEN, seed_demo  # noqa: PLC0415
    from faxes.services.demo_trade import seed_trade  # noqa: PLC0415

    for name in ("migrate", "createcachetable"):
        call_command(name, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    seed_demo()
    seed_trade()
    Billing.rows.update(mode=Mode.POSTPAID, credit_limit=10**15)
    print(json.dumps([DEMO_TOKEN, *Command()._web().command]))  # noqa: SLF001 (as it is run)


@contextmanager
def portal(folder: Path, document: bytes) -> Iterator[Asking]:
    """The portal's web server, and what it is asked."""
    port = spare_port()
    environment = portal_environment(folder, port)
    out = subprocess.run(
        [sys.executable, __file__, "--prepare"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    token, *command = json.loads(out.splitlines()[-1])
    with running(command, port, environment) as server:
        yield replace(form(port, PATH, token, FIELDS, document), server=server)


@contextmanager
def peer(folder: Path, synchronous: str, document: bytes) -> Iterator[Asking]:
    """FastAPI under uvicorn."""
    port = spare_port()
    folder.mkdir()
    command = [sys.executable, "-m", "uvicorn", "api_peer:app", f"--port={port}"]
    command += ["--workers=2", "--log-level=warning", "--no-access-log", "--app-dir=benchmarks"]
    environment = {"PEER_FOLDER": str(folder), "PEER_SYNCHRONOUS": synchronous}
    with running(command, port, environment) as server:
        yield replace(form(port, PATH, "of nobody", FIELDS, document), server=server)


def posting() -> list[Posted]:
    """Each server by turns; all of them stay up, and one is asked at a time."""
    document = letter()
    with (
        tempfile.TemporaryDirectory(prefix="bench-api-") as name,
        portal(Path(name) / "portal", document) as ours,
        peer(Path(name) / "full", "FULL", document) as full,
        peer(Path(name) / "normal", "NORMAL", document) as normal,
    ):
        servers = {
            "portal": ours,
            "portal, with an idempotency key": replace(ours, keyed=True, took=[]),
            "FastAPI, synchronous=FULL": full,
            "FastAPI, synchronous=NORMAL": normal,
        }
        for each in servers.values():
            each.run(CONNECTIONS, WARM_UP)
        loads: dict[str, list[Load]] = {what: [] for what in servers}
        for _ in range(ROUNDS):
            for what, each in servers.items():
                each.took.clear()
                loads[what].append(each.run(CONNECTIONS, SECONDS))
    return [Posted(what, _middle(each)) for what, each in loads.items()]


def _middle(loads: list[Load]) -> Load:
    rate = median(each.requests_a_second for each in loads)
    return next(each for each in loads if each.requests_a_second == rate)


def main() -> None:
    """Measure handing in, and lists."""
    posted = posting()
    heads = f"{'a second':>9} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>7}"
    print(f"\n{'POST of a PDF of one page':36} {heads}")
    for each in posted:
        load = each.load
        figures = f"{load.requests_a_second:9.1f} {load.p50:8.1f} {load.p99:8.1f} {load.cpu:7.1f}"
        print(f"{each.what:36} {figures}")
    rates = [each.load.requests_a_second for each in posted]
    share = rates[0] / rates[2]
    print(f"goal: at least {LEAST_SHARE:.0%} of FastAPI with synchronous=FULL: {share:.0%}")
    report = {
        "posting": [asdict(each) for each in posted],
        "share": round(share, 3),
        "goal_share": LEAST_SHARE,
        "met": share >= LEAST_SHARE,
    }
    if "--quick" not in sys.argv:
        report["lists"] = api_lists.measure()
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "api.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        prepare()
    else:
        main()
