"""Inbox and outbox: what stands in a row, and what the filters in the address do."""

from datetime import timedelta

import pytest

from accounts import clock
from faxes.models import Fax
from faxes.queries import faxes as queries
from tests.portal.conftest import element

BUSY, GOOD = "+12025550101", "+12025550100"


def text(response):
    return " ".join(response.content.decode().split())


def test_a_row_says_who_what_how_many_pages_and_how_it_stands(world, visit, send, work):
    fax = send(world.northside, GOOD, pages=2, subject="Referral for Mrs. Ellis")
    work.run_to_end()
    page = text(visit(world.northside).get("outbox"))
    assert "(202) 555-0100" in page
    assert "Referral for Mrs. Ellis" in page
    assert "2 pages" in page
    assert "Delivered" in page
    assert f"/faxes/{fax.pk}/pages/1.png?width=" in page


def test_what_nobody_has_read_is_marked_and_counted(world, visit, arrived):
    page = text(visit(world.northside).get("inbox"))
    assert 'class="row unread"' in page
    assert "Unread:" in page


def test_another_account_sees_nothing_of_it(world, visit, arrived):
    page = text(visit(world.redwood).get("inbox"))
    assert str(arrived.pk) not in page
    assert "Nothing has come in yet" in page


def test_empty_lists_teach_the_first_step(world, visit):
    assert "+1 202 555 0100" in text(visit(world.northside).get("outbox"))
    assert "(202) 555-0121" in text(visit(world.northside).get("inbox"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=lease", True),
        ("?q=5550101", True),
        ("?q=nothing-like-it", False),
        ("?status=queued", True),
        ("?status=delivered", False),
        ("?number=%28202%29+555-0101", True),
        ("?number=%28202%29+555-0100", False),
        ("?from=2020-01-01", True),
        ("?to=2020-01-01", False),
    ],
)
def test_filters_narrow_the_list(world, visit, send, work, query, found):
    send(world.northside, BUSY, subject="The lease")
    work.run()
    response = visit(world.northside).get("outbox", query)
    assert response.status_code == 200
    assert ("(202) 555-0101" in part_of_list(response)) is found


def part_of_list(response):
    page = text(response)
    return page[page.index('id="fax-list"') :]


def test_the_inbox_can_show_only_what_is_unread(world, visit, arrived):
    visitor = visit(world.northside)
    assert str(arrived.pk) in part_of_list(visitor.get("inbox", "?unread=1"))
    visitor.post("fax-read", {"read": "1"}, fax=arrived.pk)
    assert str(arrived.pk) not in part_of_list(visitor.get("inbox", "?unread=1"))


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("?from=yesterday", "from", "“yesterday” is not a date. Write it as 2026-12-31."),
        ("?to=31.12.2026", "to", "“31.12.2026” is not a date. Write it as 2026-12-31."),
        ("?number=12", "number", "“12” is not a complete fax number."),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_beside_it_and_kept(
    world, visit, query, name, sentence
):
    response = visit(world.northside).get("outbox", query)
    assert response.status_code == 422
    assert sentence in text(response)
    field = element(response, name)
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == f"{name}-error"
    assert field["value"] == query.split("=")[1]


@pytest.mark.parametrize("query", ["?status=lost", "?faxbox=the-red-one", "?cursor=here"])
def test_other_words_that_mean_nothing_are_told_too(world, visit, query):
    assert visit(world.northside).get("outbox", query).status_code == 422


def test_a_long_list_goes_on_with_what_is_older(world, visit, send, monkeypatch):
    monkeypatch.setattr(queries.list_faxes, "__kwdefaults__", {"cursor": "", "size": 2})
    faxes = [send(world.northside, GOOD, subject=f"Number {n}") for n in range(3)]
    first = visit(world.northside).get("outbox")
    assert str(faxes[0].pk) not in text(first)
    older = text(first).split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = text(visit(world.northside).client.get(older.replace("&amp;", "&")))
    assert str(faxes[0].pk) in second
    assert str(faxes[2].pk) not in second


def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    world, visit, send, django_assert_num_queries
):
    visitor = visit(world.northside)
    send(world.northside, GOOD)
    visitor.get("outbox")
    with django_assert_num_queries(16):
        visitor.get("outbox")
    for number in range(5):
        send(world.northside, GOOD, subject=str(number))
    with django_assert_num_queries(16):
        visitor.get("outbox")


def test_times_are_told_in_plain_words_and_exactly_on_hover(world, visit, send):
    fax = send(world.northside, GOOD)
    moment = clock.now() - timedelta(days=1)
    Fax.rows.filter(pk=fax.pk).update(created_at=moment)
    page = text(visit(world.northside).get("outbox"))
    assert "Yesterday, " in page
    assert f"{moment.year}, " in page


@pytest.mark.parametrize("query", ["?to=9999-12-31", "?from=0001-01-01"])
@pytest.mark.parametrize("name", ["inbox", "outbox"])
def test_days_at_the_ends_of_the_calendar_are_wrong_dates(world, visit, name, query):
    assert visit(world.northside).get(name, query).status_code == 422
