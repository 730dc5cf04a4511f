"""A carrier that means harm: whatever it tells, it harms nobody but those who send by it."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from time import monotonic

import pytest

from accounts import clock
from faxes.carriers.base import (
    Capabilities,
    CarrierInDoubt,
    CarrierUnavailable,
    SendResult,
    SendStatus,
)
from faxes.enums import FaxState, Outcome
from faxes.models import Attempt, Carrier, CarrierRoute, Fax, Number
from faxes.services import breaker, number_sync, sync
from faxes.services.route import ways_of
from faxes.services.settling import settle
from tests.carriers.doors import opened
from tests.faxes.carried import carried, carrier_row
from tests.upstreams.fax2 import Fax2Upstream
from tests.upstreams.kazoo import Kazoo
from tests.upstreams.signalwire import SignalWire
from tests.upstreams.voipnow import VoipNowUpstream

TO = "+12125550123"
HUGE = b'{"data": [], "auth_token": ' + b"9" * 5000 + b"}"
NUL = chr(0)


@contextmanager
def answering(body, status=200):
    """A server that answers everything so; ``body`` may be a function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told = body() if callable(body) else body
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_POST = do_PUT = do_GET  # noqa: N815 (names that the library calls)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        running.join()


def endless():
    pages = count()
    signed = {"auth_token": "t", "data": {"account_id": "a"}}

    def told():
        page = next(pages)
        rows = signed if page == 0 else {"data": [], "next_start_key": f"k{page}"}
        return json.dumps(rows).encode()

    return told


@pytest.mark.parametrize(
    "body",
    [
        HUGE,
        b"[" * 100_000,
        b"\xff\xfe\xfa",
        b"",
        b'{"auth_token": "\\ud800", "data": {"account_id": "\\ud800"}}',
        b'{"auth_token": "a\\r\\nb", "data": {"account_id": "a"}}',
        b'{"auth_token": NaN, "data": {"account_id": {}}}',
    ],
)
def test_an_answer_that_makes_no_sense_is_a_trouble_of_the_carrier(body):
    with answering(body) as url:
        for kind in (Fax2Upstream, Kazoo, SignalWire, VoipNowUpstream):
            with kind().running() as vendor, pytest.raises((CarrierInDoubt, CarrierUnavailable)):
                opened(vendor, base_url=url).check()


def test_a_document_at_no_address_is_a_trouble_of_the_carrier(tmp_path):
    told = {"sid": "a", "date_created": "2026-11-01T00:00:00Z", "media_url": "http://a b:x/"}
    with SignalWire().running() as vendor, answering(json.dumps(told).encode()) as url:
        carrier = opened(vendor, base_url=url)
        with pytest.raises(CarrierInDoubt):
            carrier.fetch("a", tmp_path / "pages")


def test_a_list_without_an_end_is_broken_off(world, receiver, settings, monkeypatch):
    settings.CARRIER_SECONDS, settings.CARRIER_PACE = 1, 0.01
    monkeypatch.setattr(sync, "_SECONDS", 0.5)
    monkeypatch.setattr(number_sync, "_SECONDS", 0.5)
    with answering(endless()) as url:
        carrier = Carrier(kind="kazoo", name="Endless", options={"base_url": url, "user": "u"})
        carrier.secrets = {"password": "p"}
        carrier.save()
        begun = monotonic()
        sync.sync(carrier.pk)
        assert monotonic() - begun < 10
    carrier.refresh_from_db()
    assert (carrier.failures, carrier.synced_at, carrier.sync_owner) == (1, None, None)


def test_more_than_anybody_receives_is_broken_off(world, work, vendor, monkeypatch):
    monkeypatch.setattr(sync, "_MOST_LISTED", 2)
    carrier = carrier_row(world.lakeside)
    for each in range(4):
        vendor.comes(f"a{each}", world.lakeside.number, clock.now())
    sync.sync(carrier.pk)
    carrier.refresh_from_db()
    assert Fax.rows.filter(carrier=carrier).count() == 2
    assert (carrier.failures, carrier.received_until) == (1, None)


