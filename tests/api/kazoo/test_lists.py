"""Lists: pages that neither lose nor repeat a row, filters by any key, times, CSV."""

import csv
import io
import json
from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

from accounts import clock
from faxes.api.kazoo import lists
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax, Faxbox
from faxes.wire.kazoo import gregorian
from tests.keys import key_at

GOOD, BUSY = "+12025550100", "+12025550101"


def make(tenant, count=1, *, ago=timedelta(0), **fields):
    """Faxes that have ended."""
    usual = {
        "account": tenant.account, "faxbox": tenant.faxbox, "direction": Direction.OUTBOUND,
        "state": FaxState.DELIVERED, "outcome": Outcome.DELIVERED, "from_number": tenant.number,
        "to_number": GOOD, "quality": Quality.FINE, "paper": Paper.LETTER, "pages": 1,
    }  # fmt: skip
    made = []
    for _ in range(count):
        moment = clock.now() - ago
        row = usual | {"id": key_at(moment), "created_at": moment, "finished_at": moment} | fields
        made.append(Fax.objects.create(**row))
    return made


def ids(told):
    return [each["id"].split("-")[-1] for each in told]


def pages(asker, path, **query):
    """All pages of a list, each as its envelope."""
    found, key = [], ""
    while True:
        more = {"start_key": key} if key else {}
        told = asker.ask("GET", f"{path}?{urlencode(query | more)}").json()
        found.append(told)
        assert told["page_size"] == len(told["data"])
        key = told.get("next_start_key", "")
        if not key:
            return found


