"""Every address, as everybody, with ids of their own and of others: the table holds."""

import re
from uuid import uuid4

import pytest

from tests.isolation import fax2, kazoo, kazoo_accounts, operator, programs, signalwire, voipnow
from tests.isolation.conftest import OUTSIDE, WITHIN, Town
from tests.isolation.headers import unsafe
from tests.isolation.table import TABLES
from tests.isolation.things import MARKER, OF_THE_RESELLER
from tests.isolation.walk import Answer, Row, absent, arguments, rows_of

pytestmark = pytest.mark.django_db

# Who gets into the accounts in question; that others are kept out shows before any id is looked up.
CLOSEST = {"admin", "support", "parent", "neighbour"}
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {"in", "401", "403", "404", "405"}
# What says nothing of an account: whom a browser remembers, and where somebody was last.
OF_NO_ACCOUNT = {"accounts_user"}
# What is looked at or taken along is in the log, whoever it is.
TAKEN_ALONG = {
    route
    for table in TABLES.values()
    for route in re.findall(r"^\S+", table, re.MULTILINE)
    if route.endswith(("-csv", "-pdf", "-tiff", "-part"))
} | {"fax", "fax-page"}
LEAVE_NO_TRACE = {
    "fax-read",  # who saw the fax is in the log; whether it still looks new says no more
}
ROWS = [row for at, text in TABLES.items() for row in rows_of(at, text)]
OF_PROGRAMS = [row for at, text in programs.TABLES.items() for row in rows_of(at, text)]
OF_ACCOUNTS = [row for row in ROWS if row.at]
OPEN_ONES = [row for row in OF_ACCOUNTS if not row.closed]
OF_RESELLERS = [row for row in ROWS if row.at == "harbor"]


def of_each(rows: list[Row]) -> pytest.MarkDecorator:
    """A test for each of these rows."""
    return pytest.mark.parametrize("row", rows, ids=str)


def refused(answer: Answer, by: str) -> list[str]:
    """What is wrong with how somebody was refused."""
    wrong = []
    if answer.changed:
        wrong.append(f"{by}: was refused, and changed {', '.join(answer.changed)}")
    if MARKER in answer.text:
        wrong.append(f"{by}: was refused, and read what is Northside's")
    return wrong


def unrecorded(town: Town, row: Row, who: str, answer: Answer) -> list[str]:
    """What somebody did, or took along, without a line in each log where it belongs."""
    did = row.method == "post" and set(answer.changed) - OF_NO_ACCOUNT
    if not row.at or row.route in LEAVE_NO_TRACE or not (did or row.route in TAKEN_ALONG):
        return []
    concerned = {town.account(row.at)}
    if "tenant" in row.objects:
        concerned.add(town.account("northside"))
    missing = concerned - answer.recorded
    return [f"{who}: in {len(missing)} logs nobody reads of it: {did or row.route}"] * bool(missing)


def not_there(town: Town, row: Row, who: str, *, at=None, things=None) -> list[str]:
    """What is wrong with how somebody finds nothing: as if there were no such thing at all."""
    answers = town.ask(row, who, at=at, things=things)
    wrong = [f"{who}: finds something, {each.told}" for each in answers if each.told != "404"]
    for answer in answers:
        wrong += refused(answer, who)
    return wrong + told_apart(town, row, who, answers, at=at, things=things)


def told_apart(
    town: Town, row: Row, who: str, answers: list[Answer], *, at=None, things=None
) -> list[str]:
    """How somebody could tell by the page that there is something, and not for them.

    It must be the page that they are answered for an account that nobody has. Who gets into the
    account ``at`` must be answered the same for ids that nobody has, too.
    """
    pages = [each.text for each in answers]
    kept_out = at is None or who not in CLOSEST
    if kept_out and pages == [each.text for each in town.unknown(who)]:
        return []
    asked = things or town.things_for(who)
    nothing = town.ask(row, who, at=at or uuid4(), things=absent(asked), data=row.data(asked))
    if pages == [each.text for each in nothing]:
        return []
    return [f"{who}: can tell this from an id that nobody has"]


