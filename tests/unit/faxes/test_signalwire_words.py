"""What SignalWire writes: as its document has it, and as one side writes and the other reads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.api.common.places import ENDED, Place
from faxes.api.signalwire.states import OF_CALL, STATUS
from faxes.enums import Direction, Outcome, Quality
from faxes.wire import signalwire as wire

EXAMPLE = {  # the vendor's own
    "account_sid": "b3877c40-da60-4998-90ad-b792e98472ac", "api_version": "v1",
    "date_created": "2018-11-26T20:00:00Z", "date_updated": "2018-11-27T20:00:00Z",
    "direction": "outbound", "from": "+13103383454", "media_url": "https://example.com/fax.pdf",
    "media_sid": "b3877c40-da60-4998-90ad-b792e98472me", "num_pages": None, "price": None,
    "price_unit": None, "quality": None, "sid": "b3877c40-da60-4998-90ad-b792e98472fx",
    "status": "queued", "to": "+13104456789", "duration": None,
}  # fmt: skip


def test_a_fax_as_the_vendors_document_has_it_is_understood():
    told = wire.read_fax(EXAMPLE)
    assert (told.sid, told.outcome, told.pages, told.cost) == (EXAMPLE["sid"], None, None, None)
    assert (told.direction, told.quality) == (Direction.OUTBOUND, Quality.FINE)
    assert (told.from_number, told.to_number) == ("+13103383454", "+13104456789")
    assert told.created_at == datetime(2018, 11, 26, 20, tzinfo=UTC)


@pytest.mark.parametrize("place", sorted(ENDED - {Place.FAILED, Place.RECEIVED, Place.REJECTED}))
def test_how_a_fax_ended_is_read_as_it_is_written(place):
    code, text = OF_CALL.get(place, ("", ""))
    assert wire.outcome_of(STATUS[place], code, text) == Outcome(place.value)


def test_what_failed_otherwise_is_told_apart():
    assert wire.outcome_of("failed", *wire.NOT_KNOWN) == Outcome.UNKNOWN
    assert wire.outcome_of("failed", *wire.NOT_SENT) == Outcome.INTERNAL_ERROR
    assert wire.outcome_of("failed", "99999", "?") == Outcome.TRANSMIT_ERROR
    assert wire.outcome_of("on-its-way") is None


WORDS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), st.text(max_size=8), max_size=4
)


@given(
    params=WORDS, key=st.text(min_size=1, max_size=20), port=st.sampled_from(["", ":443", ":8443"])
)
def test_what_one_side_signs_the_other_believes_and_nothing_else(params, key, port):
    url = f"https://example.com{port}/hooks/?key=1"
    without = "https://example.com/hooks/?key=1"
    told = {"url": url, "params": params, "body": b"x" * bool(params)}
    for signed in (url, without):
        signature = wire.signature_of(signed, params, key=key)
        assert wire.is_signed(signature, key=key, **told)
        assert not wire.is_signed(signature, key=key + "1", **told)
        assert not wire.is_signed(signature, key=key, **{**told, "params": {**params, "a": "bcd"}})
    body = wire.signature_of_body(url, b"{}", key=key)
    assert wire.is_signed(body, url=url, params={}, body=b"{}", key=key)


@given(
    told=st.dictionaries(st.sampled_from(sorted(EXAMPLE)), st.none() | st.text() | st.integers())
)
def test_whatever_is_told_of_a_fax_is_read_or_known_to_be_none(told):
    try:
        read = wire.read_fax({**EXAMPLE, **told})
    except ValueError:
        return
    assert read.sid
    assert read.cost is None or read.cost >= 0
    assert "://" not in read.message
