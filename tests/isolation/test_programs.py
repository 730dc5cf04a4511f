"""Every address for programs, with everybody's token and with none, and ids of others."""

import re
from uuid import uuid4

import pytest

from tests.isolation.conftest import WITHIN, Town
from tests.isolation.programs import TABLES
from tests.isolation.things import MARKER
from tests.isolation.walk import Answer, Row, absent, rows_of

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {"401", "403", "404", "405", "409", "422"}
OF_LOGS = {"accounts_auditentry", "accounts_audithead"}
ABOVE = {"parent", "platform"}
ROWS = [row for at, text in TABLES.items() for row in rows_of(at, text)]
OF_PROVIDERS = [row for row in ROWS if row.at == "harbor"]
UNKNOWN = ("nobody", "expired", "revoked", "elsewhere", "gone")
LEAVE_NO_TRACE = {
    ("api-fax", "patch"),  # who saw the fax is in the log; whether it still looks new says no more
    ("api-uploads", "post"),  # nothing is sent yet
    ("api-upload", "delete"),
}
# Parameters in an address that name something, for who may ask there.
NAMING = {
    "account": ("usage", "ledger", "balance", "numbers/pool"),
    "parent": ("accounts",),
    "faxbox": ("faxes",),
    "batch": ("faxes",),
    "broadcast": ("faxes",),
    "group": ("contacts",),
    "user": ("audit",),
}


def of_each(rows: list[Row]) -> pytest.MarkDecorator:
    """A test for each of these rows."""
    return pytest.mark.parametrize("row", rows, ids=str)


def chief_of(row: Row) -> str:
    """Who may ask for it."""
    return "parent" if row.at == "harbor" else "admin"


def wrong_with(town: Town, row: Row, who: str, answer: Answer) -> list[str]:
    """What somebody should not have been told, or done, or done without a trace."""
    wrong = []
    if answer.told in REFUSED and answer.changed:
        wrong.append(f"{who}: was refused, and changed {', '.join(answer.changed)}")
    if (who not in WITHIN or answer.told in REFUSED) and MARKER in answer.text:
        wrong.append(f"{who}: read what is Northside's")
    ours = town.account("northside")
    if who not in WITHIN | ABOVE and ours in answer.recorded:
        wrong.append(f"{who}: did something to Northside")
    left = row.method != "get" and (row.route, row.method) not in LEAVE_NO_TRACE
    if who == chief_of(row) and left and answer.changed:
        concerned = {town.account(row.at)} | ({ours} if "account" in row.objects else set())
        if concerned - answer.recorded:
            wrong.append(f"{who}: not every log tells of it: {answer.changed}")
    return wrong


def told_apart(town: Town, row: Row, who: str, *, things=None, data=None) -> list[str]:
    """How somebody could tell what there is of others from what nobody has."""
    asked = things or town.things_for(who)
    nothing = absent(asked)
    answers = town.ask(row, who, things=asked, data=data or row.data(asked))
    empty = town.ask(row, who, things=nothing, data=row.data(nothing))
    pairs = zip(answers, empty, strict=True)
    return [
        f"{who}: {some.told} {some.text} instead of {none.told} {none.text}"
        for some, none in pairs
        if (some.told, some.text) != (none.told, none.text)
    ]


@of_each(ROWS)
def test_everybody_is_answered_as_the_table_says(town: Town, row: Row):
    wrong = []
    for who, cell in row.answers.items():
        for answer in town.ask(row, who):
            if answer.told != cell:
                wrong.append(f"{who}: {answer.told} instead of {cell} {answer.text[:300]}")
            wrong += wrong_with(town, row, who, answer)
        if cell == "404" or (cell == "422" and who not in WITHIN | ABOVE):
            wrong += told_apart(town, row, who)
    assert not wrong


@of_each(ROWS)
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, row: Row):
    told = set()
    for who in UNKNOWN:
        for answer in town.ask(row, who):
            assert (who, answer.told, answer.changed) == (who, "401", [])
            told.add(answer.text)
    assert len(told) == 1


@of_each(ROWS)
def test_a_token_without_scopes_and_one_of_a_suspended_account_open_nothing(town: Town, row: Row):
    for who, code in (("scopeless", "not_allowed"), ("shut", "account_suspended")):
        ours, harbors = town.ask(row, who)
        answer = harbors if row.at == "harbor" else ours
        assert (answer.told, answer.changed) == ("403", [])
        assert f'"code":"{code}"' in answer.text


@of_each([row for row in OF_PROVIDERS if "account" in row.objects])
@pytest.mark.parametrize("tenant", ["redwood", "summit", "harbor", "platform"])
def test_a_reseller_finds_nobody_but_its_own_tenants(town: Town, row: Row, tenant: str):
    things = town.things | {"tenant": town.account(tenant)}
    answers = town.ask(row, "parent", things=things)
    assert [(each.told, each.changed) for each in answers] == [("404", [])]
    assert not told_apart(town, row, "parent", things=things, data=row.data(town.things))


@of_each([row for row in ROWS if len(row.objects) > 1])
def test_what_is_of_another_thing_is_not_found_below_ones_own(town: Town, row: Row):
    for name in row.objects[1:]:
        if name not in town.of_others:
            continue
        things = town.things | {name: town.of_others[name]}
        nothing = town.things | {name: uuid4()}
        (found,), (none,) = (
            town.ask(row, "admin", things=things),
            town.ask(row, "admin", things=nothing),
        )
        assert found.changed == none.changed
        assert set(found.changed) <= OF_LOGS
        assert (found.told, found.text) == (none.told, none.text)
        assert MARKER not in found.text


@of_each([row for row in ROWS if row.sent])
def test_ids_of_others_in_a_body_are_as_if_there_were_no_such_thing(town: Town, row: Row):
    assert row.sent <= set(town.of_others), "others need one of these, too"
    who = chief_of(row)
    mine, nobodys = town.things_for(who), absent(town.things)
    for name in sorted(row.sent):
        theirs = row.data(mine | {name: town.of_others[name]})
        missing = row.data(mine | {name: nobodys[name]})
        (found,), (none,) = town.ask(row, who, data=theirs), town.ask(row, who, data=missing)
        assert found.told in {"404", "422"}, f"{name}: {found.told} {found.text}"
        assert not found.changed, f"{name}: an id of others was taken"
        assert (found.told, found.text) == (none.told, none.text)


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, paths in NAMING.items() for path in paths]
)
def test_ids_of_others_in_an_address_are_as_if_there_were_no_such_thing(
    town: Town, name: str, path: str
):
    theirs = {"account": "tenant", "parent": "reseller", "batch": "fax"}.get(name, name)
    who = "parent" if path in {"accounts", "numbers/pool"} else "admin"
    for asker in {who, "parent"}:
        found, none = (
            town.told(f"/api/v1/{path}?{name}={key}", asker)
            for key in (town.of_others[theirs], uuid4())
        )
        assert (found.told, found.text) == (none.told, none.text)
        assert found.told in {"404", "200"}
        assert found.told == "404" or re.search(r'"data":\[\]', found.text)


@pytest.mark.parametrize("route", sorted({row.route for row in ROWS}))
def test_an_address_knows_no_methods_but_those_of_the_table(town: Town, route: str):
    lines = {row.method: row for row in ROWS if row.route == route}
    row = next(iter(lines.values()))
    for method in set(METHODS) - set(lines):
        for answer in town.ask(row, chief_of(row), method=method, data={}):
            assert (method, answer.told, answer.changed) == (method, "405", [])
