"""Jobs wait in queues of Redis or of rows, and come back if nobody says that they have ended."""

import time
from datetime import timedelta
from multiprocessing import BoundedSemaphore

import pytest
import redis
import time_machine
from django.core.cache import caches
from django.db import OperationalError
from django_q.signing import SignedPackage

from accounts import clock
from faxes import jobs, queues, redis_door
from faxes.brokers import Receipt, Rows, Served
from faxes.enums import FaxState
from faxes.models import Fax
from faxes.queues import Away
from faxes.receipts import Receipts
from faxes.services.sweep import sweep
from faxportal.shared import caches as cache_settings
from tests import papers
from tests.cable import cable
from tests.servers import redis_server

NOW, LATER = timedelta(0), timedelta(minutes=5)


@pytest.fixture(scope="module")
def server():
    with redis_server() as port:
        yield port


@pytest.fixture
def wire(server, settings):
    """The cable to an empty Redis, which the settings name."""
    redis.Redis(port=server).flushall()
    with cable(server) as wire:
        settings.REDIS_URL = f"redis://127.0.0.1:{wire.port}/0"
        settings.CACHES = cache_settings(in_redis=True)
        forget_redis()
        yield wire
    forget_redis()


def forget_redis():
    """A process that knows nothing of Redis, as a new one."""
    redis_door._client.cache_clear()
    redis_door._STANDING._ask_at = 0.0


@pytest.fixture(params=[Receipts, Rows])
def kind(request, wire, db):
    return request.param


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("faxes.brokers._POLL", 0)
    monkeypatch.setattr("faxes.brokers._REST", 0)


def taken(broker: Served) -> tuple[Receipt, str]:
    """The job that a worker would be given."""
    found = broker.dequeue()
    assert found is not None
    [one] = found
    return one


def signed(name: str) -> str:
    """A job as django-q2 puts it in."""
    return str(SignedPackage.dumps({"name": name, "started": clock.now()}))


def put(kind, **waiting):
    for queue, job in waiting.items():
        kind(queues=[queue]).enqueue(job)


def test_a_job_that_was_taken_is_gone_once_it_is_acknowledged(kind):
    put(kind, line="one")
    broker = kind(queues=["line"])
    receipt, job = taken(broker)
    assert job == "one"
    assert broker.dequeue() is None
    broker.acknowledge(receipt)
    assert broker.waiting() == broker.heads() == {}


def test_each_worker_takes_of_its_queues_and_of_the_quick_ones_first(kind):
    put(kind, webhooks="none", chores="slow", convert="converted", line="sent")
    assert kind(queues=["chores"]).waiting() == {"chores": 1}
    both = kind(queues=["line", "convert"])
    assert set(both.heads()) == {"line", "convert"}
    assert [taken(both)[1] for _ in range(2)] == ["sent", "converted"]
    assert both.dequeue() is None


def test_what_nobody_waits_for_is_done_while_other_work_keeps_coming_in(kind):
    put(kind, chores="a chore", sync="a look")
    broker = kind(queues=["line", "sync", "convert", "chores"])
    done = []
    for _ in range(20):
        put(kind, line="sent", sync="another look", convert="converted")
        done.append(taken(broker)[1])
    assert {"sent", "a look", "another look", "converted", "a chore"} == set(done)
    assert done.count("sent") > len(done) / 2, "the quick go first all the same"


def test_how_long_the_first_job_of_a_queue_waits_is_told(kind):
    broker = kind(queues=["line", "convert"])
    with time_machine.travel(clock.now() - timedelta(minutes=5), tick=False) as moment:
        begun = clock.now()
        put(kind, line=signed("first"))
        moment.shift(60)
        put(kind, line=signed("second"), chores=signed("another's"))
    assert broker.waiting_since() == {"line": begun}
    receipt, _ = taken(broker)
    broker.acknowledge(receipt)
    assert broker.waiting_since() == {"line": begun + timedelta(minutes=1)}


