"""The small forms by which people change the next try of a fax."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.roles import Role
from faxes.enums import FaxState
from faxes.models import Fax
from tests.portal.test_fax_page import BUSY, GONE, GOOD, text

ACTS = ("now", "later", "elsewhere", "none")


@pytest.fixture
def busy(world, send, work, settings):
    settings.RETRY_SCALE = 1
    fax = send(world.northside, BUSY, pages=2)
    work.run()
    fax.refresh_from_db()
    return fax


def change(visitor, fax, act, **form):
    return visitor.post(f"fax-next-try-{act}", {"seen": "1", **form}, fax=fax.pk)


def test_the_page_tells_why_it_waits_and_until_when(world, visit, busy):
    page = text(visit(world.northside).get("fax", fax=busy.pk))
    assert "Busy. Next try:" in page
    assert ">in 5 min</time>" in page
    for words in ("Try now", "Put it off", "To another number instead", "Do not try again"):
        assert words in page


def test_one_that_is_sent_later_says_so(world, visit, send, work):
    fax = send(world.northside, GOOD, send_at=(clock.now() + timedelta(hours=30)).isoformat())
    work.run()
    page = text(visit(world.northside).get("fax", fax=fax.pk))
    assert "Will be sent:" in page
    assert ">in 2 days</time>" in page
    assert "Send it now" in page
    assert "Do not send it" in page


def test_a_viewer_reads_it_and_gets_no_forms(world, visit, busy):
    page = text(visit(world.northside, Role.VIEWER).get("fax", fax=busy.pk))
    assert "Busy. Next try:" in page
    assert "next-try/" not in page


def test_a_fax_that_does_not_wait_has_no_next_try(world, visit, send, work):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    assert 'id="next-try"' not in text(visit(world.northside).get("fax", fax=fax.pk))


def test_it_is_tried_now(world, visit, busy, work):
    visitor = visit(world.northside)
    assert change(visitor, busy, "now").url == visitor.address("fax", fax=busy.pk)
    assert "Somebody asked to try it at once" in text(visitor.get("fax", fax=busy.pk))
    work.run()
    busy.refresh_from_db()
    assert busy.tries == 2


def test_it_is_put_off(world, visit, busy):
    visitor = visit(world.northside)
    change(visitor, busy, "later", send_at="2026-12-24T08:00")
    page = text(visitor.get("fax", fax=busy.pk))
    assert "Somebody put the next try off" in page
    assert "December 24, 8 a.m." in page


def test_a_wrong_time_is_told_beside_it_and_kept(world, visit, busy):
    response = change(visit(world.northside), busy, "later", send_at="2020-01-01T08:00")
    assert response.status_code == 422
    page = text(response)
    assert "Choose a time to send that lies within the next year." in page
    assert 'value="2020-01-01T08:00"' in page
    assert 'aria-describedby="next-try-zone next-try-at-error"' in page


def test_to_another_number_each_fax_leads_to_the_other(world, visit, busy, work):
    visitor = visit(world.northside)
    response = change(visitor, busy, "elsewhere", to="(202) 555-0100")
    instead = Fax.rows.get(copied_from=busy.pk)
    assert response.url == visitor.address("fax", fax=instead.pk)
    work.run_to_end()
    there = text(visitor.get("fax", fax=instead.pk))
    old = f'<a href="{visitor.address("fax", fax=busy.pk)}">(202) 555-0101</a>'
    assert f"Handed in, to be sent here instead of to {old}" in there
    here = text(visitor.get("fax", fax=busy.pk))
    assert f'Sent to another number instead <a href="{response.url}">(202) 555-0100</a>' in here
    visitor.post("fax-delete", fax=instead.pk)
    visitor.get("outbox")  # which says that it is deleted
    assert "555-0100" not in text(visitor.get("fax", fax=busy.pk)), "it went with its fax"


def test_a_wrong_number_is_told_beside_it_and_kept(world, visit, busy):
    response = change(visit(world.northside), busy, "elsewhere", to="12")
    assert response.status_code == 422
    page = text(response)
    assert "“12” is not a complete fax number." in page
    assert 'value="12"' in page
    assert Fax.rows.get().state == FaxState.QUEUED


def test_a_form_that_is_sent_twice_sends_one_fax(world, visit, busy):
    visitor = visit(world.northside)
    first, again = (change(visitor, busy, "elsewhere", to=GOOD, form_key="one") for _ in range(2))
    assert first.url == again.url
    assert Fax.rows.count() == 2


def test_it_is_not_tried_any_more(world, visit, busy):
    visitor = visit(world.northside)
    change(visitor, busy, "none")
    assert Fax.rows.get().state == FaxState.FAILED
    assert 'id="next-try"' not in text(visitor.get("fax", fax=busy.pk))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("seen", ["0", "", "x", "9" * 30])
def test_a_try_that_was_meanwhile_wins_and_is_told(world, visit, busy, act, seen):
    form = {"seen": seen, "to": GOOD, "send_at": "2026-12-24T08:00"}
    response = visit(world.northside).post(f"fax-next-try-{act}", form, fax=busy.pk)
    assert response.status_code == 409
    assert "Nothing was changed: a try has begun meanwhile" in text(response)
    due_at = busy.due_at
    busy.refresh_from_db()
    assert (busy.state, busy.due_at) == (FaxState.QUEUED, due_at)


def test_given_up_it_says_why_and_what_to_do(world, visit, send, work):
    fax = send(world.northside, GONE)
    work.run_to_end()
    page = text(visit(world.northside).get("fax", fax=fax.pk))
    assert "The number is not in service. Check the number, then send it again." in page
