"""Every address, as every kind of stranger: 404, as if there were nothing; and nothing changes."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import AuditEntry
from accounts.roles import Role, may
from faxes.models import Attempt, CoverTemplate, Document, Event, Fax, Upload
from faxes.services.preview import prepare_upload
from tests import papers
from tests.isolation.table import OPEN, ROUTES

MARKER = "Quixotriemarker"
ids = [f"{route.method} {route.name}" for route in ROUTES]
every_route = pytest.mark.parametrize("route", ROUTES, ids=ids)


@pytest.fixture
def targets(world, work, send, once):
    """What Northside has: a fax sent, one received, one waiting, an upload by each who may."""
    return once("targets", lambda: make_targets(world, work, send))


def make_targets(world, work, send):
    send(world.northside, "+12025550100", subject=MARKER)
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    faxes = Fax.rows.filter(account=world.northside.account)
    waiting = send(world.northside, "+12025550100", send_at="2026-12-31T10:00+00:00")
    work.run()
    uploads = {
        role: prepare_upload(
            world.northside.actor(role),
            documents=[papers.incoming(papers.pdf())],
            quality="fine",
        )
        for role in (Role.ADMIN, Role.MEMBER)
    }
    return {
        "sent": faxes.get(direction="outbound", state="delivered").pk,
        "received": faxes.get(direction="inbound").pk,
        "waiting": waiting.pk,
        "cover": CoverTemplate.rows.get(account=world.northside.account).pk,
        "upload": uploads[Role.ADMIN].pk,
        "uploads": {role: upload.pk for role, upload in uploads.items()},
    }


def address(route, account, targets, role=Role.ADMIN):
    kwargs = {"account": account}
    if route.name == "upload-page":
        kwargs |= {"upload": targets["uploads"].get(role, targets["upload"]), "page": 1}
    elif route.which == "cover":
        kwargs["cover"] = targets["cover"]
    elif route.name.startswith("fax"):
        kwargs["fax"] = targets[route.which]
        if route.name == "fax-page":
            kwargs["page"] = 1
    return reverse(route.name, kwargs=kwargs)


def call(route, url, user=None):
    client = Client()
    if user is not None:
        client.force_login(user)
    response = getattr(client, route.method)(url, dict(route.data))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response, body


def everything():
    """All rows of faxes, as they are, and the audit log."""
    models = (Fax, Attempt, Event, Document, Upload, CoverTemplate, AuditEntry)
    with connection.cursor() as cursor:
        rows = []
        for model in models:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")  # noqa: S608
            rows.append(cursor.fetchall())
    return rows


def test_the_table_holds_every_route():
    def names(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern.name
            else:
                yield from names(pattern.url_patterns)

    served = set(names(get_resolver().url_patterns))
    assert served == OPEN | {route.name for route in ROUTES}


@every_route
def test_nobody_is_asked_to_sign_in(world, targets, route):
    before = everything()
    response, body = call(route, address(route, world.northside.id, targets))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
    assert MARKER not in body.decode(errors="replace")
    assert everything() == before


@every_route
def test_a_stranger_finds_nothing_at_our_address(world, targets, route):
    before = everything()
    for stranger in (world.lakeside, world.redwood):
        user = stranger.people["admin"]
        ours = address(route, world.northside.id, targets)
        response, body = call(route, ours, user)
        assert response.status_code == 404
        nothing = call(route, address(route, uuid4(), targets), user)[1]
        assert masked(body) == masked(nothing), "ours and no account at all look alike"
    assert everything() == before


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if route.name.startswith(("fax", "upload")) or route.which == "cover"
    ],
    ids=str,
)
def test_a_stranger_finds_nothing_of_ours_at_their_own_address(world, targets, route):
    before = everything()
    user = world.lakeside.people["admin"]
    response, body = call(route, address(route, world.lakeside.id, targets), user)
    assert response.status_code == 404
    absent: dict[str, Any] = {key: uuid4() for key in targets} | {"uploads": {}}
    nothing = call(route, address(route, world.lakeside.id, absent), user)[1]
    assert masked(body) == masked(nothing), "ours and no fax at all look alike"
    assert everything() == before


@every_route
@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_a_role_may_do_what_the_table_of_roles_says(world, targets, route, role):
    before = everything()
    user = world.northside.people[role.value]
    response, _ = call(route, address(route, world.northside.id, targets, role), user)
    if route.needs is None or may(role, route.needs):
        assert response.status_code in route.good
    else:
        assert response.status_code == 403
        assert everything() == before


def masked(body):
    """A page without ids, tokens and times, so that two can be compared."""
    text = body.decode(errors="replace")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    return re.sub(r'(csrfmiddlewaretoken"|nonce=|X-CSRFToken)[^>]*', "TOKEN", text)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "post"], ids=str)
def test_an_act_is_never_done_by_looking(world, targets, route):
    if route.name in {r.name for r in ROUTES if r.method == "get"}:
        pytest.skip("this address also shows a page")
    before = everything()
    client = Client()
    client.force_login(world.northside.people["admin"])
    response = client.get(address(route, world.northside.id, targets))
    assert response.status_code in {200, 405}, "a page that asks, or nothing"
    assert everything() == before
