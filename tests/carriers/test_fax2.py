"""Fax2 as a carrier: what its document says, what goes wrong, and what is never in doubt."""

import io
from collections.abc import Iterator
from functools import cache

import pytest
from PIL import Image

from faxes.carriers.base import (
    CarrierInDoubt,
    CarrierRefused,
    CarrierUnavailable,
)
from faxes.enums import Outcome
from tests.carriers.doors import Kept, Pages, fax_of, opened, sent
from tests.upstreams.base import Fault, Reply
from tests.upstreams.fax2 import Fax2Upstream, error

SEND, UPLOAD, TOKEN = "/v1/send_fax", "/v1/upload_document", "/v1/oauth2/token"


@cache
def tiff(pages: int = 1) -> bytes:
    """A fax TIFF of so many short pages."""
    sheets = [Image.new("1", (1728, 90 + page), 1) for page in range(pages)]
    file = io.BytesIO()
    sheets[0].save(file, "TIFF", compression="group4", save_all=True, append_images=sheets[1:])
    return file.getvalue()


@pytest.fixture
def vendor() -> Iterator[Fax2Upstream]:
    upstream = Fax2Upstream()
    with upstream.running():
        yield upstream


def asked(vendor: Fax2Upstream, path: str = "") -> list[str]:
    """The addresses that were asked for, or how often one was."""
    return [call.path for call in vendor.calls if path in {"", call.path}]


def a_fax(pages: int = 1, **told):
    return fax_of(Pages(tiff(pages)), pages=pages, **told)


# --- A fax goes out ---


def test_a_fax_goes_out_as_the_very_pages_to_digits_without_a_plus(vendor):
    ref = opened(vendor).submit(a_fax(2))
    (taken,) = vendor.taken
    assert (taken.ref, taken.to_number, taken.pages) == (ref, "+61281234567", 2)
    assert taken.document == tiff(2)
    assert asked(vendor) == [TOKEN, UPLOAD, SEND]
    form = vendor.calls[-1].form()
    assert form["dest_number"] == ["61281234567"]
    assert len(form["documents[]"]) == 1


def test_a_token_is_got_once_and_anew_when_it_has_ended(vendor):
    memory = Kept()
    opened(vendor, memory=memory).submit(a_fax())
    opened(vendor, memory=memory).submit(a_fax())
    assert len(asked(vendor, TOKEN)) == 1
    assert list(memory.seconds.values()) == [3240.0]
    vendor.end_tokens()
    opened(vendor, memory=memory).submit(a_fax())
    assert len(asked(vendor, TOKEN)) == 2
    assert len(vendor.taken) == 3


def test_a_token_that_ends_just_before_the_fax_is_sent_is_renewed_and_it_goes_once(vendor):
    vendor.faults.append(Fault.SAYS_401)
    opened(vendor).submit(a_fax())
    assert len(asked(vendor, SEND)) == 2
    assert len(vendor.taken) == 1


def test_tokens_are_not_asked_for_without_end(vendor):
    vendor.faults.extend([Fault.SAYS_401] * 2)
    with pytest.raises(CarrierUnavailable, match="unauthorized"):
        opened(vendor).submit(a_fax())
    assert (len(asked(vendor, SEND)), len(asked(vendor, TOKEN))) == (2, 2)


IN_DOUBT = [
    Fault.CLOSES_BEFORE,
    Fault.HANGS,
    Fault.CLOSES_AFTER_ACCEPT,
    Fault.SAYS_500_AFTER_ACCEPT,
    Fault.HANGS_AFTER_ACCEPT,
    Fault.WRONG_JSON_AFTER_ACCEPT,
    Fault.DRIPS_AFTER_ACCEPT,
]


@pytest.mark.parametrize("fault", IN_DOUBT, ids=lambda fault: fault.name)
def test_what_goes_wrong_with_send_fax_leaves_a_doubt_and_is_not_repeated(vendor, fault):
    vendor.faults.append(fault)
    with pytest.raises(CarrierInDoubt):
        opened(vendor, seconds=0.4).submit(a_fax())
    assert len(asked(vendor, SEND)) == 1


BEFORE = [*IN_DOUBT, Fault.SAYS_429, Fault.REDIRECTS]


@pytest.mark.parametrize("path", [TOKEN, UPLOAD])
@pytest.mark.parametrize("fault", BEFORE, ids=lambda fault: fault.name)
def test_what_goes_wrong_before_send_fax_leaves_no_doubt(vendor, fault, path):
    vendor.hands_over = lambda call: call.path == path
    vendor.faults.extend([fault] * 5)
    with pytest.raises(CarrierUnavailable):
        opened(vendor, seconds=0.3).submit(a_fax())
    assert not vendor.taken


def test_an_upload_that_got_no_answer_is_repeated(vendor):
    vendor.hands_over = lambda call: call.path == UPLOAD
    vendor.faults.append(Fault.CLOSES_AFTER_ACCEPT)
    opened(vendor, seconds=3).submit(a_fax())
    assert (len(asked(vendor, UPLOAD)), len(vendor.taken)) == (2, 1)