def test_a_job_of_somebody_else_says_nothing_of_its_age(wire):
    put(Receipts, line="none of ours")
    assert Receipts(queues=["line"]).waiting_since() == {}


def test_a_name_that_is_no_queue_stands_for_all(kind):
    put(kind, chores="slow", mail="told")
    assert [taken(kind("faxportal"))[1] for _ in range(2)] == ["told", "slow"]


def test_slow_work_leaves_a_worker_to_the_quick(kind):
    put(kind, convert="first", chores="second")
    broker = kind(queues=["line", "convert", "chores"])
    broker.limit_slow(BoundedSemaphore(queues.slow_at_once(2, broker.queues)))
    slow, _ = taken(broker)
    assert broker.dequeue() is None
    put(kind, line="quick", mail="another's")
    assert taken(broker)[1] == "quick"
    broker._job_ended({"ack_id": slow})
    assert taken(broker)[1] == "second"
    assert queues.slow_at_once(2, ["convert", "chores"]) == 2


def test_what_nobody_acknowledged_comes_back_from_redis_but_not_for_ever(wire):
    put(Receipts, line="deadly")
    broker = Receipts(queues=["line"])
    broker.held_for = NOW
    assert [broker.dequeue() is not None for _ in range(6)] == [True] * 5 + [False]
    with redis_door.reaching() as asked:
        assert asked.lrange(redis_door.name_of("jobs", "line", "dead"), 0, -1) == ["deadly"]


def test_what_is_held_stays_held_from_others(wire):
    put(Receipts, line="busy")
    Receipts(queues=["line"]).dequeue()
    assert Receipts(queues=["line"]).dequeue() is None


def test_redis_may_lose_everything_also_the_script(wire, server):
    broker = Receipts(queues=["line"])
    put(Receipts, line="before")
    receipt, _ = taken(broker)
    direct = redis.Redis(port=server)
    direct.flushall()
    direct.script_flush()
    wire.unplug()
    wire.plug()  # the connections that were open are dead
    broker.acknowledge(receipt)
    put(Receipts, line="after")
    assert taken(broker)[1] == "after"


def test_a_broker_that_is_away_is_waited_for(wire, monkeypatch):
    wire.unplug()
    broker = Receipts(queues=["line"])
    assert broker.dequeue() is None
    broker.acknowledge(("line", "whatever"))
    monkeypatch.setattr(Rows, "_take", failing)
    assert Rows(queues=["line"]).dequeue() is None


def failing(*_):
    raise OperationalError


def test_names_have_the_prefix_that_is_set_and_stay_together_in_a_cluster(wire, server, settings):
    settings.REDIS_PREFIX = "other"
    put(Receipts, line="job")
    caches["default"].set("key", 1)
    names = redis.Redis(port=server, decode_responses=True).keys()
    assert sorted(names) == ["{other}:cache::1:key", "{other}:jobs:line:waiting"]


@pytest.fixture
def in_redis(wire, settings, monkeypatch):
    """Jobs go to Redis, as with REDIS_URL from the start."""
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "broker_class": "faxes.receipts.Receipts"}
    monkeypatch.setattr(jobs, "_JOBS_ARE_ROWS", False)
    jobs.serving.cache_clear()
    yield wire
    jobs.serving.cache_clear()


def submitted(world):
    from faxes.services.submit import FaxRequest, submit_fax  # noqa: PLC0415

    document = papers.incoming(papers.pdf(1))
    request = FaxRequest(to="+12025550100", documents=[document])
    [fax] = submit_fax(world.northside.admin, request=request, origin="test")
    return fax


@pytest.mark.django_db(transaction=True)
def test_a_fax_is_taken_while_redis_is_away_and_found_by_the_sweep(in_redis, world):
    in_redis.unplug()
    began = time.monotonic()
    fax = submitted(world)
    assert time.monotonic() - began < 10
    Fax.rows.filter(pk=fax.pk).update(wake_at=fax.created_at)
    assert sweep() == 0, "what cannot be put in is not claimed either"
    in_redis.plug()
    redis_door._STANDING._ask_at = 0.0
    assert sweep() == 1
    assert jobs.waiting() == {"convert": 1}
    _, job = taken(jobs.serving("convert"))
    assert fax.to_number not in job