def test_arrivals_that_no_row_can_hold_stop_no_others(world, work, vendor):
    carrier = carrier_row(world.lakeside)
    number, now = world.lakeside.number, clock.now()
    for ref in ("", NUL, f"a{NUL}", "x" * 10_000):
        vendor.comes(ref, number, now)
    vendor.comes("b", number, now, pages=10**30, caller=f"{NUL}+1", station_id=f"S{NUL}" * 50)
    vendor.comes("c", f"{number}{NUL}x", now)
    vendor.comes("d", number, now)
    sync.sync(carrier.pk)
    work.run_jobs()
    arrived = Fax.rows.filter(carrier=carrier).order_by("carrier_ref")
    assert [(each.carrier_ref, each.state) for each in arrived] == [
        ("b", FaxState.RECEIVED),
        ("d", FaxState.RECEIVED),
    ]
    assert (arrived[0].from_number, arrived[0].remote_station_id) == ("+1", "S" * 20)
    carrier.refresh_from_db()
    assert carrier.received_until == now


def test_an_arrival_of_no_time_does_not_become_the_mark(world, work, vendor):
    carrier = carrier_row(world.lakeside)
    Carrier.objects.filter(pk=carrier.pk).update(created_at=None)
    vendor.comes("a", world.lakeside.number, datetime(1, 1, 1, tzinfo=UTC))
    vendor.comes("b", world.lakeside.number, datetime(9999, 12, 31, tzinfo=UTC))
    for _ in range(2):
        sync.sync(carrier.pk)
    carrier.refresh_from_db()
    assert (carrier.received_until, carrier.failures) == (None, 0)


def test_what_nobody_has_foreseen_is_a_trouble_and_what_was_listed_before_comes(
    world, work, vendor, monkeypatch
):
    carrier = carrier_row(world.lakeside)
    vendor.comes("a", world.lakeside.number, clock.now())
    made = carried(monkeypatch, vendor, lists_numbers=True)

    def breaks(self, mark):
        yield from self.vendor.arrivals
        raise OverflowError

    monkeypatch.setattr(made, "received_since", breaks)
    monkeypatch.setattr(made, "numbers", lambda _self: [None])
    sync.sync(carrier.pk)
    number_sync.sync_listed(carrier.pk)
    carrier.refresh_from_db()
    assert (Fax.rows.filter(carrier=carrier).count(), carrier.failures) == (1, 2)


def test_a_trouble_is_noted_in_whatever_words(world, vendor):
    carrier = carrier_row(world.lakeside)
    breaker.note_failure(carrier, f"no{NUL}{chr(0xD800)}" * 200)
    carrier.refresh_from_db()
    assert carrier.last_failure == ("no" * 200)[:200]


@pytest.fixture
def on_its_way(world, work, vendor, send, monkeypatch):
    """A fax of Lakeside's that its carrier has taken."""
    carried(monkeypatch, vendor, finds_by_key=True)
    carrier_row(world.lakeside)
    fax = send(world.lakeside, TO)
    monkeypatch.setattr("tests.faxes.carried.Carried.find", lambda *_: SendStatus("r", "page", 0))
    work.run_jobs()
    return Attempt.rows.get(fax=fax, state="calling")


def test_a_try_ends_whatever_is_told_of_it(on_its_way):
    facts = {
        "completion_text": f"a{NUL}" * 300,
        "carrier_tries": 10**20,
        "completion_code": -(10**9),
        "bad_rows": 10**20,
    }
    told = SendResult(Outcome.BUSY, 10**20, facts)
    settle(on_its_way, told, able=Capabilities(), ref=f"r{NUL}" * 200)
    on_its_way.refresh_from_db()
    assert (on_its_way.state, on_its_way.completion_text) == ("ended", "a" * 200)
    assert (on_its_way.carrier_tries, on_its_way.completion_code) == (32_767, 0)
    assert (on_its_way.carrier_ref, on_its_way.bad_rows) == ("r" * 128, 2_147_483_647)


def test_a_try_that_goes_on_for_ever_is_unknown_after_a_week(on_its_way, work):
    work.pass_time(timedelta(days=6))
    assert Attempt.rows.get(pk=on_its_way.pk).state == "calling"
    work.pass_time(timedelta(days=1, hours=1))
    assert Attempt.rows.get(pk=on_its_way.pk).outcome == Outcome.UNKNOWN


def test_who_was_moved_from_under_a_provider_goes_by_its_carriers_no_more(world, send):
    foreign = carrier_row(account=world.redwood.account)
    CarrierRoute.objects.create(account=world.lakeside.account, carrier=foreign)
    fax = send(world.lakeside, TO)
    own = Number.rows.get(e164=world.lakeside.number).carrier
    ways = ways_of(Fax.rows.get(pk=fax.pk))
    assert ways is not None
    assert [each.pk for each in ways.open] == [own.pk]
