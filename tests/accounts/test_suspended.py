"""A suspended account: nobody signs in, nobody enters, and tokens open nothing."""

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import AccountSuspended
from accounts.models import Account, Kind, Status
from accounts.services import tenants
from accounts.services.credentials import credential_for
from accounts.services.tokens import authenticate_token
from accounts.tenancy import accounts_of, actor_in, is_in_use, require_sending, worst
from tests.accounts.money import actor_of, provider_of


@pytest.fixture
def harbor(world):
    return provider_of(world.northside.account)


@pytest.fixture
def platform(world):
    return actor_of(Account.objects.get(kind=Kind.PLATFORM))


def sign_in(email, world):
    client = Client()
    answer = client.post("/login/", {"login": email, "password": world.password}, follow=True)
    return client, answer.content.decode()


def token_of(world, realm):
    return next(each for each in world.demo["accounts"] if each["realm"] == realm)["api_token"]


def address(tenant, page="inbox"):
    return f"/a/{tenant.id}/{page}/"


def test_what_is_above_takes_along_what_is_below(world, harbor, platform):
    tenants.suspend(platform, account_id=harbor.account_id)
    for tenant, wanted in (
        (world.northside, Status.SUSPENDED),
        (world.lakeside, Status.SUSPENDED),
        (world.redwood, Status.ACTIVE),
    ):
        assert worst([tenant.account])[tenant.id] == wanted
        assert is_in_use(tenant.account) == (wanted == Status.ACTIVE)
    tenants.suspend(platform, account_id=world.northside.id)
    tenants.resume(platform, account_id=harbor.account_id)
    both = worst([world.northside.account, world.lakeside.account])
    assert list(both.values()) == [Status.SUSPENDED, Status.ACTIVE]


@pytest.mark.parametrize("above", [False, True], ids=["itself", "its reseller"])
def test_members_are_signed_out_at_once_and_told_whom_to_ask(world, harbor, platform, above):
    client, page = sign_in("member@northside.example", world)
    assert "Inbox" in page
    keeps, _ = sign_in("member@redwood.example", world)
    suspended = harbor.account_id if above else world.northside.id
    tenants.suspend(platform, account_id=suspended)
    assert not UserSession.objects.filter(user=world.northside.people["member"]).exists()
    assert client.get(address(world.northside)).status_code == 302
    assert keeps.get(address(world.redwood)).status_code == 200
    again, page = sign_in("member@northside.example", world)
    assert "Northside Clinic is suspended" in page
    assert "ask Harbor Communications" in page
    assert again.get(address(world.northside)).status_code == 302
    tenants.resume(platform, account_id=suspended)
    assert "Inbox" in sign_in("member@northside.example", world)[1]


def test_who_has_another_account_goes_on_there_and_sees_nothing_here(world, harbor):
    person = world.northside.people["admin"]
    person.memberships.create(account=world.redwood.account, role="viewer")
    client, _ = sign_in(person.email, world)
    tenants.suspend(harbor, account_id=world.northside.id, reason="they did not pay")
    shut = client.get(address(world.northside))
    page = shut.content.decode()
    assert shut.status_code == 403
    assert "Northside Clinic is suspended" in page
    assert "Harbor Communications" in page
    for told in ("Inbox", "Outbox", world.northside.number, "Reception", "pay"):
        assert told not in page
    assert client.get("/").url == address(world.redwood)
    inbox = client.get(address(world.redwood)).content.decode()
    assert "suspended" in inbox, "the switcher says so"
    assert [getattr(each, "blocked", None) for each in accounts_of(person)] == [True, False]


def test_a_wrong_password_tells_nothing_of_the_suspension(world, harbor):
    tenants.suspend(harbor, account_id=world.northside.id)
    form = {"login": "member@northside.example", "password": "wrong"}
    page = Client().post("/login/", form, follow=True).content.decode()
    assert "suspended" not in page
    assert "do not belong together" in page


def test_tokens_are_refused_and_work_again_afterwards(world, harbor, platform):
    token = token_of(world, "northside.example")
    for act in (world.northside.id, harbor.account_id):
        assert authenticate_token(token, address="192.0.2.1")
        tenants.suspend(platform, account_id=act)
        with pytest.raises(AccountSuspended):
            authenticate_token(token, address="192.0.2.1")
        tenants.resume(platform, account_id=act)
    assert credential_for(token) is not None


def test_nothing_is_handed_in_while_suspended(world, platform, harbor):
    tenants.suspend(platform, account_id=harbor.account_id)
    with pytest.raises(AccountSuspended):
        require_sending(world.northside.admin)
    tenants.resume(platform, account_id=harbor.account_id)
    assert require_sending(world.northside.admin) == world.northside.account


def test_knowing_whether_an_account_is_in_use_costs_no_query(world):
    user = world.northside.people["admin"]
    with CaptureQueriesContext(connection) as seen:
        actor_in(user, world.northside.id, address="", via="portal")
    assert len(seen) == 1, "membership, account and what is above, in one"
    with CaptureQueriesContext(connection) as seen:
        assert credential_for(token_of(world, "northside.example"))
    assert len(seen) == 1
