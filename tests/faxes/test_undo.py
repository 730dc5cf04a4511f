"""Undo: what was sent from a page a moment ago is taken back or sent, never both."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import AuditEntry
from accounts.services.ledger_audit import discrepancies
from faxes import lifecycle
from faxes.enums import FaxState
from faxes.errors import FaxError, InvalidRequest
from faxes.models import Attempt, Fax, Upload
from faxes.queries.faxes import batch_of
from faxes.services import control, transmit, undo
from faxes.services.drafts import save_draft
from faxes.services.page_plans import Leaf, change_pages, left_out
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.uploads import expire_uploads
from tests import papers

GOOD = "+12025550100"
WINDOW = timedelta(seconds=10)


@pytest.fixture
def sent(world, settings):
    """``sent()`` is a fax sent from a page, which can be undone for ten seconds."""
    settings.UNDO_SECONDS = 10

    def submit(to=GOOD, origin="portal", **more):
        asked = FaxRequest(to, [papers.incoming(papers.pdf())], **more)
        return submit_fax(world.northside.member, request=asked, origin=origin)

    return submit


def now_is(fax):
    fax.refresh_from_db()
    return fax


def test_its_pages_are_made_at_once_and_it_is_dialled_when_the_time_is_over(sent, work):
    (fax,) = sent()
    work.run()
    transmit.transmit(fax.pk)
    assert (now_is(fax).state, fax.tries) == (FaxState.QUEUED, 0)
    work.pass_time(WINDOW)
    work.run_to_end()
    assert (now_is(fax).state, fax.tries) == (FaxState.DELIVERED, 1)


def test_what_programs_send_goes_at_once(sent, work):
    (fax,) = sent(origin="api")
    work.run()
    assert now_is(fax).tries == 1


def test_undone_it_is_never_dialled_and_all_that_went_with_it(sent, work, world):
    faxes = sent(f"{GOOD}, +12025550101", cover="plain", subject="Hello")
    undone = undo.undo(world.northside.member, fax_id=faxes[1].pk)
    assert undone.upload is not None
    assert (undone.upload.rendered["pages"], len(undone.upload.sources)) == (1, 1)
    work.pass_time(WINDOW)
    work.run_to_end()
    assert [now_is(fax).state for fax in faxes] == [FaxState.CANCELED] * 2
    assert not Attempt.rows.exists()
    assert AuditEntry.objects.filter(action="fax.undo").count() == 2
    assert not list(discrepancies())


def test_only_who_sent_it_may_and_only_in_time(sent, work, world):
    (fax,) = sent()
    for actor in (world.northside.admin, world.lakeside.admin, world.northside.viewer):
        with pytest.raises(Exception) as refused:  # noqa: PT011 (each in its own way)
            undo.undo(actor, fax_id=fax.pk)
        assert type(refused.value).__name__ in {"MoveNotAllowed", "FaxNotFound", "NotAllowed"}
    work.run()
    work.pass_time(WINDOW)
    with pytest.raises(FaxError):
        undo.undo(world.northside.member, fax_id=fax.pk)
    assert now_is(fax).state != FaxState.CANCELED


@pytest.mark.parametrize("first", ["worker", "sender"])
def test_of_worker_and_sender_exactly_one_wins(sent, work, world, monkeypatch, first):
    """Each has read the fax before the other acts, by clocks that differ by the whole window."""
    (fax,) = sent()
    work.run()
    as_read = list(Fax.rows.select_related("faxbox", "account").filter(pk=fax.pk))
    late = clock.now() + WINDOW

    def dial():
        lease = timedelta(seconds=20)
        row = Fax.rows.get(pk=fax.pk) if first == "worker" else as_read[0]
        return lifecycle.open_attempt(row, carrier=None, now=late, lease=lease)

    if first == "worker":
        assert dial() is not None
        stale = iter([as_read])
        real = batch_of
        monkeypatch.setattr(
            "faxes.services.undo.batch_of", lambda *asked: next(stale, None) or real(*asked)
        )
        with pytest.raises(FaxError):
            undo.undo(world.northside.member, fax_id=fax.pk)
        assert now_is(fax).state == FaxState.SENDING
    else:
        undo.undo(world.northside.member, fax_id=fax.pk)
        assert dial() is None
        assert now_is(fax).state == FaxState.CANCELED


def test_of_several_that_went_together_all_are_undone_or_none(sent, work, world):
    faxes = sent(f"{GOOD}, +12025550101")
    control.cancel_fax(world.northside.member, fax_id=faxes[0].pk)
    with pytest.raises(FaxError):
        undo.undo(world.northside.member, fax_id=faxes[1].pk)
    assert now_is(faxes[1]).state == FaxState.PREPARING


def test_pages_that_were_put_in_order_come_back_with_their_documents_and_their_order(
    world, settings, work
):
    settings.UNDO_SECONDS = 10
    member = world.northside.member
    upload = prepare_upload(
        member, documents=[papers.incoming(papers.pdf(3), "letter.pdf")], quality="fine"
    )
    plan = ((3, 1), (1, 0))
    change_pages(member, upload_id=upload.pk, change=lambda _: tuple(Leaf(*each) for each in plan))
    asked = FaxRequest(GOOD, upload_id=str(upload.pk))
    (fax,) = submit_fax(member, request=asked, origin="portal")
    with pytest.raises(InvalidRequest):  # meanwhile it is not to be sent once more
        submit_fax(member, request=asked, origin="portal")
    undone = undo.undo(member, fax_id=fax.pk)
    assert undone.upload is not None
    assert [source["name"] for source in undone.upload.sources] == ["letter.pdf"]
    assert undone.upload.plan == [list(each) for each in plan]
    assert left_out(undone.upload) == [2]
    (again,) = submit_fax(member, request=asked, origin="portal")
    assert again.pages == 2
    work.pass_time(timedelta(minutes=2))
    work.run_to_end()
    expire_uploads(clock.now())
    assert not Upload.rows.exists(), "what was left out is kept no longer than it can be undone"
    assert (now_is(again).state, now_is(fax).state) == (FaxState.DELIVERED, FaxState.CANCELED)


def test_what_was_left_out_goes_after_that_moment_also_if_a_draft_had_it(world, settings, work):
    settings.UNDO_SECONDS = 10
    member = world.northside.member
    upload = prepare_upload(member, documents=[papers.incoming(papers.pdf(2))], quality="fine")
    change_pages(member, upload_id=upload.pk, change=lambda _: (Leaf(1, 0),))
    draft = save_draft(member, typed={"subject": "Hello"}, upload_id=str(upload.pk))
    submit_fax(member, request=FaxRequest(GOOD, upload_id=str(upload.pk)), origin="portal")
    assert expire_uploads(clock.now()) == 0, "it can be undone still"
    work.pass_time(timedelta(minutes=2))
    expire_uploads(clock.now())
    assert not Upload.rows.exists()
    draft.refresh_from_db()
    assert (draft.upload, draft.typed) == (None, {"subject": "Hello"})
