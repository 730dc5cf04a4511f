"""Requests and conversions are counted by what they were for, by all processes together."""

import multiprocessing
import os
import re
import signal
from ipaddress import ip_network

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts import tallies
from accounts.tallies import CONVERSIONS, REQUESTS, Tallies
from faxes.models import Attempt
from faxportal import metrics

FAR = "+12025550100"
_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def counted(monkeypatch, settings, tmp_path):
    """``counted()`` is what Prometheus reads of this test alone."""
    own = Tallies(tmp_path / "tallies")
    monkeypatch.setattr(tallies, "tallies", lambda: own)
    settings.METRICS_ALLOW = (ip_network("127.0.0.0/8"),)

    def read():
        metrics.forget()
        answer = Client().get("/metrics")
        metrics.forget()
        return answer.content.decode()

    return read


def histograms(text):
    """Each sample by its name and labels, which are told in the order of their names."""
    return {
        (sample.name.removeprefix("faxportal_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        if family.type == "histogram"
        for sample in family.samples
    }


def test_requests_are_counted_by_route_method_and_how_they_were_answered(world, counted):
    for path in ("/login/", "/login/?next=/faxes/7", "/api/v1/faxes", "/no/such/+12025550100"):
        Client().get(path)
    Client().generic("BREW", "/login/")
    text = counted()
    told = histograms(text)
    assert told["request_seconds_count", "GET", "account_login", "2xx"] == 2
    assert told["request_seconds_count", "OTHER", "account_login", "4xx"] == 1
    assert told["request_seconds_count", "GET", "none", "4xx"] == 1
    assert told["request_seconds_bucket", "+Inf", "GET", "account_login", "2xx"] == 2
    assert told["request_seconds_sum", "GET", "account_login", "2xx"] > 0
    assert not re.search(r"12025550100|next=|/no/", text)


def test_conversions_are_counted_by_kind_of_document_and_outcome(world, work, send, counted):
    send(world.northside, FAR, subject="Marker")
    work.run()
    text = counted()
    told = histograms(text)
    (done,) = (key for key in told if key[0] == "conversion_seconds_count")
    assert (done[2], told[done]) == ("done", 1)
    assert done[1] in {"text", "pdf", "tiff", "png"}
    assert "Marker" not in text
    assert world.northside.account.pk.hex not in text.replace("-", "")


def test_tries_are_counted_by_carrier_and_outcome(world, work, send, counted):
    send(world.northside, FAR, subject="Marker")
    work.run()
    told = histograms(counted())
    (done,) = (key for key in told if key[0] == "attempt_seconds_count")
    assert done[1].startswith("embedded-")
    assert done[2] == Attempt.objects.across_tenants(why="of this test").get().outcome
    assert told[done] == 1


def in_another(folder, *, seconds, killed):
    """Count one in a process of its own, which then ends."""

    def count():
        Tallies(folder).add(REQUESTS, ("home", "GET", "2xx"), seconds)
        os.kill(os.getpid(), signal.SIGKILL if killed else signal.SIGTERM)

    process = _FORK.Process(target=count)
    process.start()
    process.join()


def home(folder):
    return tallies.Tallies(folder).read()["request_seconds", "home", "GET", "2xx"]


def test_what_the_dead_counted_is_kept_in_one_file(tmp_path):
    mine = Tallies(tmp_path)
    mine.add(REQUESTS, ("home", "GET", "2xx"), 0.01)
    for _ in range(3):
        in_another(tmp_path, seconds=0.2, killed=True)
    assert home(tmp_path).counts == [1, 0, 3, 0, 0, 0, 0, 0]
    assert home(tmp_path).seconds == pytest.approx(0.61)
    # Each who began after them has added up those before: what is left is the last, and we.
    assert len(list(tmp_path.iterdir())) == 3
    late = Tallies(tmp_path)
    late.add(REQUESTS, ("home", "GET", "2xx"), 60)
    assert home(tmp_path).counts == [1, 0, 3, 0, 0, 0, 0, 1]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_crash_between_adding_up_and_removing_counts_nothing_twice(tmp_path, monkeypatch):
    in_another(tmp_path, seconds=0.2, killed=True)
    with monkeypatch.context() as crashing:
        crashing.setattr("pathlib.Path.unlink", lambda _self: (_ for _ in ()).throw(OSError))
        Tallies(tmp_path).add(REQUESTS, ("home", "GET", "2xx"), 0.01)
    assert home(tmp_path).counts == [0, 0, 1, 0, 0, 0, 0, 0]
    Tallies(tmp_path).add(CONVERSIONS, ("pdf", "done"), 1)
    assert home(tmp_path).counts == [0, 0, 1, 0, 0, 0, 0, 0]


def test_a_fork_counts_for_itself(tmp_path):
    parent = Tallies(tmp_path)
    parent.add(REQUESTS, ("home", "GET", "2xx"), 0.01)

    def count():
        parent.start_anew()
        parent.add(REQUESTS, ("home", "GET", "2xx"), 0.01)

    child = _FORK.Process(target=count)
    child.start()
    child.join()
    parent.add(REQUESTS, ("home", "GET", "2xx"), 0.01)
    assert home(tmp_path).counts[0] == 3


def test_nothing_fails_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    nowhere = Tallies(tmp_path / "file" / "tallies")
    nowhere.add(REQUESTS, ("home", "GET", "2xx"), 0.01)
    assert nowhere.read() == {}
