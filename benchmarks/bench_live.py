"""What five open lists cost the web processes, while ten faxes a second move and while none does.

``python benchmarks/bench_live.py`` prints a table and writes ``var/bench/live.json``. The portal is
the web server as ``manage.py serve`` runs it, on SQLite in a folder of its own. Its clients ask as
``static/js/live.js`` does in five visible tabs of one account: the whole list every two seconds,
with the stamp of the last answer. Another process moves the faxes, whose cost is not counted.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

from api_load import cpu_of
from bench_api import portal_environment, running, spare_port

ROOT = Path(__file__).resolve().parents[1]
TABS = ("inbox", "inbox", "outbox", "outbox", "outbox")
EVERY = 2.0  # seconds between looks, as templates/faxes/_fax_list.html says
MOVES = 10  # a second
FAXES = 400
SECONDS = 30.0
MOST = 0.1  # of a core


@dataclass(frozen=True)
class Watched:
    """What came of it: answers by status, and how much of one core they took."""

    what: str
    answers: dict[int, int]
    core: float

    @property
    def row(self) -> str:
        """A line of the table."""
        told, same = self.answers.get(200, 0), self.answers.get(304, 0)
        return f"{self.what:28}{told:12}{same:12}{100 * self.core:10.1f} %"


def prepare() -> None:
    """Within a portal: its tables, somebody signed in, and faxes; prints what is to be known."""
    import django  # noqa: PLC0415 (only here are we a portal)

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    for name in ("migrate", "createcachetable"):
        call_command(name, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    import bench_pages  # noqa: PLC0415

    from faxes.management.commands.serve import Command  # noqa: PLC0415

    admin, actor, _young = bench_pages.build(FAXES)
    client = Client()
    client.force_login(admin)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    print(json.dumps([str(actor.account_id), cookie, Command()._web().command]))  # noqa: SLF001


def move() -> None:
    """Change so many of the youngest faxes a second, until ended."""
    import django  # noqa: PLC0415

    django.setup()
    from faxes.models import Fax  # noqa: PLC0415

    out = Fax.objects.across_tenants(why="the benchmark moves what it made")
    young = list(out.filter(direction="outbound").order_by("-id").values_list("pk", flat=True)[:20])
    for number, key in enumerate(cycle(young)):
        # what a move changes is drawn anew just as this is, and moving is lifecycle's alone
        out.filter(pk=key).update(subject=f"Page {number}", pages_done=number % 7)
        time.sleep(1 / MOVES)


def tab(port: int, path: str, cookie: str, until: float, answers: Counter[int]) -> None:
    """One visible tab, as ``live.js`` keeps it true."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    stamp = ""
    while time.monotonic() < until:
        headers = {"Host": f"localhost:{port}", "Cookie": cookie, "X-Fragment": "1"}
        if stamp:
            headers["If-None-Match"] = stamp
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        answer.read()
        answers[answer.status] += 1
        if answer.status == 200:  # noqa: PLR2004
            stamp = answer.headers["ETag"]
        time.sleep(EVERY)
    line.close()


def watch(what: str, server: int, port: int, account: str, cookie: str) -> Watched:
    """Keep all tabs open for a while."""
    answers: Counter[int] = Counter()
    cost, began = cpu_of(server), time.monotonic()
    until = began + SECONDS
    tabs = []
    for n, name in enumerate(TABS):
        given = (port, f"/a/{account}/{name}/", cookie, until, answers)
        tabs.append(threading.Thread(target=tab, args=given))
        tabs[n].start()
        time.sleep(EVERY / len(TABS))
    for each in tabs:
        each.join()
    took = time.monotonic() - began
    if wrong := set(answers) - {200, 304}:
        raise SystemExit(f"the portal answered {wrong}")
    return Watched(what, dict(answers), round((cpu_of(server) - cost) / took, 4))


def measure() -> list[Watched]:
    """Watch a portal of its own, at rest and busy."""
    with tempfile.TemporaryDirectory(prefix="bench-live-") as folder:
        port = spare_port()
        environment = portal_environment(Path(folder), port)
        inside = {**os.environ, **environment}
        asked = [sys.executable, __file__, "--prepare"]
        out = subprocess.run(asked, env=inside, stdout=subprocess.PIPE, check=True).stdout
        account, cookie, command = json.loads(out.splitlines()[-1])
        with running(command, port, environment) as server:
            watch("warming up", server, port, account, cookie)
            quiet = watch("nothing moves", server, port, account, cookie)
            mover = subprocess.Popen([sys.executable, __file__, "--move"], env=inside)
            try:
                time.sleep(EVERY)  # until it moves
                busy = watch(f"{MOVES} moves a second", server, port, account, cookie)
            finally:
                mover.terminate()
                mover.wait()
    return [quiet, busy]


def main() -> None:
    """Measure, print a table, and keep it."""
    watched = measure()
    print(
        f"\n{len(TABS)} tabs, {SECONDS:.0f} s{'':16}{'told anew':>12}{'unchanged':>12}{'core':>12}"
    )
    for each in watched:
        print(each.row)
    kept = all(each.core < MOST for each in watched)
    print(f"goal: less than {100 * MOST:.0f} % of a core: {'kept' if kept else 'not kept'}")
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "live.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    report = {"watched": [asdict(each) for each in watched], "goal": MOST, "kept": kept}
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        prepare()
    elif sys.argv[1:2] == ["--move"]:
        sys.path.insert(0, str(ROOT))
        move()
    else:
        main()
