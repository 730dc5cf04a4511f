"""The addresses of ``/v2`` that are not of faxes, with everybody's token and with ids of others."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from faxes.api.kazoo.apps import APP_ID
from faxes.models import InboundMail
from tests.isolation import kazoo_accounts
from tests.isolation.conftest import Town
from tests.isolation.lines import Line, lines_of, of_each
from tests.isolation.things import MARKER, lets_in
from tests.isolation.walk import Answer, Request, answer_to, arguments, everything, undone

pytestmark = pytest.mark.django_db

REFUSED = {"400", "401", "403", "404", "405", "409"}
LOGS = {"accounts_auditentry", "accounts_audithead"}
WITHIN = {"viewer", "member", "admin"}
IDS = ("user", "faxbox", "hook", "mail")
LINES = lines_of(kazoo_accounts.ACCOUNTS)


def names(town: Town) -> dict[str, str]:
    mail = InboundMail.rows.get(pk=town.things["mail"])
    told = {name: town.things[name].hex for name in ("user", "faxbox", "hook")}
    month = f"{mail.created_at:%Y%m}-{mail.pk.hex}"
    return told | {"mail": month, "app": APP_ID, "account": town.account("northside").hex}


def ask(town: Town, line: Line, who: str, *, method: str = "", **others: str) -> list[Answer]:
    known = names(town) | others
    wanted = {"account", *arguments()[line.route]}  # also reached as that of the token
    url = reverse(line.route, kwargs={name: known[name] for name in wanted})
    body: dict[str, Any] = {"data": {}, "action": "impersonate_user"}
    if line.sends != "impersonate":
        body = {"data": json.loads(line.sends)}
    answers = []
    for token in town.tokens[who]:
        with undone():
            if who == "support":
                lets_in(town.world.northside.account)
            before = everything() if who == "support" else town.settled
            request = Request(method or line.method, url, body, by_token=True)
            answers.append(answer_to(request, secret=token, before=before))
    return answers


@of_each(LINES)
def test_everybody_is_answered_as_the_table_says(town: Town, line: Line):
    wrong = []
    for who, cell in line.answers.items():
        for answer in ask(town, line, who):
            if answer.told != cell:
                wrong.append(f"{who}: {answer.told} instead of {cell} {answer.text[:300]}")
            if answer.told in REFUSED and set(answer.changed) - LOGS:
                wrong.append(f"{who}: was refused, and changed {', '.join(answer.changed)}")
            if (who not in WITHIN or answer.told in REFUSED) and MARKER in answer.text:
                wrong.append(f"{who}: read what is Northside's")
            ours = town.account("northside")
            if line.method != "get" and answer.told[0] == "2" and ours not in answer.recorded:
                wrong.append(f"{who}: no log tells of it")
    assert not wrong


@of_each(LINES)
def test_who_shows_no_token_that_is_right_is_told_nothing_else(town: Town, line: Line):
    for who in ("nobody", "expired", "revoked", "elsewhere", "gone"):
        for answer in ask(town, line, who):
            assert (who, answer.told, answer.changed) == (who, "401", [])


@of_each(LINES)
def test_ids_of_others_are_as_if_there_were_none(town: Town, line: Line):
    for name in set(IDS) & set(arguments()[line.route]):
        month = f"{InboundMail.rows.get(pk=town.things['mail']).created_at:%Y%m}-"
        prefix = month if name == "mail" else ""
        theirs, nobodys = (
            ask(town, line, "admin", **{name: f"{prefix}{key.hex}"})[0]
            for key in (town.of_others[name], uuid4())
        )
        assert theirs.told == nobodys.told == "404"
        assert json.loads(theirs.body)["message"] == "bad_identifier"
        assert not (set(theirs.changed) | set(nobodys.changed)) - LOGS
        assert json.loads(theirs.body)["data"].keys() == json.loads(nobodys.body)["data"].keys()
