"""Programs of a person look at what waits for approval, approve it and decline it."""

import pytest

from accounts.models import Account
from accounts.roles import Scope
from faxes.models import Event, Fax
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers


@pytest.fixture
def held(world):
    Account.objects.filter(pk=world.northside.id).update(approve_pages=0)
    asked = FaxRequest("+12025550100", [papers.incoming(papers.pdf())])
    [fax] = submit_fax(world.northside.member, request=asked, origin="api")
    return Fax.rows.get(pk=fax.pk)


def test_a_program_of_an_approver_sees_what_waits_and_lets_it_go(program, held):
    asking = program()
    [told] = asking.get("approvals").json()["data"]
    assert (told["id"], told["held_for"], told["due_at"]) == (str(held.pk), "pages", None)
    assert told["approve_until"]
    approved = asking.post(f"faxes/{held.pk}/approve", {})
    assert (approved.status_code, approved.json()["waits_for_approval"]) == (200, False)
    assert asking.post(f"faxes/{held.pk}/approve", {}).status_code == 200, "once more"
    assert asking.post(f"faxes/{held.pk}/decline", {}).status_code == 409
    assert asking.get("approvals").json()["data"] == []


def test_it_declines_with_a_reason_that_the_sender_is_told(program, held):
    asking = program()
    assert asking.post(f"faxes/{held.pk}/decline", {"reason": "x" * 201}).status_code == 422
    declined = asking.post(f"faxes/{held.pk}/decline", {"reason": "Wrong patient"})
    assert declined.json()["status"] == "canceled"
    assert Event.rows.get(fax=held, because="declined").facts["reason"] == "Wrong patient"


def test_no_program_approves_without_the_scope_or_what_its_own_person_sent(program, held, world):
    without = program(world.northside.admin, *(set(Scope) - {Scope.FAXES_APPROVE}))
    for verb in ("approve", "decline"):
        assert without.post(f"faxes/{held.pk}/{verb}", {}).status_code == 403
        Fax.rows.filter(pk=held.pk).update(created_by=world.northside.admin.user_id)
        assert program().post(f"faxes/{held.pk}/{verb}", {}).status_code == 403
    assert without.get("approvals").status_code == 403
    assert Fax.rows.get(pk=held.pk).held_for
