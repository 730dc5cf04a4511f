"""Programs and the web client sign in with digests and keys, and are told where they are."""

import hashlib
import json

import pytest
from django.test import Client

from accounts.services import tenants
from accounts.services.api_keys import key_of
from faxes.api.kazoo.apps import APP_ID
from faxes.services.demo import PASSWORD


@pytest.fixture
def ask(world):
    """Ask as a program does that has no token, or the one that it is given."""
    client = Client(raise_request_exception=False)

    def asked(method, path, body=None, token="", **headers):
        headers = {"x-auth-token": token or "undefined", **headers}
        sent = "" if body is None else json.dumps(body)
        return client.generic(
            method, f"/v2/{path}", sent, content_type="application/json", headers=headers
        )

    return asked


def digest(name, password=PASSWORD, method="md5"):
    return hashlib.new(method, f"{name.lower()}:{password}".encode()).hexdigest()


def signed_in(ask, tenant, role="admin"):
    email = tenant.people[role].email
    data = {"credentials": digest(email), "account_name": tenant.account.name}
    return ask("PUT", "user_auth", {"data": data})


def test_the_vendors_web_client_starts_and_shows_faxes(world, ask):
    for path in ("whitelabel/fax.example", "whitelabel/fax.example/logo", "whitelabel"):
        assert ask("GET", path).status_code == 404
    answer = signed_in(ask, world.northside)
    assert answer.status_code == 201
    told = answer.json()
    token, data = told["auth_token"], told["data"]
    assert token.count(".") == 1
    assert data["account_name"] == world.northside.account.name
    assert data["reseller_id"] == world.harbor.id.hex
    assert data["is_reseller"] is False
    assert data["apps"][0]["api_url"] == "http://testserver/v2/"
    base = f"accounts/{data['account_id']}"

    def get(path):
        answer = ask("GET", f"{base}{path}", token=token)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    account = get("")
    assert {"id", "name", "realm", "language", "timezone", "reseller_id", "is_reseller"} <= set(
        account
    )
    user = get(f"/users/{data['owner_id']}")
    assert user["priv_level"] == "admin"
    assert user["appList"] == [APP_ID]
    assert {"first_name", "last_name", "username", "email", "language", "timezone"} <= set(user)
    [app] = get("/apps_store")
    assert (app["id"], app["name"], app["api_url"]) == (APP_ID, "fax", "http://testserver/v2/")
    for path in ("external_numbers", "ledgers/total", "limits", "alerts", "storage",
                 f"apps_store/{APP_ID}/icon"):  # fmt: skip
        assert ask("GET", f"{base}/{path}", token=token).status_code == 404
    restrictions = {"myaccount": {"balance": {"show_tab": False}}}
    written = ask("POST", base, {"data": {**account, "ui_restrictions": restrictions}}, token=token)
    assert written.status_code == 200
    assert get("")["ui_restrictions"] == restrictions
    [box] = get("/faxboxes?paginate=false")
    assert (box["id"], box["name"]) == (world.northside.faxbox.pk.hex, world.northside.faxbox.name)
    assert get("/faxes/inbox?paginate=false&_=1795") == []
    assert get("/faxes/smtplog") == []
    [number] = get("/phone_numbers")
    assert number["id"] == world.northside.number


@pytest.mark.parametrize("where", ["account_name", "account_realm", "realm", "phone_number"])
@pytest.mark.parametrize("method", ["md5", "sha"])
def test_an_account_is_named_by_name_realm_or_number(world, ask, where, method):
    tenant = world.lakeside
    named = {"phone_number": tenant.number, "account_name": tenant.account.name.upper()}
    data = {
        where: named.get(where, tenant.account.realm),
        "method": method,
        "credentials": digest(
            tenant.people["admin"].email, method="sha1" if method == "sha" else "md5"
        ),
    }
    answer = ask("PUT", "user_auth", {"data": data})
    assert answer.status_code == 201, answer.content
    assert answer.json()["data"]["account_id"] == tenant.id.hex
    assert answer.json()["data"]["owner_id"] == tenant.people["admin"].pk.hex


GOOD = digest("admin@northside.example")


