"""Signing in for an access token: clients by their secret, people where their account lets them."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import (
    AccountClosed,
    AccountSuspended,
    CredentialsWrong,
    RedirectInvalid,
    TooManyRequests,
)
from accounts.models import (
    Account,
    AuditEntry,
    Credential,
    Membership,
    OAuthToken,
    SignInPolicy,
    Status,
)
from accounts.roles import Action, Role, Scope, actions_of
from accounts.services import members, people, signin, tenants
from accounts.services.oauth_sign_in import sign_in_client, sign_in_person
from accounts.services.redirects import read_redirects
from accounts.services.signin import PolicyRequest
from accounts.services.tokens import KINDS, TokenRequest, authenticate_token, create_token
from tests.world import World

HERE = "192.0.2.1"


@pytest.fixture
def client_of_northside(world: World):
    return create_token(
        world.northside.admin,
        request=TokenRequest("Records", KINDS.OAUTH_CLIENT, (Scope.FAXES_READ, Scope.FAXES_WRITE)),
    )


def sign_in(made, *, address=HERE, **more):
    return sign_in_client(made.credential.prefix, made.secret, address=address, **more)


def who(made, address=HERE):
    return authenticate_token(made.token, address=address)


def allow_passwords(house):
    signin.save_policy(house.admin, request=PolicyRequest(program_passwords=True))


def as_person(world, *, role="member", password=None, address=HERE, **more):
    email = world.northside.people[role].email
    return sign_in_person(email.upper(), password or world.password, address=address, **more)


# --- Clients -------------------------------------------------------------------------------------
def test_a_client_gets_a_token_that_does_what_the_client_may(world, client_of_northside):
    made = sign_in(client_of_northside)
    actor = who(made)
    assert actor
    row = client_of_northside.credential
    assert (actor.account_id, actor.role, actor.credential_id) == (
        world.northside.id,
        Role.ADMIN,
        row.pk,
    )
    assert actor.only == actions_of(row.scopes)
    assert made.expires_in == 3600
    assert made.scopes == ("faxes:read", "faxes:write")
    entry = AuditEntry.objects.get(action="sign_in")
    assert (entry.account_id, entry.object_id) == (world.northside.id, row.pk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": clock.now() - timedelta(seconds=1)},
        {"revoked_at": clock.now()},
        {"networks": ["198.51.100.0/24"]},
        {"demo": True},
        {"kind": KINDS.API_TOKEN},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_client_that_is_not_live_gets_nothing_and_what_it_holds_is_over(
    world, client_of_northside, wrong, settings
):
    held = sign_in(client_of_northside)
    settings.DEMO = False
    Credential.objects.filter(pk=client_of_northside.credential.pk).update(**wrong)
    with pytest.raises(CredentialsWrong):
        sign_in(client_of_northside)
    if "kind" not in wrong:
        assert who(held) is None


def test_a_client_is_known_where_its_account_is_and_with_its_own_secret(client_of_northside):
    row, secret = client_of_northside.credential, client_of_northside.secret
    with pytest.raises(CredentialsWrong):
        sign_in(client_of_northside, is_here=lambda _: False)
    for place, (name, shown) in enumerate(
        [
            (row.prefix, secret[:-1]),
            (row.prefix, ""),
            (row.prefix, "\ud800"),
            ("fxc_0000000000", secret),
            ("\0", secret),
        ]
    ):
        with pytest.raises(CredentialsWrong):
            sign_in_client(name, shown, address=f"198.51.100.{place}")
    assert not OAuthToken.objects.exists()


def test_a_token_is_read_with_two_queries(client_of_northside, world):
    made = sign_in(client_of_northside)
    who(made)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert who(made)
    assert len(asked) <= 2
    allow_passwords(world.northside)
    made = as_person(world)
    with CaptureQueriesContext(connection) as asked:
        assert who(made)
    assert len(asked) <= 2


# --- People --------------------------------------------------------------------------------------
def test_a_person_signs_in_where_the_account_lets_programs_show_passwords(world):
    with pytest.raises(CredentialsWrong):
        as_person(world)
    allow_passwords(world.northside)
    made = as_person(world)
    actor = who(made)
    member = world.northside.people["member"]
    assert actor
    assert (actor.account_id, actor.user_id, actor.role) == (
        world.northside.id,
        member.pk,
        Role.MEMBER,
    )
    assert (made.account.pk, made.user, made.expires_in) == (world.northside.id, member, 3600)
    assert actor.may(Action.FAX_SEND)
    entry = AuditEntry.objects.get(action="sign_in")
    assert (entry.actor, entry.via) == (member.email, "api")
    people.change_role(world.northside.admin, user_id=member.pk, role=Role.VIEWER)
    actor = who(made)
    assert actor
    assert not actor.may(Action.FAX_SEND)


def test_what_is_wrong_looks_the_same(world):
    allow_passwords(world.northside)
    email = world.northside.people["member"].email
    for place, (name, password) in enumerate(
        [
            (email, "another-password"),
            (email, ""),
            (email, "x" * 100_000),
            (email, "\ud800"),
            ("nobody@northside.example", world.password),
            ("\0", world.password),
            ("", ""),
            (world.lakeside.people["member"].email, world.password),
        ]
    ):
        with pytest.raises(CredentialsWrong):
            sign_in_person(name, password, address=f"198.51.100.{place}")
    with pytest.raises(CredentialsWrong):
        as_person(world, address="198.51.100.99", is_here=lambda _: False)
    assert not OAuthToken.objects.exists()
    failed = AuditEntry.objects.filter(action="sign_in.failed", account_id=world.northside.id)
    assert failed.count() >= 3


def test_who_has_a_second_step_or_is_to_have_one_is_refused(world):
    allow_passwords(world.northside)
    facts = {"secret": "x"}
    mine = Authenticator.objects.create(
        user=world.northside.people["member"], type=Authenticator.Type.TOTP, data=facts
    )
    with pytest.raises(CredentialsWrong):
        as_person(world)
    mine.delete()
    assert as_person(world)
    SignInPolicy.objects.create(account=world.harbor.account, require_mfa=True)
    with pytest.raises(CredentialsWrong):
        as_person(world)


def test_whose_organization_vouches_for_them_is_refused(world):
    allow_passwords(world.northside)
    rows = SignInPolicy.objects.filter(pk=world.northside.id)
    rows.update(issuer="https://login.example", domains=["northside.example"])
    with pytest.raises(CredentialsWrong):
        as_person(world)
    assert AuditEntry.objects.filter(facts__why="single sign-on").exists()


def test_who_could_be_meant_in_two_accounts_is_refused(world):
    member = world.northside.people["member"]
    Membership.objects.create(user=member, account_id=world.harbor.id, role=Role.VIEWER)
    allow_passwords(world.harbor)
    made = as_person(world)
    assert made.account.pk == world.harbor.id
    allow_passwords(world.northside)
    with pytest.raises(CredentialsWrong):
        as_person(world)


def test_a_suspended_or_closed_account_is_told_to_who_is_right(world):
    allow_passwords(world.northside)
    held = as_person(world)
    tenants.suspend(world.harbor.admin, account_id=world.northside.id, reason="unpaid")
    with pytest.raises(AccountSuspended):
        as_person(world)
    with pytest.raises(AccountSuspended):
        who(held)
    Account.objects.filter(pk=world.northside.id).update(status=Status.CLOSED)
    with pytest.raises(AccountClosed):
        as_person(world)
    assert who(held) is None


@pytest.mark.parametrize("what", ["switched off", "password", "removed", "inactive"])
def test_a_persons_token_ends_when(world, what):
    allow_passwords(world.northside)
    member, held = world.northside.people["member"], as_person(world)
    if what == "switched off":
        signin.save_policy(world.northside.admin, request=PolicyRequest())
    elif what == "password":
        change = members.PersonChange(password="another long password")
        members.change_person(world.northside.admin, user_id=member.pk, change=change)
    elif what == "removed":
        people.remove(world.northside.admin, user_id=member.pk)
    else:
        member.is_active = False
        member.save()
    assert who(held) is None


def test_guesses_are_counted_for_the_person_from_wherever_they_come(world, still):
    allow_passwords(world.northside)
    looked_at = 0
    for number in range(40):
        try:
            as_person(world, password=f"guess {number}", address=f"198.51.100.{number}")
        except TooManyRequests:
            break
        except CredentialsWrong:
            looked_at += 1
    assert looked_at == 30
    other = world.northside.people["viewer"]
    assert sign_in_person(other.email, world.password, address="198.51.100.99").user == other


# --- Where people come back to -------------------------------------------------------------------
def test_only_whole_addresses_of_https_or_this_computer_are_registered():
    good = "https://a.example/b?c=d\nhttp://127.0.0.1/x http://[::1]:7/ http://localhost:80/"
    assert read_redirects(good) == good.split()
    assert read_redirects(" ") == []
    for wrong in (
        "http://a.example/",
        "https://a.example/#x",
        "https://u:p@a.example/",
        "https:///x",
        "https://a.example:x/",
        "https://[/",
        "//a.example/",
        "app:/x",
        "javascript:alert(1)",
        "https://a.example/" + "x" * 2000,
        "https://\u00e4.example/",
        "\n".join(f"https://a.example/{n}" for n in range(11)),
    ):
        with pytest.raises(RedirectInvalid):
            read_redirects(wrong)


def test_only_an_oauth_client_has_them(world):
    wanted = TokenRequest(
        "x", KINDS.API_TOKEN, (Scope.FAXES_READ,), redirect_uris="https://a.example/"
    )
    with pytest.raises(RedirectInvalid):
        create_token(world.northside.admin, request=wanted)