def test_every_route_is_in_the_table():
    rows = ROWS + OF_PROGRAMS
    others = (kazoo, kazoo_accounts, fax2, signalwire, voipnow, operator)
    known = {row.route for row in rows}.union(*(each.routes() for each in others))
    assert known == set(arguments())
    lines = {(row.at, row.closed, row.route, row.method) for row in rows}
    assert len(lines) == len(rows), "one line an address and method"


@of_each(ROWS)
def test_everybody_is_answered_as_the_table_says(town: Town, row: Row):
    wrong = []
    for who, cell in row.answers.items():
        answers = town.ask(row, who)
        for answer in answers:
            if answer.told != cell:
                wrong.append(f"{who}: {answer.told} instead of {cell} {answer.location}")
            wrong += unsafe(row.route, answer.status, answer.headers)
            if answer.told in REFUSED:
                wrong += refused(answer, who)
            else:
                wrong += unrecorded(town, row, who, answer)
            if who not in WITHIN and MARKER in answer.text:
                wrong.append(f"{who}: read what is Northside's")
        if cell == "404" and row.at:
            wrong += told_apart(town, row, who, answers)
    assert not wrong


@of_each([row for row in OF_ACCOUNTS if row.objects])
def test_at_their_own_address_nobody_finds_what_is_ours(town: Town, row: Row):
    wrong = []
    for who, place in OUTSIDE.items():
        if row.at == "harbor" and who in {"parent", "platform"}:
            continue  # there it is theirs to find: see below
        wrong += not_there(town, row, who, at=town.account(place))
    assert not wrong


@of_each(OF_RESELLERS)
def test_customers_have_no_pages_of_resellers(town: Town, row: Row):
    wrong = []
    for who, place in (("admin", "northside"), ("neighbour", "lakeside")):
        wrong += not_there(town, row, who, at=town.account(place))
    assert not wrong


@of_each([row for row in OF_RESELLERS if "tenant" in row.objects])
@pytest.mark.parametrize("tenant", ["redwood", "summit", "harbor", "platform"])
def test_a_reseller_finds_nobody_but_its_own_tenants(town: Town, row: Row, tenant: str):
    things = town.things | {"tenant": town.account(tenant)}
    assert not not_there(town, row, "parent", at=town.account("harbor"), things=things)


@of_each([row for row in OF_RESELLERS if {"tenant"} < set(row.objects)])
def test_what_is_one_tenants_is_not_found_below_another(town: Town, row: Row):
    if set(row.objects) - {"tenant"} <= OF_THE_RESELLER:
        pytest.skip("it is the reseller's, whichever tenant it is for")
    things = town.things | {"tenant": town.account("lakeside")}
    assert not not_there(town, row, "parent", at=town.account("harbor"), things=things)


@of_each([row for row in OF_RESELLERS if row.objects == ("tenant",) and row.method == "get"])
def test_whoever_provides_for_a_reseller_finds_its_tenants_too(town: Town, row: Row):
    for answer in town.ask(row, "platform", at=town.account("platform")):
        assert answer.told == row.answers["parent"]
        assert MARKER not in answer.text


@of_each([row for row in OF_ACCOUNTS if row.answers.get("support", "403") not in REFUSED])
def test_support_access_opens_the_one_account_that_grants_it(town: Town, row: Row):
    assert not not_there(town, row, "support", at=town.account("lakeside"))
    if row.objects:
        things = town.things | town.of_others
        assert not not_there(town, row, "support", at=town.account("northside"), things=things)


@of_each([row for row in OF_ACCOUNTS if "{" in row.sends])
def test_ids_of_others_do_nothing_in_a_form_either(town: Town, row: Row):
    who = "parent" if row.at == "harbor" else "admin"
    assert row.sent <= set(town.of_others), "others need one of these, too"
    for answer in town.ask(row, who, data=row.data(town.of_others)):
        assert not answer.changed, f"{answer.told}: an id of others was taken"


@pytest.mark.parametrize("route", sorted({row.route for row in OPEN_ONES}))
def test_an_address_knows_no_methods_but_those_of_the_table(town: Town, route: str):
    lines = {row.method: row for row in OPEN_ONES if row.route == route}
    row = next(iter(lines.values()))
    who = "parent" if row.at == "harbor" else "admin"
    for method in set(METHODS) - set(lines):
        for answer in town.ask(row, who, method=method, data={}):
            assert (method, answer.told, answer.changed) == (method, "405", [])
