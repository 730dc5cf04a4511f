"""Receiving: page by page, once, never missed."""

import threading

import pytest

from faxes.enums import FaxState, Outcome
from faxes.line.exchange import Behaviour, Fault
from faxes.models import Carrier, Event, Fax, LineCall
from faxes.services import exchange, line, sync
from faxes.services.receive import receive
from tests.stored import stored_files


def arrivals(tenant):
    return Fax.rows.filter(account=tenant.account, direction="inbound")


def paced(monkeypatch, **fault):
    """Tenants' numbers answer at a pace that can be watched, or with a fault."""

    real = line.behaviour_of

    def behaviour(held):
        clean = real(held)
        return Behaviour(station=clean.station, medium=clean.medium, **fault)

    monkeypatch.setattr(line, "behaviour_of", behaviour)


def test_an_arrival_shows_while_it_comes_in(world, work, send, monkeypatch):
    monkeypatch.setattr(line, "_NOTE_EVERY", 0.0)
    fax = send(world.northside, world.lakeside.number, pages=3)
    work.run_jobs()
    seen: list[tuple[str, int]] = []
    note = exchange.note

    def look(*told, **facts):
        note(*told, **facts)
        work.run_jobs()
        seen.extend((each.state, each.pages_done) for each in arrivals(world.lakeside))
        fax.refresh_from_db()
        seen.append(("sender", fax.pages_done))

    monkeypatch.setattr(exchange, "note", look)
    held = exchange.claim_next()
    assert held
    line.carry(held)
    work.run_to_end()
    receiving = [pages for state, pages in seen if state == FaxState.RECEIVING]
    assert receiving == sorted(receiving)
    assert set(receiving) >= {1, 2}
    assert {pages for state, pages in seen if state == "sender"} >= {1, 2}
    assert arrivals(world.lakeside).get().pages == 3


def test_an_arrival_that_breaks_off_keeps_the_pages_that_came(world, work, send, monkeypatch):
    paced(monkeypatch, fault=Fault(hang_up_in_page=2))
    fax = send(world.northside, world.lakeside.number, pages=3, retries="0")
    work.run_to_end()
    arrival = arrivals(world.lakeside).get()
    assert (arrival.state, arrival.pages, arrival.incomplete) == (FaxState.RECEIVED, 1, True)
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.TRANSMIT_ERROR)


def test_an_arrival_without_a_page_is_on_record_as_failed(world, work, send, monkeypatch):
    paced(monkeypatch, fault=Fault(hang_up_in_page=1))
    send(world.northside, world.lakeside.number, retries="0")
    work.run_to_end()
    arrival = arrivals(world.lakeside).get()
    assert (arrival.state, arrival.outcome) == (FaxState.FAILED, Outcome.TRANSMIT_ERROR)


def test_an_arrival_is_found_by_sync_if_nobody_was_nudged(world, work, send):
    send(world.northside, world.lakeside.number)
    work.run_jobs()
    work.carry_calls()
    work.lose_all_jobs()
    sync.sync(Carrier.objects.get().pk)
    work.run_jobs()
    assert arrivals(world.lakeside).get().state == FaxState.RECEIVED


@pytest.mark.parametrize("times", [2, 5])
def test_an_arrival_seen_by_many_is_stored_once(world, work, send, times, monkeypatch):
    monkeypatch.setattr(exchange.Book, "fetched", lambda *_: None)
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    call = LineCall.objects.get()
    seers = [
        threading.Thread(target=receive, args=[Carrier.objects.get().pk, str(call.pk)])
        for _ in range(times)
    ]
    for seer in seers:
        seer.start()
    for seer in seers:
        seer.join()
    arrival = arrivals(world.lakeside).get()
    assert arrival.documents.count() == 1
    assert Event.rows.filter(fax=arrival).count() == 2
    keys = set(arrival.documents.values_list("key", flat=True)) | {call.received_key}
    assert {key for key in stored_files() if world.lakeside.id.hex in key} == keys


def test_the_line_keeps_nothing_of_a_fax_once_both_ends_have_it(world, work, send):
    sent = send(world.northside, world.lakeside.number)
    work.run_to_end()
    assert not LineCall.objects.exists()
    keys = set(sent.documents.values_list("key", flat=True))
    keys |= set(arrivals(world.lakeside).get().documents.values_list("key", flat=True))
    assert stored_files() == keys


def test_a_clinics_fax_shows_what_the_far_end_calls_itself(world, work, send):
    world.northside.faxbox.station_id = "NORTHSIDE 1"
    world.northside.faxbox.save()
    sent = send(world.northside, world.lakeside.number)
    work.run_to_end()
    assert arrivals(world.lakeside).get().remote_station_id == "NORTHSIDE 1"
    sent.refresh_from_db()
    assert sent.remote_station_id == world.lakeside.number
