"""Two hundred messages, whoever delivers killed all the while: each arrives, under one id."""

import json
import subprocess
import threading
import time
from collections import Counter

import pytest
from standardwebhooks import Webhook

from tests.faults.portal import kill
from tests.outside import outside

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(400)]

EVENTS = 200
DEATHS = (20, 55, 90, 120, 170)  # at which request; every other one once it is answered
WAITING = "accounts_webhookmessage WHERE state = 'pending'"
HELD = "UPDATE accounts_webhookmessage SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL"


def test_two_hundred_messages_under_fire(portals):
    portal = portals(FAXPORTAL_FETCH_ALLOW="127.0.0.0/8")
    lock = threading.Lock()
    processes: list[subprocess.Popen[bytes]] = []
    deaths: list[int] = []

    def behave(at):
        with lock:
            number = len(at.server.outside.seen)
            dies = len(deaths) < len(DEATHS) and number >= DEATHS[len(deaths)]
            if dies:
                deaths.append(number)
            answered = len(deaths) % 2 == 0
        if dies and not answered:
            kill(processes[-1])
        at.answer()
        if dies and answered:
            kill(processes[-1])

    with outside() as receiver:
        receiver.behave = behave
        asked = {"url": receiver.url("/hook"), "events": EVENTS}
        told = portal.run("-m", "tests.faults.hooks", given=asked)
        began = time.monotonic()
        while portal.count(WAITING):
            assert time.monotonic() - began < 200, portal.log()
            if not processes or processes[-1].poll() is not None:
                portal.rows(HELD)  # what the dead held is let go of by time
                processes.append(portal.start("manage.py", "couriers"))
            time.sleep(0.1)
        took = time.monotonic() - began
        portal.stop(processes[-1])
        portal.assert_all_gone()
        # who died while it sent has sent a part
        seen = [
            each for each in receiver.seen if len(each.body) == int(each.headers["content-length"])
        ]
    times = Counter(each.headers["webhook-id"] for each in seen)
    print(f"{len(seen)} requests in {took:.0f} s, deaths at {deaths}")  # noqa: T201 (on failure)
    assert len(deaths) == len(processes) - 1 == len(DEATHS)
    assert set(times) == set(told["ids"]), "each arrived"
    assert EVENTS < len(seen) <= EVENTS + 2 * len(DEATHS), "and only what the dead held came twice"
    assert len({(each.headers["webhook-id"], each.body) for each in seen}) == EVENTS, "as it was"
    for each in seen:
        Webhook(told["secret"]).verify(each.body, each.headers)
    assert {json.loads(each.body)["sequence"] for each in seen} == set(range(1, EVENTS + 1))
    assert portal.count("accounts_webhookmessage WHERE state = 'delivered'") == EVENTS
