"""Pages of how long faxes are kept, and of legal holds: confirmed, told, found again."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Account
from accounts.roles import Role
from accounts.services.retention_bounds import Bounds, Kept, bounds_of
from faxes.enums import Direction
from faxes.models import Fax, LegalHold
from faxes.queries.retention import rules_of
from faxes.services import legal_holds
from tests.portal.conftest import Visitor
from tests.signing_in import sign_in


class Known(Visitor):
    """Somebody who typed their password a moment ago."""

    def __init__(self, tenant, role=Role.ADMIN):
        super().__init__(tenant, role)
        sign_in(self.client, tenant.people[role.value])


@pytest.fixture
def visit():
    return Known


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def aged(world, arrived):
    """An arrival of a year ago that nobody opened."""
    ended = clock.now() - timedelta(days=365)
    Fax.rows.filter(pk=arrived.pk).update(finished_at=ended, read_at=None)
    return arrived


def kept(tenant, direction=Direction.INBOUND):
    return rules_of(Account.objects.get(pk=tenant.id)).kept(None, direction)


def test_a_shorter_time_is_shown_with_what_it_removes_before_it_is_saved(world, visit, aged):
    admin = visit(world.northside)
    typed = {"inbound_pages": "30", "outbound_pages": "60", "outbound_record": "90"}
    asked = admin.post("retention", typed)
    assert asked.status_code == 409
    assert "1 fax loses its pages" in text(asked)
    assert kept(world.northside) == Kept()
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', text(asked))
    shorter = typed | {"inbound_pages": "2", "sure": "1", "seen": seen}
    assert admin.post("retention", shorter).status_code == 409, "not what was warned of"
    assert admin.post("retention", typed | {"sure": "1", "seen": seen}).status_code == 302
    assert kept(world.northside) == Kept(30, None)
    page = text(admin.get("retention"))
    assert "1 fax loses its pages" in page
    assert "Nobody has opened 1 of them yet." in page
    assert "Pages are kept until" in text(admin.get("fax", fax=aged.pk))
    for wrong in ({"inbound_pages": "0"}, {"inbound_pages": "x"}, {"inbound_record": "10"}):
        answer = admin.post("retention", {"inbound_pages": "20", "sure": "1"} | wrong)
        assert answer.status_code == 422
    assert kept(world.northside) == Kept(30, None)


def test_a_fax_machine_has_its_own_times_until_it_has_none_again(world, visit):
    admin, machine = visit(world.northside), world.northside.faxbox.pk
    admin.post("retention", {"inbound_pages": "30", "sure": "1"})
    admin.post("faxbox-retention", {"own": "on", "inbound_pages": "90"}, faxbox=machine)
    rules = rules_of(Account.objects.get(pk=world.northside.id))
    assert rules.kept(machine, "inbound") == Kept(90, None)
    assert "has its own times" in text(admin.get("retention"))
    assert admin.post("faxbox-retention", {}, faxbox=machine).status_code == 409
    admin.post("faxbox-retention", {"sure": "1"}, faxbox=machine)
    assert not rules_of(Account.objects.get(pk=world.northside.id)).has_own(machine)


def test_a_provider_narrows_what_tenants_choose_and_they_are_told(world, visit):
    reseller, tenant = Known(world.harbor), world.northside
    visit(tenant).post("retention", {"inbound_pages": "300", "sure": "1"})
    assert reseller.post("retention-below", {"pages_most": "100"}).status_code == 409
    reseller.post("retention-below", {"pages_most": "100", "sure": "1"})
    assert (
        reseller.post("tenant-retention", {"pages_least": "7"}, tenant=tenant.id).status_code == 302
    )
    wrong = {"pages_least": "9", "pages_most": "8"}
    assert reseller.post("tenant-retention", wrong, tenant=tenant.id).status_code == 422
    assert bounds_of(tenant.account) == Bounds(pages_least=7, pages_most=100, record_least=7)
    page = text(visit(tenant).get("retention"))
    assert "Pages are kept for at most 100 days." in page
    assert "By what your provider allows, this counts: pages for 100 days" in page
    refused = visit(tenant).post("retention", {"inbound_pages": "3", "sure": "1"})
    assert "at least 7 and at most 100 days" in text(refused)
    sooner = reseller.post("tenant-retention", {"pages_least": "2"}, tenant=tenant.id)
    assert sooner.status_code == 409, "what was kept for longer goes"


def test_held_faxes_are_marked_and_found_and_lists_ask_no_more_for_it(world, visit, arrived):
    admin = visit(world.northside)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = text(admin.get("inbox", "?held=1"))
        return len(queries), "Under legal hold</span>" in page

    asked()
    assert asked()[1] is False
    admin.post("fax-hold", {"reason": "Claim 17", "form_key": "a"}, fax=arrived.pk)
    admin.post("fax-hold", {"reason": "Claim 17", "form_key": "a"}, fax=arrived.pk)
    hold = LegalHold.rows.get()
    few = asked()
    assert few[1] is True
    for n in range(3):
        legal_holds.place(world.northside.admin, reason=f"Claim {n}", fax_id=arrived.pk)
    assert asked() == few
    assert "Claim 17" in text(admin.get("legal-holds"))
    assert admin.post("account-hold", {"reason": " "}).status_code == 422
    admin.post("account-hold", {"reason": "All"})
    assert "Under legal hold</span>" in text(admin.get("inbox"))
    admin.post("legal-hold-lift", hold=hold.pk)
    admin.post("legal-hold-lift", hold=hold.pk)
    assert "This legal hold was lifted already." in text(admin.get("legal-holds"))
    assert admin.get("legal-holds", "?cursor=x").status_code == 422
    lifted = LegalHold.rows.get(pk=hold.pk)
    assert lifted.lifted_name == "admin@northside.example"


def test_a_held_fax_machine_is_not_deleted(world, visit):
    admin, machine = visit(world.northside), world.northside.faxbox
    admin.post("faxbox-hold", {"reason": "Audit"}, faxbox=machine.pk)
    world.northside.faxbox.numbers.update(faxbox=None)
    refused = admin.post("faxbox-delete", faxbox=machine.pk)
    assert refused.status_code == 409
    assert "under legal hold" in text(refused)
