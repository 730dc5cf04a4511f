"""How often and when a fax is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.enums import Outcome
from faxes.retry import most_tries, next_wait

ENDS = [Outcome.DELIVERED, Outcome.CANCELED, Outcome.UNKNOWN]


def test_a_busy_number_is_tried_three_more_times_ever_less_often():
    waits = [next_wait([Outcome.BUSY] * tries, retries=None) for tries in (1, 2, 3, 4)]
    assert waits == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20), None]


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.TRANSMIT_ERROR])
def test_no_answer_and_a_broken_session_get_two_more_tries(outcome):
    assert next_wait([outcome] * 2, retries=None) is not None
    assert next_wait([outcome] * 3, retries=None) is None


@pytest.mark.parametrize("outcome", [Outcome.NO_CARRIER, Outcome.DIAL_FAILED, *ENDS])
def test_what_another_try_would_not_change_is_not_tried_again(outcome):
    assert next_wait([outcome], retries=None) is None


@pytest.mark.parametrize("outcome", ENDS)
def test_nobody_can_ask_for_another_try_after_delivery_cancellation_or_doubt(outcome):
    assert next_wait([outcome], retries=9) is None


@pytest.mark.parametrize("outcome", [Outcome.NO_CARRIER, Outcome.DIAL_FAILED, Outcome.BUSY])
def test_a_request_can_ask_for_more_tries_or_none(outcome):
    assert next_wait([outcome], retries=0) is None
    assert next_wait([outcome] * 4, retries=4) is not None
    assert next_wait([outcome] * 5, retries=4) is None


def test_a_demonstration_waits_seconds_instead_of_minutes():
    assert next_wait([Outcome.BUSY], retries=None, scale=0.02) == timedelta(seconds=6)


@given(
    st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=40),
    st.one_of(st.none(), st.integers(0, 10)),
)
def test_tries_always_come_to_an_end(outcomes, retries):
    made = 1
    while next_wait(outcomes[:made], retries=retries) is not None and made < len(outcomes):
        made += 1
    assert made <= most_tries(retries)
