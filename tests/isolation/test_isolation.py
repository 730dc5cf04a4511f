"""Every address, as every kind of stranger: 404, as if there were nothing; and nothing changes."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import AuditEntry, Credential, Invitation, Membership, SignInPolicy, User
from accounts.roles import Role, may
from accounts.services.invitations import invite
from faxes.models import (
    Attempt,
    CoverTemplate,
    Document,
    Event,
    Fax,
    Faxbox,
    FaxboxAccess,
    Upload,
)
from faxes.services.preview import prepare_upload
from tests import papers
from tests.isolation.table import OPEN, ROUTES
from tests.signing_in import sign_in

MARKER = "Quixotriemarker"
INVITED = "invited@elsewhere.example"
NAMED = {"cover", "user", "invitation", "token", "faxbox", "tenant"}
ids = [f"{route.method} {route.name}" for route in ROUTES]
every_route = pytest.mark.parametrize("route", ROUTES, ids=ids)


@pytest.fixture
def targets(world, work, send):
    """What Northside has: a fax sent, one received, one waiting, an upload by each who may."""
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
        "user": world.northside.people["viewer"].pk,
        "invitation": invite(world.northside.admin, email=INVITED, role=Role.MEMBER)[0].pk,
        "token": Credential.objects.filter(account=world.northside.account).earliest("id").pk,
        "faxbox": world.northside.faxbox.pk,
        "tenant": world.northside.id,
        "upload": uploads[Role.ADMIN].pk,
        "uploads": {role: upload.pk for role, upload in uploads.items()},
    }


def home(world, route):
    """Whose address it is."""
    return world.harbor if route.above else world.northside


def strangers(world, route):
    """Who has no business there; who provides for an account has none, nor has its customer."""
    if route.above:
        return [world.summit, world.platform, world.northside]
    return [world.lakeside, world.redwood, world.harbor]


def person(house, role):
    """Somebody of this role in an account."""
    if role.value not in house.people:
        user = User.objects.create_user(f"{role.value}@{house.account.realm}", "unused-here")
        Membership.objects.create(user=user, account=house.account, role=role.value)
        house.people[role.value] = user
    return house.people[role.value]


def named(route):
    """What the address names, in words of its own."""
    return [word for word in route.which.split() if word in NAMED]


def address(route, account, targets, role=Role.ADMIN):
    kwargs = {"account": account}
    if route.name == "upload-page":
        kwargs |= {"upload": targets["uploads"].get(role, targets["upload"]), "page": 1}
    elif named(route):
        kwargs |= {name: targets[name] for name in named(route)}
    elif route.name.startswith("fax"):
        kwargs["fax"] = targets[route.which]
        if route.name == "fax-page":
            kwargs["page"] = 1
    return reverse(route.name, kwargs=kwargs)


def call(route, url, user=None):
    client = Client()
    if user is not None:
        sign_in(client, user)
    response = getattr(client, route.method)(url, dict(route.data))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response, body


def everything():
    """All rows of faxes, as they are, and the audit log."""
    models = (
        Fax, Attempt, Event, Document, Upload, CoverTemplate, Faxbox, FaxboxAccess,
        Membership, Invitation, Credential, SignInPolicy, AuditEntry,
    )  # fmt: skip
    with connection.cursor() as cursor:
        rows = []
        for model in models:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608
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
    response, body = call(route, address(route, home(world, route).id, targets))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
    assert MARKER not in body.decode(errors="replace")
    assert everything() == before


@every_route
def test_a_stranger_finds_nothing_at_our_address(world, targets, route):
    before = everything()
    for stranger in strangers(world, route):
        user = stranger.people["admin"]
        ours = address(route, home(world, route).id, targets)
        response, body = call(route, ours, user)
        assert response.status_code == 404
        nothing = call(route, address(route, uuid4(), targets), user)[1]
        assert masked(body) == masked(nothing), "ours and no account at all look alike"
    assert everything() == before


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.name.startswith(("fax", "upload")) or named(route)],
    ids=str,
)
def test_a_stranger_finds_nothing_of_ours_at_their_own_address(world, targets, route):
    before = everything()
    stranger = world.summit if route.above else world.lakeside
    user = stranger.people["admin"]
    response, body = call(route, address(route, stranger.id, targets), user)
    assert response.status_code == 404
    absent: dict[str, Any] = {key: uuid4() for key in targets} | {"uploads": {}}
    nothing = call(route, address(route, stranger.id, absent), user)[1]
    assert masked(body) == masked(nothing), "ours and no fax at all look alike"
    assert everything() == before


@every_route
@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_a_role_may_do_what_the_table_of_roles_says(world, targets, route, role):
    user = person(home(world, route), role)
    before = everything()
    response, _ = call(route, address(route, home(world, route).id, targets, role), user)
    if route.needs is None or may(role, route.needs):
        assert response.status_code in route.good
    else:
        assert response.status_code == 403
        assert everything() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.above], ids=str)
def test_a_customer_has_no_pages_of_resellers(world, targets, route):
    before = everything()
    user = world.northside.people["admin"]
    response, _ = call(route, address(route, world.northside.id, targets), user)
    assert response.status_code == 404
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
    sign_in(client, home(world, route).people["admin"])
    response = client.get(address(route, home(world, route).id, targets))
    assert response.status_code in {200, 405}, "a page that asks, or nothing"
    assert everything() == before
