"""Pages of approval and settings: who sees what, at what cost, and what bad input does."""

from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEntry, Membership
from accounts.roles import Role
from faxes.enums import FaxState
from faxes.models import Fax
from tests.portal.conftest import letter


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def hold(world, visit, work):
    """``hold(3)`` has a member send so many faxes that wait for approval."""
    Account.objects.filter(pk=world.northside.id).update(approve_new_numbers=True)
    member = visit(world.northside, Role.MEMBER)

    def send(number):
        for each in range(number):
            to = f"+1202555{1000 + each}"
            member.post("compose", {"to": to, "documents": letter(), "subject": f"No {each}"})
        work.run()
        return list(Fax.objects.for_account(world.northside.id).filter(held_for="number"))

    return send


def test_the_list_asks_the_database_the_same_however_many_wait(world, visit, hold):
    admin = visit(world.northside)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert admin.get("approvals").status_code == 200
        return len(queries)

    hold(1)
    asked()  # what is learned once is learned
    few = asked()
    hold(4)
    assert asked() == few


def test_all_that_was_ticked_is_approved_and_what_is_odd_changes_nothing(world, visit, hold):
    faxes = hold(3)
    admin = visit(world.northside)
    admin.post("approvals-decide", {"decision": "approve", "fax": ["x"]})
    assert "Choose one or more faxes first." in text(admin.get("approvals"))
    too_long = {"decision": "decline", "fax": [faxes[0].pk], "reason": "x" * 201}
    admin.post("approvals-decide", too_long)
    assert Fax.rows.filter(held_for__isnull=False).count() == 3
    admin.post("approvals-decide", {"decision": "approve", "fax": [faxes[0].pk, faxes[1].pk]})
    assert "2 faxes are approved." in text(admin.get("approvals"))
    assert Fax.rows.filter(held_for__isnull=False).count() == 1
    assert admin.get("approvals", "?cursor=abc").status_code == 200


def test_the_count_leads_there_for_who_may_approve_and_nobody_else(world, visit, hold):
    hold(2)
    there = visit(world.northside).address("approvals")
    assert there in text(visit(world.northside).get("inbox"))
    assert there not in text(visit(world.northside, Role.MEMBER).get("inbox"))
    Account.objects.filter(pk=world.northside.id).update(approve_by_members=True)
    assert there in text(visit(world.northside, Role.MEMBER).get("inbox"))


def test_where_nobody_else_may_approve_that_is_said(world, visit, hold):
    admin = visit(world.northside)
    assert "Only Northside Clinic admin may approve here" in text(admin.get("sending"))
    admin.post("compose", {"to": "+12025551999", "documents": letter()})
    fax = Fax.objects.for_account(world.northside.id).get()
    assert "Nobody else in this account may approve it." in text(admin.get("fax", fax=fax.pk))
    admin.post("fax-approve", fax=fax.pk)
    fax.refresh_from_db()
    assert (fax.held_for, fax.state) == ("number", FaxState.PREPARING)
    Membership.objects.filter(account=world.northside.account).update(role=Role.ADMIN)
    assert "Nobody else" not in text(admin.get("fax", fax=fax.pk))


def test_settings_are_saved_whole_or_not_at_all(world, visit):
    admin = visit(world.northside)
    admin.client.logout()
    admin.client.post("/login/", {"login": "admin@northside.example", "password": world.password})
    typed = {"night_from": "21:30", "night_until": "05:00", "approve_pages": "20"}
    wrong = admin.post("sending", typed | {"approve_pages": "-1"})
    assert wrong.status_code == 422
    assert Account.objects.get(pk=world.northside.id).night_from is None
    assert admin.post("sending", typed).status_code == 302
    account = Account.objects.get(pk=world.northside.id)
    assert (account.night_from, account.approve_pages) == (time(21, 30), 20)
    assert account.approve_programs is False
    assert AuditEntry.objects.get(action="account.sending").facts["approve_pages"] == 20
    assert "9:30 p.m. to 5 a.m." in text(admin.get("settings"))


def test_the_settings_page_leads_only_where_the_person_may_go(world, visit):
    for role in Role:
        if role not in {Role.ADMIN, Role.MEMBER, Role.VIEWER}:
            continue
        person = visit(world.northside, role)
        page = person.get("settings").content.decode()
        main = page[page.index('class="hub"') :]
        links = [each.split('"')[0] for each in main.split('class="hub-link" href="')[1:]]
        assert len(links) >= 2
        # some ask once more who it is, and lead on to that
        assert {person.client.get(each).status_code for each in links} <= {200, 302}
        assert (person.address("sending") in links) == (role == Role.ADMIN)


def test_later_without_a_time_is_not_now(world, visit):
    asked = {"to": "+12025550100", "documents": letter(), "when": "later"}
    answer = visit(world.northside).post("compose", asked)
    assert answer.status_code == 422
    assert not Fax.objects.for_account(world.northside.id).exists()
