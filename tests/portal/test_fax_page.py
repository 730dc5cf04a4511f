"""The page of a fax: what it shows, reading, and everything that can be done with the fax."""

from datetime import timedelta

import pytest

from accounts.roles import Role
from faxes.enums import FaxState
from faxes.models import Fax

BUSY, GOOD, GONE = "+12025550101", "+12025550100", "+12025550108"


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def delivered(world, send, work):
    fax = send(world.northside, GOOD, pages=2, subject="Referral")
    work.run_to_end()
    return fax


def test_it_shows_pages_standing_timeline_and_the_facts_of_the_call(world, visit, delivered):
    page = text(visit(world.northside).get("fax", fax=delivered.pk))
    for words in ("To (202) 555-0100", "Referral", "2 pages", "Handed in", "Calling", "Delivered"):
        assert words in page
    assert f"/faxes/{delivered.pk}/pages/2.png" in page
    assert "bit/s" in page
    assert "Transmission report" in page


def test_opening_an_arrival_marks_it_read(world, visit, arrived):
    assert visit(world.northside, Role.MEMBER).get("fax", fax=arrived.pk).status_code == 200
    arrived.refresh_from_db()
    assert arrived.read_at is not None


def test_a_viewers_look_does_not_mark_it_read(world, visit, arrived):
    viewer = visit(world.northside, Role.VIEWER)
    assert viewer.get("fax", fax=arrived.pk).status_code == 200
    arrived.refresh_from_db()
    assert arrived.read_at is None


def test_a_browser_that_only_looks_ahead_does_not_mark_it_read(world, visit, arrived):
    visitor = visit(world.northside)
    address = visitor.address("fax", fax=arrived.pk)
    visitor.client.get(address, headers={"Sec-Purpose": "prefetch;prerender"})
    visitor.client.head(address)
    arrived.refresh_from_db()
    assert arrived.read_at is None


def test_marked_unread_it_stays_so_in_the_inbox(world, visit, arrived):
    visitor = visit(world.northside)
    visitor.get("fax", fax=arrived.pk)
    response = visitor.post("fax-read", {"read": "0"}, fax=arrived.pk)
    assert response.url == visitor.address("inbox")
    assert 'class="row unread"' in text(visitor.get("inbox"))


def test_a_waiting_fax_is_canceled(world, visit, send):
    fax = send(world.northside, GOOD)
    visitor = visit(world.northside)
    response = visitor.post("fax-cancel", fax=fax.pk)
    assert response.url == visitor.address("fax", fax=fax.pk)
    assert "Canceled before it was sent" in text(visitor.get("fax", fax=fax.pk))


def test_a_finished_fax_cannot_be_canceled_and_the_page_says_why(world, visit, delivered):
    response = visit(world.northside).post("fax-cancel", fax=delivered.pk)
    assert response.status_code == 409
    assert "This fax is finished: there is nothing left to cancel." in text(response)


def test_it_is_sent_again_as_a_new_fax(world, visit, delivered):
    visitor = visit(world.northside)
    response = visitor.post("fax-resend", fax=delivered.pk)
    again = Fax.objects.for_account(world.northside.id).get(copied_from=delivered.pk)
    assert response.url == visitor.address("fax", fax=again.pk)
    assert again.to_number == delivered.to_number


def test_an_arrival_is_forwarded(world, visit, arrived, work):
    visitor = visit(world.northside)
    response = visitor.post("fax-forward", {"to": GOOD}, fax=arrived.pk)
    sent = Fax.objects.for_account(world.northside.id).get(copied_from=arrived.pk)
    assert response.url == visitor.address("fax", fax=sent.pk)
    work.run_to_end()
    sent.refresh_from_db()
    assert (sent.state, sent.pages) == (FaxState.DELIVERED, 3)


def test_forwarded_to_several_it_can_be_undone(world, visit, arrived, settings):
    settings.UNDO_SECONDS = 300
    visitor = visit(world.northside)
    response = visitor.post("fax-forward", {"to": f"{GOOD}, +12025550101"}, fax=arrived.pk)
    first = (
        Fax.objects.for_account(world.northside.id).filter(copied_from=arrived.pk).earliest("pk")
    )
    assert response.url == f"{visitor.address('outbox')}?sent={first.pk}"