@pytest.mark.django_db(transaction=True)
def test_a_long_queue_holds_up_no_other(in_redis, world, monkeypatch):
    monkeypatch.setattr("faxes.services.sweep._LONG_QUEUE", 2)
    one, other = submitted(world), submitted(world)
    assert jobs.waiting() == {"convert": 2}
    Fax.rows.filter(pk=other.pk).update(state=FaxState.QUEUED, due_at=one.created_at)
    Fax.rows.update(wake_at=one.created_at)
    assert sweep() == 1
    waiting = jobs.waiting()
    assert (waiting["convert"], waiting["line"]) == (2, 1)


def test_every_job_has_a_queue_and_only_known_queues_can_be_asked_for():
    assert set(jobs.QUEUE_OF.values()) == set(queues.WITH_JOBS)
    assert queues.chosen(" webhooks,line ") == ("line", "webhooks")
    assert queues.chosen("") == queues.QUEUES
    with pytest.raises(ValueError, match="there is no queue 'lines'"):
        queues.chosen("lines")


# --- The cache --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_counts_are_shared_and_go_on_in_rows_while_redis_is_away(wire):
    cache = caches["default"]
    cache.set("wrong", [1.5, 2.5], 60)
    assert caches["default"].get("wrong") == [1.5, 2.5]
    assert not cache.add("wrong", 0)
    wire.unplug()
    assert cache.get("wrong", []) == []
    cache.set("wrong", [3.5], 60)
    assert cache.get("wrong") == [3.5]
    assert cache.add("used", 1, 60)
    assert not cache.add("used", 1, 60), "a code is used once, whoever keeps that"
    wire.plug()
    forget_redis()
    assert cache.get("wrong") == [1.5, 2.5]


@pytest.mark.django_db
def test_the_cache_does_all_that_a_cache_does(wire):
    cache = caches["default"]
    cache.set("short", 1, 0)
    cache.set("long", 1, None)
    assert cache.get_many(["short", "long"]) == {"long": 1}
    assert cache.incr("long") == 2
    assert cache.touch("long", 60)
    assert cache.touch("long", None)
    assert not cache.touch("none", 60)
    assert cache.delete("long")
    assert not cache.delete("long")
    cache.set("a", {"b": None})
    cache.clear()
    assert cache.get("a", "gone") == "gone"


@pytest.mark.django_db
def test_what_is_read_from_redis_runs_nothing(wire, server):
    cache = caches["default"]
    cache.set("token", "text")
    [name] = redis.Redis(port=server).keys()
    assert redis.Redis(port=server).get(name) == b'"text"'


@pytest.mark.django_db
def test_wrong_passwords_are_limited_while_redis_is_away(wire, world, client):
    """Neither does sign-in end, nor may anybody guess on."""
    wire.unplug()
    told = {"login": world.northside.people["admin"].email, "password": world.password}
    assert client.post("/login/", told).status_code == 302
    client.logout()
    for _ in range(6):
        client.post("/login/", told | {"password": "wrong"})
    answer = client.post("/login/", told)
    assert answer.status_code != 302
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_portal_is_ready_without_redis_and_says_so(wire, client, settings):
    def told():
        answer = client.get("/health/ready")
        return answer.status_code, answer.json()["status"], answer.json()["parts"].get("redis")

    assert told() == (200, "ok", True)
    wire.unplug()
    assert told() == (200, "degraded", False)
    settings.REDIS_URL = ""
    assert told() == (200, "ok", None)


def test_redis_is_left_alone_for_a_moment_once_it_was_found_away(wire):
    wire.unplug()
    with pytest.raises(Away), redis_door.reaching() as asked:
        asked.ping()
    wire.plug()
    with pytest.raises(Away), redis_door.reaching() as asked:
        asked.ping()
    redis_door._STANDING._ask_at = 0.0
    with redis_door.reaching() as asked:
        assert asked.ping()