# How the vendor says no to send_fax, and what is made of it.
UNAVAILABLE, DOUBT = CarrierUnavailable, CarrierInDoubt
ANSWERS = [
    (error(402, "insufficient_credit"), UNAVAILABLE, "insufficient_credit"),
    (error(403, "forbidden"), UNAVAILABLE, "forbidden"),
    (error(404, "invalid_endpoint"), UNAVAILABLE, "invalid_endpoint"),
    (error(405, "invalid_endpoint"), UNAVAILABLE, "invalid_endpoint"),
    (error(400, "bad_parameter", "Unknown document id"), UNAVAILABLE, "document"),
    (error(400, "bad_parameter", "dest_number 6128"), Outcome.DIAL_FAILED, "bad_parameter"),
    (error(400, "unknown_error"), DOUBT, "unknown_error"),
    (error(500, "unknown_error"), DOUBT, "unknown_error"),
    (error(503, "insufficient_credit"), DOUBT, ""),
    (error(418, "of_next_year"), DOUBT, "418"),
    (Reply(502, b"<html>", "text/html"), DOUBT, "502"),
    (Reply(404, b"<html>", "text/html"), UNAVAILABLE, "404"),
    (Reply(400, b"<html>", "text/html"), Outcome.INTERNAL_ERROR, "400"),
    (Reply.of(200, {"pages": 1}), DOUBT, "id"),
    (Reply.of(200, {"id": "", "pages": 1}), DOUBT, "id"),
    (Reply.of(200, {"id": "9" * 200, "pages": 1}), DOUBT, "id"),
    (Reply.of(200, ["99001"]), DOUBT, ""),
    (Reply(200, b"", "text/plain"), DOUBT, ""),
]


@pytest.mark.parametrize(("reply", "meaning", "words"), ANSWERS)
def test_each_answer_to_send_fax_has_its_meaning(vendor, monkeypatch, reply, meaning, words):
    monkeypatch.setattr(vendor, "_send_fax", lambda _: reply)
    kind = meaning if isinstance(meaning, type) else CarrierRefused
    with pytest.raises(kind) as said:
        opened(vendor).submit(a_fax())
    assert words in str(said.value)
    assert "6128" not in str(said.value)
    assert getattr(said.value, "outcome", meaning) == meaning


def test_an_id_that_is_a_number_is_an_id(vendor, monkeypatch):
    monkeypatch.setattr(vendor, "_send_fax", lambda _: Reply.of(200, {"id": 99001, "more": {}}))
    assert opened(vendor).submit(a_fax()) == "99001"


@pytest.mark.parametrize(
    "code", ["unsupported_document_type", "empty_document", "conversion_error"]
)
def test_pages_that_are_not_taken_are_a_no_to_this_fax(vendor, monkeypatch, code):
    monkeypatch.setattr(vendor, "_upload", lambda _: error(422, code))
    with pytest.raises(CarrierRefused, match=code) as said:
        opened(vendor).submit(a_fax())
    assert said.value.outcome == Outcome.INTERNAL_ERROR
    assert not asked(vendor, SEND)


def test_a_fax_of_which_pages_were_lost_is_not_sent(vendor):
    vendor.loses_pages = 1
    with pytest.raises(CarrierRefused, match="2 of 3"):
        opened(vendor).submit(a_fax(3))
    assert not asked(vendor, SEND)


@pytest.mark.parametrize("number", ["sip:a@example.org", "0003*210", ""])
def test_what_is_no_number_is_not_even_brought(vendor, number):
    with pytest.raises(CarrierRefused) as said:
        opened(vendor).submit(a_fax(to_number=number))
    assert said.value.outcome == Outcome.DIAL_FAILED
    assert not vendor.calls


# --- A fax is asked about ---


@pytest.mark.parametrize(("state", "phase"), [("waiting", ""), ("sending", "dialing")])
def test_a_fax_under_way(vendor, state, phase):
    carrier = opened(vendor)
    ref = carrier.submit(a_fax(2))
    vendor.taken[0].state = state
    status = carrier.find(sent(ref))
    assert (status.phase, status.result, status.ref) == (phase, None, ref)


REASONS = {
    Outcome.BUSY: 0,
    Outcome.NO_ANSWER: 0,
    Outcome.NO_CARRIER: 0,
    Outcome.DIAL_FAILED: 0,
    Outcome.TRANSMIT_ERROR: 1,  # pages went
    Outcome.CANCELED: 0,
    Outcome.INTERNAL_ERROR: 0,
    Outcome.DELIVERED: 2,
}


@pytest.mark.parametrize(("outcome", "pages"), REASONS.items())
def test_a_fax_that_has_ended(vendor, outcome, pages):
    carrier = opened(vendor)
    ref = carrier.submit(a_fax(2))
    vendor.attempts = 3
    vendor.finish(ref, outcome.value, pages)
    result = carrier.find(sent(ref)).result
    assert (result.outcome, result.pages_sent) == (outcome, pages)
    assert result.facts == {"carrier_tries": 3}


def test_a_reason_that_nobody_knows_is_an_error_of_its_own_words(vendor):
    carrier = opened(vendor)
    ref = carrier.submit(a_fax())
    vendor.finish(ref, "moon_eclipsed", 0)
    result = carrier.find(sent(ref)).result
    assert result.outcome == Outcome.INTERNAL_ERROR
    assert result.facts["completion_text"] == "moon_eclipsed"


def test_a_status_that_nobody_knows_is_a_doubt(vendor, monkeypatch):
    monkeypatch.setattr(vendor, "_sent", lambda _: Reply.of(200, {"status": "dreaming"}))
    with pytest.raises(CarrierInDoubt, match="status"):
        opened(vendor).find(sent("99001"))


def test_without_an_id_nothing_can_be_asked(vendor):
    with pytest.raises(CarrierInDoubt):
        opened(vendor).find(sent(""))
    assert not vendor.calls


def test_a_fax_that_is_not_there_is_not_taken_for_a_wrong_address(vendor, monkeypatch):
    carrier = opened(vendor)
    assert carrier.find(sent("99009")) is None
    for reply in (error(404, "invalid_endpoint"), Reply(404, b"<html>", "text/html")):
        monkeypatch.setattr(vendor, "_sent", lambda _, told=reply: told)
        with pytest.raises(CarrierUnavailable):
            carrier.find(sent("99009"))
