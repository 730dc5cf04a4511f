"""One tenant: its people, its limits, and what is done to it."""

import pytest
from django.core import mail

from accounts.models import Account, AuditEntry, Invitation, Limits
from accounts.roles import Role
from accounts.services import invitations, limits
from accounts.services.limits import Allowed
from tests.accounts.money import CENT, bill
from tests.portal.tenants import Desk, names, reseller_below
from tests.world import World

CHIEF = "chief@northside.example"


@pytest.fixture
def harbor(world: World) -> Desk:
    return Desk(world.harbor)


def page_of(desk, tenant):
    return " ".join(desk.get("tenant", tenant=tenant.id).content.decode().split())


def done(desk, name, tenant, data=None, **more):
    """Do something and hand back the page that it leads to."""
    answer = desk.client.post(desk.address(name, tenant=tenant.id, **more), data or {}, follow=True)
    return " ".join(answer.content.decode().split())


def test_a_page_shows_how_a_tenant_stands_and_nothing_of_its_faxes(world, harbor, work, send):
    bill(world.northside.account, balance=40 * CENT, low_balance=50 * CENT)
    send(world.northside, "+12025550100", subject="Quixotic subject", pages=2)
    work.run_to_end()
    page = page_of(harbor, world.northside)
    for told in (
        "0.20 USD",
        "low",
        "+1 202-555-0121",
        "northside.example",
        "Northside Clinic admin",
    ):
        assert told in page, told
    assert "<strong>2</strong><span>pages sent this month" in page
    assert "Quixotic" not in page
    assert "555-0100" not in page


def test_an_administrator_is_invited_again_and_taken_back(world, harbor):
    assert "on its way" in done(harbor, "tenant-invite", world.northside, {"email": CHIEF})
    invitation = Invitation.objects.get(email=CHIEF)
    assert (invitation.role, invitation.account_id) == ("admin", world.northside.id)
    assert mail.outbox[0].to == [CHIEF]
    at = {"invitation": invitation.pk}
    assert CHIEF in done(harbor, "tenant-invitation-resend", world.northside, **at)
    assert "taken back" in done(harbor, "tenant-invitation-withdraw", world.northside, **at)
    assert CHIEF not in page_of(harbor, world.northside)
    acts = AuditEntry.objects.filter(account_id=world.northside.id).order_by("number")
    assert [(each.action, each.on_behalf) for each in acts] == [
        ("team.invite", "Harbor Communications"),
        ("team.uninvite", "Harbor Communications"),
    ]
    again = harbor.post("tenant-invite", {"email": "nobody"}, tenant=world.northside.id)
    assert again.status_code == 422
    member = world.northside.people["admin"].email
    known = harbor.post("tenant-invite", {"email": member}, tenant=world.northside.id)
    assert "in the account already" in known.content.decode()


def test_whom_a_tenant_invites_to_work_is_not_its_providers_to_see(world, harbor):
    invitation, _sent = invitations.invite(
        world.northside.admin, email="nurse@northside.example", role=Role.MEMBER
    )
    assert "nurse@" not in page_of(harbor, world.northside)
    at = {"tenant": world.northside.id, "invitation": invitation.pk}
    assert harbor.post("tenant-invitation-withdraw", **at).status_code == 404


def test_limits_are_set_in_figures_and_those_above_are_told(world, harbor):
    Limits.rows.create(account=world.harbor.account, pages_a_day=500)
    page = page_of(harbor, world.northside)
    assert "At most 500: a reseller above it has this limit." in page
    done(harbor, "tenant-limits", world.northside, {"pages_a_day": "900", "storage": "20"})
    own = limits.limits_set_for(world.northside.account)
    assert own == Allowed(pages_a_day=900, storage_bytes=20_000_000)
    assert limits.limits_of(world.northside.account).pages_a_day == 500
    for wrong in ("-1", "many", str(2**31)):
        answer = harbor.post("tenant-limits", {"storage": wrong}, tenant=world.northside.id)
        assert answer.status_code == 422
        assert list(answer.context["limits_form"].errors) == ["storage"]
    done(harbor, "tenant-limits", world.northside, {})
    assert limits.limits_set_for(world.northside.account) == Allowed()


def test_a_tenant_is_renamed_moved_suspended_and_resumed(world, harbor):
    tenant = world.northside
    assert "The name is changed" in done(harbor, "tenant-rename", tenant, {"name": "North Clinic"})
    assert "Write a name" in done(harbor, "tenant-rename", tenant, {"name": " "})
    page = done(harbor, "tenant-suspend", tenant, {"reason": "Unpaid since May"})
    assert "Unpaid since May" in page
    assert "Resume" in page
    assert "suspension is over" in done(harbor, "tenant-resume", tenant)
    coast = reseller_below(world.harbor, "Coast Fax")
    assert "Coast Fax" in page_of(harbor, tenant)
    assert "is moved" in done(harbor, "tenant-move", tenant, {"parent": coast.pk})
    assert names(harbor.get("tenants", f"?below={coast.pk}")) == ["North Clinic"]
    summit = harbor.post("tenant-move", {"parent": world.summit.id}, tenant=tenant.id)
    assert summit.status_code == 404


def test_a_tenant_is_closed_by_typing_its_name_and_reopened(world, harbor):
    tenant = world.northside
    assert "Nothing was done" in done(harbor, "tenant-close", tenant, {"name": "Southside"})
    assert Account.objects.get(pk=tenant.id).status == "active"
    page = done(harbor, "tenant-close", tenant, {"name": " northside  clinic"})
    closed = Account.objects.get(pk=tenant.id)
    assert closed.status == "closed"
    assert closed.erase_at
    assert f"will be erased on {closed.erase_at:%-d %B %Y}" in page
    assert "open again" in done(harbor, "tenant-reopen", tenant)


def test_a_reseller_with_open_tenants_is_not_closed(world):
    platform = Desk(world.platform)
    page = done(platform, "tenant-close", world.harbor, {"name": "Harbor Communications"})
    assert "There are accounts below this one" in page


def test_what_is_dangerous_asks_who_it_is_first(world, harbor):
    session = harbor.client.session
    session["account_authentication_methods"][0]["at"] -= 10_000
    session.save()
    for name in ("tenant-suspend", "tenant-close", "tenant-move", "tenant-limits"):
        answer = harbor.post(name, {}, tenant=world.northside.id)
        assert answer["Location"].startswith("/reauthenticate/"), name
