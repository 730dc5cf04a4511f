"""The matrix of the five APIs in the docs is true: what it says is served is done here by each."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from accounts import clock
from faxes.enums import DocumentRole
from faxes.models import Document, Fax
from tests import papers
from tests.api.speakers import SPEAKERS

PAPER = Path(__file__).resolve().parents[2] / "docs" / "apis.md"
FAR, OTHER = "+12025550100", "+12025550106"
# Rows of the matrix: what is said of a fax that is sent …
SAID = {
    "Several recipients in one request": "several numbers",
    "Several documents as one fax": "several documents",
    "The document comes along": "along",
    "The document lies at a web address": "by address",
    "The document is brought ahead": "ahead",
    "Which number it is from": "from",
    "A cover page": "cover",
    "The resolution": "quality",
    "How often it is tried": "retries",
    "How long it is tried": "try_for",
    "At a later time": "send_at",
    "Who is told of this fax": "webhook",
    "Documents go once it has ended": "keep_documents",
}
# … and what is done with faxes and accounts.
DONE = {
    "How a fax stands": "read",
    "List of faxes sent": "list_sent",
    "List of faxes received": "list_received",
    "Pages of a fax": "pages",
    "Cancel": "cancel",
    "Send again": "resend",
    "Forward": "forward",
    "Strip documents, keep the record": "strip",
    "Delete": "delete",
    "Numbers of the account": "numbers",
    "Fax machines": "fax_machines",
    "Accounts below": "accounts_below",
}


def as_told():
    """The matrix as the docs have it: a row's cells by its name."""
    matrix = PAPER.read_text(encoding="utf-8").partition("\n## ")[2]
    lines = re.findall(r"^\| (?!\s*-)(.+) \|$", matrix, re.MULTILINE)
    head, *rows = ([cell.strip() for cell in line.split(" | ")] for line in lines)
    assert head[1:] == ["native", "Kazoo", "SignalWire", "Fax2", "VoipNow"]
    return {name: [cell == "yes" for cell in cells] for name, *cells in rows}


def test_the_matrix_says_just_what_is_served():
    served = {row: [key in api.says for api in SPEAKERS.values()] for row, key in SAID.items()}
    served |= {row: [hasattr(api, key) for api in SPEAKERS.values()] for row, key in DONE.items()}
    assert as_told() == served


def sources(fax):
    return Document.rows.filter(fax=fax, role=DocumentRole.SOURCE).count()


# What is said, and what then holds of the faxes that were made of it.
EFFECTS: dict[str, tuple[dict[str, Any], Callable[..., bool]]] = {
    "several numbers": (
        {"to": [FAR, OTHER]},
        lambda *made: {fax.to_number for fax in made} == {FAR, OTHER},
    ),
    "several documents": ({"papers": 2}, lambda fax: sources(fax) == 2 and fax.pages == 4),
    "along": ({"brings": "along"}, lambda fax: fax.pages == 2),
    "by address": ({"brings": "by address"}, lambda fax: fax.pages == 2),
    "ahead": ({"brings": "ahead"}, lambda fax: fax.pages == 2),
    "from": ({"from": "number"}, lambda fax: fax.from_number == "+12025550121"),
    "cover": ({"cover": "plain"}, lambda fax: fax.pages == 3),
    "quality": ({"quality": "superfine"}, lambda fax: fax.quality == "superfine"),
    "retries": ({"retries": 3}, lambda fax: fax.retries == 3),
    "try_for": (
        {"try_for": 90},
        lambda fax: fax.try_until - fax.created_at == timedelta(minutes=90),
    ),
    "send_at": ({"send_at": "later"}, lambda fax: fax.send_at > clock.now()),
    "webhook": ({"webhook": "here"}, lambda fax: bool(fax.webhook_url or fax.callback["url"])),
    "keep_documents": ({"keep_documents": False}, lambda fax: not fax.keep_documents),
}  # fmt: skip


@pytest.mark.parametrize(
    ("api", "key"), [(name, key) for name, api in SPEAKERS.items() for key in sorted(api.says)]
)
def test_what_can_be_said_of_a_fax_is_heard(world, fetch, speaker, paper, receiver, api, key):
    how, holds = EFFECTS[key]
    how = dict(how)
    to, sheets = how.pop("to", FAR), [paper(papers.pdf(2))] * how.pop("papers", 1)
    spoken = {
        "number": world.northside.number,
        "later": f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "here": receiver.url("/told"),
    }
    said = {name: spoken.get(value, value) for name, value in how.items()}
    reply = speaker(api).send(to, *sheets, **said)
    assert reply.status in {200, 201}, reply
    fetch()
    assert holds(*Fax.rows.filter(account=world.northside.id))


@pytest.mark.parametrize(
    ("api", "key"),
    [(name, key) for name, api in SPEAKERS.items() for key in DONE.values() if hasattr(api, key)],
)
def test_what_can_be_done_is_done(world, send, one_of_each, speaker, api, key):
    sent, received = one_of_each
    waiting = send(world.northside, FAR)
    asks = speaker(api)
    given = {
        "read": (sent,),
        "pages": (received,),
        "cancel": (waiting.pk,),
        "resend": (sent,),
        "forward": (received, OTHER),
        "strip": (received,),
        "delete": (received,),
    }
    if key == "accounts_below":
        asks = speaker(api, world.harbor)
    reply = getattr(asks, key)(*given.get(key, ()))
    assert reply.status in {200, 201, 204}, reply
    told = {
        "list_sent": sent,
        "list_received": received,
        "numbers": world.northside.number.lstrip("+"),
        "fax_machines": world.northside.faxbox.pk,
        "accounts_below": world.northside.id,
    }
    if key in told:
        assert plain(told[key]) in plain(reply.body)


def plain(value):
    return (value.hex if isinstance(value, UUID) else str(value)).replace("-", "")
