"""Every address of LaML's and Twilio's with everybody's token and with none, and ids of others."""

import json
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.urls import reverse

from faxes.models import Number
from tests.isolation import signalwire
from tests.isolation.conftest import WITHIN, Town
from tests.isolation.lines import Line, lines_of, of_each
from tests.isolation.things import MARKER, lets_in
from tests.isolation.walk import Answer, Request, answer_to, everything, undone

pytestmark = pytest.mark.django_db

METHODS = ("get", "put", "post", "patch", "delete")
REFUSED = {"400", "401", "403", "404", "405", "409"}
UNKNOWN = ("nobody", "expired", "revoked", "elsewhere", "gone")
OF_LOGS = {"accounts_auditentry", "accounts_audithead"}
LETTER = "https://papers.example.com/a.pdf"
SENT: dict[str, dict[str, str]] = {
    "-": {},
    "file": {},
    "fax": {"To": "+12025550100", "MediaUrl": LETTER},
    "cancel": {"Status": "canceled"},
    "hook": {"VoiceUrl": "https://me.example.com/"},
}


LAML, TWILIO = lines_of(signalwire.LAML), lines_of(signalwire.TWILIO)
LINES = [*LAML, *lines_of(signalwire.LAML, instead=("laml-", "laml-short-")), *TWILIO]


def names(town: Town, line: Line, **others: Any) -> dict[str, str]:
    """What stands in the address: a fax, its medium, a number."""
    key = "waiting" if line.sends == "cancel" else "fax"
    fax: UUID = others.get("fax", town.things[key])
    number = Number.rows.get(e164=town.world.northside.number).pk
    ending = ".pdf" if line.sends == "file" else ""
    found = {
        "account": str(others.get("account", town.account("northside"))),
        "fax": str(fax),
        "media": f"{uuid5(fax, 'media')}{ending}",
        "number": str(others.get("number", number)),
    }
    *_, last = line.route.split("-", 1)
    wanted = {"account"} if line.route.startswith("laml") else set()
    wanted |= {"fax"} if last.removeprefix("short-") in {"fax", "media", "one-media"} else set()
    wanted |= {"media"} if last.endswith("one-media") else set()
    wanted |= {"number"} if last.endswith("number") else set()
    return {name: found[name] for name in wanted}


def ask(town: Town, line: Line, who: str, *, method: str = "", **others: Any) -> list[Answer]:
    """Ask as somebody; an answer for each who counts as that."""
    url = reverse(line.route, kwargs=names(town, line, **others))
    said = dict(SENT[line.sends])
    if said.get("To") and line.route.startswith("laml"):
        said["From"] = town.world.northside.number
    request = Request(method or line.method, url, said, by_token=True)
    answers = []
    for token in town.tokens[who]:
        with undone():
            before = town.settled
            if who == "support":
                lets_in(town.world.northside.account)
                before = everything()
            answers.append(answer_to(request, secret=token, before=before))
    return answers


def code(answer: Answer) -> int:
    """The code of a refusal."""
    return int(json.loads(answer.body)["code"])


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
            within = line.route.startswith("laml") or who in WITHIN
            if line.method != "get" and answer.changed and answer.told not in REFUSED and within:
                ours = town.account("northside")
                wrong += [] if ours in answer.recorded else [f"{who}: no log tells of it"]
    assert not wrong


@of_each([*LAML, *TWILIO])
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, line: Line):
    for who in UNKNOWN:
        for answer in ask(town, line, who):
            assert (who, answer.told, answer.changed, code(answer)) == (who, "401", [], 20003)
    ours, above = ask(town, line, "scopeless")
    assert (ours.told, set(ours.changed) - OF_LOGS, code(ours)) == ("401", set(), 20003)
    assert above.told in {"401", "404"}  # it may not even act in accounts below
    assert not set(above.changed) - OF_LOGS


@of_each(LAML)
def test_an_account_of_others_is_as_if_there_were_none(town: Town, line: Line):
    for theirs in (town.account("lakeside"), town.account("harbor"), uuid4()):
        for answer in ask(town, line, "admin", account=theirs):
            assert (answer.told, answer.changed, code(answer)) == ("404", [], 20404)


@of_each(LINES)
def test_ids_of_others_are_as_if_there_were_none(town: Town, line: Line):
    number = Number.rows.get(e164=town.world.lakeside.number).pk
    for name, key in (("fax", town.of_others["fax"]), ("number", number)):
        if name not in names(town, line):
            continue
        for theirs in (key, uuid4()):
            for answer in ask(town, line, "admin", **dict[str, Any]({name: theirs})):
                told = (answer.told, set(answer.changed) - OF_LOGS, code(answer))
                assert told == ("404", set(), 20404)


@pytest.mark.parametrize("route", sorted({line.route for line in [*LAML, *TWILIO]}))
def test_an_address_knows_no_methods_but_those_of_the_table(town: Town, route: str):
    lines = {line.method: line for line in LINES if line.route == route}
    for method in set(METHODS) - set(lines):
        for answer in ask(town, next(iter(lines.values())), "admin", method=method):
            assert (answer.told, answer.changed, code(answer)) == ("405", [], 20004)
