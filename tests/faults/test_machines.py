"""Several machines with one database: each does its part, and whatever goes away comes back."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tests.cable import cable
from tests.faults.books import Books
from tests.faults.portal import Portal, kill, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
WITHIN = 60.0  # seconds, on a machine where others work too
SOMEBODY = "+12025550100"
NOBODY = ("", 0)
LEASES_END = "UPDATE faxes_lease SET until = '2000-01-01 00:00:00'"
MACHINES = 2
OF_ONE = "line,mail,sync"
OF_OTHER = "convert,chores,webhooks"


def holder(portal: Portal) -> tuple[str, int]:
    """Who keeps time, and how often that has changed."""
    found = portal.rows("SELECT holder, fence FROM faxes_lease WHERE until > datetime('now')")
    return found[0] if found else NOBODY


def stop_all(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and all that it has started: first to those who would notice."""
    main = psutil.Process(process.pid)
    for each in [main, *main.children(recursive=True)]:
        kill(each, number)


def ready(portal: Portal, *arguments: str) -> str:
    """What is missing of what this machine is to do; nothing if all is well."""
    asked = portal.start("manage.py", "ready", *arguments, stderr=subprocess.PIPE)
    told = asked.communicate(timeout=60)[1].decode()
    assert bool(told) == bool(asked.returncode)
    return told


def send_one(portal: Portal) -> str:
    [fax] = portal.submit({"tenant": "northside", "to": SOMEBODY})
    return fax


def test_another_machine_keeps_time_when_one_stops_moving_and_the_old_one_does_no_harm(portal):
    first = portal.worker()
    wait_until(lambda: holder(portal) != NOBODY, WITHIN, portal.log)
    before = holder(portal)
    second = portal.worker()
    wait_until(lambda: len(portal.living()) >= 16, WITHIN, lambda: f"{portal.living()}")
    assert holder(portal) == before, "whoever has it keeps it"
    stop_all(first, signal.SIGSTOP)
    portal.rows(LEASES_END)
    wait_until(lambda: holder(portal) not in (NOBODY, before), WITHIN, "nobody took over")
    after = holder(portal)
    assert after[1] == before[1] + 1
    fax = send_one(portal)
    stop_all(first, signal.SIGCONT)
    wait_until(
        lambda: portal.count("faxes_fax WHERE id = ? AND state = 'delivered'", fax),
        WITHIN,
        portal.log,
    )
    time.sleep(1)  # in which the sleeper looks around twice
    assert holder(portal) == after
    portal.wait_idle(WITHIN)
    second.kill()
    portal.rows(LEASES_END)
    wait_until(lambda: holder(portal) not in (NOBODY, after), WITHIN, "nobody took over")
    portal.stop(first)
    assert holder(portal) == NOBODY, "who stops hands over at once"
    portal.assert_all_gone()
    assert Books.read(portal.data).faults() == []


@contextmanager
def many_machines(portal: Portal) -> Iterator[tuple[subprocess.Popen[bytes], ...]]:
    """Two workers that share the queues between them."""
    yield tuple(
        portal.start("manage.py", "worker", "--skip-checks", f"--queues={queues}", "--workers=2")
        for queues in (OF_ONE, OF_OTHER)
    )


@pytest.mark.long
def test_what_is_away_is_waited_for_and_work_goes_on(servers, portals):
    told = servers.environment()
    with cable(servers.postgresql, plugged=False) as database, cable(servers.redis) as broker:
        portal = portals(
            DJANGO_SETTINGS_MODULE="faxportal.settings",
            **{name: through(address, servers, database, broker) for name, address in told.items()},
        )
        kept = {**portal.env}
        portal.env.update(told)
        portal.run("-m", "tests.faults.make")
        portal.env.update(kept)
        with many_machines(portal) as machines, psycopg.connect(told["DATABASE_URL"]) as rows:
            rows.autocommit = True
            journey(portal, rows, database, broker, servers)
            assert max(portal.stop(each) for each in machines) < 25
        portal.assert_all_gone()


def through(address: str, servers: Any, database: Any, broker: Any) -> str:
    for there, here in ((servers.postgresql, database), (servers.redis, broker)):
        address = address.replace(f":{there}/", f":{here.port}/")
    return address


def journey(portal: Portal, rows: Any, database: Any, broker: Any, servers: Any) -> None:
    def wait_for(fax: str) -> None:
        def delivered() -> bool:
            # all that was to be looked at some time is to be looked at now
            rows.execute("UPDATE faxes_fax SET wake_at = now() WHERE wake_at > now()")
            state = rows.execute("SELECT state FROM faxes_fax WHERE id = %s", [fax]).fetchone()
            return bool(state == ("delivered",))

        wait_until(delivered, WITHIN, portal.log)

    wait_until(lambda: they_wait(portal), WITHIN, portal.log)
    database.plug()
    wait_for(send_one(portal))
    wait_until(lambda: not ready(portal, f"--queues={OF_ONE}"), WITHIN, portal.log)

    broker.unplug()
    redis.Redis.from_url(portal_redis(portal, servers, broker)).flushdb()
    fax = send_one(portal)  # nobody who has a fax sent is told of it
    database.unplug()
    assert ready(portal) == "CommandError: the database takes no writes\n"
    assert ready(portal, "--alive") == "", "which is no reason to end anybody"
    broker.plug()
    database.plug()
    wait_for(fax)


def they_wait(portal: Portal) -> bool:
    """Whether a process of each machine has said, at any time, that it waits."""
    return portal.log_path.read_text(errors="replace").count("waiting for the database") >= MACHINES


def portal_redis(portal: Portal, servers: Any, broker: Any) -> str:
    return portal.env["REDIS_URL"].replace(f":{broker.port}/", f":{servers.redis}/")
