"""Lists: in order, whole, and at the same cost however many faxes there are."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.ids import new_id
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.errors import RequestError
from faxes.models import Fax
from faxes.queries.faxes import FaxFilter, list_faxes

OUT = FaxFilter(direction=Direction.OUTBOUND)


def make(tenant, count, *, direction=Direction.OUTBOUND, state=FaxState.DELIVERED, **fields):
    faxes = [
        Fax(
            id=new_id(),
            account=tenant.account,
            direction=direction,
            state=state,
            outcome=Outcome.DELIVERED,
            faxbox=tenant.faxbox,
            from_number=tenant.number,
            to_number="+12025550100",
            quality=Quality.FINE,
            paper=Paper.LETTER,
            pages=1,
            created_at=clock.now() - timedelta(minutes=count - n),
            **fields,
        )
        for n in range(count)
    ]
    return Fax.objects.bulk_create(faxes)


def test_paging_shows_every_fax_once_newest_first(world):
    made = make(world.northside, 25)
    seen, cursor = [], ""
    while True:
        page = list_faxes(world.northside.admin, OUT, cursor=cursor, size=10)
        seen += [fax.pk for fax in page.faxes]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [fax.pk for fax in reversed(made)]


def test_a_fax_that_arrives_while_one_pages_shifts_nothing(world):
    make(world.northside, 6)
    first = list_faxes(world.northside.admin, OUT, size=3)
    make(world.northside, 2)
    second = list_faxes(world.northside.admin, OUT, cursor=first.next_cursor, size=3)
    shown = [fax.pk for page in (first, second) for fax in page.faxes]
    assert len(set(shown)) == 6


@pytest.mark.parametrize("cursor", ["x", "!!!!", "AAAA", "a" * 500, "\x00"])
def test_a_cursor_that_is_not_ours_is_refused(world, cursor):
    with pytest.raises(RequestError):
        list_faxes(world.northside.admin, OUT, cursor=cursor)


def test_a_list_holds_only_the_accounts_own(world):
    make(world.lakeside, 3)
    assert not list_faxes(world.northside.admin, OUT).faxes


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"q": "biopsy"}, 1),
        ({"q": "BIOPSY results"}, 1),
        ({"q": "biopsy invoice"}, 0),
        ({"q": "555-0100"}, 4),
        ({"states": (FaxState.FAILED,)}, 1),
        ({"number": "+12025550100"}, 4),
        ({"number": "+12025550101"}, 0),
        ({"until": clock.now() - timedelta(days=2)}, 0),
        ({"since": clock.now() - timedelta(days=2)}, 4),
    ],
)
def test_a_filter_narrows(world, shown, found):
    make(world.northside, 2)
    make(world.northside, 1, subject="Biopsy results")
    make(world.northside, 1, state=FaxState.FAILED)
    page = list_faxes(world.northside.admin, FaxFilter(direction=Direction.OUTBOUND, **shown))
    assert len(page.faxes) == found


@pytest.mark.parametrize("name", ["inbox", "outbox"])
def test_a_list_page_asks_the_database_as_often_for_fifty_faxes_as_for_two(
    world, django_assert_max_num_queries, name
):
    client = Client()
    client.force_login(world.northside.people["admin"])
    url = reverse(name, kwargs={"account": world.northside.id})
    direction = Direction.INBOUND if name == "inbox" else Direction.OUTBOUND
    state = FaxState.RECEIVED if name == "inbox" else FaxState.DELIVERED
    make(world.northside, 2, direction=direction, state=state)
    client.get(url)
    with django_assert_max_num_queries(16) as few:
        client.get(url)
    asked = len(few.captured_queries)
    make(world.northside, 50, direction=direction, state=state)
    with django_assert_max_num_queries(asked):
        assert client.get(url).status_code == 200


def test_a_fax_page_asks_the_database_a_fixed_number_of_times(
    world, work, send, django_assert_max_num_queries
):
    fax = send(world.northside, "+12025550101", pages=3)
    work.run_to_end()
    client = Client()
    client.force_login(world.northside.people["admin"])
    address = reverse("fax", kwargs={"account": world.northside.id, "fax": fax.pk})
    # nine of them put the look on record, three that somebody is at work
    with django_assert_max_num_queries(32):
        assert client.get(address).status_code == 200
    with django_assert_max_num_queries(22):
        assert client.get(address).status_code == 200
