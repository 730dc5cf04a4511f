"""The OAuth 2 endpoints for programs: tokens by secret, what is refused and how that is told."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import AuditEntry, OAuthToken
from accounts.roles import Role, Scope, actions_of
from accounts.services import oauth_tokens, tenants
from accounts.services.tokens import (
    KINDS,
    TokenRequest,
    authenticate_token,
    create_token,
    revoke_token,
)
from tests.oauth import HERE, Program, program
from tests.world import World

FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def ours(world: World) -> Program:
    return program(world.northside.admin, Scope.FAXES_READ, Scope.FAXES_WRITE)


def posted(form="", path="/oauth/token", kind=FORM, **headers):
    body = form if isinstance(form, str | bytes) else urlencode(form)
    return Client().post(path, body, kind, headers=headers or None)


# --- Getting one ---------------------------------------------------------------------------------
def test_a_client_gets_a_token_for_an_hour(world, ours):
    answer = ours.ask(**GRANT)
    told = answer.json()
    assert answer.status_code == 200
    assert {name: told[name] for name in told if name != "access_token"} == {
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "faxes:read faxes:write",
    }
    assert re.fullmatch(r"fxo_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", told["access_token"])
    assert re.fullmatch(r"[A-Za-z0-9_.-]{10,}", told["access_token"])
    assert answer["Cache-Control"] == "no-store"
    asked = Client().get(
        "/api/v1/faxes", headers={"Authorization": f"Bearer {told['access_token']}"}
    )
    assert asked.status_code == 200
    entry = AuditEntry.objects.get(action="sign_in")
    assert (entry.account_id, entry.object_id) == (world.northside.id, ours.made.credential.pk)


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token.php"])
def test_the_secret_comes_by_basic_or_in_either_kind_of_form(ours, path):
    known = {"client_id": ours.id, "client_secret": ours.secret}
    beside = {"type": "unifiedapi", "state": "x", "redirect_uri": "../odd/path", "scope": ""}
    for answer in (
        posted(GRANT, path, **ours.basic()),
        posted({**GRANT, **known}, path, **ours.basic()),
        posted({**GRANT, **known, **beside}, path),
        Client().post(path, {**GRANT, **known, **beside}),
    ):
        assert answer.status_code == 200, answer.content
        assert answer.json()["scope"] == "faxes:read faxes:write"


def test_a_token_may_have_less_than_its_client(ours):
    for asked, given in (
        ("faxes:read", ["faxes:read"]),
        ("faxes:write faxes:read", ["faxes:write", "faxes:read"]),
        ("unifiedapi", ["faxes:read", "faxes:write"]),
        ("null", ["faxes:read", "faxes:write"]),
    ):
        told = ours.ask(**GRANT, scope=asked).json()
        assert told["scope"].split() == given
        actor = authenticate_token(told["access_token"], address=HERE)
        assert actor
        assert actor.only == actions_of(given)
        assert actor.role == Role.ADMIN


# --- What is refused -----------------------------------------------------------------------------
REFUSED = [
    ({}, 400, "invalid_request"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
    ({**GRANT, "client_secret": "wrong"}, 401, "invalid_client"),
    ({**GRANT, "client_secret": ""}, 401, "invalid_client"),
    ({**GRANT, "client_secret": "\0"}, 401, "invalid_client"),
    ({**GRANT, "client_id": "fxc_0000000000"}, 401, "invalid_client"),
    ({**GRANT, "client_id": "ß\0"}, 401, "invalid_client"),
    ({**GRANT, "scope": "account:admin"}, 400, "invalid_scope"),
    ({**GRANT, "scope": "faxes:read fax"}, 400, "invalid_scope"),
    ({"grant_type": "authorization_code"}, 400, "invalid_request"),
    ({"grant_type": "authorization_code", "code": "fxa_0.0"}, 400, "invalid_grant"),
    ({"grant_type": "authorization_code", "code": "\0"}, 400, "invalid_grant"),
    ({"grant_type": "refresh_token"}, 400, "invalid_request"),
    ({"grant_type": "refresh_token", "refresh_token": "fxr_0.0"}, 400, "invalid_grant"),
]
NONSENSE = [
    ("", FORM, {}),
    ("grant_type=client_credentials&grant_type=refresh_token", FORM, {}),
    ("grant_type=client_credentials&client_id=a&client_id=b", FORM, {}),
    ("%ff%fe=%00&grant_type=%ff", FORM, {}),
    ('{"grant_type": "client_credentials"}', "application/json", {}),
    ("[" * 5000, "application/json", {}),
    ("--x\r\nnonsense", "multipart/form-data; boundary=x", {}),
    ("--x", "multipart/form-data", {}),
    ("&".join(f"a{n}=1" for n in range(1100)), FORM, {}),
    ("grant_type=client_credentials", FORM, {"Authorization": "Basic !!"}),
    ("grant_type=client_credentials", FORM, {"Authorization": "Basic /////w=="}),
    ("grant_type=client_credentials", FORM, {"Authorization": "Digest x"}),
    ("grant_type=client_credentials", FORM + "; charset=utf-16", {}),
]


def test_a_refusal_says_why_and_gives_nothing(ours):
    for place, (form, status, error) in enumerate(REFUSED):
        answer = ours.ask(address=f"198.51.100.{place}", **form)
        told = answer.json()
        assert (answer.status_code, told["error"]) == (status, error), form
        assert told["error_description"], form
        assert answer["Cache-Control"] == "no-store"
        assert ("WWW-Authenticate" in answer) == (status == 401)
    assert not OAuthToken.objects.exists()


def test_nonsense_is_refused_in_the_form_of_oauth(world):
    for body, kind, headers in NONSENSE:
        answer = posted(body, kind=kind, **headers)
        told = answer.json()
        assert answer.status_code in {400, 401}, body
        assert set(told) == {"error", "error_description"}
        assert told["error"] in {"invalid_request", "invalid_client", "unsupported_grant_type"}


def test_a_secret_has_no_place_in_an_address(ours):
    query = urlencode({**GRANT, "client_id": ours.id, "client_secret": ours.secret})
    answer = posted("", f"/oauth/token?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert Client().get(f"/oauth/token?{query}").status_code == 405


def test_too_many_wrong_secrets_are_refused_and_the_right_one_goes_on(ours, still):
    assert ours.ask(**GRANT).status_code == 200
    found = [ours.ask(**GRANT, client_secret=f"guess {n}").status_code for n in range(8)]
    assert found == [401] * 5 + [429] * 3
    last = ours.ask(**GRANT, client_secret="guess")
    assert int(last["Retry-After"]) > 0
    assert last.json()["error"] == "temporarily_unavailable"
    assert ours.ask(**GRANT).status_code == 200
    assert AuditEntry.objects.filter(action="sign_in.failed").count() >= 5


def test_a_token_of_another_kind_is_no_client(world):
    wanted = TokenRequest("Scanner", KINDS.API_TOKEN, (Scope.FAXES_READ,))
    made = create_token(world.northside.admin, request=wanted)
    told = {"client_id": made.credential.prefix, "client_secret": made.secret}
    assert posted({**GRANT, **told}).status_code == 401


def test_a_suspended_account_gets_nothing(world, ours):
    tenants.suspend(world.harbor.admin, account_id=world.northside.id, reason="unpaid")
    answer = ours.ask(**GRANT)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert "suspended" in answer.json()["error_description"]


def test_the_demonstrations_client_works(world):
    shown = [each["oauth"] for each in world.demo["accounts"] if each.get("oauth")]
    assert shown
    for client in shown:
        assert posted({**GRANT, **client}).status_code == 200


# --- Giving back ---------------------------------------------------------------------------------
def test_a_token_that_is_given_back_is_over(world, ours):
    token = ours.ask(**GRANT).json()["access_token"]
    assert authenticate_token(token, address=HERE)
    other = program(world.lakeside.admin)
    assert other.ask(path="/oauth/revoke", token=token).status_code == 200
    assert authenticate_token(token, address=HERE)
    assert ours.ask(path="/oauth/revoke", token=token, client_secret="x").status_code == 401
    assert ours.ask(path="/oauth/revoke").json()["error"] == "invalid_request"
    answer = ours.ask(path="/oauth/revoke", token=token, token_type_hint="refresh_token")
    assert (answer.status_code, answer.content) == (200, b"")
    assert authenticate_token(token, address=HERE) is None
    assert ours.ask(path="/oauth/revoke", token=token).status_code == 200


def test_a_client_that_is_ended_ends_its_tokens(world, ours):
    token = ours.ask(**GRANT).json()["access_token"]
    revoke_token(world.northside.admin, credential_id=ours.made.credential.pk)
    assert authenticate_token(token, address=HERE) is None
    assert not OAuthToken.objects.exists()
    assert ours.ask(**GRANT).status_code == 401


def test_what_is_kept_of_a_token_is_no_token(ours):
    token = ours.ask(**GRANT).json()["access_token"]
    secret = token.partition(".")[2]
    row = OAuthToken.objects.get()
    kept = " ".join(str(value) for value in vars(row).values())
    assert secret not in kept
    assert authenticate_token(f"{row.prefix}.{row.digest}", address=HERE) is None
    assert oauth_tokens.found(token, oauth_tokens.KINDS.REFRESH) is None


def test_programs_are_told_where_everything_is(world):
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == "http://testserver"
    assert told["token_endpoint"] == "http://testserver/oauth/token"
    assert told["authorization_endpoint"] == "http://testserver/oauth/authorize"
    assert told["revocation_endpoint"] == "http://testserver/oauth/revoke"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert set(told["grant_types_supported"]) == {
        "authorization_code",
        "client_credentials",
        "refresh_token",
    }
    assert told["scopes_supported"] == [each.value for each in Scope]
