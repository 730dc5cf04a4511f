"""Who stands at an end: its identification, its header and its clock."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.enums import Outcome
from faxes.line.errors import LineError, StationInvalid
from faxes.line.station import Station, header_bytes, posix_time_zone
from tests.unit.line.calls import connect
from tests.unit.line.pages import pixels

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)


def test_a_station_id_of_twenty_characters_arrives_whole(documents, received):
    longest = "+49 30 12345678 0042"
    result = connect(documents(1), received, caller=Station(station_id=longest))
    assert result.called is not None
    assert result.called.remote_station_id == longest


def test_a_station_id_of_twenty_one_characters_is_refused():
    with pytest.raises(StationInvalid, match="21 characters, at most 20"):
        Station(station_id="+49 30 12345678 00421")


@pytest.mark.parametrize("station_id", ["Büro", "1\n2", "\x00"])
def test_a_station_id_that_cannot_be_sent_is_refused(station_id):
    with pytest.raises(StationInvalid, match="printable ASCII"):
        Station(station_id=station_id)


def test_a_station_may_keep_silent_about_itself(documents, received):
    result = connect(documents(1), received, caller=Station(), called=Station())
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.remote_station_id is None


def test_an_unknown_time_zone_is_refused():
    for name in ("Mars/Olympus", "", "../etc/passwd", "Europe"):
        with pytest.raises(StationInvalid, match="time zone"):
            Station(time_zone=name)


def test_what_is_refused_is_an_error_of_the_line():
    assert issubclass(StationInvalid, LineError)
    assert issubclass(StationInvalid, ValueError)


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [
        ("UTC", "FAX-0:00", "FAX-0:00"),
        ("Europe/Berlin", "FAX-1:00", "FAX-2:00"),
        ("America/New_York", "FAX+5:00", "FAX+4:00"),
        ("America/St_Johns", "FAX+3:30", "FAX+2:30"),
        ("Asia/Kathmandu", "FAX-5:45", "FAX-5:45"),
        ("Australia/Lord_Howe", "FAX-11:00", "FAX-10:30"),
    ],
)
def test_a_time_zone_becomes_the_offset_of_the_moment(name, winter, summer):
    assert posix_time_zone(name, WINTER) == winter
    assert posix_time_zone(name, SUMMER) == summer


def test_the_header_tells_the_time_of_its_zone(documents, received):
    """Two zones half a day apart never show the same hour and day."""
    headers = []
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        connect(documents(1), received, caller=Station(header="X", time_zone=zone))
        headers.append(pixels(received)[0][1][: 32 * 216])
    assert headers[0] != headers[1]


@pytest.mark.parametrize(
    ("text", "coded"),
    [
        ("Müller", "Müller".encode("cp437")),
        ("Łódź Świat", b"L\xa2dz Swiat"),
        ("Καλημέρα", b"?\xe0???\xee?\xe0"),
        ("first\nsecond\tthird", b"first second third"),
        ("a\x00b\x1bc\u200bd", b"abcd"),
        ("\u201eSmørrebrød\u201c \u2013 5 \u20ac\u2026", b'"Smorrebrod" - 5 EUR...'),
        ("日本", b"??"),
        ("", b""),
    ],
)
def test_letters_that_the_header_font_lacks_are_replaced(text, coded):
    assert header_bytes(text) == coded


def test_a_long_header_is_cut_off():
    assert header_bytes("x" * 80) == b"x" * 50
    assert header_bytes("x" * 49 + " y") == b"x" * 49


@given(st.text(max_size=200))
def test_any_text_makes_a_header_that_the_library_takes(text):
    coded = header_bytes(text)
    assert len(coded) <= 50
    assert b"\0" not in coded
    assert all(byte >= 0x20 for byte in coded)


@pytest.mark.parametrize("header", ["x" * 50, "日本語 " * 40, "Łódź", "\U0001f4e0"])
def test_a_call_with_an_odd_header_gets_through(documents, received, header):
    result = connect(documents(1), received, caller=Station(header=header))
    assert result.outcome is Outcome.DELIVERED
