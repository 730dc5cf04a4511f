"""Programs that sign in: with a digest or a key, for as long as they are at work."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.test import Client

from accounts import clock
from accounts.errors import (
    AccountClosed,
    AccountSuspended,
    CredentialsWrong,
    NotAllowed,
    NotThere,
    TooManyRequests,
)
from accounts.models import (
    Account,
    AuditEntry,
    Credential,
    Membership,
    ProgramSession,
    SignInDigest,
    SignInPolicy,
    Status,
)
from accounts.roles import Action, Role, Scope, actions_of
from accounts.services import api_keys, people, sign_in_digests, tenants
from accounts.services.program_sessions import (
    SignIn,
    end_session,
    expire,
    impersonate,
    sign_in_by_digest,
    sign_in_by_key,
)
from accounts.services.rate_limits import IN_THIS_PROCESS
from accounts.services.tokens import authenticate_token
from tests import databases
from tests.world import World

HERE = "192.0.2.1"
HASHERS = {"md5": hashlib.md5, "sha": hashlib.sha1}


def digest(name, password, method="md5"):
    pair = f"{name}:{password}".encode()
    return HASHERS[method](pair, usedforsecurity=False).hexdigest()


def sign_in(world: World, *, email=None, password=None, method="md5", address=HERE, **where):
    told = digest(email or world.northside.people["member"].email, password or world.password)
    if method == "sha":
        told = digest(email or world.northside.people["member"].email, world.password, "sha")
    where = where or {"account_name": "Northside Clinic"}
    numbers = {each.number: each.id for each in world.tenants}
    return sign_in_by_digest(
        SignIn(told, method=method, **where), address=address, owner_of_number=numbers.get
    )


def who(made, address=HERE):
    return authenticate_token(made.token, address=address)


def guesses(world, address=HERE):
    """How many wrong passwords are looked at."""
    for number in range(40):
        try:
            sign_in(world, password=f"guess {number}", address=address.format(number))
        except TooManyRequests:
            return number
        except CredentialsWrong:
            continue
    return 40


# --- By the digest of name and password ----------------------------------------------------------
@pytest.mark.parametrize(
    "where",
    [
        {"account_name": "northside CLINIC"},
        {"realm": "Northside.Example"},
        {"phone_number": "+12025550121"},
    ],
)
@pytest.mark.parametrize("method", ["md5", "sha"])
def test_a_person_signs_in_wherever_the_account_is_named_by(world, where, method):
    made = sign_in(world, method=method, **where)
    actor = who(made)
    assert actor
    person = world.northside.people["member"]
    assert (actor.account_id, actor.user_id, actor.role) == (
        world.northside.id,
        person.pk,
        Role.MEMBER,
    )
    assert made.token.count(".") == 1
    entry = AuditEntry.objects.get(action="sign_in")
    assert (entry.account_id, entry.actor, entry.via) == (world.northside.id, person.email, "api")


def test_of_accounts_with_one_name_the_digest_decides(world):
    Account.objects.filter(pk=world.lakeside.id).update(name="Northside Clinic")
    made = sign_in(world, email=world.lakeside.people["member"].email)
    assert made.account.pk == world.lakeside.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "another-password"},
        {"email": "nobody@northside.example"},
        {"account_name": "Lakeside Law"},
        {"account_name": ""},
        {"account_name": "Northside\0Clinic"},
        {"realm": "harbor.example"},
        {"phone_number": "+13125550122"},
        {"method": "plain"},
    ],
)
def test_anything_else_is_wrong_and_looks_the_same(world, wrong):
    with pytest.raises(CredentialsWrong):
        sign_in(world, **wrong)
    assert not ProgramSession.objects.exists()


def test_a_slow_hash_is_what_is_kept_and_no_fast_one_anywhere(world, settings):
    settings.SIGN_IN_DIGEST_HASHER = "accounts.auth.hashers.DigestArgon2"
    person = world.northside.people["member"]
    SignInDigest.objects.all().delete()
    sign_in_digests.keep(person, world.password)
    kept = SignInDigest.objects.filter(user=person).values_list("encoded", flat=True)
    assert len(kept) == 2
    assert all(each.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$") for each in kept)
    assert sign_in(world).user == person
    dump = databases.everything()
    for method in HASHERS:
        fast = digest(person.email, world.password, method)
        for told in (fast.encode(), fast.upper().encode(), bytes.fromhex(fast)):
            assert told not in dump
    assert person.email.encode() in dump, "it is the right file"


def test_the_digests_follow_the_password_whichever_way_it_is_set(world):
    person = world.northside.people["member"]
    client = Client()
    client.post("/login/", {"login": person.email, "password": world.password})
    new = "a-much-better-word"
    client.post(
        "/password/change/",
        {"oldpassword": world.password, "password1": new, "password2": new},
    )
    with pytest.raises(CredentialsWrong):
        sign_in(world)
    assert sign_in(world, password=new)
    person.refresh_from_db()
    person.set_password("set-behind-the-portals-back")
    person.save()
    with pytest.raises(CredentialsWrong):
        sign_in(world, password=new)
    Client().post("/login/", {"login": person.email, "password": "set-behind-the-portals-back"})
    assert sign_in(world, password="set-behind-the-portals-back")
    assert SignInDigest.objects.filter(user=person).count() == 2


def test_sessions_end_with_the_password_and_with_the_membership(world):
    member = world.northside.people["member"]
    made = sign_in(world)
    people.remove(world.northside.admin, user_id=member.pk)
    assert who(made) is None
    viewer = world.northside.people["viewer"]
    made = sign_in(world, email=viewer.email)
    Membership.objects.filter(user=viewer).update(role=Role.MEMBER)
    actor = who(made)
    assert actor
    assert actor.role == Role.MEMBER, "what they are is read anew"
    viewer.is_active = False
    viewer.save()
    assert who(made) is None


def test_who_has_a_second_step_or_should_have_one_does_not_sign_in_around_it(world):
    person = world.northside.people["member"]
    step = Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    with pytest.raises(CredentialsWrong):
        sign_in(world)
    step.delete()
    policy = SignInPolicy.objects.create(account=world.harbor.account, require_mfa=True)
    with pytest.raises(CredentialsWrong):
        sign_in(world)
    policy.delete()
    SignInPolicy.objects.create(
        account=world.northside.account, issuer="https://id.example", domains=["northside.example"]
    )
    with pytest.raises(CredentialsWrong):
        sign_in(world)
    told = AuditEntry.objects.filter(action="sign_in.failed").order_by("number")
    assert [each.facts["why"] for each in told] == ["second step", "second step", "single sign-on"]


def test_people_of_the_demonstration_sign_in_there_only(world, settings):
    made = sign_in(world)
    settings.DEMO = False
    assert who(made) is None
    with pytest.raises(CredentialsWrong):
        sign_in(world)


def test_an_account_out_of_use_says_so_to_who_is_right(world):
    made = sign_in(world)
    for status, error in ((Status.SUSPENDED, AccountSuspended), (Status.CLOSED, AccountClosed)):
        Account.objects.filter(pk=world.harbor.id).update(status=status)
        with pytest.raises(error):
            sign_in(world)
        with pytest.raises(CredentialsWrong):
            sign_in(world, password="another-password")
        with pytest.raises(AccountSuspended):
            who(made)


def test_wrong_tries_end_soon_but_not_for_who_is_at_work(world, still):
    sign_in(world)
    assert guesses(world) == 5
    assert sign_in(world), "what was right a moment ago is let through"
    with pytest.raises(TooManyRequests):
        sign_in(world, password="one more", realm="northside.example")
    with pytest.raises(CredentialsWrong):
        sign_in(world, password="one more", realm="lakeside.example")


def test_wrong_tries_for_an_account_count_from_wherever_they_come(world, still):
    assert guesses(world, address="198.51.100.{}") == 30
    IN_THIS_PROCESS.forget()
    with pytest.raises(TooManyRequests):
        sign_in(world, password="guess", address="203.0.113.1")


def test_a_closed_account_that_is_opened_again_has_no_sessions(world):
    made = sign_in(world)
    tenants.close(world.harbor.admin, account_id=world.northside.id)
    assert who(made) is None
    tenants.reopen(world.harbor.admin, account_id=world.northside.id)
    assert who(made) is None


# --- How long ------------------------------------------------------------------------------------
def test_a_session_ends_when_it_rests_for_an_hour_and_in_any_case_after_a_day(world):
    resting, working = sign_in(world), sign_in(world)
    start = clock.now()
    with time_machine.travel(start, tick=False) as now:
        for _ in range(47):
            now.shift(timedelta(minutes=30))
            assert who(working)
        assert who(resting) is None
        now.shift(timedelta(minutes=31))
        assert who(working) is None, "a day is over, however busy it was"
        expire()
        assert not ProgramSession.objects.exists()


def test_use_is_written_at_most_once_a_minute(world, django_assert_num_queries):
    made = sign_in(world)
    with django_assert_num_queries(2):
        who(made)
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        with django_assert_num_queries(3):
            who(made)
        with django_assert_num_queries(2):
            who(made)


def test_signing_out_ends_it_at_once(world):
    made = sign_in(world)
    assert end_session(made.token, address=HERE)
    assert who(made) is None
    assert not end_session(made.token, address=HERE)
    assert AuditEntry.objects.filter(action="sign_out").count() == 1


def test_another_secret_opens_no_session(world):
    made = sign_in(world)
    prefix = made.token.partition(".")[0]
    for token in (f"{prefix}.", f"{prefix}.x", prefix, f"{made.token}x", f"{prefix}.\0"):
        assert authenticate_token(token, address=HERE) is None
    assert made.token.partition(".")[2] not in str(list(ProgramSession.objects.values()))


# --- By the account's key ------------------------------------------------------------------------
def test_an_account_has_one_key_which_its_administrators_may_look_up(world):
    key = api_keys.key_of(world.northside.admin)
    assert len(key) == 64
    assert int(key, 16)
    assert key == key.lower() == api_keys.key_of(world.northside.admin)
    assert key != api_keys.key_of(world.lakeside.admin)
    assert key not in str(list(Credential.objects.values()))
    narrow = replace(world.northside.admin, only=actions_of([Scope.ACCOUNT_ADMIN]))
    for actor in (world.northside.member, narrow, replace(world.northside.admin, role=Role.SYSTEM)):
        for ask in (api_keys.key_of, api_keys.new_key):
            with pytest.raises(NotAllowed):
                ask(actor)


def test_a_key_opens_a_session_that_may_what_administrators_may(world):
    made = sign_in_by_key(api_keys.key_of(world.northside.admin), address=HERE)
    actor = who(made)
    assert actor
    assert (actor.account_id, actor.user_id, made.user) == (world.northside.id, None, None)
    assert {each for each in Action if actor.may(each)} == set(Action)


def test_with_another_key_the_one_before_and_its_sessions_end(world):
    old = api_keys.key_of(world.northside.admin)
    made = sign_in_by_key(old, address=HERE)
    new = api_keys.new_key(world.northside.admin)
    assert who(made) is None
    with pytest.raises(CredentialsWrong):
        sign_in_by_key(old, address=HERE)
    assert new == api_keys.key_of(world.northside.admin)
    assert sign_in_by_key(new, address=HERE).account == world.northside.account


@pytest.mark.parametrize("key", ["", "0" * 64, "x" * 64, "\0" * 64, "0" * 63])
def test_what_is_no_key_opens_nothing(world, key):
    with pytest.raises(CredentialsWrong):
        sign_in_by_key(key, address=HERE)


def test_the_demonstrations_keys_are_known_and_refused_elsewhere(world, settings):
    key = world.demo["accounts"][3]["api_key"]
    assert api_keys.key_of(world.northside.admin) == key
    settings.DEMO = False
    with pytest.raises(CredentialsWrong):
        sign_in_by_key(key, address=HERE)
    assert api_keys.key_of(world.northside.admin) != key


# --- In somebody's place -------------------------------------------------------------------------
def test_an_administrator_takes_the_place_of_somebody_and_both_are_on_record(world):
    viewer = world.northside.people["viewer"]
    actor = who(impersonate(world.northside.admin, user_id=viewer.pk))
    assert actor
    assert (actor.user_id, actor.role) == (viewer.pk, Role.VIEWER)
    assert actor.on_behalf == world.northside.admin.name
    entry = AuditEntry.objects.get(action="sign_in.as_other")
    assert (entry.actor, entry.object_id) == (world.northside.admin.name, viewer.pk)


def test_nobody_gains_by_taking_somebodys_place(world):
    admin, viewer = world.northside.people["admin"], world.northside.people["viewer"]
    narrow = replace(world.northside.admin, only=actions_of([Scope.ACCOUNT_ADMIN]))
    provider = replace(world.harbor.admin, account_id=world.northside.id, role=Role.PROVIDER)
    for actor, person in (
        (world.northside.member, viewer),
        (narrow, admin),
        (provider, viewer),
        (replace(world.northside.admin, on_behalf="somebody"), viewer),
    ):
        with pytest.raises(NotAllowed):
            impersonate(actor, user_id=person.pk)
    for stranger in (world.lakeside.people["viewer"].pk, uuid4()):
        with pytest.raises(NotThere):
            impersonate(world.northside.admin, user_id=stranger)
    assert django_settings.DEMO