def test_pages_hold_every_row_once_in_order(world, kazoo):
    made = [fax.pk.hex for fax in sorted(make(world.northside, 7), key=lambda each: each.pk)]
    make(world.lakeside, 2)
    clinic = kazoo()
    ways: tuple[dict[str, str], ...] = ({}, {"ascending": "true"}, {"descending": "false"})
    for size, turned in product((1, 3, 7, 50), ways):
        told = pages(clinic, "faxes/outbox", page_size=size, **turned)
        rows = [each for page in told for each in ids(page["data"])]
        assert rows == (made if turned else made[::-1])
        assert len(told) == -(-7 // size)
        for page in told:  # the key of a page leads to it again
            query = urlencode({"page_size": size, "start_key": page["start_key"], **turned})
            assert ids(clinic.data("GET", f"faxes/outbox?{query}")) == ids(page["data"])


def test_a_list_comes_in_one_and_without_keys_if_that_is_asked_for(world, kazoo, monkeypatch):
    make(world.northside, 5)
    clinic = kazoo()
    told = clinic.ask("GET", "faxes/outbox?paginate=false&page_size=2").json()
    assert len(told["data"]) == 5
    assert not {"page_size", "start_key", "next_start_key"} & set(told)
    monkeypatch.setattr(lists, "_ALL", 3)  # more than can be told at once is not told as all
    told = clinic.ask("GET", "faxes/outbox?paginate=false").json()
    rest = clinic.data("GET", f"faxes/outbox?start_key={told['next_start_key']}")
    assert (len(told["data"]), len(rest)) == (3, 2)


def test_filters_find_by_any_key_and_all_of_them_hold(world, kazoo):
    box = Faxbox.objects.create(account=world.northside.account, name="Other")
    (plain,) = make(world.northside, echo={"case": {"nr": 17}, "flags": ["a", "b"]})
    (failed,) = make(world.northside, state=FaxState.FAILED, outcome=Outcome.BUSY, to_number=BUSY)
    (other,) = make(world.northside, faxbox=box, echo={"case": {"nr": 18}, "empty": ""})
    names = {plain.pk.hex: "plain", failed.pk.hex: "failed", other.pk.hex: "other"}
    clinic = kazoo()
    for query, wanted in (
        ({"filter_status": "failed"}, "failed"),
        ({"filter_status": '["completed","failed"]'}, "plain failed other"),
        ({"filter_not_status": "failed"}, "plain other"),
        ({"filter_not_status": '["completed", "failed"]'}, ""),
        ({"filter_faxbox_id": box.pk.hex}, "other"),
        ({"filter_faxbox_id": json.dumps([box.pk.hex, "x"])}, "other"),
        ({"filter_faxbox_id": "none"}, ""),
        ({"filter_to_number": BUSY}, "failed"),
        ({"filter_to": BUSY, "filter_status": "completed"}, ""),
        ({"filter_tx_result.success": "true"}, "plain other"),
        ({"filter_tx_result.success": "false"}, "failed"),
        ({"filter_tx_result.result_cause": "USER_BUSY"}, "failed"),
        ({"filter_case.nr": "17"}, "plain"),
        ({"filter_case.nr": "[17, 18]"}, "plain other"),
        ({"filter_not_case.nr": "17"}, "failed other"),
        ({"filter_flags": "b"}, "plain"),
        ({"has_key": "case.nr"}, "plain other"),
        ({"has_key": "empty"}, "other"),
        ({"has_value": "empty"}, ""),
        ({"key_missing": "case"}, "failed"),
        ({"value_missing": "empty"}, "plain failed other"),
        ({"missing_value": "case.nr"}, "failed"),
        ({"filter_status": "sideways"}, ""),
        ({"filter_id": f"{plain.created_at:%Y%m}-{plain.pk.hex}"}, "plain"),
    ):  # fmt: skip
        told = clinic.data("GET", f"faxes/outbox?{urlencode(query)}")
        assert {names[each] for each in ids(told)} == set(wanted.split()), query
    twice = clinic.data("GET", "faxes/outbox?has_key=case&has_key=flags")
    assert [names[each] for each in ids(twice)] == ["plain"]


def test_a_rare_row_is_found_by_going_on_and_no_request_looks_at_everything(
    world, kazoo, monkeypatch
):
    monkeypatch.setattr(lists, "_LOOKED_AT", 4)
    monkeypatch.setattr(lists, "_PORTION", 2)
    (rare,) = make(world.northside, echo={"case": "17"}, ago=timedelta(hours=1))
    make(world.northside, 9)
    clinic = kazoo()
    told = pages(clinic, "faxes/outbox", filter_case="17", page_size=1)
    assert [len(page["data"]) for page in told] == [0, 0, 1]
    assert ids(told[-1]["data"]) == [rare.pk.hex]


def test_times_bound_lists_and_a_range_that_ends_before_it_begins_is_told(world, kazoo):
    (old,) = make(world.northside, ago=timedelta(days=100))
    (new,) = make(world.northside)
    Fax.rows.filter(pk=old.pk).update(stripped_at=clock.now() - timedelta(days=1))
    clinic = kazoo()
    at, since = gregorian(old.created_at), gregorian(clock.now() - timedelta(days=2))
    for query, wanted in (
        ("", [new, old]),
        (f"created_from={at}&created_to={at}", [old]),
        (f"created_from={at + 1}", [new]),
        (f"created_to={at}", [old]),
        (f"created_to={at - 1}", []),
        (f"created_from={at - 100 * 86400}&created_to={at + 200 * 86400}", [new, old]),
        (f"modified_from={since}", [new, old]),
        (f"modified_from={since}&modified_to={since + 2 * 86400 - 3600}", [old]),
        (f"modified_to={since}", []),
    ):
        told = clinic.data("GET", f"faxes/outbox?{query}")
        assert ids(told) == [each.pk.hex for each in wanted], query
    refused = clinic.ask("GET", f"faxes/outbox?created_from={at}&created_to={at - 5}")
    assert refused.status_code == 400
    assert refused.json()["data"] == {
        "created_from": {
            "date_range": {
                "message": f"created_to {at - 5} is prior to created_from {at}", "cause": at,
            }
        }
    }  # fmt: skip
    for wrong in ("soon", "9" * 15, "-" * 3, "0x10"):
        refused = clinic.ask("GET", f"faxes/outbox?created_from={wrong}")
        assert refused.json()["data"].keys() == {"created_from"}, wrong


def test_a_page_has_fifty_rows_and_at_least_one(world, kazoo):
    make(world.northside, 51)
    clinic = kazoo()
    assert len(clinic.data("GET", "faxes/outbox")) == 50
    for wrong in ("0", "-1", "x", "1.5", ""):
        refused = clinic.ask("GET", f"faxes/outbox?page_size={wrong}")
        assert (refused.status_code, refused.json()["message"]) == (404, "faulty_request"), wrong
        assert refused.json()["data"] == {"message": "invalid page size"}


def test_a_list_comes_as_csv_without_formulas(world, kazoo):
    make(world.northside, to_name="=cmd()", echo={"case": {"nr": 17}})
    make(world.northside, to_name="plain")
    clinic = kazoo()
    for answer in (clinic.ask("GET", "faxes/outbox?accept=csv"),
                   clinic.ask("GET", "faxes/outbox", accept="text/csv")):  # fmt: skip
        assert answer["Content-Type"].startswith("text/csv")
        assert answer["Access-Control-Allow-Origin"] == "*"
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert [row["to_name"] for row in rows] == ["plain", "'=cmd()"]
        assert {row["to_number"] for row in rows} == {GOOD}
        assert [row["case.nr"] for row in rows] == ["", "17"]
        assert {row["tx_result.success"] for row in rows} == {"true"}
