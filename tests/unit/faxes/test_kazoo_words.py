"""Kazoo's ids, times, numbers and words: what one side writes the other reads."""

from datetime import UTC, datetime
from email import message_from_bytes
from string import printable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxes.enums import FaxState, Outcome, Quality
from faxes.wire import kazoo as wire

MOMENTS = st.integers(946_684_800, 7_258_118_400).map(lambda at: datetime.fromtimestamp(at, UTC))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(printable, max_size=20)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2)
MEMBERS = [
    "success", "result_code", "result_cause", "result_text", "time_elapsed", "total_pages",
    "transferred_pages", "pages_sent", "bad_rows", "transfer_rate", "ecm_used",
    "remote_station_id", "image_resolution", "encoding_name", "fax_speed", "error_message",
]  # fmt: skip


@given(st.uuids(), MOMENTS)
def test_ids_and_times_come_back_as_they_were(key, moment):
    assert wire.read_plain(wire.plain(key)) == key
    written = wire.of_month(key, moment)
    assert wire.read_of_month(written) == (key, f"{moment:%Y%m}")
    assert wire.job_id(written) == wire.plain(key)
    assert wire.kept_id(wire.plain(key), moment) == wire.kept_id(written, moment) == written
    assert written in set(wire.kept_ids(written, moment))
    assert wire.from_gregorian(wire.gregorian(moment)) == moment


def test_the_documents_own_examples_are_read():
    moment = datetime(2026, 11, 21, 7, 27, 57, tzinfo=UTC)
    assert wire.gregorian(datetime(1970, 1, 1, tzinfo=UTC)) == 62167219200
    assert wire.from_gregorian(wire.gregorian(moment)) == moment
    key = UUID("1fd6b7eb5b4a4d6b8d9b0c5d7c3a2e11")
    assert wire.read_of_month("202611-1fd6b7eb5b4a4d6b8d9b0c5d7c3a2e11") == (key, "202611")
    assert wire.credentials("Admin", "secret") == "2d1e4f91dae49cd08eaba2293e422273"
    told = wire.read_result({
        "success": True, "result_code": 0, "result_text": "OK", "total_pages": 2,
        "transferred_pages": 2, "transfer_rate": 14400, "time_elapsed": 71, "bad_rows": 0,
        "ecm_used": True, "remote_station_id": "5557778888",
    })  # fmt: skip
    assert (told.success, told.pages, told.total, told.station_id) == (True, 2, 2, "5557778888")
    assert told.facts == {
        "line_seconds": 71, "bit_rate": 14400, "ecm": True, "bad_rows": 0,
        "remote_station_id": "5557778888", "completion_code": 0, "completion_text": "OK",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+18884732963", "+18884732963"), ("8884732963", "+18884732963"),
        ("18884732963", "+18884732963"), ("+4930123456", "+4930123456"),
        ("0114930123456", "+4930123456"), ("004930123456", "+4930123456"),
        ("(888) 473-2963", "+18884732963"), ("911", ""), ("anonymous", ""),
    ],
)  # fmt: skip
def test_numbers_are_read_in_all_their_forms(written, read):
    assert wire.e164_of(written) == read
    assert wire.number_at({"to": written}, "to_number", "to") == (read or written)


def test_every_word_for_a_state_is_read_back():
    for state, word in wire.STATUS.items():
        told_as = FaxState.FAILED if state == FaxState.CANCELED else state
        assert wire.read_status(word).state == told_as
    for word, state in (
        ("attaching files", FaxState.PREPARING), ("resubmitting", FaxState.QUEUED),
        ("Completed", FaxState.DELIVERED),
    ):  # fmt: skip
        assert wire.read_status(word) == wire.Standing(state)


