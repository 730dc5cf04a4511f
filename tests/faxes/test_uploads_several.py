"""An upload that is for several faxes: its files go with the last row that names them."""

from datetime import timedelta

import pytest

from accounts import clock
from faxes.errors import InvalidRequest
from faxes.models import Document, Erasure, Fax, LineCall, Upload
from faxes.services import erasure, preview, submit, sweep, uploads
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.uploads import UploadRef
from tests import papers
from tests.stored import stored_files

FAR = "+12025550100"


@pytest.fixture
def clinic(world):
    return world.northside


@pytest.fixture
def brought(clinic):
    """``brought()``: an upload of one page for several faxes."""

    def made(text="A fax page"):
        document = papers.incoming(papers.pdf(1, text))
        return preview.prepare_upload(
            clinic.admin, documents=[document], quality="fine", several=True
        )

    return made


def send(clinic, *brought, to=FAR):
    parts = [UploadRef(str(each.pk)) for each in brought]
    return submit_fax(clinic.admin, request=FaxRequest(to=to, documents=parts), origin="test")[0]


def files_of(upload):
    return {each["key"] for each in (*upload.sources, upload.rendered)}


def all_named():
    """What rows name."""
    held = Upload.rows.values_list("sources", "rendered")
    of_uploads = {file["key"] for sources, rendered in held for file in (*sources, rendered)}
    return of_uploads | set(Document.rows.values_list("key", flat=True))


def settle(work):
    """Whatever is due is destroyed; what is left is just what rows name."""
    Erasure.objects.update(due_at=clock.now())
    erasure.erase_due()
    calls = LineCall.objects.values_list("document_key", "received_key")
    of_calls = {key for pair in calls for key in pair if key}
    assert stored_files() - of_calls == all_named()


def test_it_is_sent_several_times_alone_and_among_others(work, clinic, brought):
    one, other = brought(), brought("Another")
    alone = [send(clinic, one), send(clinic, one)]
    together = send(clinic, one, other, one)
    work.run_to_end()
    assert set(Fax.rows.values_list("state", flat=True)) == {"delivered"}
    assert [fax.pages for fax in (*alone, together)] == [1, 1, 3]
    assert Upload.rows.count() == 2
    settle(work)


def test_a_fax_that_is_deleted_takes_nothing_from_those_that_share_its_files(work, clinic, brought):
    upload = brought()
    first, second = send(clinic, upload), send(clinic, upload)
    work.run_to_end()
    delete_fax(clinic.admin, fax_id=first.pk)
    settle(work)
    assert files_of(upload) <= stored_files()
    third = send(clinic, upload)
    strip_fax(clinic.admin, fax_id=second.pk)
    settle(work)
    work.run_to_end()
    third.refresh_from_db()
    assert third.state == "delivered"


def test_its_day_ends_for_it_and_not_for_the_faxes(work, clinic, brought):
    upload = brought()
    fax = send(clinic, upload)
    work.run_to_end()
    work.pass_time(uploads.KEPT_FOR + timedelta(minutes=1))
    assert not Upload.rows.exists()
    settle(work)
    assert files_of(upload) <= stored_files()
    with pytest.raises(InvalidRequest):
        send(clinic, upload)
    delete_fax(clinic.admin, fax_id=fax.pk)
    settle(work)
    assert not files_of(upload) & stored_files()


def test_once_nobody_sent_it_its_files_go_with_its_day(work, brought):
    brought()
    work.pass_time(uploads.KEPT_FOR + timedelta(minutes=1))
    settle(work)
    assert stored_files() == set()


@pytest.mark.parametrize("step", ["attach", "admit"])
def test_a_process_that_dies_while_sending_leaves_it_as_it_was(
    work, clinic, brought, monkeypatch, step
):
    upload = brought()

    def dies(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(submit, step, dies)
        with pytest.raises(SystemExit):
            send(clinic, upload)
    assert not Fax.rows.exists()
    settle(work)
    assert files_of(upload) <= stored_files()
    assert send(clinic, upload).pages == 1


def test_a_fax_that_is_made_while_its_day_ends_keeps_its_files(work, clinic, brought, monkeypatch):
    upload = brought()
    Upload.rows.update(expires_at=clock.now() + timedelta(seconds=30))
    locked = uploads.locked

    def as_it_ends(row):
        found = locked(row)
        Upload.rows.filter(pk=row.pk).update(expires_at=clock.now())
        return found

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "locked", as_it_ends)
        fax = send(clinic, upload)
    Upload.rows.update(expires_at=clock.now())
    sweep.sweep()
    assert not Upload.rows.exists()
    settle(work)
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.state == "delivered"


def test_a_note_from_before_spares_what_was_sent_since(work, clinic, brought, monkeypatch):
    upload = brought()
    first = send(clinic, upload)
    work.run_to_end()
    with monkeypatch.context() as patch:  # the files are noted to go, and nobody looks yet
        patch.setattr(erasure, "erase_due", lambda: None)
        delete_fax(clinic.admin, fax_id=first.pk)
        second = send(clinic, upload)
        uploads.discard(upload)
    settle(work)
    work.run_to_end()
    second.refresh_from_db()
    assert second.state == "delivered"
