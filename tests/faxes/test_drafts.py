"""Faxes that are not finished: whose they are, what they keep, and when they end."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import AuditEntry, Membership
from accounts.roles import Role
from faxes.errors import FaxNotFound, RequestError
from faxes.models import FaxDraft, Upload
from faxes.queries.drafts import MOST_DRAFTS, draft_of, list_drafts
from faxes.services import sweep
from faxes.services.drafts import delete_draft, draft_sent, save_draft
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers

TYPED = {"to": "+12025550100", "subject": "Referral"}


def brought(actor):
    documents = [papers.incoming(papers.pdf())]
    return str(prepare_upload(actor, documents=documents, quality="fine").pk)


def test_a_draft_keeps_its_documents_for_thirty_days_and_then_goes_with_them(world):
    member = world.northside.actor(Role.MEMBER)
    save_draft(member, typed=TYPED, upload_id=brought(member))
    for days, left in ((29, 1), (31, 0)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            sweep.sweep()
            assert FaxDraft.rows.count() == Upload.rows.count() == left


def test_a_draft_is_seen_by_who_writes_it_alone(world):
    member = world.northside.actor(Role.MEMBER)
    draft = save_draft(member, typed=TYPED)
    for stranger in (world.northside.admin, world.lakeside.admin):
        assert list_drafts(stranger) == []
        with pytest.raises(FaxNotFound):
            draft_of(stranger, draft.pk)
        with pytest.raises(FaxNotFound):
            save_draft(stranger, typed={"to": "1"}, draft_id=draft.pk)
        with pytest.raises(FaxNotFound):
            delete_draft(stranger, draft_id=draft.pk)
        draft_sent(stranger, draft_id=draft.pk)
    with pytest.raises(NotAllowed):
        save_draft(world.northside.actor(Role.VIEWER), typed=TYPED)
    assert draft_of(member, draft.pk).typed == TYPED


def test_sending_ends_a_draft_or_neither_happens(world):
    admin = world.northside.admin
    upload = brought(admin)
    draft = save_draft(admin, typed=TYPED, upload_id=upload)
    request = FaxRequest(to="+12025550100", upload_id=upload)

    def fails(_faxes):
        draft_sent(admin, draft_id=draft.pk)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        submit_fax(admin, request=request, origin="test", also=fails)
    assert draft_of(admin, draft.pk).upload_id is not None
    submit_fax(
        admin,
        request=request,
        origin="test",
        also=lambda _faxes: draft_sent(admin, draft_id=draft.pk),
    )
    assert not FaxDraft.rows.exists()
    assert not Upload.rows.exists()


def test_a_draft_is_saved_again_in_its_place_and_tells_no_content_to_the_log(world):
    admin = world.northside.admin
    draft = save_draft(admin, typed=TYPED)
    upload = brought(admin)
    save_draft(admin, typed={"to": "2"}, upload_id=upload, draft_id=draft.pk)
    again = save_draft(admin, typed={"to": "3"}, upload_id=upload)  # another window, same documents
    assert (again.pk, FaxDraft.rows.get().typed) == (draft.pk, {"to": "3"})
    delete_draft(admin, draft_id=draft.pk)
    assert not Upload.rows.exists()
    entries = AuditEntry.objects.filter(object_id=str(draft.pk)).order_by("id")
    assert [entry.action for entry in entries] == ["draft.save", "draft.delete"]


def test_drafts_are_bounded_and_go_with_the_person(world, monkeypatch):
    admin = world.northside.admin
    monkeypatch.setattr("faxes.services.drafts.MOST_DRAFTS", 2)
    save_draft(admin, typed=TYPED)
    upload = brought(admin)
    save_draft(admin, typed=TYPED, upload_id=upload)
    for typed in (TYPED, {"message": "x" * 100_001}):
        with pytest.raises(RequestError):
            save_draft(admin, typed=typed)
    with pytest.raises(RequestError):
        save_draft(admin, typed=TYPED, upload_id=str(uuid4()))
    assert MOST_DRAFTS >= FaxDraft.rows.count() == 2
    Membership.objects.filter(account_id=admin.account_id, user_id=admin.user_id).delete()
    assert not FaxDraft.rows.exists()
    with time_machine.travel(clock.now() + timedelta(days=2)):
        sweep.sweep()
    assert not Upload.rows.exists()
