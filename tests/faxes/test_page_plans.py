"""Pages of documents that were brought: put in order, turned, left out, and sent just so."""

from functools import partial

import numpy as np
import pytest

from faxes import vault
from faxes.documents import tiff
from faxes.enums import DocumentRole, ErrorCode
from faxes.errors import InvalidRequest
from faxes.models import Document, Fax, Upload
from faxes.services import page_plans
from faxes.services.page_plans import change_pages, moved, put_at, turned, with_again, without
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, forward_fax, submit_fax
from tests import papers
from tests.faxes.seen import pages_of


@pytest.fixture
def brought(world):
    """Two documents, of three pages and of one."""
    documents = [
        papers.incoming(papers.pdf(3), "letter.pdf"),
        papers.incoming(papers.png(900, 500), "plan.png"),
    ]
    return prepare_upload(world.northside.admin, documents=documents, quality="fine")


def changed(world, upload, change, **more):
    return change_pages(world.northside.admin, upload_id=upload.pk, change=partial(change, **more))


def same(one, other):
    return one.shape == other.shape and bool((one == other).all())


def refused(world, upload, change, **more):
    with pytest.raises(InvalidRequest) as told:
        changed(world, upload, change, **more)
    return told.value.errors[0].code


def test_what_is_sent_are_the_pages_in_the_order_and_turned_as_they_were_put(world, work, brought):
    before = pages_of(brought.rendered["key"])
    upload = changed(world, brought, moved, page=1, by=1)
    upload = changed(world, upload, without, page=3)
    upload = changed(world, upload, put_at, page=4, place=1)
    upload = changed(world, upload, turned, page=2)
    upload = changed(world, upload, turned, page=2)
    assert upload.plan == [[4, 0], [2, 2], [1, 0]]
    fax = submit_fax(
        world.northside.admin,
        request=FaxRequest(to=world.lakeside.number, upload_id=str(upload.pk)),
        origin="test",
    )[0]
    work.run_to_end()
    arrived = Fax.rows.get(direction="inbound")
    received = pages_of(Document.rows.get(fax=arrived, role=DocumentRole.RECEIVED).key)
    assert len(received) == 3
    own = pages_of(Document.rows.get(fax=fax, role=DocumentRole.RENDERED).key)
    assert same(own[0], before[3])
    assert same(own[2], before[0])
    upside_down = before[1][::-1, ::-1]
    assert (own[1] != upside_down).mean() < 0.01  # drawn anew, so not dot for dot
    assert own[1].sum() == pytest.approx(upside_down.sum(), rel=0.2)


def test_a_page_that_is_turned_is_laid_on_the_whole_width_anew(world, brought):
    upright = pages_of(brought.rendered["key"])[0]
    upload = changed(world, brought, turned, page=1)
    across = pages_of(upload.rendered["key"])[0]
    # Two lines of type at the upper left come to stand at the upper right, from top to bottom.
    rows, columns = np.nonzero(across)
    assert across.shape[1] == tiff.COLUMNS
    assert columns.min() > tiff.COLUMNS / 2
    assert np.ptp(rows) * 204 / 196 > np.ptp(columns)
    for _ in range(3):
        upload = changed(world, upload, turned, page=1)
    assert upload.plan == []
    assert same(pages_of(upload.rendered["key"])[0], upright)


def test_what_was_left_out_goes_nowhere_also_when_the_fax_is_sent_on(world, work, brought):
    sources = [each["key"] for each in brought.sources]
    upload = changed(world, brought, without, page=2)
    request = FaxRequest(to="+12025550100", upload_id=str(upload.pk), cover="plain")
    fax = submit_fax(world.northside.admin, request=request, origin="test")[0]
    work.run_to_end()
    sent_on = forward_fax(world.northside.admin, fax_id=fax.pk, to="+12025550101")[0]
    work.run_to_end()
    assert Fax.rows.get(pk=sent_on.pk).pages == 3
    assert not set(sources) & set(vault.keys_of(world.northside.id))


def test_another_quality_and_more_documents_keep_the_order(world, brought):
    actor = world.northside.admin
    upload = changed(world, brought, put_at, page=4, place=1)
    prepare_upload(actor, documents=[], quality="standard", upload_id=str(upload.pk))
    more = [papers.incoming(papers.pdf(1, "More"), "more.pdf")]
    upload = prepare_upload(actor, documents=more, quality="standard", upload_id=str(upload.pk))
    assert [page for page, _ in upload.plan] == [4, 1, 2, 3, 5]
    assert upload.rendered["pages"] == 5
    page_plans.without_document(actor, upload_id=upload.pk, position=0)
    upload = Upload.rows.get()
    assert ([each["name"] for each in upload.sources], upload.plan) == (
        ["plan.png", "more.pdf"],
        [],
    )
    page_plans.without_document(actor, upload_id=upload.pk, position=0)
    assert page_plans.without_document(actor, upload_id=upload.pk, position=0) is None
    assert not Upload.rows.exists()


def test_a_page_is_put_back_where_it_was(world, brought):
    upload = changed(world, brought, without, page=2)
    assert page_plans.left_out(upload) == [2]
    assert changed(world, upload, with_again, page=2).plan == []


def test_what_cannot_be_done_changes_nothing(world, brought):
    for page in (0, 5):
        assert refused(world, brought, turned, page=page) == ErrorCode.PAGES_INVALID
    assert refused(world, brought, lambda plan: (*plan, plan[0])) == ErrorCode.PAGES_INVALID
    assert refused(world, brought, lambda _plan: ()) == ErrorCode.NO_PAGES_LEFT
    assert Upload.rows.get().rendered == brought.rendered
    with pytest.raises(InvalidRequest) as told:
        change_pages(world.lakeside.admin, upload_id=brought.pk, change=lambda plan: plan[:1])
    assert told.value.errors[0].code == ErrorCode.UPLOAD_NOT_FOUND


def test_who_was_slower_does_what_they_meant_to_what_is_there(world, brought):
    def late(plan):
        if len(plan) == 4:
            changed(world, brought, without, page=1)  # meanwhile, in another window
        return without(plan, page=3)

    upload = change_pages(world.northside.admin, upload_id=brought.pk, change=late)
    assert upload.plan == [[2, 0], [4, 0]]
