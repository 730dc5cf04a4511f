"""Kazoo as a carrier: what is asked of a cluster, and what is made of its answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from faxes.carriers.base import (
    ArrivalState,
    CarrierInDoubt,
    CarrierRefused,
    CarrierUnavailable,
    HookRequest,
)
from faxes.enums import Direction, Outcome, Quality
from tests.carriers.doors import Kept, Pages, fax_of, fetched, opened, sent
from tests.papers import pdf
from tests.upstreams.base import Came, Fault, now
from tests.upstreams.kazoo import ACCOUNT, API_KEY, REALM, Kazoo, month_id

TO, FROM = "+12125550123", "+12025550121"


@pytest.fixture
def kazoo():
    vendor = Kazoo()
    with vendor.running():
        yield vendor


@pytest.fixture
def memory():
    return Kept()


@pytest.fixture
def carrier(kazoo, memory):
    return opened(kazoo, memory=memory)


def a_fax(pages=2, **told):
    document = Pages(b"", pdf(pages))
    return fax_of(document, to_number=TO, from_number=FROM, pages=pages, **told)


def handed_over(carrier, **told):
    fax = a_fax(**told)
    ref = carrier.submit(fax)
    return sent(ref, key=fax.key, to_number=fax.to_number, from_number=FROM, pages=fax.pages)


def came(kazoo, *, at=None, pages=1, **told):
    at = at or now()
    one = Came(month_id(at), FROM, TO, at, pages, pdf(1), **told)
    kazoo.came.append(one)
    return one


# --- sending ---


@pytest.mark.parametrize("told_id", ["id", "_id", "location"])
def test_a_job_goes_out_whole_and_is_tried_once(kazoo, carrier, told_id):
    kazoo.told_id = told_id
    fax = a_fax(station_id="+1 202 555 0121", header="Northside", time_zone="Europe/Berlin")
    ref = carrier.submit(fax)
    (job,) = kazoo.taken
    assert ref == job.ref
    assert (job.document, job.pages) == (pdf(2), 2)
    assert job.extra == {
        "to_number": TO, "from_number": FROM, "retries": 0, "attempts": 0,
        "fax_identity_number": "+1 202 555 0121", "fax_identity_name": "Northside",
        "fax_timezone": "Europe/Berlin", "client_key": fax.key.hex,
    }  # fmt: skip


def test_a_job_is_followed_from_the_queue_to_the_outbox(kazoo, carrier):
    one = handed_over(carrier)
    texts = {
        "": ("", 0), "attaching_files": ("", 0), "resubmitting": ("", 0), "locked": ("dialing", 0),
        "negotiating": ("dialing", 0), "never seen": ("dialing", 0),
        "Fax negotiated at 14400": ("connected", 0), "Sent Page 1 of 2": ("page", 1),
    }  # fmt: skip
    for text, (phase, done) in texts.items():
        kazoo.live[one.ref] = text
        status = carrier.find(one)
        assert (status.phase, status.pages_done, status.result) == (phase, done, None)
    kazoo.finish(one.ref)
    kazoo.moving = 1  # it left the queue, and is not in the outbox yet
    assert carrier.find(one).result is None
    status = carrier.find(one)
    assert (status.ref, status.result.outcome, status.result.pages_sent) == (
        one.ref, Outcome.DELIVERED, 2,
    )  # fmt: skip
    assert status.result.facts == {
        "line_seconds": 71, "bit_rate": 14400, "ecm": True, "bad_rows": 0, "compression": "T.6",
        "resolution": "fine", "remote_station_id": "5557778888", "completion_code": 0,
        "completion_text": "OK", "carrier_tries": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "outcome",
    ["busy", "no_answer", "no_carrier", "dial_failed", "transmit_error", "internal_error"],
)
def test_every_way_to_fail_is_understood(kazoo, carrier, outcome):
    one = handed_over(carrier)
    pages = 1 if outcome == "transmit_error" else 0
    kazoo.finish(one.ref, outcome, pages)
    result = carrier.find(one).result
    assert (result.outcome, result.pages_sent) == (Outcome(outcome), pages)


def test_a_job_made_just_as_a_month_ended_is_found_under_the_other_one(kazoo, carrier):
    one = handed_over(carrier)
    kazoo.finish(one.ref)
    job = kazoo.taken[0]
    job.ref = f"202610-{job.ref[7:]}"
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    ours = replace(one, ref=f"202611-{job.ref[7:]}", at=midnight)
    assert carrier.find(ours).ref == job.ref


def test_a_job_that_was_taken_and_is_nowhere_is_never_said_to_be_unheard_of(kazoo, carrier, memory):
    one = handed_over(carrier)
    kazoo.taken.clear()  # somebody deleted it there
    assert carrier.find(one).result is None
    (name,) = (name for name in memory.values if name.startswith("lost"))
    memory.values[name] = str(now().timestamp() - 3600)
    result = carrier.find(one).result
    assert result.outcome == Outcome.UNKNOWN


@pytest.mark.parametrize("ended", [False, True])
def test_a_job_whose_id_nobody_heard_is_found_by_its_key_among_many(kazoo, carrier, ended):
    kazoo.most_rows = 2  # of a page
    for _ in range(3):
        handed_over(carrier)
    fax = a_fax()
    kazoo.faults.append(Fault.CLOSES_AFTER_ACCEPT)
    with pytest.raises(CarrierInDoubt):
        carrier.submit(fax)
    assert len(kazoo.taken) == 4
    for _ in range(3):
        handed_over(carrier)
    if ended:
        for job in kazoo.taken:
            kazoo.finish(job.ref)
    asked = sent("", key=fax.key, to_number=TO, from_number=FROM, pages=2)
    status = carrier.find(asked)
    assert status.ref == kazoo.taken[3].ref
    assert (status.result is not None) is ended
    assert carrier.find(replace(asked, key=uuid4())) is None


def test_without_a_key_one_that_looks_like_it_is_taken_for_it_and_two_leave_a_doubt(kazoo, carrier):
    kazoo.echoes = False
    carrier.submit(a_fax(pages=1))
    kazoo.finish(kazoo.taken[0].ref)
    asked = sent("", to_number=TO, from_number=FROM, pages=1)
    for other in ({"to_number": FROM}, {"from_number": TO}, {"pages": 7}):
        assert carrier.find(replace(asked, **other)) is None
    assert carrier.find(replace(asked, at=now() - timedelta(minutes=30))) is None
    assert carrier.find(asked).ref == kazoo.taken[0].ref
    carrier.submit(a_fax(pages=1))
    with pytest.raises(CarrierInDoubt):
        carrier.find(asked)


def test_a_number_that_is_refused_is_the_faxes_own_fault_all_else_the_carriers(kazoo, carrier):
    kazoo.faults.append(Fault.REFUSES)
    with pytest.raises(CarrierRefused) as refused:
        carrier.submit(a_fax())
    assert refused.value.outcome == Outcome.DIAL_FAILED
    assert str(refused.value) == "400 validation error document.to_number: required"
    for chosen in ({"account_id": "ff" * 16}, {"password": "wrong"}, {"base_url": kazoo.base}):
        other = opened(kazoo, **chosen)
        if "base_url" in chosen:
            assert other.submit(a_fax()) == kazoo.taken[0].ref  # the version may be left out
            continue
        with pytest.raises(CarrierUnavailable):
            other.submit(a_fax())
    assert len(kazoo.taken) == 1


# --- signing in ---


def test_a_token_is_kept_and_asked_for_once_more_where_it_has_ended(kazoo, carrier):
    one = handed_over(carrier)
    carrier.find(one)
    assert kazoo.signs_in() == 1
    kazoo.end_tokens()
    handed_over(carrier)
    assert (kazoo.signs_in(), len(kazoo.taken)) == (2, 2)
    kazoo.end_tokens()
    arrived = came(kazoo)
    assert carrier.arrival(arrived.ref) is not None
    assert kazoo.signs_in() == 3


def test_an_api_key_opens_it_as_well_and_who_has_neither_is_told_so(kazoo):
    keyed = opened(kazoo, api_key=API_KEY, user="", password="", account_realm="")
    assert keyed.check() == "Signed in; the account's faxes can be read."
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"api_key": "00" * 32}, "cannot sign in: 404 bad_identifier"),
        ({"password": "wrong"}, "cannot sign in: 401 invalid_credentials"),
        ({"password": ""}, "neither a user with a password nor an API key is filled in"),
    )
    for chosen, words in wrong:
        with pytest.raises(CarrierUnavailable, match=words):
            opened(kazoo, **chosen).check()
    assert REALM not in repr(keyed)


def test_one_faxbox_is_used_where_one_is_chosen(kazoo):
    boxed = opened(kazoo, faxbox_id="b0" * 16)
    one = handed_over(boxed)
    boxed.find(one)
    paths = {call.path for call in kazoo.calls if "faxes" in call.path}
    assert all(path.startswith(f"/v2/accounts/{ACCOUNT}/faxboxes/{'b0' * 16}/") for path in paths)


# --- receiving ---


def test_all_that_came_is_listed_page_by_page_and_span_by_span(kazoo, carrier):
    kazoo.most_rows = 2
    days = [0, 0, 0, 1, 33, 70, 200]
    all_of_it = [came(kazoo, at=now() - timedelta(days=day)) for day in days]
    assert {each.ref for each in carrier.received_since(None)} == {each.ref for each in all_of_it}
    lately = carrier.received_since(now() - timedelta(days=2))
    assert {each.ref for each in lately} == {each.ref for each in all_of_it[:4]}


def test_an_arrival_is_told_with_what_is_known_of_it(kazoo, carrier):
    one, empty = came(kazoo, pages=3), came(kazoo, pages=0)
    told = {each.ref: each for each in carrier.received_since(None)}
    arrival = told[one.ref]
    assert arrival == carrier.arrival(one.ref)
    assert (arrival.called, arrival.caller, arrival.at, arrival.pages) == (FROM, TO, one.at, 3)
    assert (arrival.state, arrival.complete) == (ArrivalState.RECEIVED, True)
    assert (arrival.station_id, arrival.quality) == ("+1 555 777 8888", Quality.STANDARD)
    assert told[empty.ref].state == ArrivalState.FAILED
    assert carrier.arrival(month_id(now())) is None


def test_pages_come_as_tiff_where_they_can_else_as_the_server_has_them(kazoo, carrier, tmp_path):
    one = came(kazoo, fetch_fails=1)
    with pytest.raises(CarrierInDoubt):
        carrier.fetch(one.ref, tmp_path / "pages")
    kazoo.end_tokens()
    assert fetched(carrier, one.ref, tmp_path) == one.document
    kazoo.tiff = b"II*\0 a fax"
    assert fetched(carrier, one.ref, tmp_path) == kazoo.tiff


def test_copies_are_deleted_with_their_pages(kazoo, carrier):
    gone = handed_over(carrier)
    arrived = came(kazoo)
    with pytest.raises(CarrierInDoubt):
        carrier.forget_sent(gone.ref)  # what is under way cannot be deleted yet
    kazoo.finish(gone.ref)
    for forget, ref in ((carrier.forget_sent, gone.ref), (carrier.forget_arrival, arrived.ref)):
        assert forget(ref) is True
        assert ref in kazoo.stripped
        assert forget(ref) is False
    assert kazoo.taken == kazoo.came == []


def test_the_past_is_told_both_ways_and_its_pages_can_be_had(kazoo, carrier, tmp_path):
    good, bad = handed_over(carrier), handed_over(carrier)
    kazoo.finish(good.ref)
    kazoo.finish(bad.ref, "busy")
    old, recent = came(kazoo, at=now() - timedelta(days=50)), came(kazoo)
    then = now()
    told = {each.ref: each for each in carrier.history(then - timedelta(days=90), then)}
    told |= {each.ref: each for each in carrier.history(then, then + timedelta(hours=1))}
    assert set(told) == {good.ref, bad.ref, old.ref, recent.ref}
    assert (told[good.ref].direction, told[good.ref].outcome) == (
        Direction.OUTBOUND, Outcome.DELIVERED,
    )  # fmt: skip
    assert (told[good.ref].pages, told[good.ref].pages_done) == (2, 2)
    assert told[bad.ref].outcome == Outcome.BUSY
    assert (told[old.ref].from_number, told[old.ref].to_number) == (TO, FROM)
    for ref in (good.ref, old.ref):
        carrier.fetch_past(told[ref], tmp_path / "past")
        assert (tmp_path / "past").read_bytes().startswith(b"%PDF")


def test_numbers_in_service_are_listed(kazoo, carrier):
    kazoo.numbers = {
        "+14155555555": {"state": "in_service", "used_by": "callflow"},
        "+14158865100": {"state": "reserved", "used_by": ""},
        "4158865101": {"used_by": ""},
    }
    assert [each.e164 for each in carrier.numbers()] == ["+14155555555", "+14158865101"]


# --- what it tells, and what is believed ---


def event(kind="application/x-www-form-urlencoded", body=b"", method="POST", **query):
    return HookRequest(
        method=method,
        url="http://127.0.0.1/",
        headers={"content-type": kind},
        query=query,
        body=body,
    )


def test_a_webhook_says_where_to_look_in_whatever_form(carrier):
    ref = month_id(now())
    seconds = int(now().timestamp()) + 62_167_219_200
    inbound = {"event_name": "inbound_fax", "fax_id": ref, "account_id": ACCOUNT}
    outbound = {"event_name": "outbound_fax_error", "fax_jobid": ref[7:], "fax_timestamp": seconds}
    for request in (
        event("application/json", json.dumps(inbound).encode()),
        event(body="&".join(f"{name}={value}" for name, value in inbound.items()).encode()),
        event(method="GET", **inbound),
    ):
        heard = carrier.heard(request)
        assert (heard.arrivals, heard.look, heard.status) == ((ref,), True, 200)
    heard = carrier.heard(event("application/json", json.dumps(outbound).encode()))
    assert ref in heard.sent_refs
    for body in (b"\xff", b"[", b"[]", b'{"event_name": 7}'):
        heard = carrier.heard(event("application/json", body))
        assert (heard.arrivals, heard.sent_refs, heard.look) == ((), (), False)


@pytest.mark.parametrize("data", [None, [], "text", {"status": 7, "tx_result": [1]}])
def test_an_answer_that_makes_no_sense_leaves_a_doubt_or_a_job_that_goes_on(
    kazoo, carrier, monkeypatch, data
):
    one = handed_over(carrier)
    monkeypatch.setattr(kazoo, "_found", lambda _folder, _ref: data if data is not None else "")
    try:
        assert carrier.find(one).result is None
    except CarrierInDoubt:
        assert not isinstance(data, dict)
