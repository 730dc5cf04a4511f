"""Every code and state has its words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faxes.enums import Direction, DocumentRole, ErrorCode, FaxState, Outcome
from faxes.errors import FaxError
from faxes.standings import Progress, standing
from faxes.wording import OUTCOMES, SENTENCES, sentence

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "name": "a.pdf",
    "limit": 3,
    "megapixels": 400,
    "number": "abc",
    "date": "x",
    "status": "y",
    "line": 7,
    "needed": "1.00 USD",
    "available": "0.50 USD",
    "most": 50,
    "value": 500,
    "contact": "c",
    "count": 2,
    "entry": ".*",
    "domain": "example.com",
    "extension": "210",
    "option": "superfine",
    "setting": "Password",
    "reason": "it is too long.",
    "least": 7,
    "strip": 12,
    "delete": 3,
}


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_has_a_sentence_that_takes_its_facts(code):
    words = sentence(FaxError(code, **FACTS))
    assert words.endswith(".")
    assert "{" not in words


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_words(outcome):
    assert str(OUTCOMES[outcome])


def test_there_are_no_words_for_codes_that_do_not_exist():
    assert set(SENTENCES) == set(ErrorCode)
    assert set(DocumentRole) == {"source", "cover", "body", "rendered", "received"}


def progress(state, **facts):
    facts = {
        "direction": Direction.OUTBOUND,
        "outcome": None,
        "tries": 0,
        "pages": 5,
        "pages_done": 0,
        "phase": "",
        "due_at": None,
        **facts,
    }
    return Progress(state=state, **facts)


@pytest.mark.parametrize(
    ("fax", "words", "tone"),
    [
        (progress(FaxState.PREPARING), "Preparing", "wait"),
        (progress(FaxState.QUEUED), "Waiting for a line", "wait"),
        (progress(FaxState.SENDING, phase="dialing"), "Dialing", "move"),
        (progress(FaxState.SENDING, phase="page", pages_done=1), "Sending page 2 of 5", "move"),
        (progress(FaxState.SENDING, phase="page", pages_done=5), "Sending page 5 of 5", "move"),
        (progress(FaxState.DELIVERED, outcome=Outcome.DELIVERED), "Delivered", "good"),
        (
            progress(
                FaxState.QUEUED, outcome=Outcome.BUSY, due_at=NOW + timedelta(minutes=20), tries=1
            ),
            "Busy. Next try: 2:20 p.m.",
            "wait",
        ),
        (
            progress(FaxState.FAILED, outcome=Outcome.NO_ANSWER, tries=3),
            "Not delivered: nobody answered after 3 tries",
            "bad",
        ),
        (progress(FaxState.CANCELED, outcome=Outcome.CANCELED), "Canceled", "off"),
        (
            progress(FaxState.RECEIVING, direction=Direction.INBOUND, pages_done=1),
            "Receiving page 2",
            "move",
        ),
        (progress(FaxState.RECEIVED, direction=Direction.INBOUND), "Received", "good"),
    ],
)
def test_a_state_is_told_in_plain_words(fax, words, tone):
    told = standing(fax, NOW)
    assert (told.text, told.tone) == (words, tone)
