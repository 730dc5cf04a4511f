"""Every state and every way to end has its word, and the carriers' own reading agrees with it."""

from types import SimpleNamespace

import pytest

from faxes.api.kazoo.states import TROUBLES, result_of, status_of
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.wire.kazoo import NOTHING_YET, OUTCOMES, STATUS

# What clients know; everything else they take for a job in progress.
KNOWN = {"attaching_files", "pending", "processing", "completed", "failed", "receiving", "received"}
BEFORE_A_CALL = {
    ErrorCode.DOCUMENT_UNREADABLE: (0, "the file cannot be converted: document_unreadable"),
    ErrorCode.URL_REFUSED: (400, "the document cannot be fetched: url_refused"),
    ErrorCode.FROM_NUMBER_GONE: (400, "invalid fax cid number: +12025550121"),
    ErrorCode.NUMBER_INVALID: (400, "invalid fax number: +12025550100"),
    ErrorCode.INSUFFICIENT_CREDIT: (402, "not paid for: insufficient_credit"),
    ErrorCode.INTERNAL_ERROR: (
        500, "process terminated. please contact your support for details",
    ),
}  # fmt: skip


def a_fax(**facts):
    usual = {
        "direction": Direction.OUTBOUND, "state": FaxState.FAILED, "outcome": "", "error_code": "",
        "from_number": "+12025550121", "to_number": "+12025550100", "quality": "fine",
        "remote_station_id": "", "pages": 3, "pages_done": 0, "incomplete": False, "phase": "",
    }  # fmt: skip
    return SimpleNamespace(**(usual | facts))


def test_every_state_has_a_word_that_clients_know():
    assert set(STATUS) == set(FaxState)
    assert set(STATUS.values()) == KNOWN
    for state in FaxState:
        assert status_of(a_fax(state=state), None, remote=False) == STATUS[state]
    assert status_of(a_fax(state=FaxState.PREPARING), None, remote=True) == "pending"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_told_under_both_families_of_names(outcome):
    state = FaxState.DELIVERED if outcome == Outcome.DELIVERED else FaxState.FAILED
    told = result_of(a_fax(state=state, outcome=outcome), None)
    code, cause, text = OUTCOMES[outcome]
    assert set(NOTHING_YET) < set(told)
    assert (told["result_code"], told["result_text"]) == (code, text)
    assert told.get("result_cause", "") == cause
    assert told["success"] is (outcome == Outcome.DELIVERED)
    assert told["error_message"] == ("" if told["success"] else text)


def test_a_job_canceled_elsewhere_has_failed():
    for fax in (a_fax(state=FaxState.CANCELED), a_fax(outcome=Outcome.CANCELED)):
        assert status_of(fax, None, remote=False) == "failed"
        assert result_of(fax, None)["result_text"] == "canceled"
        assert result_of(fax, None)["success"] is False


@pytest.mark.parametrize("code", BEFORE_A_CALL)
def test_what_failed_before_any_call_says_why_and_names_no_document(code):
    told = result_of(a_fax(error_code=code, outcome=Outcome.INTERNAL_ERROR), None)
    assert (told["result_code"], told["result_text"]) == BEFORE_A_CALL[code]


@pytest.mark.parametrize("code", ErrorCode)
def test_no_code_is_too_strange_to_be_told(code):
    assert result_of(a_fax(error_code=code), None)["result_text"]
    assert set(TROUBLES) <= {begins.split("_")[0] for begins in ErrorCode} | {
        "too_many",
        "no_carrier",
        "do_not_fax",
    }
