"""Lists of recipients as people write and paste them."""

import time
from contextlib import suppress

import pytest

from faxes.errors import NumberError
from faxes.services.recipient_lists import MOST_LETTERS, numbers_only, written_in

ONE, TWO = "+1 202 555 0100", "(202) 555-0101"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (f"{ONE}, {TWO};12", [("", ONE), ("", TWO), ("", "12")]),
        (f"{ONE}\r\n\r\n {TWO} \n", [("", ONE), ("", TWO)]),
        (f"Dr. Jones <{ONE}>", [("Dr. Jones", ONE)]),
        (f'"Jones, Ada" <{ONE}>; Elm <{TWO}>', [("Jones, Ada", ONE), ("Elm", TWO)]),
        (f"Ada <{ONE}>, {TWO}", [("Ada", ONE), ("", TWO)]),
        (f"Elm Street\t{ONE}\tinfo@elm.example", [("Elm Street, info@elm.example", ONE)]),
        (f"Ada;{ONE};Ben;{TWO}", [("Ada", ONE), ("Ben", TWO)]),
        (f"Practice 17\t{ONE}", [("Practice 17", ONE)]),
        ("abc", [("", "abc")]),
        ("2o2 555 0100", [("", "2o2 555 0100")]),
        (f"2o2 555 0100, {ONE}", [("", "2o2 555 0100"), ("", ONE)]),
        ("0003*210", [("", "0003*210")]),
        ("Ada <>", [("Ada", "")]),
    ],
)
def test_names_and_numbers_are_told_apart(text, found):
    assert [(each.name, each.number) for each in written_in(text)] == found


def test_a_text_without_end_is_refused_at_once():
    with pytest.raises(NumberError):
        written_in("1" * (MOST_LETTERS + 1))
    with pytest.raises(NumberError):
        written_in("1,\n" * 20_001)
    assert numbers_only(f"Ada <{ONE}>\n{TWO}") == f"{ONE}\n{TWO}"


@pytest.mark.parametrize(
    "text",
    [
        ",".join(["+12025550100"] * 9_000),
        "x" * MOST_LETTERS,
        ">" * MOST_LETTERS,
        "a<" * (MOST_LETTERS // 2),
        "<>" * 20_000,
    ],
    ids=["numbers", "a word", "ends", "beginnings", "empty"],
)
def test_what_is_written_badly_takes_no_longer_to_read(text):
    began = time.process_time()
    with suppress(NumberError):
        written_in(text)
    assert time.process_time() - began < 2
