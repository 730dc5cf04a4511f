"""Accounts and their people are made, changed, listed and closed in Kazoo's words."""

import hashlib
from dataclasses import replace

import pytest

from accounts.models import Account
from accounts.roles import Role
from accounts.tenancy import actor_in


def as_member(world, asker):
    """The same program, but signed in as somebody who does not administer the account."""
    pair = f"{world.northside.people['member'].email}:{world.password}"
    digest = hashlib.md5(pair.encode(), usedforsecurity=False).hexdigest()
    data = {"credentials": digest, "realm": world.northside.account.realm}
    token = asker.ask("PUT", "/v2/user_auth", {"data": data}).json()["auth_token"]
    return replace(asker, token=token)


def ids(answer):
    return {each["id"] for each in answer}


def test_relations_reach_as_far_as_the_token(world, kazoo):
    harbor, summit = kazoo(world.harbor.admin), kazoo(world.summit.admin)
    both = {world.northside.id.hex, world.lakeside.id.hex}
    assert ids(harbor.data("GET", "children")) == both
    assert ids(harbor.data("GET", "descendants")) == both
    assert ids(summit.data("GET", "descendants")) == {world.redwood.id.hex}
    below = f"/v2/accounts/{world.northside.id.hex}"
    assert ids(harbor.data("GET", f"{below}/siblings")) == {world.lakeside.id.hex}
    assert ids(harbor.data("GET", f"{below}/parents")) == {world.harbor.id.hex}
    path = [each["id"] for each in harbor.data("GET", f"{below}/tree")]
    assert path == [world.harbor.id.hex, world.northside.id.hex]
    platform = kazoo(world.platform.admin)
    assert both < ids(platform.data("GET", "descendants"))
    for kin in ("children", "descendants", "siblings", "parents"):
        assert kazoo().data("GET", kin) == [], "who is above or beside is nobody's business"


def test_a_provider_makes_changes_and_closes_an_account_below(world, kazoo):
    harbor = kazoo(world.harbor.admin)
    data = {"name": "Westside", "realm": "westside.example", "timezone": "Europe/Berlin",
            "language": "de-de", "call_restriction": {"a": [1, None]}}  # fmt: skip
    answer = harbor.ask("PUT", harbor.base, {"data": data})
    assert answer.status_code == 201, answer.content
    made = answer.json()["data"]
    assert answer["Location"] == f"/v2/accounts/{made['id']}"
    assert {name: made[name] for name in data} == data
    assert made["reseller_id"] == world.harbor.id.hex
    where = answer["Location"]
    taken = harbor.ask("PUT", harbor.base, {"data": {"name": "W", "realm": "westside.example"}})
    assert "unique" in taken.json()["data"]["realm"]

    changed = harbor.data("PATCH", where, {"data": {"name": "West", "language": None}})
    assert (changed["name"], changed["language"]) == ("West", "en-us")
    assert changed["call_restriction"] == data["call_restriction"]
    replaced = harbor.data("POST", where, {"data": {"name": "West", "enabled": False}})
    assert replaced["enabled"] is False
    assert "call_restriction" not in replaced
    assert harbor.data("POST", where, {"data": {"name": "West", "enabled": True}})["enabled"]
    closed = harbor.data("DELETE", where)
    assert closed["_read_only"] == {"deleted": True}
    assert Account.objects.get(realm="westside.example").status == "closed"
    assert harbor.ask("GET", where).status_code == 423


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"realm": "x.example"}, "name", "required"),
        ({"name": "x" * 129}, "name", "maxLength"),
        ({"name": "x", "timezone": "Mars/Base"}, "timezone", "invalid"),
        ({"name": "x", "realm": "not a realm"}, "realm", "invalid"),
        ({"name": "x", "is_reseller": "yes"}, "is_reseller", "type"),
    ],
)
def test_what_is_wrong_with_an_account_is_told_by_its_field(world, kazoo, data, field, code):
    harbor = kazoo(world.harbor.admin)
    answer = harbor.ask("PUT", harbor.base, {"data": data})
    assert answer.status_code == 400, answer.content
    assert code in answer.json()["data"][field]


def test_an_account_keeps_its_name_and_realm_and_never_closes_itself(world, kazoo):
    own = kazoo()
    account = own.data("GET", own.base)
    assert own.ask("POST", own.base, {"data": {**account, "name": "Other"}}).status_code == 403
    assert own.ask("PATCH", own.base, {"data": {"realm": "other.example"}}).status_code == 400
    assert own.ask("DELETE", own.base).status_code == 403
    zone = own.data("PATCH", own.base, {"data": {"timezone": "Europe/Paris"}})["timezone"]
    assert zone == "Europe/Paris"
    assert as_member(world, own).ask("PATCH", own.base, {"data": {}}).status_code == 403


def test_somebody_is_added_changed_and_removed(world, kazoo):
    own = kazoo()
    data = {
        "first_name": "Ann", "last_name": "van Dyk", "username": "ann", "email": "ann@n.example",
        "password": "correct horse battery", "priv_level": "user", "feature_level": "gold",
    }  # fmt: skip
    answer = own.ask("PUT", "users", {"data": data})
    assert answer.status_code == 201, answer.content
    made = answer.json()["data"]
    assert answer["Location"].endswith(f"/users/{made['id']}")
    password = data.pop("password")
    assert password not in answer.content.decode()
    assert {name: made[name] for name in data} == data
    where = f"users/{made['id']}"
    admin = own.data("PATCH", where, {"data": {"priv_level": "admin", "feature_level": None}})
    assert admin["priv_level"] == "admin"
    assert "feature_level" not in admin
    assert admin["last_name"] == "van Dyk"
    again = own.data("POST", where, {"data": {**data, "first_name": "Anna", "custom": {"a": 1}}})
    assert (again["first_name"], again["priv_level"]) == ("Anna", "user")
    assert again["custom"] == {"a": 1}
    assert made["id"] in ids(own.data("GET", "users"))
    assert own.data("DELETE", where)["_read_only"] == {"deleted": True}
    assert own.ask("GET", where).status_code == 404


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"first_name": "A"}, "last_name", "required"),
        ({"first_name": "A", "last_name": "B"}, "email", "required"),
        ({"first_name": "A", "last_name": "B", "email": "admin@northside.example"}, "email",
         "unique"),
        ({"first_name": "A", "last_name": "B", "email": "a@b.example", "password": "1"},
         "password", "invalid"),
        ({"first_name": "A", "last_name": "B", "email": "a@b.example", "priv_level": "root"},
         "priv_level", "enum"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_somebody_is_told_by_its_field(kazoo, data, field, code):
    answer = kazoo().ask("PUT", "users", {"data": data})
    assert answer.status_code == 400, answer.content
    assert code in answer.json()["data"][field]


def test_a_viewer_stays_one_when_written_back_and_the_last_administrator_stays(world, kazoo):
    own = kazoo()
    viewer, admin = (world.northside.people[each].pk for each in ("viewer", "admin"))
    told = own.data("GET", f"users/{viewer.hex}")
    assert told["priv_level"] == "user"
    told = {"last_name": "of Northside", **{name: it for name, it in told.items() if it}}
    own.data("POST", f"users/{viewer.hex}", {"data": told})
    actor, _ = actor_in(
        world.northside.people["viewer"], world.northside.id, address="", via="test"
    )
    assert actor.role == Role.VIEWER
    assert own.ask("DELETE", f"users/{admin.hex}").status_code == 400
    member = as_member(world, own)
    assert member.ask("GET", "users").status_code == 403
    assert member.ask("GET", f"users/{world.northside.people['member'].pk.hex}").status_code == 200
