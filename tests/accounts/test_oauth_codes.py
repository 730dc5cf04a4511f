"""Saying yes to a program: codes, what they become, and what ends all that came of one yes."""

import threading
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts import clock
from accounts.models import Account, AuditEntry, Credential, Membership, OAuthToken
from accounts.roles import Action, Role, Scope, actions_of
from accounts.services import members, oauth_tokens, people, tenants
from accounts.services.members import PersonChange
from accounts.services.tokens import authenticate_token, revoke_token
from tests.oauth import BACK, CHALLENGE, HERE, VERIFIER, Program, program
from tests.signing_in import sign_in
from tests.world import World


@pytest.fixture
def ours(world: World) -> Program:
    return program(world.northside.admin)


@pytest.fixture
def member(world: World):
    return world.northside.people["member"]


def asked(ours, user, **more):
    """What somebody is answered whom a program sends with this."""
    browser = Client()
    if user is not None:
        sign_in(browser, user)
    return browser.get("/oauth/authorize", ours.query(**more))


def back(answer):
    """What the program is told when somebody comes back to it."""
    assert answer.status_code == 302, answer.content
    assert answer["Location"].partition("?")[0] == BACK
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def who(token):
    return authenticate_token(token, address=HERE)


# --- Yes and no ----------------------------------------------------------------------------------
def test_a_yes_becomes_a_token_that_acts_as_the_person(world, ours, member):
    answer = ours.yes_of(member)
    told = back(answer)
    assert told["state"] == "a state"
    assert told["code"].startswith("fxa_")
    got = ours.tokens_for(told["code"]).json()
    assert (got["expires_in"], got["token_type"]) == (3600, "Bearer")
    assert got["scope"] == "faxes:read faxes:write faxes:delete faxes:approve account:read"
    actor = who(got["access_token"])
    assert actor
    assert (actor.account_id, actor.user_id, actor.role) == (
        world.northside.id,
        member.pk,
        Role.MEMBER,
    )
    assert actor.may(Action.FAX_SEND)
    entry = AuditEntry.objects.get(action="program.connect")
    assert (entry.user_id, entry.object_id) == (member.pk, ours.made.credential.pk)


def test_a_no_gives_nothing_and_is_told(ours, member):
    told = back(ours.yes_of(member, answer="deny"))
    assert (told["error"], told["state"]) == ("access_denied", "a state")
    assert not OAuthToken.objects.exists()


def test_the_page_says_who_asks_for_what_and_may_not_be_framed(world, ours, member):
    browser = Client()
    sign_in(browser, member)
    where = browser.get("/oauth/authorize", ours.query(scope="faxes:read"))["Location"]
    page = browser.get(where)
    words = page.content.decode()
    for each in ("Records", "Northside Clinic", "Read faxes", "https://records.example"):
        assert each in words
    assert "Strip and delete" not in words
    assert page["X-Frame-Options"] == "DENY"
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://records.example;" in f"{policy};"
    assert "no-store" in page["Cache-Control"]
    forged = Client(enforce_csrf_checks=True)
    sign_in(forged, member)
    assert forged.post(where, {"answer": "allow"}).status_code == 403


def test_who_is_not_signed_in_signs_in_first_and_comes_back(ours):
    answer = asked(ours, None)
    path, _, query = answer["Location"].partition("?")
    assert path == "/login/"
    again = dict(parse_qsl(query))["next"]
    assert dict(parse_qsl(urlsplit(again).query))["client_id"] == ours.id


