"""Every address of Fax2's API with everybody's token and with none, and with ids of others."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services.rate_limits import IN_THIS_PROCESS
from tests.api.fax2.conftest import FORM
from tests.isolation import fax2
from tests.isolation.conftest import WITHIN, Town
from tests.isolation.lines import Line, lines_of, of_each
from tests.isolation.things import MARKER
from tests.isolation.walk import everything, undone
from tests.papers import pdf

pytestmark = pytest.mark.django_db

METHODS = ("get", "put", "post", "patch", "delete")
REFUSED = {401, 403, 404, 405, 400}
UNKNOWN = ("nobody", "expired", "revoked", "elsewhere", "gone")
OF_LOGS = {"accounts_auditentry", "accounts_audithead", "accounts_ratecount"}


LINES = lines_of(fax2.FAX2)


@dataclass(frozen=True)
class Answer:
    """What came back, and which tables were different by then."""

    status: int
    body: bytes
    changed: set[str]


def names(town: Town, route: str) -> dict[str, str]:
    """What stands in the address: Northside's."""
    number = town.world.northside.number.removeprefix("+")
    return {
        "fax2-service-received": {"service": number},
        "fax2-content": {"fax": str(town.things["received"])},
        "fax2-sent": {"fax": str(town.things["fax"])},
    }.get(route, {})


def ask(town: Town, line: Line, who: str, *, method: str = "", **others: Any) -> list[Answer]:
    """Ask as somebody; an answer for each who counts as that."""
    url = reverse(line.route, kwargs=names(town, line.route) | others)
    upload = town.things_for(who)["upload"]
    form = {"documents[]": str(upload), "dest_number": "12025550100"}
    body, kind = {
        "-": (b"", FORM),
        "document": (pdf(), "application/pdf"),
        "upload": (urlencode(form).encode(), FORM),
    }[line.sends]
    answers = []
    for token in town.tokens[who]:
        with undone():
            IN_THIS_PROCESS.forget()
            headers = {"authorization": f"bearer {token}"} if token else {}
            given = (method or line.method).upper()
            response = Client().generic(given, url, body, content_type=kind, headers=headers)
            after = everything()
            changed = {table for table in after if after[table] != town.settled[table]}
            told = response.getvalue() if response.streaming else response.content
            answers.append(Answer(response.status_code, told, changed - OF_LOGS))
    return answers


def code(answer: Answer) -> str:
    return str(json.loads(answer.body)["error"])


@of_each(LINES)
def test_everybody_is_answered_as_the_table_says(town: Town, line: Line):
    number = town.world.northside.number.removeprefix("+").encode()
    wrong = []
    for who, cell in line.answers.items():
        for answer in ask(town, line, who):
            if str(answer.status) != cell:
                wrong.append(f"{who}: {answer.status} instead of {cell} {answer.body[:200]!r}")
            if answer.status in REFUSED and answer.changed:
                wrong.append(f"{who}: was refused, and changed {answer.changed}")
            if who not in WITHIN and (MARKER.encode() in answer.body or number in answer.body):
                wrong.append(f"{who}: read what is Northside's")
    assert not wrong


@of_each(LINES)
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, line: Line):
    for who in UNKNOWN:
        for answer in ask(town, line, who):
            assert (who, answer.status, code(answer)) == (who, 401, "unauthorized")
            assert not answer.changed
    for answer in ask(town, line, "scopeless"):
        assert (answer.status, code(answer), answer.changed) == (403, "forbidden", set())


@pytest.mark.parametrize("route", ["fax2-content", "fax2-sent"])
def test_ids_of_others_are_as_if_there_were_none(town: Town, route: str):
    line = next(each for each in LINES if each.route == route)
    for theirs in (town.of_others["fax"], uuid4()):
        for answer in ask(town, line, "admin", fax=str(theirs)):
            assert (answer.status, code(answer)) == (404, "not_found")


@pytest.mark.parametrize("route", sorted({line.route for line in LINES}))
def test_an_address_knows_no_methods_but_those_of_the_table(town: Town, route: str):
    lines = {line.method: line for line in LINES if line.route == route}
    for method in set(METHODS) - set(lines):
        for answer in ask(town, next(iter(lines.values())), "admin", method=method):
            assert (method, answer.status, code(answer)) == (method, 405, "invalid_endpoint")
            assert not answer.changed


def test_documents_of_others_are_sent_by_nobody(town: Town):
    line = next(each for each in LINES if each.sends == "upload")
    url = reverse(line.route)
    for theirs in (town.of_others["upload"], uuid4()):
        form = urlencode({"documents[]": str(theirs), "dest_number": "12025550100"}).encode()
        with undone():
            headers = {"authorization": f"bearer {town.tokens['admin'][0]}"}
            answer = Client().generic("POST", url, form, content_type=FORM, headers=headers)
            assert (answer.status_code, answer.json()["parameter"]) == (400, "documents[]")
