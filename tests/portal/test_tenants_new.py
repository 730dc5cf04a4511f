"""A tenant is set up in one form, whole or not at all, and once however often it is submitted."""

import re
import threading
from dataclasses import replace

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.errors import NotAllowed
from accounts.models import Account, AuditEntry, Balance, Billing, Invitation, LedgerEntry
from accounts.roles import Role
from accounts.services import audit, money, plans
from faxes.errors import OrderRefused
from faxes.models import Faxbox, Number
from faxes.services.provision import TenantOrder, provision
from tests.accounts.money import CENT, plan_by
from tests.portal.conftest import element
from tests.portal.tenants import Desk, in_pool, reseller_below
from tests.world import World

EMAIL = "ann@bayview.example"


@pytest.fixture
def harbor(world: World) -> Desk:
    return Desk(world.harbor)


def filled(desk, query="", **fields):
    page = desk.get("tenant-new", query)
    return {
        "name": "Bayview Dental",
        "email": EMAIL,
        "kind": "customer",
        "number": "",
        "plan": "",
        "credit": "",
        "time_zone": "America/Chicago",
        "country": "CA",
        "form_key": element(page, "form_key")["value"],
        **fields,
    }


def made():
    return Account.objects.filter(name="Bayview Dental")


def everything():
    models = (Account, Invitation, AuditEntry, Billing, Balance, LedgerEntry, Faxbox)
    return [model._base_manager.count() for model in models]


def test_one_form_makes_all_that_a_clinic_needs_to_fax(world, harbor):
    (number,) = in_pool(world.harbor, "+16175550131")
    plan = plan_by(world.harbor.admin, name="Clinics")
    data = filled(harbor, number=str(number.pk), plan=str(plan.pk), credit="1,050.25")
    answer = harbor.post("tenant-new", data)
    tenant = made().get()
    assert answer["Location"] == harbor.address("tenant", tenant=tenant.pk)
    assert (tenant.parent_id, tenant.kind) == (world.harbor.id, "customer")
    assert (tenant.time_zone, tenant.country) == ("America/Chicago", "CA")
    faxbox = Faxbox.rows.get(account=tenant)
    assert (faxbox.station_id, faxbox.header) == ("+16175550131", "Bayview Dental")
    assert Number.rows.get(account=tenant).faxbox == faxbox
    funds = money.funds_of(tenant.pk)
    assert funds
    assert (funds.available, funds.currency) == (105_025 * CENT, "USD")
    page = harbor.get("tenant", tenant=tenant.pk).content.decode()
    assert "What happens now" in page
    assert EMAIL in page
    assert mail.outbox[0].to == [EMAIL]
    link = re.search(r"https?://[^/]+(/invitations/\S+)", str(mail.outbox[0].body))
    assert link
    ann = Client()
    ann.post(link[1], {"name": "Ann", "password": "seven purple rivers run"})
    assert ann.get(f"/a/{tenant.pk}/team/").status_code == 200, "she administers it"
    assert "What happens now" not in harbor.get("tenant", tenant=tenant.pk).content.decode()
    for account in (world.harbor.account, tenant):
        assert audit.verify(account.pk) is None
    theirs = AuditEntry.objects.filter(account_id=tenant.pk, action="team.invite").get()
    assert theirs.on_behalf == "Harbor Communications"


def test_a_reseller_is_set_up_with_next_to_nothing(world, harbor):
    assert harbor.post("tenant-new", filled(harbor, kind="reseller")).status_code == 302
    coast = made().get()
    assert coast.provides
    assert not Billing.rows.filter(account=coast).exists()
    below = harbor.post(
        "tenant-new", filled(harbor, f"?below={coast.pk}", name="Deep"), f"?below={coast.pk}"
    )
    assert below.status_code == 302
    assert Account.objects.get(name="Deep").parent == coast


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "ann"}, "email"),
        ({"kind": "platform"}, "kind"),
        ({"number": "01a1febd-b2f3-7483-91fc-7f26299ca3d5"}, "number"),
        ({"plan": "01a1febd-b2f3-7483-91fc-7f26299ca3d5"}, "plan"),
        ({"credit": "-5"}, "credit"),
        ({"credit": "much"}, "credit"),
        ({"credit": "5"}, "plan"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"country": "XX"}, "country"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_made(world, harbor, wrong, field):
    before = everything()
    answer = harbor.post("tenant-new", filled(harbor) | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert everything() == before
    assert mail.outbox == []


def test_all_that_is_wrong_is_told_at_once(world, harbor):
    answer = harbor.post("tenant-new", filled(harbor, name="", email="", credit="x", country=""))
    assert set(answer.context["form"].errors) == {"name", "email", "credit", "country"}


@pytest.mark.parametrize("late", ["number", "plan"])
def test_what_is_gone_since_the_form_was_shown_leaves_nothing_half_made(world, late):
    (number,) = in_pool(world.harbor, "+16175550131")
    plan = plan_by(world.harbor.admin)
    order = TenantOrder(
        name="Bayview Dental", email=EMAIL, number_id=number.pk, plan_id=plan.pk, credit=5
    )
    if late == "number":
        Number.rows.filter(pk=number.pk).update(account=world.summit.account)
    else:
        order = replace(order, plan_id=plan_by(world.summit.admin).pk)
    before = everything()
    with pytest.raises(OrderRefused) as refused:
        provision(world.harbor.admin, order=order)
    assert refused.value.field == late
    assert everything() == before
    assert mail.outbox == []


def test_a_plan_put_away_is_not_offered(world, harbor):
    plan = plan_by(world.harbor.admin, name="Old")
    money.set_billing(
        world.harbor.admin,
        account_id=world.northside.id,
        terms=money.BillingTerms(plan_id=plan.pk),
    )
    plans.put_plan_away(world.harbor.admin, plan_id=plan.pk)
    assert "Old" not in harbor.get("tenant-new").content.decode()


def test_a_form_that_comes_twice_makes_one_tenant(world, harbor):
    data = filled(harbor)
    first, again = harbor.post("tenant-new", data), harbor.post("tenant-new", data)
    assert first["Location"] == again["Location"]
    assert made().count() == 1
    assert len(mail.outbox) == 1


def test_two_submits_at_the_same_moment_make_one_tenant(world):
    order = TenantOrder(name="Bayview Dental", email=EMAIL, key="one form")
    told = []

    def submit():
        told.append(provision(world.harbor.admin, order=order).account.pk)
        connection.close()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told[0] == told[1]
    assert made().count() == 1


def test_numbers_are_found_by_area_code_and_what_was_typed_stays(world, harbor):
    in_pool(world.harbor, "+16175550131", "+18135550140")
    answer = harbor.post("tenant-new", filled(harbor, q="813", find="1", name="", credit="7"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "+1 813-555-0140" in page
    assert "+1 617-555-0131" not in page
    assert element(answer, "credit")["value"] == "7"
    assert not answer.context["form"].errors
    assert made().count() == 0


def test_a_mail_that_cannot_be_sent_is_told_and_the_tenant_stays(world, harbor, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = harbor.client.post(harbor.address("tenant-new"), filled(harbor), follow=True)
    assert "could not be sent" in answer.content.decode()
    assert Invitation.objects.filter(account=made().get()).exists()


def test_only_administrators_set_up_tenants(world):
    member = replace(world.harbor.admin, role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        provision(member, order=TenantOrder(name="x", email=EMAIL))
    coast = reseller_below(world.harbor, "Coast Fax")
    order = TenantOrder(name="x", email=EMAIL, parent_id=coast.pk)
    with pytest.raises(OrderRefused):
        provision(world.summit.admin, order=order)
