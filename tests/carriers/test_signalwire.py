"""SignalWire as a carrier, against a vendor with a script."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from faxes.carriers.base import (
    ArrivalState,
    CarrierInDoubt,
    CarrierRefused,
    CarrierUnavailable,
    HookRefused,
    HookRequest,
)
from faxes.enums import Direction, Outcome, Quality
from faxes.wire import signalwire as wire
from tests import papers
from tests.carriers.doors import Kept, Pages, fax_of, fetched, opened, sent
from tests.outside import outside
from tests.upstreams.base import Fault, now
from tests.upstreams.signalwire import (
    SIGNING_KEY,
    TOKEN,
    TWILIO,
    SignalWire,
    arrived,
    problem,
)

HOOK = "http://127.0.0.1/hooks/"
TO, FROM, OURS = "+61281234567", "+12025550121", "+12025550121"
PDF = papers.pdf(1)


@pytest.fixture
def vendor():
    with SignalWire().running() as running:
        yield running


def heard(carrier, *, url=HOOK, key="", method="POST", **said):
    """What a call is taken to mean."""
    telling = SignalWire().telling(url, key or SIGNING_KEY, **said)
    headers = {name.lower(): value for name, value in telling["headers"].items()}
    return carrier.heard(
        HookRequest(
            method=method,
            url=url,
            headers={**headers, "content-type": telling["content_type"]},
            query=dict(parse_qsl(urlsplit(url).query)),
            body=telling["data"].encode(),
        )
    )


@pytest.mark.parametrize("root", [SignalWire.root, TWILIO])
def test_a_fax_is_handed_over_as_an_address_and_followed_by_its_id(vendor, root):
    vendor.root = root
    carrier, fax = opened(vendor), fax_of(Pages(b""), quality=Quality.SUPERFINE, pages=2)
    ref = carrier.submit(fax)
    assert vendor.taken[0].extra == {
        "To": TO,
        "From": FROM,
        "MediaUrl": "http://127.0.0.1/pages.pdf",
        "Quality": "superfine",
        "StoreMedia": "false",
        "Ttl": "60",
        "StatusCallback": f"{HOOK}?key={fax.key.hex}",
        "StatusCallbackMethod": "POST",
    }
    phases = []
    for state in ("waiting", "processing", "sending"):
        vendor.taken[0].state = state
        phases.append(found(carrier, sent(ref)).phase)
    assert phases == ["", "dialing", "connected"]
    vendor.finish(ref)
    status = found(carrier, sent(ref, pages=2))
    assert (status.ref, status.pages_done, status.result.pages_sent) == (ref, 2, 2)
    assert status.result.outcome == Outcome.DELIVERED
    assert status.result.facts == {
        "resolution": "superfine",
        "line_seconds": 41.0,
        "cost": Decimal("0.0105"),
        "cost_currency": "USD",
    }


FAILED = ["busy", "no_answer", "no_carrier", "dial_failed", "transmit_error", "internal_error"]


@pytest.mark.parametrize("state", [*FAILED, "canceled"])
def test_how_a_fax_failed_is_told_in_the_portals_words(vendor, state):
    carrier = opened(vendor)
    ref = carrier.submit(fax_of(Pages(b"")))
    vendor.finish(ref, state)
    result = found(carrier, sent(ref)).result
    assert (result.outcome, result.pages_sent) == (Outcome(state), 0)


REFUSED = {
    (400, 21211): Outcome.DIAL_FAILED,
    (400, 21217): Outcome.DIAL_FAILED,
    (400, 21210): Outcome.INTERNAL_ERROR,
    (422, 10000): Outcome.INTERNAL_ERROR,
    (400, 21612): Outcome.INTERNAL_ERROR,
    (400, 30002): None,
    (400, 21620): None,
    (400, 21611): None,
    (401, 20003): None,
    (404, 20404): None,
}


@pytest.mark.parametrize("told", REFUSED)
def test_a_no_to_the_fax_is_told_from_one_of_the_account(vendor, told, monkeypatch):
    monkeypatch.setattr(vendor, "refusal", lambda: problem(told[0], told[1], "It cannot be sent"))
    vendor.faults.append(Fault.REFUSES)
    outcome = REFUSED[told]
    with pytest.raises(CarrierRefused if outcome else CarrierUnavailable) as refused:
        opened(vendor).submit(fax_of(Pages(b"")))
    assert str(refused.value).endswith(f"code {told[1]}")
    assert "secret.example" not in str(refused.value)
    assert getattr(refused.value, "outcome", None) == outcome


def found(carrier, asked):
    """What is known of a try there."""
    return carrier.find(asked)


def lost(vendor, carrier, **told):
    """Hand a fax over so that its answer is lost; the try, as it is asked about."""
    fax = fax_of(Pages(b""), **told)
    vendor.faults.append(Fault.SAYS_500_AFTER_ACCEPT)
    with pytest.raises(CarrierInDoubt):
        carrier.submit(fax)
    return sent("", key=fax.key, pages=fax.pages)


def test_a_fax_whose_answer_was_lost_is_found_in_the_list(vendor):
    carrier = opened(vendor)
    asked = sent("")
    assert carrier.find(asked) is None
    vendor.most_rows = 2
    others = [{"to_number": "+61281234599"}, {"from_number": "+12025550199"}]
    tries = [lost(vendor, carrier, **told) for told in [{}, *others]]
    came = arrived(TO, PDF)
    vendor.came.append(replace(came, caller=FROM))
    assert found(carrier, tries[0]).ref == vendor.taken[0].ref
    assert carrier.find(replace(asked, at=now() - timedelta(minutes=5))) is None, "it was later"
    assert carrier.find(replace(asked, at=now() + timedelta(seconds=20))) is None, "it was before"


def test_of_several_that_may_be_it_none_is_taken_unless_the_others_have_other_pages(vendor):
    carrier = opened(vendor)
    tries = [lost(vendor, carrier, pages=2) for _ in range(2)]
    with pytest.raises(CarrierInDoubt):
        carrier.find(tries[0])
    vendor.taken[0].pages = 3
    assert found(carrier, tries[1]).ref == vendor.taken[1].ref
    vendor.taken[1].pages = 3
    with pytest.raises(CarrierInDoubt):
        carrier.find(tries[1])


def test_it_is_found_by_the_vendors_own_clock(vendor):
    carrier = opened(vendor)
    asked = lost(vendor, carrier)
    known: bool | None
    for late, seen in ((60, True), (540, True), (700, None)):
        behind = timedelta(seconds=late)
        carrier._tools = replace(carrier._tools, now=lambda by=behind: datetime.now(UTC) - by)
        try:
            known = carrier.find(replace(asked, at=asked.at - behind)) is not None
        except CarrierInDoubt:
            known = None
        assert known is seen


def test_what_it_called_back_about_is_found_before_all_others(vendor):
    memory = Kept()
    carrier = opened(vendor, memory=memory, signing_key=SIGNING_KEY)
    first, second = [lost(vendor, carrier) for _ in range(2)]
    refs = [each.ref for each in vendor.taken]
    url = f"{HOOK}?key={second.key.hex}"
    told = heard(carrier, url=url, FaxSid=refs[1], FaxStatus="processing")
    assert (told.keys, told.arrivals, told.look) == ((second.key,), (), False)
    assert found(carrier, second).ref == refs[1]
    with pytest.raises(CarrierInDoubt):
        carrier.find(first)
    other = carrier.submit(fax_of(Pages(b""), to_number="+61281234599"))
    heard(carrier, url=url, FaxSid=other)
    with pytest.raises(CarrierInDoubt):
        carrier.find(second)


def test_a_fax_that_was_there_and_is_not_any_more_went_nobody_knows_how(vendor):
    carrier, ref = opened(vendor), str(uuid4())
    with pytest.raises(CarrierInDoubt):
        carrier.find(sent(ref))
    status = found(carrier, sent(ref, at=now() - timedelta(minutes=1)))
    assert status.result.outcome == Outcome.UNKNOWN


def test_a_fax_is_canceled_while_it_is_queued_and_else_takes_its_course(vendor):
    carrier = opened(vendor)
    refs = [carrier.submit(fax_of(Pages(b""))) for _ in range(2)]
    vendor.taken[1].state = "sending"
    for ref in refs:
        carrier.hang_up(sent(ref))
    assert found(carrier, sent(refs[0])).result.outcome == Outcome.CANCELED
    assert found(carrier, sent(refs[1])).phase == "connected"


@pytest.mark.parametrize("root", [SignalWire.root, TWILIO])
def test_all_that_came_in_is_listed_and_its_pages_fetched(vendor, root, tmp_path):
    vendor.root, vendor.most_rows = root, 2
    carrier, mark = opened(vendor), now() - timedelta(hours=1)
    carrier.submit(fax_of(Pages(b"")))
    vendor.came = [
        arrived(OURS, PDF, at=mark + timedelta(minutes=minute)) for minute in (-1, 0, 1, 2, 3)
    ]
    vendor.arriving = {vendor.came[3].ref: "receiving", vendor.came[4].ref: "failed"}
    vendor.came[4].document, vendor.came[4].pages = b"", 0
    listed = {each.ref: each for each in carrier.received_since(mark)}
    assert set(listed) == {each.ref for each in vendor.came[1:]}
    assert len(list(carrier.received_since(None))) == 5
    states = [listed[each.ref].state for each in vendor.came[1:]]
    assert states == [ArrivalState.RECEIVED] * 2 + [ArrivalState.RECEIVING, ArrivalState.FAILED]
    one = listed[vendor.came[1].ref]
    assert (one.called, one.caller, one.at, one.pages) == (OURS, "+12025550177", mark, 1)
    assert carrier.arrival(one.ref) == one
    assert carrier.arrival(vendor.taken[0].ref) is None, "it was sent"
    assert carrier.arrival(str(uuid4())) is None
    assert fetched(carrier, one.ref, tmp_path) == PDF
    vendor.came[2].fetch_fails = 1
    with pytest.raises(CarrierInDoubt):
        fetched(carrier, vendor.came[2].ref, tmp_path)


def test_a_fax_that_broke_off_is_incomplete_and_its_pages_are_kept(vendor):
    vendor.came = [arrived(OURS, PDF)]
    vendor.arriving = {vendor.came[0].ref: "failed"}
    (one,) = opened(vendor).received_since(None)
    assert (one.state, one.complete) == (ArrivalState.RECEIVED, False)


def test_a_row_that_cannot_be_read_keeps_none_of_the_others_back(vendor, monkeypatch):
    broken, whole = vendor.came = [arrived(OURS, PDF), arrived(OURS, PDF)]
    told = vendor._told
    monkeypatch.setattr(
        vendor, "_told", lambda one: told(one) | ({"sid": None} if one is broken else {})
    )
    seen: list[str] = []
    with pytest.raises(CarrierInDoubt, match="1 entries"):
        seen.extend(each.ref for each in opened(vendor).received_since(None))
    assert seen == [whole.ref]


def test_pages_elsewhere_are_fetched_without_the_password_and_lists_go_on_here_alone(
    vendor, tmp_path, monkeypatch
):
    vendor.came, vendor.root, vendor.most_rows = [arrived(OURS, PDF) for _ in range(3)], TWILIO, 2
    with outside() as elsewhere:
        told, where = vendor._told, elsewhere.url("/pages.pdf")
        elsewhere.behave = lambda at: at.answer(200, PDF, Content_Type="application/pdf")
        monkeypatch.setattr(vendor, "_told", lambda one: {**told(one), "media_url": where})
        assert fetched(opened(vendor), vendor.came[0].ref, tmp_path) == PDF
        assert "authorization" not in elsewhere.seen[0].headers
        vendor.leads_to = elsewhere.url("").rstrip("/")
        with pytest.raises(CarrierInDoubt):
            list(opened(vendor).received_since(None))
        assert len(elsewhere.seen) == 1


def test_numbers_that_can_fax_are_listed(vendor):
    vendor.numbers, vendor.most_rows = (
        dict.fromkeys([OURS, "+12025550122", "+12025550123"], True),
        2,
    )
    vendor.numbers["+12025550122"] = False
    listed = [(each.e164, each.name) for each in opened(vendor).numbers()]
    assert listed == [(OURS, "Line 21"), ("+12025550123", "Line 23")]


def test_the_past_is_told_both_ways_and_whether_its_pages_are_there(vendor, tmp_path):
    carrier, until = opened(vendor), now() + timedelta(seconds=1)
    refs = [carrier.submit(fax_of(Pages(b""))) for _ in range(3)]
    for one, state in zip(vendor.taken, ("delivered", "busy", "sending"), strict=True):
        one.pages, one.state = 2, state
    vendor.taken[0].document, vendor.stored = PDF, {refs[0]}
    vendor.came = [arrived(OURS, PDF), arrived(OURS, PDF, at=until)]
    past = {each.ref: each for each in carrier.history(until - timedelta(hours=1), until)}
    assert set(past) == {refs[0], refs[1], vendor.came[0].ref}
    told = [(e.direction, e.outcome, e.pages, e.pages_done, e.has_document) for e in past.values()]
    assert sorted(told) == [
        (Direction.INBOUND, Outcome.DELIVERED, 1, 1, True),
        (Direction.OUTBOUND, Outcome.BUSY, 2, 0, False),
        (Direction.OUTBOUND, Outcome.DELIVERED, 2, 2, True),
    ]
    carrier.fetch_past(past[refs[0]], tmp_path / "past")
    assert (tmp_path / "past").read_bytes() == PDF


def test_what_is_deleted_is_gone_with_its_pages_and_never_while_it_is_under_way(vendor):
    carrier = opened(vendor)
    vendor.came = [arrived(OURS, PDF)]
    ref, came = carrier.submit(fax_of(Pages(b""))), vendor.came[0]
    with pytest.raises(CarrierUnavailable):
        carrier.forget_sent(ref)
    vendor.finish(ref)
    assert (carrier.forget_sent(ref), carrier.forget_sent(ref)) == (True, False)
    assert (carrier.forget_arrival(came.ref), came.document) == (True, b"")
    assert not vendor.taken
    assert not vendor.came
    assert carrier.forget_arrival(came.ref) is False


def test_settings_are_tried_by_reading(vendor):
    assert "http://127.0.0.1" in opened(vendor).check()
    with pytest.raises(CarrierUnavailable) as refused:
        opened(vendor, token="PTwrong").check()
    assert str(refused.value) == "401 Unauthorized, code 20003"
    assert TOKEN not in repr(opened(vendor)._settings)


def test_a_fax_that_calls_is_taken_and_looked_for_once_it_is_there(vendor):
    carrier, ref = opened(vendor, signing_key=SIGNING_KEY), str(uuid4())
    told = heard(carrier, FaxSid=ref, From=FROM, To=OURS, FaxStatus="receiving")
    assert told.answer == (
        b'<?xml version="1.0" encoding="UTF-8"?><Response><Receive '
        b'action="http://127.0.0.1/hooks/" method="POST" mediaType="image/tiff"/></Response>'
    )
    assert (told.status, told.content_type, told.arrivals) == (200, "text/xml", (ref,))
    told = heard(carrier, FaxSid=ref, FaxStatus="received", MediaUrl="https://example.com/a.pdf")
    assert (told.arrivals, told.keys, told.look) == ((ref,), (), False)
    assert told.answer.endswith(b"<Response></Response>")
    assert heard(carrier, FaxSid="../../x").look


def test_a_call_that_is_not_signed_or_not_for_this_is_refused(vendor):
    carrier = opened(vendor, signing_key=SIGNING_KEY)
    for changes in ({"key": "PSK_other"}, {"key": TOKEN}):
        with pytest.raises(HookRefused):
            heard(carrier, FaxSid=str(uuid4()), **changes)
    bare = HookRequest(method="GET", url=HOOK, headers={}, query={}, body=b"")
    with pytest.raises(HookRefused):
        carrier.heard(bare)
    signature = wire.signature_of(f"{HOOK}?key={'0' * 32}", {}, key=SIGNING_KEY)
    for body, right in ((b"", True), (b"{}", False)):
        request = HookRequest(
            method="GET",
            url=f"{HOOK}?key={'0' * 32}",
            headers={"x-twilio-signature": signature},
            query={"key": "0" * 32},
            body=body,
        )
        if right:
            assert len(carrier.heard(request).keys) == 1
        else:
            with pytest.raises(HookRefused):
                carrier.heard(request)
    assert opened(vendor).heard(bare).look, "without a key its address is what it is known by"
