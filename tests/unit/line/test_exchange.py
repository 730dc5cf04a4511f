"""What each number of the embedded line does when it is dialled."""

import time
from pathlib import Path

import pytest

from faxes.enums import Outcome, Quality
from faxes.line.exchange import NOT_IN_SERVICE, TEST_NUMBERS, answering, behaviour_for
from faxes.line.process import CallSpec, place_call
from faxes.line.result import DialResult, FrameDirection, Progress
from faxes.line.station import Compression, Station
from tests.unit.line.calls import US, dial, kinds
from tests.unit.line.pages import pixels


def test_there_are_ten_test_numbers_and_no_other_number_is_one():
    assert len(TEST_NUMBERS) == 10
    assert behaviour_for("+12025550110", earlier_calls=0) is None
    assert behaviour_for("12025550100", earlier_calls=0) is None


def test_0100_receives_everything(documents, received):
    progress: list[Progress] = []
    result = dial("+12025550100", documents(3), received, on_progress=progress.append)
    assert result.outcome is Outcome.DELIVERED
    assert result.received_complete
    assert result.received_pages == 3
    assert pixels(received) == pixels(documents(3))
    assert kinds(progress) == ["dialing", "connected", "page"]
    assert [each.pages_done for each in progress][-1] == 3
    assert {each.pages_total for each in progress if each.kind != "dialing"} == {3}
    assert progress[-1].remote_station_id == "+12025550100"
    assert progress[-1].bit_rate == 14400
    assert progress[-1].compression is Compression.T6


def test_0100_also_receives_when_nobody_wants_the_pages(documents):
    assert dial("+12025550100", documents(1)).received_complete


def test_0101_is_busy(documents, received):
    result = dial("+12025550101", documents(1), received)
    assert result.answered is DialResult.BUSY
    assert result.outcome is Outcome.BUSY
    assert result.caller is None
    assert 1 < result.line_seconds < 15
    assert not received.exists()


def test_0102_rings_and_is_not_answered(documents):
    result = dial("+12025550102", documents(1))
    assert result.outcome is Outcome.NO_ANSWER
    assert 30 <= result.line_seconds <= 90


def test_0103_is_answered_by_a_person(documents):
    result = dial("+12025550103", documents(1))
    assert result.answered is DialResult.ANSWERED
    assert result.outcome is Outcome.NO_CARRIER
    assert result.caller is not None
    assert result.caller.completion_code == 2
    assert result.caller.bit_rate is None
    assert result.line_seconds > 60


@pytest.mark.parametrize("ecm", [True, False])
def test_0104_hangs_up_during_the_second_page(documents, received, ecm):
    caller = Station(station_id="1", ecm=ecm)
    result = dial("+12025550104", documents(3), received, caller=caller)
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.caller is not None
    assert result.caller.pages == 1
    assert not result.received_complete
    assert result.received_pages == 1
    assert pixels(received) == pixels(documents(3))[:1]


def test_0104_lets_a_single_page_through(documents):
    assert dial("+12025550104", documents(1)).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(("pages", "quality"), [(2, Quality.FINE), (1, Quality.STANDARD)])
def test_0105_is_noisy_and_the_pages_arrive_with_bad_rows(documents, received, pages, quality):
    result = dial("+12025550105", documents(pages, quality), received)
    assert result.outcome is Outcome.DELIVERED
    assert result.received_complete
    assert result.called is not None
    assert result.called.ecm is False
    assert result.called.bad_rows
    assert result.caller is not None
    assert result.caller.bad_rows is None  # a sender is not told
    assert pixels(received) != pixels(documents(pages, quality))


def test_0105_makes_the_same_errors_every_time(documents, received):
    first, again = (dial("+12025550105", documents(1), received) for _ in range(2))
    assert first == again


def test_0106_is_slow_and_takes_standard_resolution(documents, received):
    result = dial("+12025550106", documents(1, Quality.STANDARD), received)
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.bit_rate == 2400
    assert result.caller.ecm is False
    assert result.caller.quality is Quality.STANDARD
    assert pixels(received) == pixels(documents(1, Quality.STANDARD))


@pytest.mark.parametrize("quality", [Quality.FINE, Quality.SUPERFINE])
def test_0106_asks_for_a_lower_resolution(documents, quality):
    result = dial("+12025550106", documents(1, quality))
    assert result.needs_lower_resolution
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.caller is not None
    assert result.caller.completion_code == 11
    assert result.caller.remote_qualities == frozenset({Quality.STANDARD})


def test_0107_is_busy_twice_and_then_answers(documents):
    outcomes = [dial("+12025550107", documents(1), earlier_calls=n).outcome for n in range(3)]
    assert outcomes == [Outcome.BUSY, Outcome.BUSY, Outcome.DELIVERED]


def test_0108_is_not_in_service(documents):
    result = dial("+12025550108", documents(1))
    assert result.outcome is Outcome.DIAL_FAILED
    assert result.line_seconds > 0


def test_0109_takes_as_long_as_a_telephone_line_would(documents):
    behaviour = behaviour_for("+12025550109", earlier_calls=0)
    assert behaviour is not None
    assert behaviour.pace == 1.0


def test_0109_keeps_its_pace(documents):
    began = time.monotonic()
    result = dial("+12025550109", documents(1, share_of_page=0.1), pace=40.0)
    wall = time.monotonic() - began
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.line_seconds / 40 <= wall < result.caller.line_seconds / 40 + 3


def test_a_tenants_number_answers_as_the_tenants_machine(documents, received):
    machine = Station(station_id="ACME 030 1234", ecm=True)
    behaviour = answering(machine, ring_seconds=0.0)
    spec = CallSpec(document=documents(1), receive=received, caller=US, behaviour=behaviour)
    result = place_call(spec)
    assert result.caller is not None
    assert result.called is not None
    assert result.caller.remote_station_id == "ACME 030 1234"
    assert result.called.remote_station_id == US.station_id


def test_any_other_number_is_not_in_service(documents: object, tmp_path: Path):
    spec = CallSpec(document=tmp_path / "never-opened", caller=US, behaviour=NOT_IN_SERVICE)
    assert place_call(spec).outcome is Outcome.DIAL_FAILED


def test_ringing_takes_as_long_as_it_is_set_to(documents):
    behaviour = behaviour_for("+12025550101", earlier_calls=0, ring_seconds=0.3)
    assert behaviour is not None
    began = time.monotonic()
    place_call(CallSpec(document=documents(1), caller=US, behaviour=behaviour))
    assert 0.3 <= time.monotonic() - began < 10


def test_the_trace_tells_the_frames_of_both_ends(documents):
    result = dial("+12025550100", documents(2))
    assert result.caller is not None
    sent = [f.name for f in result.caller.frames if f.direction is FrameDirection.SENT]
    heard = [f.name for f in result.caller.frames if f.direction is FrameDirection.RECEIVED]
    assert sent == [
        *("TSI", "DCS"),
        *("RCP", "RCP", "RCP", "PPS-MPS"),
        *("RCP", "RCP", "RCP", "PPS-EOP"),
        "DCN",
    ]
    assert heard == ["CSI", "DIS", "CFR", "MCF", "MCF"]
    times = [frame.line_seconds for frame in result.caller.frames]
    assert times == sorted(times)
