"""The demonstration: what it holds, and that nobody gets in by it elsewhere."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account, Billing, Credential, Membership, User
from accounts.scoping import Actor
from accounts.services import money, plans
from accounts.services.amounts import MICRO
from accounts.services.api_keys import credential_of_key
from accounts.services.credentials import credential_for
from faxes.models import Faxbox, Number
from faxes.services import numbers


@pytest.fixture
def demo(world, capsys):
    call_command("seed_demo", "--json")
    return json.loads(capsys.readouterr().out)


def account_of(token):
    credential = credential_for(token)
    return str(credential.account_id) if credential else None


def test_it_tells_of_one_platform_two_resellers_and_three_customers(demo):
    kinds = [account["kind"] for account in demo["accounts"]]
    assert kinds == ["platform", "reseller", "reseller", "customer", "customer", "customer"]
    parents = {account["id"]: account["parent"] for account in demo["accounts"]}
    customers = demo["accounts"][3:]
    resellers = [customer["parent"] for customer in customers]
    assert len(set(resellers)) == 2
    assert all(parents[reseller] == demo["accounts"][0]["id"] for reseller in resellers)


def test_each_customer_has_a_number_a_faxbox_and_three_people(demo):
    for customer in demo["accounts"][3:]:
        assert [user["role"] for user in customer["users"]] == ["admin", "member", "viewer"]
        (number,) = customer["numbers"]
        (faxbox,) = customer["faxboxes"]
        assert faxbox["number"] == number
        assert faxbox["email_address"] == f"{number[1:]}@{customer['realm']}"
        assert set(faxbox) == {"id", "name", "extension", "number", "email_address"}


def test_its_log_ins_and_tokens_work(demo):
    for account in demo["accounts"]:
        for user in account["users"]:
            form = {"login": user["email"], "password": user["password"]}
            response = Client().post("/login/", form)
            assert (response.status_code, response["Location"]) == (302, "/")
        assert account_of(account["api_token"]) == account["id"]
        client = f"{account['oauth']['client_id']}.{account['oauth']['client_secret']}"
        assert account_of(client) == account["id"]
        key = credential_of_key(account["api_key"])
        assert key
        assert str(key.account_id) == account["id"]


def test_loading_it_again_changes_nothing(demo, capsys):
    counted = [model.objects.count() for model in (Account, User, Membership, Credential)]
    counted += [Faxbox.rows.count(), Number.rows.count()]
    call_command("seed_demo", "--json")
    assert json.loads(capsys.readouterr().out) == demo
    again = [model.objects.count() for model in (Account, User, Membership, Credential)]
    assert [*again, Faxbox.rows.count(), Number.rows.count()] == counted


def test_it_is_refused_outside_of_a_demonstration(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not Account.objects.exists()


def test_its_secrets_open_nothing_outside_of_a_demonstration(demo, settings):
    customer = demo["accounts"][3]
    user = customer["users"][0]
    inside = Client()
    inside.post("/login/", {"login": user["email"], "password": user["password"]})
    settings.DEMO = False
    assert credential_for(customer["api_token"]) is None
    assert credential_of_key(customer["api_key"]) is None
    form = {"login": user["email"], "password": user["password"]}
    assert Client().post("/login/", form).status_code == 200, "the form again, with an error"
    assert inside.get("/").headers["Location"].startswith("/login/"), "sessions end too"


def test_its_customers_have_a_plan_and_credit_and_its_resellers_free_numbers(demo):
    call_command("seed_demo", "--json")
    for realm, plan in (
        ("northside.example", "Monthly 250"),
        ("lakeside.example", "Pay as you go"),
        ("redwood.example", "Pay as you go"),
    ):
        account = Account.objects.get(realm=realm)
        funds = money.funds_of(account.pk)
        assert funds is not None
        assert (funds.available, funds.currency) == (250 * MICRO, "USD")
        assert Billing.rows.get(account=account).plan.name == plan
    for realm in ("harbor.example", "summit.example"):
        reseller = Account.objects.get(realm=realm)
        actor = Actor.system(reseller.pk)
        assert len(numbers.free_numbers(actor)) == 12
        assert [each.plan.name for each in plans.offers_of(actor)] == [
            "Monthly 250",
            "Pay as you go",
        ]
        deck = plans.decks_with_use(actor)[0].deck
        for number in (
            "+12025550100",
            "+14165550100",
            "+442079460018",
            "+493012345678",
            "+81312345678",
        ):
            assert plans.rate_for(actor, deck_id=deck.pk, number=number), number