@pytest.mark.parametrize(
    "word",
    ["locked", "processing", "preparing", "ready to send", "negotiating", "not available", "", "§"],
)
def test_all_that_is_no_word_of_the_queue_is_a_call_that_goes_on(word):
    assert wire.read_status(word) == wire.Standing(FaxState.SENDING, "dialing")


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_live_texts_tell_how_far_a_call_is(done, pages):
    status = wire.read_status(wire.page_text(done, pages))
    assert status == wire.Standing(FaxState.SENDING, "page", done)
    assert wire.read_status(wire.negotiated_text(pages)).phase == "connected"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_way_to_fail_is_read_back_from_what_is_told_of_it(outcome):
    code, cause, text = wire.OUTCOMES[outcome]
    told = wire.read_result({"result_code": code, "result_cause": cause, "result_text": text})
    if outcome in {Outcome.DELIVERED, Outcome.HANDED_OVER}:
        return  # told by "success"
    lost = {Outcome.UNKNOWN: Outcome.INTERNAL_ERROR}  # which has no word of its own
    assert told.reason == lost.get(outcome, outcome)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"result_cause": "USER_BUSY"}, Outcome.BUSY),
        ({"result_cause": "NO_ANSWER"}, Outcome.NO_ANSWER),
        ({"result_cause": "NO_USER_RESPONSE"}, Outcome.NO_ANSWER),
        ({"result_cause": "ORIGINATOR_CANCEL"}, Outcome.NO_ANSWER),
        ({"result_cause": "UNALLOCATED_NUMBER"}, Outcome.DIAL_FAILED),
        ({"result_cause": "INVALID_NUMBER_FORMAT"}, Outcome.DIAL_FAILED),
        ({"result_cause": "NO_ROUTE_DESTINATION"}, Outcome.DIAL_FAILED),
        ({"result_text": "USER_BUSY"}, Outcome.BUSY),
        ({"result_text": "invalid fax number: 911", "result_code": 400}, Outcome.DIAL_FAILED),
        ({"result_text": "invalid fax cid number: 7", "result_code": 400}, Outcome.INTERNAL_ERROR),
        ({"result_text": "Timed out waiting for initial communication"}, Outcome.NO_CARRIER),
        ({"result_text": "The call dropped prematurely"}, Outcome.TRANSMIT_ERROR),
        ({"result_cause": "NORMAL_CLEARING", "transferred_pages": 1}, Outcome.TRANSMIT_ERROR),
        ({"result_text": "failed to process request", "result_code": 486}, Outcome.BUSY),
        ({"result_text": "fax job timed out - originate", "result_code": 500},
         Outcome.INTERNAL_ERROR),
        ({"result_text": "undefined", "result_code": "text"}, Outcome.INTERNAL_ERROR),
        ({}, Outcome.INTERNAL_ERROR),
    ],
)  # fmt: skip
def test_reasons_are_read_by_cause_then_by_text_then_by_pages(told, reason):
    assert wire.read_result(told).reason == reason


@pytest.mark.parametrize("name", Quality)
def test_resolutions_are_read_back(name):
    assert wire.read_result({"image_resolution": wire.RESOLUTIONS[name]}).quality == name


def test_pages_are_those_of_either_family_of_names_and_zeros_are_no_session():
    assert wire.read_result({"pages_sent": 3}).pages == 3
    assert wire.read_result({"pages_sent": 3, "transferred_pages": 0}).pages == 0
    facts = wire.read_result(wire.NOTHING_YET).facts
    assert not {"ecm", "bad_rows", "remote_station_id", "completion_text"} & set(facts)


@settings(max_examples=50)
@given(ANYTHING | st.dictionaries(st.sampled_from(MEMBERS), ANYTHING))
def test_whatever_is_told_can_be_kept(told):
    result = wire.read_result(told)
    assert all(isinstance(each, int | float | str | bool) for each in result.facts.values())
    assert 0 <= result.facts.get("completion_code", 0) <= 32_767
    assert 0 <= (result.pages or 0) < 2**31


@given(st.binary(), st.dictionaries(st.text(), st.text()))
def test_a_job_and_its_document_are_two_parts_whatever_is_in_them(document, job):
    body, kind = wire.mixed(job, document)
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    _, *parts = message_from_bytes(head + body).walk()
    assert [part.get_content_type() for part in parts] == ["application/json", "application/pdf"]
    assert wire.envelope(job) in body
    assert b"\r\n\r\n" + document + b"\r\n--" in body
