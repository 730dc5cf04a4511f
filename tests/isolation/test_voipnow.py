"""The address of VoipNow's API with everybody's token and with none, and with ids of others."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services.codes import code_of
from accounts.services.rate_limits import IN_THIS_PROCESS
from faxes.models import Fax
from faxes.services.extensions import full_extension
from tests.api.voipnow.conftest import a_file, body_of, to
from tests.isolation import voipnow
from tests.isolation.conftest import WITHIN, Town
from tests.isolation.things import MARKER
from tests.isolation.walk import everything, undone

pytestmark = pytest.mark.django_db

UNKNOWN = ("nobody", "expired", "revoked", "elsewhere", "gone")
OF_LOGS = {"accounts_auditentry", "accounts_audithead", "accounts_ratecount"}
KIND = "multipart/form-data; boundary=----between"
FORM = body_of(to("12025550100"), a_file())


@dataclass(frozen=True)
class Answer:
    """What came back, which tables were different by then, and which faxes are new."""

    status: int
    body: bytes
    changed: set[str]
    made: list[Fax]


def lines_of(text: str) -> dict[str, dict[str, int]]:
    heads, *rest = [line.replace("|", " ").split() for line in text.strip().splitlines()]
    return {words[0]: dict(zip(heads[1:], map(int, words[1:]), strict=True)) for words in rest}


LINES = lines_of(voipnow.VOIPNOW)


def ask(
    town: Town,
    who: str,
    user: str = "@me",
    *,
    extension: str = "",
    route: str = "",
    body: Any = FORM,
) -> list[Answer]:
    """Ask as somebody; an answer for each who counts as that."""
    people = {"person": town.world.northside, "foreign": town.world.lakeside}
    named = str(people[user].people["viewer"].pk) if user in people else user
    where = extension or full_extension(town.world.northside.faxbox)
    kwargs = {"user": named, "extension": where}
    url = reverse(route or voipnow.ROUTES[0], kwargs=kwargs)
    answers = []
    for token in town.tokens[who]:
        with undone():
            IN_THIS_PROCESS.forget()
            before, so_far = town.settled, set(Fax.rows.values_list("pk", flat=True))
            headers = {"authorization": f"Bearer {token}"} if token else {}
            client = Client(raise_request_exception=False)
            response = client.generic("POST", url, body, content_type=KIND, headers=headers)
            after = everything()
            changed = {table for table in after if after[table] != before[table]}
            made = list(Fax.rows.exclude(pk__in=so_far))
            answers.append(Answer(response.status_code, response.content, changed - OF_LOGS, made))
    return answers


def code(answer: Answer) -> str:
    return str(json.loads(answer.body)["error"]["code"])


@pytest.mark.parametrize("user", LINES)
def test_everybody_is_answered_as_the_table_says(town: Town, user: str):
    clinic, wrong = town.world.northside, []
    for who, cell in LINES[user].items():
        for answer in ask(town, who, user):
            if answer.status != cell:
                wrong.append(f"{who}: {answer.status} instead of {cell} {answer.body[:200]!r}")
            if answer.status != 200 and answer.changed:
                wrong.append(f"{who}: was refused, and changed {answer.changed}")
            if any(fax.account_id != clinic.id for fax in answer.made):
                wrong.append(f"{who}: faxed for somebody else")
            if who not in WITHIN and MARKER.encode() in answer.body:
                wrong.append(f"{who}: read what is Northside's")
    assert not wrong


@pytest.mark.parametrize("route", voipnow.ROUTES)
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, route: str):
    for who in UNKNOWN:
        for answer in ask(town, who, route=route):
            assert (who, answer.status, code(answer)) == (who, 401, "unauthorized")
            assert not answer.changed
    for answer in ask(town, "scopeless", route=route):
        assert (answer.status, code(answer), answer.changed) == (403, "forbidden", set())


def test_an_extension_of_others_is_as_if_there_were_none(town: Town):
    theirs = full_extension(town.world.lakeside.faxbox)
    above = f"{code_of(town.world.harbor.id)}*210"
    told = set()
    for extension in (theirs, above, "9999*210", "0003*999", "999"):
        for answer in ask(town, "admin", extension=extension):
            assert (answer.status, code(answer), answer.changed) == (404, "not_found", set())
            told.add(answer.body)
    assert len(told) == 1


def test_a_fax_to_another_accounts_machine_shows_its_sender_nothing_of_that(town: Town):
    theirs = full_extension(town.world.lakeside.faxbox)
    for answer in ask(town, "admin", body=body_of(to(theirs), a_file())):
        assert answer.status == 200
        assert [fax.account_id for fax in answer.made] == [town.world.northside.id]
        assert town.world.lakeside.id.hex.encode() not in answer.body


@pytest.mark.parametrize("route", sorted(voipnow.NOTHING))
def test_nothing_is_at_all_other_addresses_whoever_asks(town: Town, route: str):
    for who in ("nobody", "admin", "stranger"):
        for token in town.tokens[who]:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            for method in ("GET", "POST", "DELETE"):
                answer = Client().generic(method, reverse(route), headers=headers)
                assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
