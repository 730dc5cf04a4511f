"""The API as it is really served: by several processes of few threads, which may be killed."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.faults.portal import Portal, kill, wait_until
from tests.ports import free_port
from tests.real.running import answers

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]
LETTER = [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}]
BODY = {"to": "+12025550101", "documents": LETTER}


@dataclass
class Served:
    """A portal with its web server, a program's token, and how to ask."""

    portal: Portal
    port: int
    token: str
    serve: Any

    @property
    def web(self) -> list[psutil.Process]:
        """The processes that answer."""
        (server,) = [
            each
            for each in psutil.Process(self.serve.pid).children()
            if "faxes.management.web" in each.cmdline()
        ]
        return server.children()

    def open(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """An answer whose body is still to be read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=100)
        sent = {"Authorization": f"Bearer {self.token}", "Connection": "close", **headers}
        data = None if body is None else json.dumps(body)
        if data is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, f"/api/v1/{path}", data, sent)
        return connection.getresponse()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON."""
        with self.open(method, path, body, **headers) as answer:
            told = answer.read()
            return answer.status, json.loads(told) if told else None

    def post(self, key: str) -> tuple[int, Any]:
        """Send a fax under a key."""
        return self.ask("POST", "faxes", BODY, **{"Idempotency-Key": key})

    def up(self) -> bool:
        """Whether it answers."""
        return bool(answers(f"http://127.0.0.1:{self.port}", "/health/live"))


@pytest.fixture(scope="module")
def served(portals: Callable[..., Portal]) -> Served:
    port = free_port()
    portal = portals(
        FAXPORTAL_PORT=str(port),
        FAXPORTAL_API_RATE="100000",
        FAXPORTAL_API_ACCOUNT_RATE="100000",
    )
    token = portal.run("-m", "tests.faults.token")
    told = Served(portal, port, token, portal.start("manage.py", "serve"))
    wait_until(told.up, 120, portal.log)
    return told


def at_once(calls: int, call: Callable[[], Any]) -> list[Any]:
    """What a call returns, made so many times at the same moment."""
    told, start = [], threading.Barrier(calls)

    def one() -> None:
        start.wait()
        told.append(call())

    threads = [threading.Thread(target=one) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def faxes(served: Served) -> set[str]:
    return {key for (key,) in served.portal.rows("SELECT id FROM faxes_fax")}


def test_two_hundred_requests_at_once_with_one_key_make_one_fax(served):
    before = faxes(served)
    told = at_once(200, lambda: served.post("two hundred"))
    assert len(told) == 200
    assert {status for status, _ in told} == {201}
    (made,) = {body["id"] for _, body in told}
    assert {key.replace("-", "") for key in faxes(served) - before} == {made.replace("-", "")}


def test_requests_whose_processes_are_killed_make_one_fax_each_when_they_are_repeated(served):
    before, keys, told = faxes(served), list[str](), list[Any]()

    def ask(key: str) -> None:
        with suppress(OSError, http.client.HTTPException):
            told.append(served.post(key))

    for turn in range(5):  # all may be quicker than whoever strikes
        asking = []
        for n in range(8):
            time.sleep(0.05)  # so that they are struck at different steps
            keys.append(f"killed {turn} {n}")
            asking.append(threading.Thread(target=ask, args=[keys[-1]]))
            asking[-1].start()
        for process in served.web:
            kill(process)
        for each in asking:
            each.join()
        wait_until(served.up, 120, served.portal.log)
        if len(told) < len(keys):
            break
    assert len(told) < len(keys)
    served.portal.rows("UPDATE accounts_idempotencykey SET lease_until = '2020-01-01 00:00:00'")
    for key in keys:
        status, body = served.post(key)
        assert status == 201, body
        assert served.post(key) == (201, body)
    assert len(faxes(served) - before) == len(keys)


def events(answer: Any) -> Iterator[dict[str, str]]:
    """The server-sent events of a stream, comments included."""
    event: dict[str, str] = {}
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            event[name or "comment"] = value
        elif event:
            yield event
            event = {}


def test_a_fax_is_followed_as_it_goes_and_behind_the_last_event_that_was_seen(served):
    _, fax = served.ask("POST", "faxes", {**BODY, "to": "+12025550100"})
    path, last = f"faxes/{fax['id']}/events?stream=1", dict[str, str]()
    seen: list[dict[str, str]] = []
    moments: list[float] = []
    while not seen or seen[-1].get("event") != "end":
        with served.open("GET", path, **last) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            for each in events(answer):
                seen.append(each)
                moments.append(time.monotonic())
        last = {"Last-Event-ID": [each["id"] for each in seen if "id" in each][-1]}
    told = [each for each in seen if "id" in each]
    assert seen[0] == {"retry": "2000"}
    assert [each["event"] for each in told] == [
        "fax.preparing",
        "fax.queued",
        "fax.sending",
        "fax.delivered",
    ]
    assert moments[-1] - moments[1] > 0.5  # as it went, not all at the end
    assert served.ask("GET", path, **last) == (204, None)
    with served.open("GET", path, **{"Last-Event-ID": told[1]["id"]}) as answer:
        rest = [each["event"] for each in events(answer) if "event" in each]
    assert rest == ["fax.sending", "fax.delivered", "end"]

    pages = f"faxes/{fax['id']}/document.pdf"
    with served.open("GET", pages) as whole, served.open("HEAD", pages) as head:
        content = whole.read()
        assert head.read() == b""
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    with served.open("GET", pages, Range="bytes=100-199") as part:
        assert (part.status, part.read()) == (206, content[100:200])


def test_streams_never_take_all_threads_and_who_leaves_makes_room(served):
    status, fax = served.ask("POST", "faxes", {**BODY, "send_at": _in_an_hour()})
    assert status == 201
    path = f"faxes/{fax['id']}/events?stream=1"
    opened, refused = list[Any](), list[Any]()
    for _ in range(16):
        answer = served.open("GET", path)
        (opened if answer.status == 200 else refused).append(answer)
    try:
        assert 1 <= len(opened) <= 4
        assert {answer.status for answer in refused} == {503}
        told = json.loads(refused[0].read())
        assert (told["code"], refused[0].headers["Retry-After"]) == ("streams_busy", "5")
        assert served.ask("GET", "faxes?limit=1")[0] == 200
    finally:
        for answer in (*opened, *refused):
            answer.close()

    def has_room() -> bool:
        with served.open("GET", path) as answer:
            return bool(answer.status == 200)

    wait_until(has_room, 60, "nobody made room")


def _in_an_hour() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
