"""Log-ins end: of whoever does nothing, and after a working day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def day(world):
    """A clock, and a client that signed in as it stood at eight."""
    with time_machine.travel(MORNING, tick=False) as clock:
        client = Client()
        client.force_login(world.northside.people["admin"])
        path = f"/a/{world.northside.id}/inbox/"
        assert client.get(path).status_code == 200

        def at(minutes, **headers):
            clock.move_to(MORNING + timedelta(minutes=minutes))
            return client.get(path, headers=headers)

        yield at


def test_who_does_nothing_for_half_an_hour_is_signed_out_and_told_so(day):
    assert day(29).status_code == 200
    answer = day(29 + 30)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    shown = answer.client.get(answer["Location"]).content.decode()
    assert "nothing was done here for a while" in shown


def test_a_page_that_looks_for_news_by_itself_keeps_nobody_signed_in(day):
    for minute in range(1, 30):
        assert day(minute, **{"X-Fragment": "1"}).status_code == 200
        assert day(minute, **{"Sec-Fetch-Dest": "image"}).status_code == 200
    assert day(31).status_code == 302


def test_after_twelve_hours_everybody_signs_in_again(day):
    for minute in range(20, 12 * 60, 20):
        assert day(minute).status_code == 200
    assert day(12 * 60).status_code == 302


def test_a_site_may_have_it_shorter(day, settings):
    settings.SESSION_IDLE_SECONDS = 15 * 60
    assert day(14).status_code == 200
    assert day(30).status_code == 302
