"""The walk: rows out of the table's text, one call that leaves no trace, and what it changed."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import AuditHead
from accounts.services.rate_limits import IN_THIS_PROCESS

Snapshot = dict[str, list[tuple[Any, ...]]]
Things = Mapping[str, Any]
# Where a log-in leads back to, and how often programs ask.
_OF_NOBODY = {"django_session", "accounts_ratecount"}


@dataclass(frozen=True)
class Row:
    """One line of the table: an address and method, and what each person is answered there.

    ``at`` is whose address it is, ``closed`` whether that account is closed by then. ``names``
    maps the arguments of the address to the things that stand for them. ``by_token`` is an address
    for programs: they ask as the account whose token they show, and send JSON.
    """

    at: str
    closed: bool
    by_token: bool
    route: str
    method: str
    names: Mapping[str, str]
    answers: Mapping[str, str]
    sends: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}" + (" once closed" if self.closed else "")

    @property
    def objects(self) -> tuple[str, ...]:
        """The arguments of the address that are ids, but for the account whose address it is."""
        plain = {"page"} if self.by_token else {"account", "page"}
        return tuple(name for name in arguments()[self.route] if name not in plain)

    def thing(self, argument: str) -> str:
        """The name of the thing that stands for an argument."""
        return self.names.get(argument, "tenant" if argument == "account" else argument)

    @property
    def sent(self) -> set[str]:
        """The names of the things whose ids a right request carries."""
        return {name for _text, name, *_rest in Formatter().parse(self.sends) if name}

    def data(self, things: Things) -> dict[str, Any]:
        """What a right request carries, with the ids of these things."""
        fields = parse_qsl("" if self.sends == "-" else self.sends, keep_blank_values=True)
        filled = {name: value.format_map(things) for name, value in fields}
        return {
            name.removesuffix(":"): json.loads(value) if name.endswith(":") else value
            for name, value in filled.items()
        }


def rows_of(at: str, text: str) -> list[Row]:
    """The rows of one part of the table; its first line names the columns."""
    lines = [line.replace("|", " ").split() for line in text.splitlines()]
    heads, *rest = [words for words in lines if words and not words[0].startswith("#")]
    rows = []
    for words in rest:
        assert len(words) == len(heads), f"a cell is missing or too many: {' '.join(words)}"
        cells = dict(zip(heads, words, strict=True))
        named = [] if cells["names"] == "-" else cells["names"].split(",")
        rows.append(
            Row(
                at=at.partition(", ")[0],
                closed=at.endswith(", closed"),
                by_token=at.endswith(", by token"),
                route=cells.pop("route"),
                method=cells.pop("method"),
                names=dict(each.split("=") for each in named),
                sends=cells.pop("sends"),
                answers={who: cells[who] for who in cells if who != "names"},
            )
        )
    return rows


@cache
def arguments() -> dict[str, tuple[str, ...]]:
    """All routes that are served, with the arguments of their addresses."""

    def walked(patterns: Any, before: tuple[str, ...], space: str) -> Iterator[Any]:
        for each in patterns:
            here = before + tuple(each.pattern.regex.groupindex)
            if isinstance(each, URLPattern):
                yield f"{space}{each.name}", here
            else:
                inner = f"{space}{each.namespace}:" if each.namespace else space
                yield from walked(each.url_patterns, here, inner)

    return dict(walked(get_resolver().url_patterns, (), ""))


def address(row: Row, account: object, things: Things) -> str:
    """Where the row's address lies in this account, for these things."""
    kwargs = {}
    for name in arguments()[row.route]:
        whose = name == "account" and not row.by_token
        kwargs[name] = account if whose else things[row.thing(name)]
    return reverse(row.route, kwargs=kwargs)


def absent(things: Things) -> dict[str, Any]:
    """Ids of the same kinds that nothing has."""
    return {
        name: uuid4() if isinstance(value, UUID) else value if name == "page" else 987_654_321
        if isinstance(value, int) else "absent"
        for name, value in things.items()
    }  # fmt: skip


@dataclass
class Answer:
    """What came back, which tables were different by then, and in whose audit logs it is."""

    status: int
    location: str
    body: bytes
    changed: list[str]
    recorded: set[UUID]
    headers: Mapping[str, str]

    @property
    def told(self) -> str:
        """The answer in the words of the table."""
        if self.status == 302 and self.location.startswith("/login/?next="):
            return "in"
        return str(self.status)

    @property
    def text(self) -> str:
        """The page without ids and tokens, so that two can be compared."""
        text = self.body.decode(errors="replace")
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
        return re.sub(r'(csrfmiddlewaretoken"|nonce=|X-CSRFToken)[^>]*', "TOKEN", text)


@dataclass(frozen=True)
class Request:
    """What is asked for, without by whom."""

    method: str
    url: str
    data: Mapping[str, Any]
    by_token: bool = False


def answer_to(request: Request, *, secret: str, before: Snapshot) -> Answer:
    """Ask with this session or token, if any, and see what is different from ``before``."""
    IN_THIS_PROCESS.forget()  # what the question before was counted as is undone
    written, logs = _rows_written(), _lengths_of_logs()
    response = _asked_as_program(request, secret) if request.by_token else _asked(request, secret)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    after = before if written is not None and _rows_written() == written else everything()
    return Answer(
        status=response.status_code,
        location=response.get("Location", ""),
        body=body,
        changed=[table for table in after if after[table] != before[table]],
        recorded={key for key, number in _lengths_of_logs() - logs},
        headers=response.headers,
    )


def _asked(request: Request, session: str) -> Any:
    client = Client()
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return getattr(client, request.method)(request.url, request.data)


def _asked_as_program(request: Request, token: str) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if request.method in {"get", "delete"}:
        return getattr(Client(), request.method)(request.url, headers=headers)
    body = {"data": json.dumps(request.data), "content_type": "application/json"}
    return getattr(Client(), request.method)(request.url, headers=headers, **body)


def _lengths_of_logs() -> set[tuple[UUID, int]]:
    return set(AuditHead.objects.values_list("pk", "number"))


def _rows_written() -> int | None:
    """How many rows this connection has ever written, where the database counts them."""
    return getattr(connection.connection, "total_changes", None)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back, as around a test: inner ones may call themselves last."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield
        transaction.set_rollback(True)


def everything() -> Snapshot:
    """All rows of all tables, but for what browsers are remembered by and programs counted."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
            found[table] = cursor.fetchall()
    return found


@cache
def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return sorted({each._meta.db_table for each in models if each._meta.managed} - _OF_NOBODY)
