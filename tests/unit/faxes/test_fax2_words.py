"""Fax2's words, times and objects: what one side writes the other reads."""

from contextlib import suppress
from datetime import UTC, datetime
from string import ascii_letters, printable

from hypothesis import given, settings
from hypothesis import strategies as st

from faxes.enums import Outcome
from faxes.wire import fax2 as wire

# To the second, as the document has all times.
MOMENTS = st.integers(946_684_800, 7_258_118_400).map(lambda at: datetime.fromtimestamp(at, UTC))
TEXTS = st.text(printable, min_size=1)
TOKENS = st.text(ascii_letters + "-._~+/=", min_size=1)  # RFC 6750 2.1
DIGITS = st.text("0123456789", min_size=1, max_size=15)
COUNTS = st.integers(0, 10**6)
RECEIVED = st.builds(wire.ReceivedFax, TEXTS, DIGITS, MOMENTS, TEXTS, COUNTS)
SENT = st.builds(
    wire.SentFax,
    st.sampled_from(wire.Status),
    COUNTS,
    COUNTS,
    st.none() | MOMENTS,
    st.just("") | TEXTS,
    st.none() | COUNTS,
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(printable),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)


@given(SENT, RECEIVED, st.lists(RECEIVED, max_size=3), TEXTS)
def test_faxes_come_back_as_they_were(sent, received, listed, onward):
    assert wire.SentFax.read(sent.written()) == sent
    assert wire.ReceivedFax.read(received.written()) == received
    for url in ("", onward):
        page = wire.ReceivedPage(tuple(listed), url)
        assert wire.ReceivedPage.read(page.written()) == page


@given(TOKENS, COUNTS, DIGITS, st.sampled_from(wire.Code), st.text(), st.text())
def test_tokens_services_and_errors_come_back_as_they_were(token, seconds, digits, code, said, at):
    assert wire.Token.read(wire.Token(token, seconds).written()) == wire.Token(token, seconds)
    service = wire.Service(token, digits)
    assert wire.read_services({"data": [service.written()]}) == [service]
    failure = wire.Failure(code.value, said, at)
    assert wire.Failure.read(failure.written(more_info="https://example.org/#it")) == failure


@given(DIGITS)
def test_a_number_comes_back_as_it_was_and_a_plus_changes_nothing(digits):
    assert wire.digits_of(wire.number_of(digits)) == digits
    assert wire.number_of(f"+{digits}") == wire.number_of(digits) == f"+{digits}"


def test_every_reason_means_one_outcome_and_comes_back():
    assert {wire.REASONS[wire.OUTCOMES[each]] for each in wire.OUTCOMES} == set(wire.OUTCOMES)
    assert set(Outcome) - set(wire.REASONS) == {
        Outcome.DELIVERED,
        Outcome.UNKNOWN,
        Outcome.HANDED_OVER,
    }


READERS = [
    wire.SentFax.read,
    wire.ReceivedFax.read,
    wire.ReceivedPage.read,
    wire.Service.read,
    wire.Token.read,
    wire.read_services,
]
MEMBERS = [
    "status", "pages", "send_attempts", "sent_at", "reason", "pages_sent", "id", "to", "data",
    "received_at", "service_id", "next_page_url", "fax_number", "access_token", "expires_in",
]  # fmt: skip


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(MEMBERS), ANYTHING))
def test_whatever_comes_is_read_or_said_to_be_unreadable(told):
    for read in READERS:
        with suppress(wire.Unreadable):
            read(told)


@settings(max_examples=60)
@given(ANYTHING)
def test_whatever_comes_with_an_error_is_read(told):
    assert wire.Failure.read(told) == wire.Failure()
    assert wire.Failure.read({"error": told, "parameter": told}).description == ""


def test_the_words_of_the_document():
    assert wire.digits_of("+61281234567") == "61281234567"
    moment = datetime(2021, 3, 10, 2, 21, 20, tzinfo=UTC)
    entry = {"id": "1", "to": "61281234567", "service_id": "17", "pages": 3}
    for written in ("2021-03-10T02:21:20Z", "2021-03-10T13:21:20+11:00"):
        fax = wire.ReceivedFax.read({**entry, "received_at": written})
        assert (fax.received_at, fax.to) == (moment, "61281234567")
        assert fax.written()["received_at"] == "2021-03-10T02:21:20Z"
    assert set(wire.OUTCOMES) == {
        "busy", "no_answer", "no_carrier", "dial_failed", "transmit_error", "cancelled",
        "internal_error",
    }  # fmt: skip
    assert {each.value for each in wire.Status} == {"sending", "waiting", "sent", "failed"}
    failed = wire.SentFax.read({"status": "failed", "reason": "cancelled", "pages_sent": 1})
    assert (failed.outcome, failed.pages_sent) == (Outcome.CANCELED, 1)
    assert wire.SentFax.read({"status": "waiting", "send_attempts": 2}).outcome is None
    told = {"access_token": "4a2302e3", "expires_in": 3600, "token_type": "bearer"}
    assert wire.Token.read(told) == wire.Token("4a2302e3", 3600)
    assert wire.Token("4a2302e3", 3600).written() == told
    error = {
        "error": "insufficient_credit",
        "error_description": "English version of error",
        "more_info": "https://www.fax2.com.au/api/doc#error",
    }
    found = wire.Failure.read(error)
    assert wire.Code(found.code) == wire.Code.INSUFFICIENT_CREDIT
    assert found.written(more_info=error["more_info"]) == error
