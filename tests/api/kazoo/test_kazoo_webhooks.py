"""Webhooks are made, changed and looked at as Kazoo has them; and what every address refuses."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, reverse

from accounts.models import WebhookEndpoint
from accounts.roles import Scope
from accounts.services import webhooks as portal
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.urls import v2
from tests.signing_in import sign_in

WHOLE = {
    "name": "A hook", "uri": "https://hooks.example.com/fax?a=1", "hook": "notifications",
    "http_verb": "put", "format": "json", "retries": 4, "enabled": True, "type": "inbound_fax",
    "include_subaccounts": True, "include_internal_legs": False, "custom_data": {"a": "b"},
    "colour": {"deep": ["red"]},
}  # fmt: skip
LEAST = {"name": "A", "uri": "https://hooks.example.com/", "hook": "outbound_fax"}


@pytest.fixture
def own(kazoo):
    return kazoo()


def test_a_webhook_is_told_as_it_was_made_until_it_is_deleted(world, own):
    answer = own.ask("PUT", "webhooks", {"data": {**WHOLE, "id": "mine"}})
    assert answer.status_code == 201, answer.content
    made = answer.json()["data"]
    where = f"webhooks/{made['id']}"
    assert answer["Location"] == f"{own.base}/{where}"
    assert {name: value for name, value in made.items() if name != "id"} == WHOLE
    assert own.data("GET", where) == made
    assert own.data("GET", "webhooks") == [made]
    assert own.data("GET", f"{where}/attempts") == own.data("GET", "webhooks/attempts") == []
    assert portal.endpoints_for(world.northside.admin) == [], "the portal's are others"
    changed = own.data("PATCH", where, {"data": {"enabled": False, "type": None, "colour": None}})
    assert (changed["enabled"], changed["uri"]) == (False, WHOLE["uri"])
    assert not {"type", "colour"} & set(changed)
    replaced = own.data("POST", where, {"data": LEAST})
    usual = {"http_verb": "post", "format": "form-data", "retries": 2, "enabled": True,
             "include_subaccounts": False, "include_internal_legs": True}  # fmt: skip
    assert replaced == {**LEAST, **usual, "id": made["id"]}
    assert own.data("DELETE", where)["_read_only"] == {"deleted": True}
    assert own.ask("GET", where).json()["message"] == "bad_identifier"


def test_administrators_see_in_the_portal_that_there_are_such_webhooks(world, own):
    own.data("PUT", "webhooks", {"data": WHOLE}, status=201)
    browser = Client()
    sign_in(browser, world.northside.people["admin"])
    page = browser.get(reverse("webhooks", kwargs={"account": world.northside.id}))
    assert "Looked after by other programs" in page.content.decode()
    assert str(WHOLE["uri"]) in page.content.decode()


def test_the_catalogue_lists_only_what_fires(own):
    listed = own.data("GET", "/v2/webhooks")
    assert {each["id"] for each in listed} == {"notifications", "inbound_fax", "outbound_fax"}
    [types] = [each["modifiers"]["type"]["items"] for each in listed if "modifiers" in each]
    for word in types:
        own.data("PUT", "webhooks", {"data": {**WHOLE, "type": word}}, status=201)
    hooks = WebhookEndpoint.objects.across_tenants(why="a test").filter(kind="kazoo")
    narrow = {len(each.event_types) for each in hooks if each.options["type"] != "all"}
    assert narrow == {1}


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"name": None}, "name", "required"),
        ({"uri": None}, "uri", "required"),
        ({"uri": "gopher://example.com/"}, "uri", "invalid"),
        ({"uri": "http://169.254.169.254/"}, "uri", "invalid"),
        ({"hook": "channel_create"}, "hook", "enum"),
        ({"hook": "notifications", "type": "voicemail_new"}, "type", "enum"),
        ({"hook": "notifications", "custom_data": {"type": "x"}}, "custom_data.type", "enum"),
        ({"http_verb": "delete"}, "http_verb", "enum"),
        ({"format": "xml"}, "format", "enum"),
        ({"retries": 5}, "retries", "maximum"),
        ({"enabled": "yes"}, "enabled", "type"),
        ({"custom_data": {"a": {"b": "c"}}}, "custom_data.a", "type"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_told_by_field_and_code(own, data, field, code):
    answer = own.ask("PUT", "webhooks", {"data": {**LEAST, **data}})
    assert answer.status_code == 400, answer.content
    assert code in answer.json()["data"][field]
    assert own.data("GET", "webhooks") == []


def addresses():
    """Every address within an account, with ids that nothing has, and its methods."""
    [routes] = [each for each in v2 if isinstance(each, URLResolver)
                and str(each.pattern) == "accounts/<str:account>/"]  # fmt: skip
    for path, view in _within(routes.url_patterns, ""):
        for method in KazooView.http_method_names:
            if method != "head" and hasattr(view, method):
                yield path, method.upper()


def _within(patterns, above):
    for each in patterns:
        path = above + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _within(each.url_patterns, path)
        else:
            yield path, each.callback.cls


def test_every_address_wants_a_token_of_its_account_or_of_one_above(world, kazoo):
    own, stranger = kazoo(), kazoo(world.redwood.admin)
    sibling, nothing = kazoo(world.lakeside.admin), "0" * 32
    found = list(addresses())
    assert len(found) > 50
    for written, method in found:
        path = re.sub("<str:[a-z]+>", nothing, written)
        for asker in (stranger, sibling):
            answer = asker.ask(method, f"{own.base}/{path}", {"data": {}})
            assert answer.status_code == 403, (method, path)
        for token in ("", "undefined", "fxs_0123456789.wrong", "x"):
            answer = own.client.generic(
                method, f"{own.base}/{path}", headers={"x-auth-token": token}
            )
            wrong = {401} if token in {"", "undefined"} else {401, 429}
            assert answer.status_code in wrong, (method, path, token)


@pytest.mark.parametrize(
    "path",
    [
        "users/{0}", "faxboxes/{0}", "webhooks/{0}", "faxes/smtplog/202611-{0}", "apps_store/{0}",
        "users/x", "faxboxes/%00", "webhooks/1' or '1'='1", "faxes/smtplog/x",
        "faxboxes/{0}/faxes/smtplog", "webhooks/{0}/attempts",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_bad_identifier(own, path):
    answer = own.ask("GET", path.format("0" * 32))
    assert answer.status_code in {400, 404}, answer.content
    assert answer.json()["message"] == "bad_identifier" or "%00" in path


@pytest.mark.parametrize("path", ["faxboxes", "users", "webhooks", "{own}"])
@pytest.mark.parametrize(
    "body", [None, [], 7, {}, {"data": []}, {"data": "x"}, {"data": None}, {"data": {"name": {}}}]
)
def test_bodies_that_are_none_are_told_so(world, kazoo, path, body):
    asker = kazoo(world.harbor.admin)
    where = path.format(own=asker.base)
    answer = asker.ask("PUT", where, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["message"] == "validation error"


def test_a_token_that_may_less_administers_nothing(world, kazoo):
    reader = kazoo(world.northside.admin, Scope.FAXES_READ, Scope.ACCOUNT_READ)
    for path in ("webhooks", "users", "api_key"):
        assert reader.ask("GET", path).status_code == 403
    for path, data in (("webhooks", LEAST), ("faxboxes", {"name": "A"})):
        assert reader.ask("PUT", path, {"data": data}).status_code == 403
    assert reader.ask("GET", "faxboxes").status_code == 200
    harbor = kazoo(world.harbor.admin, Scope.FAXES_READ, Scope.ACCOUNT_READ)
    assert harbor.ask("GET", f"{reader.base}/faxboxes").status_code == 403
