"""A machine of workers alone tells Prometheus what it has counted, for named networks only."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_network

import pytest

from accounts import tallies
from faxes.management import counts
from tests.ports import free_port


@pytest.fixture(autouse=True)
def counted(monkeypatch, tmp_path, settings):
    """One try that was counted in a folder of this test alone."""
    own = tallies.Tallies(tmp_path / "tallies")
    own.add(tallies.ATTEMPTS, ("tenants", "busy"), 20)
    monkeypatch.setattr(tallies, "tallies", lambda: own)
    monkeypatch.setattr(counts, "_LOOK_EVERY", 0.05)
    monkeypatch.setattr(counts, "_TRY_EVERY", 0.05)
    settings.METRICS_PORT = free_port()
    settings.METRICS_ALLOW = (ip_network("127.0.0.0/8"),)


@contextmanager
def worker():
    """What a worker runs beside its work; it gives what that says."""
    stopping, said = threading.Event(), list[str]()
    told = threading.Thread(
        target=counts.tell_counts, kwargs={"stopping": stopping, "say": said.append}
    )
    told.start()
    try:
        yield said
    finally:
        stopping.set()
        told.join(5)
        assert not told.is_alive()


def soon(look):
    """What is seen, once something is."""
    until = time.monotonic() + 10
    while not (seen := look()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return seen


def ask(settings, path="/metrics"):
    """The text, or the status of what is none; None where nobody answers."""
    asked = HTTPConnection("127.0.0.1", settings.METRICS_PORT, timeout=5)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.read().decode() if answer.status == 200 else answer.status
    except (OSError, HTTPException):
        return None
    finally:
        asked.close()


def test_it_tells_what_was_counted_there(settings):
    with worker():
        text = soon(lambda: ask(settings))
        assert 'faxportal_attempt_seconds_count{carrier="tenants",outcome="busy"} 1.0' in text
        assert ask(settings, "/login/") == 404


def test_it_says_nothing_to_other_networks(settings):
    with worker():
        soon(lambda: ask(settings))
        settings.METRICS_ALLOW = (ip_network("192.0.2.0/24"),)
        assert ask(settings) is None


def test_of_two_on_a_machine_one_answers_and_the_other_takes_over(settings):
    with ExitStack() as second:
        with worker():
            soon(lambda: ask(settings))
            says = second.enter_context(worker())
            soon(lambda: says)
        assert soon(lambda: ask(settings))
        assert len(says) == 1, "that it waits for the port, once"


def test_a_fault_of_its_own_is_logged_and_ends_nothing(settings, monkeypatch, caplog):
    with worker():
        soon(lambda: ask(settings))
        with monkeypatch.context() as broken:
            broken.setattr(counts, "as_text", lambda _: 1 / 0)
            assert ask(settings) is None
        assert "ZeroDivisionError" in caplog.text
        assert "attempt_seconds" in ask(settings)


def test_who_connects_and_says_nothing_keeps_the_others_out_for_a_moment_only(
    settings, monkeypatch
):
    monkeypatch.setattr(counts._Handler, "timeout", 0.1)
    with worker():
        soon(lambda: ask(settings))
        with socket.create_connection(("127.0.0.1", settings.METRICS_PORT)):
            assert soon(lambda: ask(settings))
