"""What an operator sees and does from a shell."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AuditEntry, Status
from accounts.services import tenants
from tests.accounts.money import provider_of


def told(command, *args, **more):
    out = StringIO()
    call_command(command, *args, stdout=out, **more)
    return out.getvalue()


def test_the_tree_is_printed_with_what_is_not_in_use(world):
    call_command("suspend_account", "summit.example", stdout=StringIO())
    tenants.close(provider_of(world.lakeside.account), account_id=world.lakeside.id)
    assert told("account_tree").splitlines() == [
        "Fax Platform  (platform.example, platform)",
        "  Harbor Communications  (harbor.example, reseller)",
        "    Northside Clinic  (northside.example, customer)",
        "    Lakeside Law  (lakeside.example, customer)  [closed]",
        "  Summit Telecom  (summit.example, reseller)  [suspended]",
        "    Redwood Realty  (redwood.example, customer)  [suspended]",
    ]


def test_the_operator_suspends_and_resumes_on_record(world):
    assert "suspended" in told("suspend_account", "Harbor.example")
    assert "active" in told("suspend_account", "harbor.example", resume=True)
    harbor = Account.objects.get(realm="harbor.example")
    assert harbor.status == Status.ACTIVE
    entries = AuditEntry.objects.filter(account_id=harbor.pk).order_by("number")
    assert [(each.action, each.actor, each.via) for each in entries] == [
        ("tenant.suspend", "operator", "shell"),
        ("tenant.resume", "operator", "shell"),
    ]


@pytest.mark.parametrize("realm", ["nobody.example", "platform.example"])
def test_what_is_not_below_anybody_is_not_suspended(world, realm):
    with pytest.raises(CommandError, match="no account"):
        told("suspend_account", realm)
