"""Who takes somebody's place, or shows a token of limits, gets nothing that outlasts either."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import CredentialKind, Membership
from accounts.roles import Role, Scope
from accounts.services import api_keys, people
from accounts.services.program_sessions import end_all_of, impersonate
from accounts.services.tokens import TokenRequest, authenticate_token, create_token, revoke_token

HERE = "192.0.2.1"


def who(made, address=HERE):
    return authenticate_token(made.token, address=address)


@pytest.mark.parametrize("end", ["removed", "demoted", "password", "token", "elsewhere"])
def test_who_took_somebodys_place_leaves_it_with_what_let_them_in(world, end):
    admin, viewer = world.northside.people["admin"], world.northside.people["viewer"]
    with_token = end in {"token", "elsewhere"}
    actor, token = world.northside.admin, None
    if with_token:
        request = TokenRequest(
            "Desk", CredentialKind.API_TOKEN, tuple(Scope), networks="192.0.2.0/24"
        )
        token = create_token(actor, request=request)
        shown = authenticate_token(token.token, address=HERE)
        assert shown
        actor = shown
    made = impersonate(actor, user_id=viewer.pk)
    assert who(made), "it is good until then"
    Membership.objects.filter(user=viewer).update(role=Role.ADMIN)
    assert who(made)
    match end:
        case "removed":
            people.remove(world.northside.admin, user_id=admin.pk)
        case "demoted":
            people.change_role(world.northside.admin, user_id=admin.pk, role=Role.MEMBER)
        case "password":
            end_all_of(admin)
        case "token" if token:
            revoke_token(world.northside.admin, credential_id=token.credential.pk)
    assert who(made, "198.51.100.1" if end == "elsewhere" else HERE) is None


@pytest.mark.parametrize("limit", [{"networks": "192.0.2.0/24"}, {"expires_at": True}, {}])
def test_a_token_of_limits_is_not_told_the_key_that_has_none(world, limit):
    if "expires_at" in limit:
        limit = {"expires_at": clock.now() + timedelta(hours=1)}
    request = TokenRequest("Desk", CredentialKind.API_TOKEN, tuple(Scope), **limit)
    shown = authenticate_token(
        create_token(world.northside.admin, request=request).token, address=HERE
    )
    assert shown
    for ask in (api_keys.key_of, api_keys.new_key):
        if limit:
            with pytest.raises(NotAllowed):
                ask(shown)
        else:
            assert ask(shown)


def test_in_somebodys_place_nobody_makes_tokens(world):
    other = world.northside.people["viewer"]
    Membership.objects.filter(user=other).update(role=Role.ADMIN)
    there = who(impersonate(world.northside.admin, user_id=other.pk))
    assert there
    request = TokenRequest("Mine", CredentialKind.API_TOKEN, tuple(Scope))
    for ask in (api_keys.key_of, api_keys.new_key, lambda a: create_token(a, request=request)):
        with pytest.raises(NotAllowed):
            ask(there)