def test_who_signed_in_long_ago_confirms_who_they_are_and_comes_back(ours, member):
    browser = Client()
    sign_in(browser, member, at=0)
    where = browser.get("/oauth/authorize", ours.query())["Location"]
    for answer in (browser.get(where), browser.post(where, {"answer": "allow"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/reauthenticate/")
    again = dict(parse_qsl(urlsplit(browser.get(where)["Location"]).query))["next"]
    assert again == where
    assert not OAuthToken.objects.exists()


def test_who_is_of_several_accounts_chooses_among_those_that_the_client_may_ask(world, member):
    theirs = program(world.harbor.admin)
    for house in (world.harbor, world.summit):
        Membership.objects.create(user=member, account_id=house.id, role=Role.VIEWER)
    page = asked(theirs, member)
    words = page.content.decode()
    assert page.status_code == 200
    assert f"/a/{world.northside.id}/connect/?" in words
    assert f"/a/{world.harbor.id}/connect/?" in words
    assert str(world.summit.id) not in words


def test_a_client_asks_nobody_above_or_beside_its_account(world, ours):
    for house in (world.lakeside, world.harbor, world.platform):
        admin = house.people["admin"]
        assert asked(ours, admin).status_code == 403
        browser = Client()
        sign_in(browser, admin)
        where = f"/a/{house.id}/connect/?{urlencode(ours.query())}"
        assert browser.get(where).status_code == 404
        assert browser.post(where, {"answer": "allow"}).status_code == 404
    assert not OAuthToken.objects.exists()


def test_a_program_gets_no_more_than_the_person_may(world, ours):
    viewer = world.northside.people["viewer"]
    got = ours.tokens_for(ours.code_of(viewer)).json()
    assert got["scope"] == "faxes:read account:read"
    browser = Client()
    sign_in(browser, viewer)
    where = asked(ours, viewer, scope="account:admin")["Location"]
    assert browser.get(where).status_code == 403
    assert browser.post(where, {"answer": "allow"}).status_code == 403
    admin = who(
        ours.tokens_for(ours.code_of(world.northside.people["admin"])).json()["access_token"]
    )
    assert admin
    assert admin.may(Action.TEAM_MANAGE)
    assert not admin.may(Action.TOKEN_MANAGE)  # it would outlast the yes
    assert not admin.may(Action.SIGN_IN_MANAGE)


# --- What is asked wrongly -----------------------------------------------------------------------
def test_nobody_is_sent_where_the_client_has_not_registered(ours, member):
    for wrong in (
        {"client_id": None},
        {"client_id": "fxc_0000000000"},
        {"client_id": "ß"},
        {"redirect_uri": "https://records.example/other"},
        {"redirect_uri": "https://records.example/back?more=1"},
        {"redirect_uri": "https://records.example.evil.example/back"},
        {"redirect_uri": "HTTPS://records.example/back"},
        {"redirect_uri": "http://127.0.0.1/back"},
        {"redirect_uri": "/back"},
        {"redirect_uri": "javascript:alert(1)"},
    ):
        answer = asked(ours, member, **wrong)
        assert answer.status_code == 400, wrong
        assert "Location" not in answer
    twice = Client().get(f"/oauth/authorize?{urlencode(ours.query())}&client_id={ours.id}")
    assert twice.status_code == 400


def test_what_else_is_wrong_is_told_to_the_program(ours, member):
    for wrong, error in (
        ({"state": None}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ):
        told = back(asked(ours, member, **wrong))
        assert told["error"] == error, wrong
        assert told.get("state") == (None if "state" in wrong else "a state")


def test_on_ones_own_computer_any_port_will_do(world, member):
    theirs = program(world.northside.admin, redirects="http://127.0.0.1/back http://[::1]:1/x")
    for good in ("http://127.0.0.1:49152/back", "http://[::1]:5000/x"):
        assert asked(theirs, member, redirect_uri=good).status_code == 302
    for wrong in (
        "http://127.0.0.1:49152/other",
        "http://localhost:1/back",
        "https://127.0.0.1/back",
    ):
        assert asked(theirs, member, redirect_uri=wrong).status_code == 400


# --- What a code becomes -------------------------------------------------------------------------
def test_a_code_is_of_use_to_its_client_with_its_address_and_its_secret_only(world, ours, member):
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = ours.code_of(member, **pkce)
    other = program(world.northside.admin)
    assert other.tokens_for(code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"
    for wrong in (
        {"code_verifier": VERIFIER + "x"},
        {"code_verifier": "ß"},
        {},
        {"code_verifier": VERIFIER, "redirect_uri": BACK + "/"},
        {"code_verifier": VERIFIER, "code": code + "x"},
    ):
        form = {"code": code, **wrong}
        assert ours.tokens_for(**form).status_code == 400, wrong
    assert ours.tokens_for(code, code_verifier=VERIFIER).status_code == 200


def test_a_code_that_no_challenge_is_bound_to_is_none_for_who_shows_a_verifier(ours, member):
    refused = ours.tokens_for(ours.code_of(member), code_verifier=VERIFIER)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert ours.tokens_for(ours.code_of(member, response_mode="query")).status_code == 200


def test_a_code_that_comes_again_ends_all_that_came_of_it(ours, member):
    code = ours.code_of(member)
    got = ours.tokens_for(code).json()
    assert who(got["access_token"])
    again = ours.tokens_for(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert who(got["access_token"]) is None
    assert ours.renew(got["refresh_token"]).status_code == 400
    assert not OAuthToken.objects.exists()
    assert AuditEntry.objects.filter(action="program.replayed").count() == 1


def test_of_two_who_come_with_a_code_at_once_one_gets_tokens_and_they_end(ours, member):
    row = oauth_tokens.found(ours.code_of(member), oauth_tokens.KINDS.CODE)
    assert row
    scopes = row.scopes
    start, got = threading.Barrier(4), []

    def come():
        start.wait()
        access = oauth_tokens.new_secret(oauth_tokens.KINDS.ACCESS)
        refresh = oauth_tokens.new_secret(oauth_tokens.KINDS.REFRESH)
        if oauth_tokens.change(row, access=access, refresh=refresh, scopes=scopes):
            got.append(access)
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(got) == 1
    assert who(got[0])


def test_a_code_lasts_for_ten_minutes_and_a_token_for_an_hour(ours, member):
    late, code = ours.code_of(member), ours.code_of(member)
    got = ours.tokens_for(code).json()
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert ours.tokens_for(late).json()["error"] == "invalid_grant"
        assert who(got["access_token"])
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        assert who(got["access_token"]) is None
        oauth_tokens.expire()
        assert OAuthToken.objects.filter(kind="access").count() == 0
        assert ours.renew(got["refresh_token"]).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert ours.renew(got["refresh_token"]).json()["error"] == "invalid_grant"


# --- Renewing ------------------------------------------------------------------------------------
def test_what_renews_a_token_is_another_each_time_and_the_old_one_ends_all(ours, member):
    first = ours.tokens_for(ours.code_of(member)).json()
    second = ours.renew(first["refresh_token"], scope="faxes:read").json()
    assert second["scope"] == "faxes:read"
    actor = who(second["access_token"])
    assert actor
    assert actor.only == actions_of([Scope.FAXES_READ])
    third = ours.renew(second["refresh_token"]).json()
    assert third["scope"] == first["scope"]
    wider = ours.renew(third["refresh_token"], scope="account:admin")
    assert wider.json()["error"] == "invalid_scope"
    assert ours.renew(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert who(third["access_token"]) is None
    assert ours.renew(third["refresh_token"]).json()["error"] == "invalid_grant"


def test_giving_back_what_renews_ends_the_tokens_too(ours, member):
    got = ours.tokens_for(ours.code_of(member)).json()
    assert ours.ask(path="/oauth/revoke", token=got["refresh_token"]).status_code == 200
    assert who(got["access_token"]) is None


# --- What ends it from outside -------------------------------------------------------------------
@pytest.mark.parametrize("what", ["client", "removed", "password", "inactive", "demo"])
def test_a_yes_ends_with(world, ours, member, what, settings):
    code, got = ours.code_of(member), ours.tokens_for(ours.code_of(member)).json()
    if what == "client":
        revoke_token(world.northside.admin, credential_id=ours.made.credential.pk)
    elif what == "removed":
        people.remove(world.northside.admin, user_id=member.pk)
    elif what == "password":
        change = PersonChange(password="another long password")
        members.change_person(world.northside.admin, user_id=member.pk, change=change)
    elif what == "demo":
        settings.DEMO = False
    else:
        member.is_active = False
        member.save()
    assert who(got["access_token"]) is None
    assert ours.renew(got["refresh_token"]).status_code >= 400
    assert ours.tokens_for(code).status_code >= 400


def test_the_role_is_read_anew_and_a_suspended_account_is_told(world, ours):
    admin = world.northside.people["admin"]
    got = ours.tokens_for(ours.code_of(admin)).json()
    Membership.objects.filter(user=admin).update(role=Role.VIEWER)
    actor = who(got["access_token"])
    assert actor
    assert not actor.may(Action.FAX_SEND)
    tenants.suspend(world.harbor.admin, account_id=world.northside.id, reason="unpaid")
    token = {"Authorization": f"Bearer {got['access_token']}"}
    assert Client().get("/api/v1/faxes", headers=token).status_code == 403
    told = ours.renew(got["refresh_token"]).json()
    assert told["error"] == "unauthorized_client"
    Account.objects.filter(pk=world.northside.id).update(status="closed")
    assert who(got["access_token"]) is None


def test_scopes_and_networks_of_the_client_narrow_what_it_holds(world, member):
    theirs = program(world.northside.admin)
    got = theirs.tokens_for(theirs.code_of(member)).json()
    rows = Credential.objects.filter(pk=theirs.made.credential.pk)
    rows.update(scopes=["faxes:read"])
    actor = who(got["access_token"])
    assert actor
    assert actor.only == actions_of([Scope.FAXES_READ])
    rows.update(networks=["198.51.100.0/24"])
    assert who(got["access_token"]) is None
    assert authenticate_token(got["access_token"], address="198.51.100.7")
