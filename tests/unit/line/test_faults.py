"""Lines that go wrong: what each end then says, and what never happens."""

from pathlib import Path

import pytest

from faxes.enums import Outcome, Quality
from faxes.line.exchange import Fault, Medium
from faxes.line.result import CallResult
from faxes.line.station import Modem, Station
from tests.unit.line.calls import connect
from tests.unit.line.pages import blank, letter, pixels, write_tiff

NO_ECM = Station(station_id="1", ecm=False)
FAULTS = [
    *(Fault(snr_db=snr, seed=seed) for snr in (8, 14, 20) for seed in (1, 5)),
    *(Fault(packet_loss=loss, seed=seed) for loss in (0.002, 0.02, 0.2) for seed in (1, 5)),
    *(Fault(dead_after_seconds=seconds) for seconds in (1.0, 8.0, 14.0, 25.0)),
    *(Fault(image_hit_seconds=seconds) for seconds in (0.1, 1.0)),
]


def in_short(fault: Fault) -> str:
    told = {name: value for name, value in fault.to_json().items() if value}
    return ",".join(f"{name}={value}" for name, value in told.items())


def medium_of(fault: Fault) -> Medium:
    return Medium.T38 if fault.packet_loss else Medium.AUDIO


def holds_true(result: CallResult, document: Path, received: Path, *, corrected: bool) -> None:
    """What must hold of every call, however bad its line is."""
    assert result.caller is not None
    assert result.called is not None
    assert not result.out_of_time
    pages = len(pixels(document))
    arrived = pixels(received) if received.exists() else []
    if result.outcome is Outcome.DELIVERED:
        assert result.caller.completion_code == 0
        assert result.caller.pages == pages
        assert result.received_complete
    assert result.received_pages >= result.caller.pages  # nobody confirms what he has not got
    assert result.received_pages == len(arrived)
    if result.received_complete:
        assert len(arrived) == pages
    if corrected:
        assert arrived == pixels(document)[: len(arrived)]
    if result.outcome is not Outcome.DELIVERED:
        assert result.caller.completion_code != 0
        assert result.caller.completion_text


@pytest.mark.parametrize("fault", FAULTS, ids=in_short)
def test_with_error_correction_a_page_arrives_right_or_not_at_all(documents, received, fault):
    result = connect(documents(2), received, fault=fault, medium=medium_of(fault))
    holds_true(result, documents(2), received, corrected=True)


@pytest.mark.parametrize("fault", FAULTS, ids=in_short)
def test_without_error_correction_nobody_claims_what_is_not_so(documents, received, fault):
    result = connect(documents(2), received, fault=fault, medium=medium_of(fault), caller=NO_ECM)
    holds_true(result, documents(2), received, corrected=False)


def test_noise_is_corrected_at_the_price_of_retries(documents, received):
    result = connect(
        documents(2), received, fault=Fault(image_hit_seconds=1.0), medium=Medium.AUDIO
    )
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.ecm_retries
    assert pixels(received) == pixels(documents(2))


def test_modems_fall_back_to_a_speed_that_the_noise_allows(documents, received):
    result = connect(documents(1), received, fault=Fault(snr_db=18), medium=Medium.AUDIO)
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.bit_rate is not None
    assert result.caller.bit_rate < 14400


def test_a_page_with_too_many_bad_rows_is_rejected_and_sent_again(documents, received):
    result = connect(
        documents(1),
        received,
        fault=Fault(image_hit_seconds=0.1),
        medium=Medium.AUDIO,
        caller=NO_ECM,
    )
    assert result.caller is not None
    answers = [page.frame for page in result.caller.page_facts]
    assert "RTN" in answers
    assert {page.number for page in result.caller.page_facts} == {1}


@pytest.mark.parametrize("medium", list(Medium))
def test_a_line_that_goes_dead_ends_the_call_at_both_ends(documents, received, medium):
    fault = Fault(dead_after_seconds=15.0)
    result = connect(documents(2), received, fault=fault, medium=medium)
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.caller is not None
    assert result.caller.completion_code == 21  # no response after sending a page
    assert result.line_seconds < 300


@pytest.mark.parametrize("medium", list(Medium))
@pytest.mark.parametrize("page", [1, 2])
def test_a_far_end_that_hangs_up_keeps_the_pages_before(documents, received, medium, page):
    fault = Fault(hang_up_in_page=page)
    result = connect(documents(3), received, fault=fault, medium=medium)
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.received_pages == page - 1
    assert result.caller is not None
    assert result.caller.pages == page - 1
    assert result.caller.completion_code == 49


@pytest.mark.parametrize("medium", list(Medium))
def test_a_far_end_hangs_up_even_in_a_page_of_half_a_second(tmp_path, received, medium):
    tiny = letter(1, Quality.STANDARD, share_of_page=0.02)
    document = write_tiff(tmp_path / "tiny.tiff", [tiny] * 3, Quality.STANDARD)
    fault = Fault(hang_up_in_page=2)
    result = connect(document, received, fault=fault, medium=medium)
    assert result.received_pages == 1
    assert result.outcome is Outcome.TRANSMIT_ERROR


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("modem", [Modem.V17, Modem.V29, Modem.V27TER])
@pytest.mark.parametrize("kind", ["blank", "short", "letter"])
def test_the_noisy_test_number_spoils_every_kind_of_page(tmp_path, received, quality, modem, kind):
    page = blank(quality) if kind == "blank" else letter(3, quality, share_of_page=0.25)
    if kind == "short":
        page = letter(3, quality, share_of_page=0.08)
    document = write_tiff(tmp_path / "sent.tiff", [page], quality)
    caller = Station(station_id="1", modem=modem)
    fault = Fault(image_hit_seconds=3.0, seed=105)
    result = connect(
        document, received, fault=fault, medium=Medium.AUDIO, called=NO_ECM, caller=caller
    )
    assert result.outcome is Outcome.DELIVERED
    assert result.called is not None
    assert result.called.bad_rows


def test_a_lost_confirmation_leaves_the_caller_in_doubt_and_the_called_with_everything(
    documents, received
):
    """A line that dies while the last page is being confirmed."""
    whole = connect(documents(1), received)
    assert whole.caller is not None
    confirmed = next(frame for frame in whole.caller.frames if frame.name == "MCF")
    fault = Fault(dead_after_seconds=confirmed.line_seconds - 0.5)
    result = connect(documents(1), received, fault=fault)
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.received_complete
    assert result.received_pages == 1
    assert pixels(received) == pixels(documents(1))