@pytest.mark.parametrize(
    ("path", "data", "status", "message", "fields"),
    [
        ("user_auth", {"credentials": "0" * 32, "account_name": "Northside"}, 401, None, None),
        ("user_auth", {"credentials": GOOD, "account_name": "Nobody's"}, 401, None, None),
        ("user_auth", {"credentials": GOOD, "phone_number": "+12025550199"}, 401, None, None),
        ("user_auth", {"credentials": GOOD, "account_name": "a\0b"}, 400, None, None),
        ("user_auth", {"account_name": "Northside"}, 400, None, {"credentials": "required"}),
        ("user_auth", {"credentials": GOOD}, 400, None, {"account_name": "required"}),
        ("user_auth", {"credentials": 7, "realm": "x"}, 400, None, {"credentials": "type"}),
        ("user_auth", {"credentials": GOOD, "realm": "x", "method": "sha512"}, 400, None,
         {"method": "enum"}),
        ("api_auth", {"api_key": "0" * 64}, 404, "bad_identifier", None),
        ("api_auth", {"api_key": "0" * 63}, 400, None, {"api_key": "minLength"}),
        ("api_auth", {"api_key": "0" * 65}, 400, None, {"api_key": "maxLength"}),
        ("api_auth", {}, 400, None, {"api_key": "required"}),
        ("api_auth", {"api_key": "0" * 64, "colour": "red"}, 400, None,
         {"colour": "additionalProperties"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_sign_in_is_told(ask, path, data, status, message, fields):
    answer = ask("PUT", path, {"data": data})
    assert answer.status_code == status, answer.content
    told = answer.json()
    usual = {400: "validation error", 401: "invalid_credentials"}
    if fields is None and status == 400:
        return
    assert told["message"] == (message or usual[status])
    assert told["auth_token"] == ""
    for name, code in (fields or {}).items():
        assert code in told["data"][name]


def test_a_suspended_account_is_locked(world, ask):
    tenants.suspend(world.harbor.admin, account_id=world.northside.id)
    answer = signed_in(ask, world.northside)
    assert (answer.status_code, answer.json()["message"]) == (423, "locked")
    assert "expired" in answer.json()["data"]["account"]


def test_a_key_opens_its_account_and_can_be_looked_up_and_changed(world, ask):
    key = key_of(world.northside.admin)
    made = ask("PUT", "api_auth", {"data": {"api_key": key}})
    assert made.status_code == 201, made.content
    token = made.json()["auth_token"]
    assert "owner_id" not in made.json()["data"]
    where = f"accounts/{world.northside.id.hex}/api_key"
    assert ask("GET", where, token=token).json()["data"] == {"api_key": key}
    other = ask("PUT", where, token=token)
    assert other.status_code == 201
    assert other.json()["data"]["api_key"] != key
    assert ask("PUT", "api_auth", {"data": {"api_key": key}}).status_code == 404
    assert ask("GET", where, token=token).status_code == 401, "its sessions ended with it"


def test_who_may_less_is_not_told_the_key(world, ask, kazoo):
    for role in ("member", "viewer"):
        token = signed_in(ask, world.northside, role).json()["auth_token"]
        assert ask("GET", "account/api_key", token=token).status_code == 403
    below = f"/v2/accounts/{world.northside.id.hex}/api_key"
    assert kazoo(world.harbor.admin).ask("GET", below).status_code == 403


def test_a_token_tells_whose_it_is_until_it_is_given_back(world, ask):
    token = signed_in(ask, world.northside).json()["auth_token"]
    for path in ("token_auth", f"user_auth/{token}"):
        told = ask("GET", path, token=token)
        assert told.status_code == 200
        assert told.json()["data"]["account_id"] == world.northside.id.hex
    stranger = signed_in(ask, world.lakeside).json()["auth_token"]
    assert ask("GET", f"user_auth/{token}", token=stranger).status_code == 403
    assert ask("GET", "user_auth/nothing", token=token).status_code == 401
    assert ask("DELETE", "token_auth", token=token).status_code == 200
    assert ask("GET", "token_auth", token=token).status_code == 401


def test_a_token_in_an_address_stands_in_no_log(world, ask, caplog):
    token = signed_in(ask, world.northside).json()["auth_token"]
    assert ask("GET", f"user_auth/{token}", token=f"{token}x").status_code == 401
    assert ask("GET", f"user_auth/{token}x", token=token).status_code == 401
    assert ask("POST", f"user_auth/{token}", {}, token=token).status_code == 405
    tenants.suspend(world.harbor.admin, account_id=world.northside.id)
    assert ask("GET", f"user_auth/{token}", token=token).status_code == 423
    assert ask("GET", f"accounts/{world.northside.id.hex}", token=token).status_code == 423
    assert "Locked: /v2/accounts" in caplog.text
    assert token not in caplog.text


def test_an_administrator_takes_the_place_of_somebody_of_the_account_alone(world, ask, kazoo):
    token = signed_in(ask, world.northside).json()["auth_token"]
    member = world.northside.people["member"]
    where = f"accounts/{world.northside.id.hex}/users/{member.pk.hex}/user_auth"
    body = {"action": "impersonate_user", "data": {}}
    made = ask("PUT", where, body, token=token)
    assert made.status_code == 201, made.content
    theirs = made.json()
    assert theirs["data"]["owner_id"] == member.pk.hex
    assert ask("PUT", where, body, token=theirs["auth_token"]).status_code == 403
    assert ask("PUT", where, {"data": {}}, token=token).status_code == 400
    stranger = world.lakeside.people["member"].pk.hex
    elsewhere = f"accounts/{world.northside.id.hex}/users/{stranger}/user_auth"
    assert ask("PUT", elsewhere, body, token=token).status_code == 404
    provider = kazoo(world.harbor.admin).ask("PUT", f"/v2/{where}", body)
    assert provider.status_code == 403, "a provider would get to the pages so"
