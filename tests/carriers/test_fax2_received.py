"""Fax2 as a carrier: what came in, the account's numbers, and whom the token is shown to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from faxes.carriers.base import ArrivalState, CarrierInDoubt, CarrierUnavailable
from faxes.carriers.fax2 import Fax2Settings
from faxes.enums import Direction, Outcome
from tests.carriers.doors import fetched, opened
from tests.outside import outside
from tests.upstreams.base import Came, Reply
from tests.upstreams.fax2 import PASSWORD, Fax2Upstream

MARK = datetime(2026, 11, 21, 2, 21, 20, tzinfo=UTC)
TOKEN = "/v1/oauth2/token"


@pytest.fixture
def vendor() -> Iterator[Fax2Upstream]:
    upstream = Fax2Upstream()
    with upstream.running():
        yield upstream


def came(vendor: Fax2Upstream, *minutes: int) -> list[Came]:
    """Faxes that came in so many minutes after the mark."""
    made = [
        Came(str(70412 + n), "+61281234567", "", MARK + timedelta(minutes=n), 2, b"%PDF-1.4 two")
        for n in minutes
    ]
    vendor.came += made
    return made


# --- Faxes come in ---


def test_all_pages_of_the_list_are_read_in_whatever_order(vendor):
    expected = came(vendor, *range(7))
    vendor.most = 3
    arrivals = list(opened(vendor).received_since(None))
    assert sorted(each.ref for each in arrivals) == [each.ref for each in expected]
    assert [each.ref for each in arrivals] != [each.ref for each in expected]
    first, *others = [call for call in vendor.calls if call.path == "/v1/received_faxes"]
    assert first.query == {"limit": "1000"}
    assert len(others) == 2


def test_an_arrival_has_its_number_time_and_pages_and_no_sender(vendor):
    (one,) = came(vendor, 0)
    (arrival,) = opened(vendor).received_since(MARK)
    assert (arrival.ref, arrival.called, arrival.caller) == (one.ref, "+61281234567", "")
    assert (arrival.at, arrival.pages) == (MARK, 2)
    assert (arrival.state, arrival.complete) == (ArrivalState.RECEIVED, True)


def test_the_mark_is_asked_for_from_its_second_on(vendor):
    came(vendor, -1, 0, 1)
    mark = MARK + timedelta(microseconds=999_999)
    assert [each.at for each in opened(vendor).received_since(mark)] == [
        MARK,
        MARK + timedelta(minutes=1),
    ]
    assert vendor.calls[-1].query["from_time"] == "2026-11-21T02:21:20Z"


def test_the_token_is_shown_to_no_other_host(vendor):
    came(vendor, 0, 1)
    vendor.most = 1
    with outside() as elsewhere:
        vendor.leads_to = elsewhere.url("").rstrip("/")
        with pytest.raises(CarrierInDoubt, match="another host"):
            list(opened(vendor).received_since(None))
        assert not elsewhere.seen


def told(entries, **more):
    return Reply.of(200, {"data": entries, **more})


ENTRY = {"id": "1", "to": "61281234567", "received_at": "2026-11-21T02:21:20Z", "pages": 2}
UNREADABLE = [
    told([{**ENTRY, "id": None}]),
    told([{**ENTRY, "received_at": "yesterday"}]),
    told([{**ENTRY, "to": ""}]),
    told(["1"]),
    told(None),
    told([], next_page_url=7),
    told([], next_page_url="http://[broken"),
    told([ENTRY], next_page_url="?limit=1000"),  # back to itself
    Reply(200, b"<html>", "text/html"),
]


@pytest.mark.parametrize("reply", UNREADABLE)
def test_a_list_that_cannot_be_read_whole_is_no_list(vendor, monkeypatch, reply):
    monkeypatch.setattr(vendor, "_received", lambda _: reply)
    with pytest.raises((CarrierInDoubt, CarrierUnavailable)):
        list(opened(vendor).received_since(None))


def test_an_entry_that_cannot_be_read_keeps_none_of_the_others_back(vendor, monkeypatch):
    entries = [{**ENTRY, "id": None}, ENTRY]
    monkeypatch.setattr(vendor, "_received", lambda _: told(entries))
    arrivals = opened(vendor).received_since(None)
    assert next(iter(arrivals)).called == f"+{ENTRY['to']}".replace("++", "+")
    with pytest.raises(CarrierInDoubt, match="1 entries"):
        list(opened(vendor).received_since(None))


def test_members_that_are_new_or_of_the_other_kind_are_read_all_the_same(vendor, monkeypatch):
    entry = {**ENTRY, "id": 1, "pages": "2", "service_id": 17, "to": "+61281234567", "new": []}
    monkeypatch.setattr(vendor, "_received", lambda _: told([entry], new=1, next_page_url=None))
    (arrival,) = opened(vendor).received_since(None)
    assert (arrival.ref, arrival.called, arrival.pages) == ("1", "+61281234567", 2)


def test_one_arrival_is_looked_for_lately_first_and_then_in_all_that_was_before(vendor):
    (old,) = came(vendor, 0)
    new = Came("8", "+61281234567", "", datetime.now(UTC), 1, b"%PDF-1.4 one")
    vendor.came.append(new)
    carrier = opened(vendor)
    assert carrier.arrival(new.ref).pages == 1
    assert "before_time" not in vendor.calls[-1].query
    assert carrier.arrival(old.ref).at == old.at
    assert carrier.arrival("never") is None


def test_pages_are_fetched_with_a_token_that_is_renewed_where_it_must_be(vendor, tmp_path):
    (one,) = came(vendor, 0)
    carrier = opened(vendor)
    list(carrier.received_since(None))
    vendor.end_tokens()
    assert fetched(carrier, one.ref, tmp_path) == one.document


def test_pages_that_cannot_be_had_yet_or_are_something_else_are_a_doubt(vendor, tmp_path):
    (one,) = came(vendor, 0)
    carrier = opened(vendor)
    one.fetch_fails = 1
    with pytest.raises(CarrierInDoubt):
        fetched(carrier, one.ref, tmp_path)
    assert fetched(carrier, one.ref, tmp_path) == one.document
    for ref, document in ((one.ref, b"<html>come back later</html>"), ("never", b"")):
        one.document = document
        with pytest.raises(CarrierInDoubt):
            fetched(carrier, ref, tmp_path)


def test_past_faxes_are_those_that_came_within_the_time(vendor):
    came(vendor, 0, 5, 10)
    until = MARK + timedelta(minutes=10)
    past = sorted(opened(vendor).history(MARK, until), key=lambda each: each.at)
    assert [each.at for each in past] == [MARK, MARK + timedelta(minutes=5)]
    assert {(each.direction, each.to_number, each.outcome) for each in past} == {
        (Direction.INBOUND, "+61281234567", Outcome.DELIVERED)
    }


# --- The account ---


def test_the_numbers_are_those_of_its_services(vendor):
    assert [each.e164 for each in opened(vendor).numbers()] == ["+61281234567", "+61281234568"]


def test_a_check_signs_in_anew_and_tells_the_numbers(vendor):
    carrier = opened(vendor)
    assert carrier.check() == "Signed in. Fax numbers: +61281234567, +61281234568."
    carrier.check()
    assert [call.path for call in vendor.calls].count(TOKEN) == 2
    vendor.services = {}
    assert carrier.check() == "Signed in. Fax numbers: none."
    vendor.services = {str(n): f"6128123450{n}" for n in range(7)}
    assert carrier.check().endswith("+61281234504 and 2 more.")


def test_a_check_with_a_wrong_password_says_so_without_it(vendor):
    with pytest.raises(CarrierUnavailable) as said:
        opened(vendor, password="wrong-" + PASSWORD).check()
    assert str(said.value) == "invalid_client"


def test_the_address_is_the_vendors_unless_it_is_anothers():
    settings = Fax2Settings(username="a", password="b")
    assert settings.base_url == "https://api.fax2.com.au/v1"