def test_a_wrong_number_to_forward_to_is_told_beside_it_and_kept(world, visit, arrived):
    response = visit(world.northside).post("fax-forward", {"to": "12"}, fax=arrived.pk)
    assert response.status_code == 422
    page = text(response)
    assert "“12” is not a complete fax number." in page
    assert ">12</textarea>" in page
    assert 'aria-describedby="forward-error"' in page


def test_its_pages_are_removed_and_its_record_stays(world, visit, delivered):
    visitor = visit(world.northside)
    question = text(visitor.get("fax", fax=delivered.pk))
    assert "Remove the pages of the fax to (202) 555-0100?" in question
    assert "2 pages and documents will be gone for good; the record" in question
    visitor.post("fax-strip", fax=delivered.pk)
    page = text(visitor.get("fax", fax=delivered.pk))
    assert "The pages were removed" in page
    assert "pages/1.png" not in page
    assert "pages/1.png" not in text(visitor.get("outbox"))
    assert visitor.get("fax-document-pdf", fax=delivered.pk).status_code == 404


def test_it_is_deleted_and_the_list_says_so(world, visit, delivered):
    visitor = visit(world.northside)
    question = text(visitor.get("fax", fax=delivered.pk))
    assert "Delete the fax to (202) 555-0100?" in question
    response = visitor.post("fax-delete", fax=delivered.pk)
    assert response.url == visitor.address("outbox")
    assert "The fax to (202) 555-0100 is deleted." in text(visitor.get("outbox"))
    assert visitor.get("fax", fax=delivered.pk).status_code == 404


@pytest.mark.parametrize("act", ["fax-strip", "fax-delete", "fax-resend"])
def test_under_way_it_is_refused_with_the_reason(world, visit, send, work, act):
    fax = send(world.northside, BUSY)
    work.run()
    response = visit(world.northside).post(act, fax=fax.pk)
    assert response.status_code == 409
    assert "This fax is still under way. Cancel it first." in text(response)


def test_between_tries_it_says_when_it_goes_on(world, visit, send, work):
    fax = send(world.northside, BUSY)
    work.run()
    page = text(visit(world.northside).get("fax", fax=fax.pk))
    assert "Busy. Next try:" in page
    assert "Next try:" in page


def test_after_the_last_try_it_says_why_and_offers_to_send_again(world, visit, send, work):
    fax = send(world.northside, GONE)
    work.run()
    work.pass_time(timedelta(hours=1))
    page = text(visit(world.northside).get("fax", fax=fax.pk))
    assert "Not delivered: the number is not in service" in page
    assert "Send again" in page


@pytest.mark.parametrize(
    "act", ["fax-cancel", "fax-resend", "fax-forward", "fax-strip", "fax-delete", "fax-read"]
)
def test_a_viewer_can_do_nothing_but_look(world, visit, arrived, act):
    viewer = visit(world.northside, Role.VIEWER)
    page = text(viewer.get("fax", fax=arrived.pk))
    assert 'method="post" action="/a/' not in page
    assert viewer.post(act, {"to": GOOD}, fax=arrived.pk).status_code == 403
    assert Fax.objects.for_account(world.northside.id).count() == 1


@pytest.mark.parametrize(
    "act", ["fax-cancel", "fax-resend", "fax-forward", "fax-strip", "fax-delete", "fax-read"]
)
def test_a_stranger_finds_nothing(world, visit, arrived, act):
    stranger = visit(world.redwood)
    assert stranger.post(act, {"to": GOOD}, fax=arrived.pk).status_code == 404
    assert stranger.get("fax", fax=arrived.pk).status_code == 404


@pytest.mark.parametrize(
    "act", ["fax-cancel", "fax-resend", "fax-forward", "fax-strip", "fax-delete", "fax-read"]
)
def test_acts_want_a_post(world, visit, arrived, act):
    assert visit(world.northside).get(act, fax=arrived.pk).status_code == 405


@pytest.mark.parametrize("act", ["fax-resend", "fax-forward"])
def test_a_form_that_is_sent_twice_does_it_once(world, visit, delivered, act):
    visitor = visit(world.northside)
    form = {"to": GOOD, "form_key": "one"}
    first, again = (visitor.post(act, form, fax=delivered.pk) for _ in range(2))
    assert first.url == again.url
    assert Fax.objects.for_account(world.northside.id).count() == 2
