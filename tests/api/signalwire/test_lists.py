"""Lists: ways from page to page that neither lose nor repeat a row, filters, and what they cost."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faxes.enums import Direction, FaxState
from faxes.models import Attempt, AttemptState, Carrier
from tests.accounts.money import actor_of
from tests.api.signalwire.conftest import ROOTS, make

HOUR = timedelta(hours=1)


def walk(asker, way, *, back=False):
    """All pages from one on, each as it was told, forwards or back."""
    told = []
    while way:
        answer = asker.told("GET", way)
        told.append(answer)
        meta = answer.get("meta")
        name = f"{'previous' if back else 'next'}_page_ur{'l' if meta else 'i'}"
        way = (meta or answer)[name]
        if way and meta:
            assert way.startswith("http://testserver/v1/")
            way = way.removeprefix("http://testserver")
        assert way is None or urlsplit(way).path == urlsplit(asker.base).path + "/Faxes"
    return told


def sids(told):
    return [each["sid"] for page in told for each in page["faxes"]]


@pytest.mark.parametrize("root", ROOTS)
def test_pages_hold_every_fax_once_while_others_come(world, laml, root):
    for _ in range(7):
        make(world.northside)
    make(world.lakeside)
    clinic = laml(root=root)
    all_of_them = sids(walk(clinic, "Faxes"))
    assert len(all_of_them) == 7
    for size in (1, 3, 7):
        told = walk(clinic, f"Faxes?PageSize={size}")
        assert sids(told) == all_of_them
        assert [(page.get("meta") or page)["page"] for page in told] == list(range(len(told)))
    first = clinic.told("GET", "Faxes?PageSize=3")
    new = make(world.northside)
    meta = first.get("meta") or first
    following = meta.get("next_page_url") or meta["next_page_uri"]
    rest = walk(clinic, following.removeprefix("http://testserver"))
    assert sids([first, *rest]) == all_of_them
    here = (rest[-1].get("meta") or rest[-1])["url" if "meta" in rest[-1] else "uri"]
    back = walk(clinic, here.removeprefix("http://testserver"), back=True)
    found = [each for page in reversed(back) for each in sids([page])]
    assert found[0].replace("-", "").endswith(new.pk.hex)
    assert found[1:] == all_of_them


def test_a_page_by_its_number_alone_is_that_page(world, laml):
    for _ in range(5):
        make(world.northside)
    clinic = laml()
    told = walk(clinic, "Faxes?PageSize=2")
    for number, page in enumerate(told):
        again = clinic.told("GET", f"Faxes?Page={number}&PageSize=2")
        assert again["faxes"] == page["faxes"]
    assert clinic.told("GET", "Faxes?Page=9")["faxes"] == []


def test_the_ways_are_paths_as_the_list_was_asked_for_and_keep_its_filters(world, laml):
    for _ in range(3):
        make(world.northside)
    clinic = laml()
    asked = "Faxes.json?To=%2B12025550100&PageSize=2&DateCreatedAfter=2020-01-01T00:00:00Z"
    told = clinic.told("GET", asked)
    assert told["uri"] == told["first_page_uri"]
    assert (told["page"], told["page_size"], told["previous_page_uri"]) == (0, 2, None)
    following = told["next_page_uri"]
    assert following.startswith(f"{clinic.base}/Faxes.json?Page=1&PageSize=2&PageToken=PA")
    assert following.endswith("&To=%2B12025550100&DateCreatedAfter=2020-01-01T00%3A00%3A00Z")
    assert told["faxes"][-1]["sid"] in following
    assert set(told) == {
        "uri", "first_page_uri", "next_page_uri", "previous_page_uri", "page", "page_size", "faxes",
    }  # fmt: skip


def test_filters_narrow_a_list_alone_and_together(world, laml):
    other, them = "+13125550199", "+12025550177"
    old = make(world.northside, ago=3 * HOUR, to_number=other)
    mid = make(world.northside, ago=2 * HOUR)
    came = make(
        world.northside, ago=HOUR, direction=Direction.INBOUND, state=FaxState.RECEIVED,
        from_number=them, to_number=world.northside.number,
    )  # fmt: skip
    clinic = laml()

    def found(**said):
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
        return sids([clinic.told("GET", f"Faxes?{query}")])

    keys = {name: str(fax.pk) for name, fax in (("old", old), ("mid", mid), ("came", came))}
    assert found(To=other) == [keys["old"]]
    assert found(To="(312) 555-0199") == [keys["old"]]
    assert found(From=them) == [keys["came"]]
    assert found(From=world.northside.number) == [keys["mid"], keys["old"]]
    assert found(From=world.northside.number, To=other) == [keys["old"]]
    assert found(To="nobody") == found(To=other, From=them) == []
    moment = mid.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")  # as it is told
    assert found(DateCreatedAfter=moment) == [keys["came"], keys["mid"]]
    assert found(DateCreatedOnOrBefore=moment) == [keys["mid"], keys["old"]]
    assert found(DateCreatedAfter=moment, DateCreatedOnOrBefore=moment) == [keys["mid"]]
    assert found(DateCreatedOnOrBefore="2020-01-01") == []
    assert found(To="", Unknown="x") == [keys["came"], keys["mid"], keys["old"]]


def test_a_list_costs_the_same_however_long_it_is(world, laml, still):
    carrier = Carrier.objects.first()

    def grow(count):
        for _ in range(count):
            fax = make(world.northside)
            Attempt.objects.create(
                account=world.northside.account, fax=fax, number=1, state=AttemptState.ENDED,
                to_number=fax.to_number, carrier=carrier, started_at=fax.created_at,
                ended_at=fax.created_at, line_seconds=41.2,
            )  # fmt: skip

    clinic, counts = laml(), []
    grow(2)
    clinic.told("GET", "Faxes")
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            told = clinic.told("GET", "Faxes")
        assert {each["duration"] for each in told["faxes"]} == {42}
        counts.append(len(asked))
        grow(20)
    assert counts[0] == counts[1] <= 15


def test_who_is_told_numbers_in_part_finds_none_by_looking_for_them(world, laml):
    make(world.northside)
    above = laml(actor_of(world.harbor.account))
    there = f"/api/laml/2010-04-01/Accounts/{world.northside.id}/Faxes"
    (fax,) = above.told("GET", there)["faxes"]
    assert "•" in fax["to"]
    answer = above.ask("GET", f"{there}?To=%2B12025550100")
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_numbers_are_told_as_the_vendor_tells_them(world, laml):
    clinic = laml()
    told = clinic.told("GET", "IncomingPhoneNumbers")
    (number,) = told["incoming_phone_numbers"]
    assert number["phone_number"] == world.northside.number
    assert number["voice_receive_mode"] == "fax"
    assert number["capabilities"] == {"fax": True, "mms": False, "sms": False, "voice": False}
    assert clinic.told("GET", number["uri"]) == number
    assert told["next_page_uri"] is told["previous_page_uri"] is None
    none = clinic.told("GET", "IncomingPhoneNumbers?PhoneNumber=%2B1999")
    assert none["incoming_phone_numbers"] == []
    beyond = clinic.told("GET", f"IncomingPhoneNumbers?PageToken=PA{quote(world.northside.number)}")
    assert beyond["incoming_phone_numbers"] == []
    before = clinic.told("GET", "IncomingPhoneNumbers?PageToken=PB%2B999&Page=1")
    assert before["incoming_phone_numbers"] == [number]
