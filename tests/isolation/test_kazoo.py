"""Every address of ``/v2`` with everybody's token and with none, and with ids of others."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from faxes.models import Fax
from tests.isolation import kazoo
from tests.isolation.conftest import WITHIN, Town
from tests.isolation.lines import Line, lines_of, of_each
from tests.isolation.things import MARKER, lets_in
from tests.isolation.walk import Answer, Request, answer_to, everything, undone

pytestmark = pytest.mark.django_db

METHODS = ("get", "put", "post", "patch", "delete")
REFUSED = {"401", "403", "404", "405", "500"}
UNKNOWN = ("nobody", "expired", "revoked", "elsewhere", "gone")


OF_ACCOUNT = lines_of(kazoo.FAXES)
OF_FAXBOX, OF_USER = (
    lines_of(kazoo.FAXES, instead=("kazoo", f"kazoo-{scope}")) for scope in ("faxbox", "user")
)
LINES = [*OF_ACCOUNT, *OF_FAXBOX, *OF_USER]


def names(town: Town, line: Line, **others: Any) -> dict[str, str]:
    """What stands in the address: a fax of the folder, the clinic's faxbox, who sent the fax."""
    things, clinic = town.things, town.world.northside
    keys = {"inbox": "received", "incoming": "received", "outgoing": "waiting"}
    folder = line.route.split("-")[-2]
    fax = Fax.rows.get(pk=things[keys.get(folder, "fax")])
    month = "" if folder == "outgoing" else f"{fax.created_at:%Y%m}-"
    found = {"account": clinic.id.hex, "fax": month + fax.pk.hex}
    found |= {"faxbox": clinic.faxbox.pk.hex, "user": str(_sender(fax, clinic).hex)}
    return found | others


def _sender(fax: Fax, clinic: Any) -> Any:
    return fax.created_by or clinic.people["admin"].pk


def sent(town: Town, line: Line) -> Any:
    """What a right request carries."""
    job = json.loads(kazoo.JOB % town.world.northside.number)
    forward = {"to_number": "12025550100"}
    return {
        "-": {},
        "job": {"data": job},
        "again": {"data": {}, "action": "resubmit"},
        "forward": {"data": forward, "action": "forward"},
    }[line.sends]


def ask(
    town: Town, line: Line, who: str, *, method: str = "", tokens: int = 9, **others: Any
) -> list[Answer]:
    """Ask as somebody; an answer for each who counts as that."""
    found = names(town, line, **others)
    wanted = {name for name in ("fax", "faxbox", "user") if name in _arguments(line.route)}
    url = reverse(line.route, kwargs={name: found[name] for name in ("account", *wanted)})
    request = Request(method or line.method, url, sent(town, line), by_token=True)
    answers = []
    for token in town.tokens[who][:tokens]:
        with undone():
            before = everything() if _prepare(town, line, who) else town.settled
            answers.append(answer_to(request, secret=token, before=before))
    return answers


def _arguments(route: str) -> set[str]:
    parts = route.split("-")
    return {*parts[1:2]} | ({"fax"} if parts[-1] in {"one", "attachment"} else set())


def _prepare(town: Town, line: Line, who: str) -> bool:
    """Make what is so only for this one question; whether there was anything to make."""
    clinic = town.world.northside
    if who == "support":
        lets_in(clinic.account)
    if "-user-in" in line.route:  # what came in is of whose fax machine it is
        type(clinic.faxbox).rows.filter(pk=clinic.faxbox.pk).update(
            owner_id=clinic.people["admin"].pk
        )
    return who == "support" or "-user-in" in line.route


def told(answer: Answer) -> dict[str, Any]:
    """What was said, without what is another each time."""
    said = json.loads(answer.body)
    return {name: said[name] for name in ("data", "error", "message", "status") if name in said}


@of_each(LINES)
def test_everybody_is_answered_as_the_table_says(town: Town, line: Line):
    wrong = []
    for who, cell in line.answers.items():
        for answer in ask(town, line, who):
            if answer.told != cell:
                wrong.append(f"{who}: {answer.told} instead of {cell} {answer.text[:300]}")
            if answer.told in REFUSED and set(answer.changed) - OF_LOGS:
                wrong.append(f"{who}: was refused, and changed {', '.join(answer.changed)}")
            if (who not in WITHIN or answer.told in REFUSED) and MARKER in answer.text:
                wrong.append(f"{who}: read what is Northside's")
            if line.method != "get" and answer.changed and answer.told not in REFUSED:
                ours = town.account("northside")
                wrong += [] if ours in answer.recorded else [f"{who}: no log tells of it"]
    assert not wrong


OF_LOGS = {"accounts_auditentry", "accounts_audithead"}


@of_each(OF_ACCOUNT)
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, line: Line):
    for who in UNKNOWN:
        for answer in ask(town, line, who, tokens=1):
            assert (who, answer.told, answer.changed) == (who, "401", [])
            assert told(answer)["data"] == {"message": "invalid credentials"}
    for answer in ask(town, line, "scopeless", tokens=1):
        assert (answer.told, answer.changed) == ("403", [])


@of_each(OF_ACCOUNT)
def test_an_account_of_others_is_as_if_there_were_none(town: Town, line: Line):
    for theirs in (town.account("lakeside"), town.account("harbor"), uuid4()):
        for answer in ask(town, line, "admin", account=theirs.hex):
            assert (answer.told, answer.changed) == ("403", [])
            assert told(answer)["data"] == {"message": "forbidden"}


@of_each(LINES)
def test_ids_of_others_are_as_if_there_were_none(town: Town, line: Line):
    theirs = town.of_others
    if not _arguments(line.route) & {"fax", "faxbox", "user"}:
        return
    other = Fax.rows.get(pk=theirs["fax"])
    for name, key in (("fax", other.pk), *((name, theirs[name]) for name in ("faxbox", "user"))):
        if name not in _arguments(line.route):
            continue
        prefix = f"{other.created_at:%Y%m}-" if name == "fax" and "out" not in line.route else ""
        for answer, none in zip(
            ask(town, line, "admin", **dict[str, Any]({name: prefix + key.hex})),
            ask(town, line, "admin", **dict[str, Any]({name: prefix + uuid4().hex})),
            strict=True,
        ):
            assert (answer.told, set(answer.changed) - OF_LOGS) == ("404", set())
            assert told(answer)["message"] == told(none)["message"] == "bad_identifier"
            assert told(answer)["data"].keys() == told(none)["data"].keys()


@pytest.mark.parametrize("route", sorted({line.route for line in OF_ACCOUNT}))
def test_an_address_knows_no_methods_but_those_of_the_table(town: Town, route: str):
    lines = {line.method: line for line in LINES if line.route == route}
    for method in set(METHODS) - set(lines):
        for answer in ask(town, next(iter(lines.values())), "admin", method=method):
            assert (method, answer.told, answer.changed) == (method, "405", [])
