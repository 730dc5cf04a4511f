"""The operator's admin: for the platform's administrators with a second step; else nothing."""

from typing import Any, cast
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AuditEntry, Membership, Status, User
from accounts.roles import Role
from faxes.models import Fax
from tests.isolation.conftest import WHO
from tests.isolation.operator import LISTS, OTHERS, routes, served
from tests.isolation.things import MARKER
from tests.isolation.walk import everything, undone
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
BRAND = "harbor.localhost"
SAID = "The results of Mrs. Ellis"
# What nobody above an account is to read of its faxes, nor of what is secret.
ALWAYS_KEPT = ("sealed", "secret", "token", "password", "subject", "message", "note", "data", "url")


def address(name, key="0"):
    if name == "app_list":
        return reverse("operator:app_list", args=["faxes"])
    if name in OTHERS:
        return reverse(f"operator:{name}")
    what, _, kind = name.rpartition("_")
    arguments = [key] if kind == "change" else []
    return reverse(f"operator:{what}_{kind}", args=arguments)


EVERYWHERE = [
    *OTHERS,
    *(f"{each}_{kind}" for each in LISTS for kind in ("changelist", "change")),
]

SOME = ("index", "accounts_account_changelist", "faxes_fax_change")


def with_second_step(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})


def asked(secret, url, method="get", host="testserver", **data):
    client = Client(headers={"host": host}, raise_request_exception=False)
    if secret:
        client.cookies[settings.SESSION_COOKIE_NAME] = secret
    return getattr(client, method)(url, data)


def test_every_address_of_it_is_asked_for_here():
    assert served() == routes()


def test_for_everybody_else_there_is_no_such_page(town):
    wrong = []
    for who in sorted({*WHO, "nobody"} - {"platform"}):
        # all have the same door: who is nearest to it tries each of them
        places = EVERYWHERE if who in {"parent", "nobody"} else SOME
        for secret in town.sessions[who]:
            for name in places:
                with undone():
                    answer = asked(secret, address(name))
                    right = 404 if secret else 302
                    if answer.status_code != right or MARKER in answer.content.decode():
                        wrong.append((who, name, answer.status_code))
    assert wrong == []


def test_whoever_is_refused_has_changed_nothing(town):
    url = address("accounts_account_changelist")
    for who in ("parent", "admin", "stranger"):
        with undone():
            before = everything()
            sent = {"action": "suspend", "_selected_action": town.account("lakeside"), "index": "0"}
            assert asked(town.sessions[who][0], url, "post", **sent).status_code == 404
            assert [name for name, rows in everything().items() if rows != before[name]] == []


def test_who_administers_nothing_of_the_platform_finds_nothing(town):
    with undone():
        person = User.objects.create_user("clerk@platform.example")
        for role in (Role.MEMBER, Role.VIEWER):
            membership, _ = Membership.objects.update_or_create(
                user=person, account=town.world.platform.account, defaults={"role": role}
            )
            with_second_step(person)
            client = Client()
            sign_in(client, person)
            assert client.get(address("index")).status_code == 404, membership
            Authenticator.objects.all().delete()


def test_an_administrator_without_a_second_step_is_told_to_set_one_up(town):
    secret = town.sessions["platform"][0]
    for name in SOME:
        answer = asked(secret, address(name))
        assert answer.status_code == 403, name
        assert "/second-step/" in answer.content.decode()
    with undone():
        with_second_step(town.world.platform.people["admin"])
        assert asked(secret, address("index")).status_code == 200


def test_on_a_host_of_a_brand_there_is_no_admin(town):
    with undone():
        person = town.world.platform.people["admin"]
        with_second_step(person)
        secret = town.sessions["platform"][0]
        for name in ("index", "faxes_fax_changelist"):
            assert asked(secret, address(name), host=BRAND).status_code == 404
            assert asked("", address(name), host=BRAND).status_code == 404


def test_rows_tell_no_contents_and_no_secrets(town):
    from faxportal.operator.site import site  # noqa: PLC0415 (with it the lists are made)

    shown = {
        (model._meta.model_name, str(field))
        for model, of in cast("Any", site._registry).items()
        for field in (*of.fields, *of.list_display)
    }
    kept = [each for each in shown if any(word in each[1] for word in ALWAYS_KEPT)]
    assert kept == []
    with undone():
        with_second_step(town.world.platform.people["admin"])
        secret = town.sessions["platform"][0]
        lists = [address(f"{each}_changelist") for each in LISTS]
        Fax.rows.update(subject=SAID, message=SAID, to_name=SAID, from_name=SAID)
        faxes = list(Fax.objects.for_account(town.account("northside")))
        rows = [address("faxes_fax_change", each.pk) for each in faxes]
        for url in (*lists, *rows):
            text = asked(secret, url).content.decode()
            assert SAID not in text, url
            numbers = {each.to_number for each in faxes if each.direction == "outbound"}
            if "faxes/number" not in url:
                assert not [number for number in numbers if number and number in text], url
            assert "•••" in text or "faxes/fax/" not in url


def test_no_column_is_guessed_letter_by_letter(town):
    with undone():
        person = town.world.platform.people["admin"]
        with_second_step(person)
        secret = town.sessions["platform"][0]
        Fax.rows.update(subject=SAID)
        hidden = {
            "faxes_fax": {"subject__startswith": SAID[:3], "to_number__contains": "1"},
            "accounts_user": {"password__startswith": person.password[:9]},
            "faxes_carrier": {"name__regex": "^E"},
            "faxes_attempt": {"fax__subject__startswith": SAID[:3]},
        }
        for name, asking in hidden.items():
            for column, value in asking.items():
                url = address(f"{name}_changelist")
                assert asked(secret, url, **{column: value}).status_code == 400, column


def test_faxes_of_an_account_that_shares_none_are_not_there(town):
    with undone():
        with_second_step(town.world.platform.people["admin"])
        secret, fax = town.sessions["platform"][0], town.things["fax"]
        assert asked(secret, address("faxes_fax_change", fax)).status_code == 200
        sharing = reverse("sharing-set", kwargs={"account": town.account("northside")})
        assert (
            asked(town.sessions["admin"][0], sharing, "post", fax_records="none").status_code == 302
        )
        assert (
            asked(secret, address("faxes_fax_change", fax)).status_code == 302
        )  # "does not exist"
        listed = asked(secret, f"{address('faxes_fax_changelist')}?q={fax}").content.decode()
        assert "0 results" in listed


def test_an_account_is_suspended_by_its_service_and_on_record(town):
    with undone():
        with_second_step(town.world.platform.people["admin"])
        tenant, secret = town.account("northside"), town.sessions["platform"][0]
        url = address("accounts_account_changelist")
        for act, status in (("suspend", Status.SUSPENDED), ("resume", Status.ACTIVE)):
            sent = {"action": act, "_selected_action": [tenant], "index": "0"}
            assert asked(secret, url, "post", **sent).status_code == 302
            assert Account.objects.get(pk=tenant).status == status
            last = AuditEntry.objects.filter(account_id=tenant).order_by("-number")[0]
            assert last.actor == town.world.platform.people["admin"].email
        nobody = {"action": "suspend", "_selected_action": [uuid4()], "index": "0"}
        before = everything()["accounts_account"]
        asked(secret, url, "post", **nobody)
        assert everything()["accounts_account"] == before
