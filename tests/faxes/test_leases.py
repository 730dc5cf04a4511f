"""One process at a time keeps time, and whoever is gone for too long is replaced."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import pytest
import time_machine
from django.db import OperationalError

from accounts import clock
from faxes import jobs
from faxes.management import vigil
from faxes.models import Lease
from faxes.services import scheduler
from faxes.services.leases import LIFE, Holder

pytestmark = pytest.mark.django_db


@contextmanager
def later(time):
    """Some time later, by all clocks."""
    with time_machine.travel(clock.now() + time, tick=False), pytest.MonkeyPatch.context() as patch:
        at = monotonic() + time.total_seconds()
        patch.setattr("faxes.services.leases.time.monotonic", lambda: at)
        yield


def test_one_holds_and_the_others_do_not():
    first, second = Holder("work"), Holder("work")
    assert [first.holds(), second.holds(), first.holds()] == [True, False, True]
    assert Holder("other work").holds()


def test_a_holder_that_says_so_in_time_keeps_the_lease_and_asks_no_more_often_than_needed(
    django_assert_num_queries,
):
    first, second = Holder("work"), Holder("work")
    assert first.holds()
    with django_assert_num_queries(0):
        assert first.holds()
    with later(LIFE / 2), django_assert_num_queries(1):
        assert first.holds()
    with later(LIFE * 1.2):
        assert not second.holds()


def test_who_slept_is_replaced_and_knows_it_when_it_wakes():
    first, second = Holder("work"), Holder("work")
    assert first.holds()
    with later(LIFE + timedelta(seconds=1)):
        assert second.holds()
        assert not first.holds()
        first.give_back()
        assert Lease.objects.get().holder == second.me
        assert second.fence == 2


def test_who_gives_back_is_replaced_at_once():
    first, second = Holder("work"), Holder("work")
    assert first.holds()
    first.give_back()
    assert second.holds()
    assert not first.holds()


def test_a_step_that_fails_holds_up_no_other(monkeypatch):
    done, stopping = [], threading.Event()

    def sweep():
        done.append("swept")
        stopping.set()

    steps = (lambda: 1 / 0, lambda: done.append("tidied"))
    monkeypatch.setattr(scheduler, "TIDYING", steps)
    monkeypatch.setattr(scheduler, "sweep", sweep)
    monkeypatch.setattr("faxes.services.scheduler.connections.close_all", lambda: None)
    monkeypatch.setattr("faxes.services.scheduler.settings.SWEEP_SECONDS", 0.01)
    scheduler.keep_time(stopping=stopping)
    assert done == ["swept", "tidied"]
    assert Holder(scheduler.LEASE).holds(), "it was given back"


def test_without_a_database_nothing_is_tried_that_needs_it(monkeypatch):
    def away(_):
        raise OperationalError

    monkeypatch.setattr(Holder, "holds", away)
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    assert not scheduler._did(Holder("work"), pytest.fail)


@pytest.fixture
def heads(monkeypatch):
    """The jobs that are next, by queue."""
    told: dict[str, int] = {}
    monkeypatch.setattr(type(jobs.serving()), "heads", lambda _: dict(told))
    return told


@pytest.fixture
def moment(monkeypatch):
    """What the clock of this process shows, in a list."""
    told = [100.0]
    monkeypatch.setattr("faxes.management.vigil.time.monotonic", lambda: told[0])
    return told


def test_a_queue_that_waits_for_another_is_no_sign_that_workers_hang(heads, moment):
    heads |= {"convert": 7, "chores": 1}
    progress = vigil.Progress(["convert", "chores"])
    for _ in range(10):
        moment[0] += 60
        heads["convert"] += 1
        assert progress.look() == 0
    moment[0] += 60
    assert progress.look() == 60, "now none of them moves"


def test_a_queue_that_does_not_move_is_told_by_the_job_that_is_next(heads, moment):
    heads |= {"line": 1, "convert": 7}
    progress = vigil.Progress(["line", "convert"])
    assert progress.look() == 0
    moment[0] += 60
    heads["line"] = 2
    assert progress.look() == 60
    heads.pop("convert")
    assert progress.look() == 0
