"""What a call was like: the rules of its outcome, and its way to JSON and back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.enums import Outcome, Quality
from faxes.line.exchange import TEST_NUMBERS, Behaviour
from faxes.line.result import CallResult, DialResult, PageFacts, Progress, SessionResult
from faxes.line.spec import CallSpec
from faxes.line.station import Station

SENT = SessionResult(
    completion_code=0, completion_text="OK", pages=2, line_seconds=70.0, pages_in_file=2
)
TAKEN = replace(SENT, last_page_ended=True)
GOOD = CallResult(
    answered=DialResult.ANSWERED, line_seconds=76.0, caller=SENT, called=TAKEN, pages_to_send=2
)


def test_a_call_is_delivered_when_every_page_is_confirmed_and_the_session_completed():
    assert GOOD.outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    ("dial", "outcome"),
    [
        (DialResult.BUSY, Outcome.BUSY),
        (DialResult.NO_ANSWER, Outcome.NO_ANSWER),
        (DialResult.NOT_IN_SERVICE, Outcome.DIAL_FAILED),
        (DialResult.HUNG_UP, Outcome.CANCELED),
    ],
)
def test_a_call_that_was_not_answered_comes_out_as_it_was_dialled(dial, outcome):
    assert CallResult(answered=dial, line_seconds=4.0).outcome is outcome


def test_ok_is_not_enough_if_pages_are_missing():
    """The library says OK to a document of which it could read the first page only."""
    one = replace(SENT, pages=1)
    assert replace(GOOD, caller=one).outcome is Outcome.TRANSMIT_ERROR
    none = replace(SENT, pages=0)
    assert replace(GOOD, caller=none, pages_to_send=0).outcome is Outcome.TRANSMIT_ERROR


def test_ok_is_not_enough_if_the_pages_were_not_kept():
    lost = replace(TAKEN, pages_in_file=1)
    assert replace(GOOD, called=lost).outcome is Outcome.TRANSMIT_ERROR
    assert replace(GOOD, called=lost).received_pages == 1


@pytest.mark.parametrize("code", [3, 14, 20, 21, 41, 48, 49])
def test_any_other_end_is_a_broken_session(code):
    broken = replace(SENT, completion_code=code)
    assert replace(GOOD, caller=broken).outcome is Outcome.TRANSMIT_ERROR


def test_no_fax_tones_means_that_no_fax_machine_answered():
    silent = replace(SENT, completion_code=2, pages=0)
    assert replace(GOOD, caller=silent, called=None).outcome is Outcome.NO_CARRIER


def test_hanging_up_cancels_what_was_not_delivered_yet():
    dropped = replace(SENT, completion_code=49, pages=1)
    call = replace(GOOD, caller=dropped, hung_up_by_caller=True)
    assert call.outcome is Outcome.CANCELED
    assert replace(GOOD, hung_up_by_caller=True).outcome is Outcome.DELIVERED


def test_the_called_end_has_everything_when_only_the_goodbye_got_lost():
    call = replace(GOOD, called=replace(TAKEN, completion_code=48))
    assert call.received_complete
    assert call.outcome is Outcome.DELIVERED


def test_the_called_end_does_not_have_everything_before_the_sender_says_that_it_was_all():
    call = replace(GOOD, called=replace(TAKEN, last_page_ended=False))
    assert not call.received_complete
    assert call.received_pages == 2


def test_a_rejected_page_is_not_an_accepted_one():
    answers = ["MCF", "RTP", "RTN", None]
    accepted = [PageFacts(number=1, frame=answer).accepted for answer in answers]
    assert accepted == [True, True, False, False]


def test_resolutions_have_the_names_that_the_portal_uses():
    names = [replace(SENT, y_resolution=y).quality for y in (3850, 7700, 15400, 12000, None)]
    assert names == [Quality.STANDARD, Quality.FINE, Quality.SUPERFINE, None, None]


STATIONS = st.builds(
    Station,
    station_id=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    resolutions=st.frozensets(st.sampled_from(Quality), min_size=1),
)
PATHS = st.sampled_from([Path("/var/line/sent.tiff"), Path("Überweisung.tiff")])
VALUES = [
    st.from_type(CallResult),
    st.from_type(SessionResult),
    st.from_type(PageFacts),
    st.from_type(Progress),
    STATIONS,
    st.builds(
        CallSpec,
        document=PATHS,
        receive=st.none() | PATHS,
        caller=STATIONS,
        behaviour=st.builds(Behaviour, station=st.none() | STATIONS),
    ),
]


@given(st.one_of(VALUES).filter(lambda value: "nan" not in repr(value)))
def test_every_value_comes_back_from_json_as_it_was(value):
    stored = json.dumps(value.to_json())
    assert type(value).from_json(json.loads(stored)) == value


@pytest.mark.parametrize("number", sorted(TEST_NUMBERS))
def test_every_behaviour_survives_the_process_border(number):
    behaviour = TEST_NUMBERS[number].behaviour
    assert Behaviour.from_json(json.loads(json.dumps(behaviour.to_json()))) == behaviour


def test_what_an_older_version_stored_can_still_be_read():
    data = GOOD.to_json()
    del data["out_of_time"], data["caller"]["frames_left_out"]
    data["caller"]["something_of_old"] = 1
    assert CallResult.from_json(data) == GOOD


@pytest.mark.parametrize(
    "change",
    [{"answered": "maybe"}, {"line_seconds": "long"}, {"caller": []}, {"pages_to_send": True}],
)
def test_what_is_no_result_is_refused(change):
    with pytest.raises(ValueError, match=r"not a|maybe"):
        CallResult.from_json({**GOOD.to_json(), **change})


def test_a_result_without_what_it_must_have_is_refused():
    with pytest.raises(ValueError, match="answered, line_seconds missing"):
        CallResult.from_json({})


def test_results_cannot_be_changed():
    with pytest.raises(AttributeError):
        GOOD.line_seconds = 0.0  # type: ignore[misc]
