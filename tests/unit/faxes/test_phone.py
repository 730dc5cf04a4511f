"""The one reader of numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.enums import ErrorCode
from faxes.errors import NumberError
from faxes.phone import parse_number, parse_numbers, readable


@pytest.mark.parametrize(
    ("written", "country", "e164"),
    [
        ("(202) 555-0100", "US", "+12025550100"),
        ("202.555.0109", "US", "+12025550109"),
        ("1 202 555 0100", "US", "+12025550100"),
        ("+1 202 555 0100", "DE", "+12025550100"),
        ("030 901820", "DE", "+4930901820"),
        ("+44 20 7946 0018", "US", "+442079460018"),
    ],
)
def test_reads_a_number_as_people_write_it(written, country, e164):
    assert parse_number(written, country=country) == e164


@pytest.mark.parametrize(
    "written",
    [
        "abc",
        "+1",
        "911",
        "12",
        "+",
        "()",
        "202 555 01000000000",
        "+1 202 555 010",
        "1-800-FLOWERS",
        "+12025550100;ext=3",
        "٢٠٢",
        "+999 123456789",
        "0" * 400,
    ],
)
def test_refuses_what_is_no_number_that_can_be_faxed(written):
    with pytest.raises(NumberError) as refused:
        parse_number(written, country="US")
    assert (refused.value.code, refused.value.field) == (ErrorCode.NUMBER_INVALID, "to")


def test_an_empty_field_is_told_apart_from_a_wrong_number():
    with pytest.raises(NumberError) as refused:
        parse_numbers(" ;\n, ", country="US")
    assert refused.value.code == ErrorCode.NUMBER_MISSING


def test_reads_many_numbers_each_once_and_in_order():
    written = "(202) 555-0101, +12025550100;2025550101\n+1 202 555 0102"
    assert parse_numbers(written, country="US") == ["+12025550101", "+12025550100", "+12025550102"]


def test_shows_a_number_nationally_at_home_and_internationally_abroad():
    assert readable("+12025550100", country="US") == "(202) 555-0100"
    assert readable("+12025550100", country="DE") == "+1 202-555-0100"


@given(st.text(max_size=40))
def test_any_text_is_either_a_number_or_refused(written):
    try:
        e164 = parse_number(written, country="US")
    except NumberError:
        return
    assert re.fullmatch(r"\+[0-9]{6,15}", e164)
    assert parse_number(e164, country="DE") == e164


@given(st.text(max_size=40))
def test_what_a_far_end_calls_itself_is_always_shown_somehow(told):
    assert isinstance(readable(told, country="US"), str)
