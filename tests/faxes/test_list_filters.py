"""Filters of lists: what they find, alone and together, and that an index leads each of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.ids import new_id
from faxes import paging
from faxes.enums import TERMINAL_STATES, Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax, FaxMetadata
from faxes.queries.faxes import FaxFilter, list_faxes
from tests.databases import IS_SQLITE, require_led
from tests.keys import key_at

OUT, IN = Direction.OUTBOUND, Direction.INBOUND
DELIVERED, FAILED, RECEIVED = FaxState.DELIVERED, FaxState.FAILED, FaxState.RECEIVED
THERE = "+12025550100"


def make(tenant, *, direction=OUT, state=DELIVERED, metadata=None, ago=timedelta(0), **fields):
    """A fax that has ended; ``ago`` is when, and its id tells the same."""
    moment = clock.now() - ago
    numbers = {"from_number": tenant.number, "to_number": THERE}
    fax = Fax.objects.create(
        id=key_at(moment),
        account=tenant.account,
        direction=direction,
        state=state,
        outcome=Outcome.DELIVERED,
        quality=Quality.FINE,
        paper=Paper.LETTER,
        pages=1,
        metadata=metadata or {},
        created_at=moment,
        finished_at=moment if state in TERMINAL_STATES else None,
        **{"faxbox": tenant.faxbox, **numbers, **fields},
    )
    for key, value in (metadata or {}).items():
        FaxMetadata.objects.create(account=tenant.account, fax=fax, key=key, value=value)
    return fax


def found(actor, size=100, **shown):
    """All faxes of a list, page by page."""
    seen: list[Fax] = []
    cursor = ""
    while True:
        page = list_faxes(actor, FaxFilter(**shown), cursor=cursor, size=size)
        seen += page.faxes
        cursor = page.next_cursor
        if not cursor:
            return seen


def test_a_list_without_direction_holds_both_and_turns_round(world):
    made = [make(world.northside, direction=way) for way in (OUT, IN, OUT, IN, OUT)]
    actor = world.northside.admin
    assert found(actor, size=2) == made[::-1]
    assert found(actor, size=2, oldest_first=True) == made


def test_several_states_or_both_ends_of_a_number_are_one_list_in_order(world):
    them = "+12025550177"
    made = [
        make(world.northside, state=FAILED, to_number=them),
        make(world.northside, direction=IN, state=RECEIVED, from_number=them),
        make(world.northside, state=DELIVERED, to_number=them),
        make(world.northside, state=FAILED),
        make(world.northside, state=FaxState.CANCELED, to_number=them),
        make(world.lakeside, state=FAILED, to_number=them),
    ]
    actor = world.northside.admin
    assert found(actor, size=2, states=(FAILED, DELIVERED)) == [made[i] for i in (3, 2, 0)]
    assert found(actor, size=2, number=them) == [made[i] for i in (4, 2, 1, 0)]
    assert found(actor, size=1, number=them, states=(FAILED, RECEIVED)) == [made[1], made[0]]


def test_metadata_finds_what_has_every_pair(world):
    actor = world.northside.admin
    both = make(world.northside, metadata={"case": "17", "ward": "3"})
    one = make(world.northside, state=FAILED, metadata={"case": "17"})
    make(world.northside, metadata={"case": "18", "ward": "3"})
    make(world.lakeside, metadata={"case": "17", "ward": "3"})
    assert found(actor, size=1, metadata={"case": "17"}) == [one, both]
    assert found(actor, metadata={"case": "17", "ward": "3"}) == [both]
    assert found(actor, metadata={"case": "17"}, states=(FAILED,)) == [one]
    assert not found(actor, metadata={"case": "17"}, direction=IN)


def test_times_bound_the_ids_and_are_exact(world):
    actor = world.northside.admin
    old, newer, new = (make(world.northside, ago=timedelta(days=days)) for days in (9, 5, 1))
    assert found(actor, since=newer.created_at, until=new.created_at) == [newer]
    assert found(actor, until=newer.created_at) == [old]
    assert found(actor, since=newer.created_at, metadata={}) == [new, newer]


def test_a_batch_and_a_broadcast_are_found(world):
    batch, broadcast = new_id(), new_id()
    made = [make(world.northside, batch_id=batch, broadcast_id=broadcast) for _ in range(3)]
    make(world.northside)
    actor = world.northside.admin
    assert found(actor, size=2, batch_id=batch, oldest_first=True) == made
    assert found(actor, size=2, broadcast_id=broadcast) == made[::-1]


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {  # and which indexes lead, each asked once
    "all": ({}, ["fax_list", "fax_list"]),
    "direction": ({"direction": OUT}, ["fax_list"]),
    "direction and state": ({"direction": OUT, "states": (FAILED,)}, ["fax_list_state"]),
    "state": ({"states": (FAILED,)}, ["fax_list_state"] * 2),
    "states": ({"states": (FAILED, DELIVERED)}, ["fax_list_state"] * 4),
    "faxbox": ({"faxbox_id": new_id()}, ["fax_list_faxbox"]),
    "faxbox of a direction": ({"faxbox_id": new_id(), "direction": IN}, ["fax_list_faxbox"]),
    "number": ({"number": THERE}, ["fax_list_to", "fax_list_from"]),
    "number and state": (
        {"number": THERE, "direction": OUT, "states": (DELIVERED,)},
        ["fax_list_to", "fax_list_from"],
    ),
    "unread": ({"unread": True}, ["fax_unread"]),
    "from a number": ({"from_number": THERE}, ["fax_list_from"]),
    "to a number": ({"to_number": THERE}, ["fax_list_to"]),
    "from one number to another": (
        {"from_number": THERE, "to_number": "+12025550177"},
        ["fax_list_to"],
    ),
    "unread of a number": ({"unread": True, "number": THERE}, ["fax_list_to", "fax_list_from"]),
    "what was not put away": ({"direction": IN, "archived": False}, ["fax_current"]),
    "a state of that": (
        {"direction": OUT, "states": (DELIVERED,), "archived": False},
        ["fax_current_state"],
    ),
    "what was put away": ({"direction": IN, "archived": True}, ["fax_archived"]),
    "unread and not put away": ({"unread": True, "archived": False}, ["fax_unread"]),
    "a number, not put away": (
        {"number": THERE, "direction": OUT, "archived": False},
        ["fax_list_to", "fax_list_from"],
    ),
    "for somebody": (
        {"assigned_to": new_id(), "direction": IN, "archived": False},
        ["fax_assigned"],
    ),
    "label": ({"label_id": new_id(), "direction": IN, "archived": False}, ["fax_label_list"]),
    "batch": ({"batch_id": new_id(), "direction": OUT}, ["fax_batch"]),
    "broadcast": ({"broadcast_id": new_id(), "states": (FAILED,)}, ["fax_broadcast"]),
    "metadata": ({"metadata": {"case": "17"}}, ["fax_metadata_list"]),
    "metadata and more": (
        {"metadata": {"case": "17", "ward": "3"}, "direction": OUT, "states": (FAILED, DELIVERED)},
        ["fax_metadata_list"],
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("within_times", [False, True])
def test_an_index_leads_every_filter_in_order_and_nothing_is_sorted(world, name, within_times):
    filters, indexes = FILTERS[name]
    shown = FaxFilter(**filters)
    if within_times:
        shown = replace(shown, since=clock.now() - timedelta(days=1), until=clock.now())
    for each in (shown, replace(shown, oldest_first=True)):
        with CaptureQueriesContext(connection) as asked:
            list_faxes(world.northside.member, each, cursor=paging.encode(new_id()))
        for query, index in zip(asked.captured_queries, indexes, strict=True):
            # with no rows to go by, PostgreSQL may take another index that holds that order
            require_led(query["sql"], by=index if IS_SQLITE else "")


@pytest.mark.skipif(not IS_SQLITE, reason="it is SQLite that would read all faxes")
def test_the_faxes_of_a_page_are_read_by_their_keys(world):
    make(world.northside)
    with CaptureQueriesContext(connection) as asked:
        assert list_faxes(world.northside.member, FaxFilter()).faxes
    plan = plan_of(asked.captured_queries[-1]["sql"])
    assert plan[0] == "SEARCH faxes_fax USING INDEX sqlite_autoindex_faxes_fax_1 (id=?)"
    assert "(account_id=?)" not in "".join(step for step in plan if "faxes_fax " in step)


def plan_of(query):
    with connection.cursor() as asking:
        asking.execute(f"EXPLAIN QUERY PLAN {query}")
        return [row[-1] for row in asking.fetchall()]


def test_a_page_asks_the_database_as_often_for_a_hundred_faxes_as_for_two(
    world, django_assert_num_queries
):
    shown = FaxFilter(states=(FAILED, DELIVERED), metadata={"case": "17"})
    for count in (2, 98):
        for _ in range(count):
            make(world.northside, metadata={"case": "17"})
        with django_assert_num_queries(2):
            list_faxes(world.northside.admin, shown, size=100)
        with django_assert_num_queries(3):
            list_faxes(world.northside.admin, FaxFilter(), size=100)
