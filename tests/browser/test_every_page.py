"""Every page there is: usable by everyone, no wider than a phone, light, quiet, and still.

The pages are those of the table of addresses, read as the people in its columns read them: whoever
adds an address adds its page to this. What a page shows once something is pressed has tests of its
own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.roles import Role
from accounts.services.invitations import invite
from tests.browser.conftest import PHONE, Desk
from tests.isolation.table import TABLES
from tests.isolation.things import things_of
from tests.isolation.walk import Row, address, rows_of
from tests.world import World

WEIGHT = 100_000  # bytes as they are, not packed: words, styles, scripts, icons; no page of a fax
SHIFT = 0.01
# By whose eyes a part of the table is seen: the column, and where that person is at home.
EYES = {
    "northside": ("admin", "northside"),
    "harbor": ("parent", "harbor"),
    "northside, closed": ("admin", "northside"),
    "": ("anybody", "northside"),
}
# Addresses that lead elsewhere or say 404 in the world as it is made: each to be seen otherwise, or
# no page at all.
_STILL = """async () => {
  let shift = 0;
  const seen = (list) => { for (const each of list) if (!each.hadRecentInput) shift += each.value; };
  const watch = new PerformanceObserver((list) => seen(list.getEntries()));
  watch.observe({type: "layout-shift", buffered: true});
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  seen(watch.takeRecords());
  watch.disconnect();
  return shift;
}"""
_WEIGHT = """() => performance.getEntries()
  .filter((each) => "decodedBodySize" in each && !/[.](png|jpe?g|webp)([?]|$)/.test(each.name))
  .map((each) => [each.name, each.decodedBodySize])"""


@dataclass(frozen=True)
class Place:
    """A page by its address, and what it answers."""

    route: str
    url: str
    status: int


@pytest.fixture
def things(world: World, work: Any, once: Any) -> dict[str, Any]:
    """One of everything that an address names; an invitation that is open, too."""

    def make() -> dict[str, Any]:
        made = things_of(world, work)[0]
        asked = invite(world.northside.admin, email="new@elsewhere.example", role=Role.MEMBER)
        return made | {"secret": asked[1]}

    told: dict[str, Any] = once("every page", make)
    return told


def places(world: World, part: str, things: dict[str, Any], column: str, client: Client) -> Any:
    """The pages in one part of the table, as whoever is in this column gets them."""
    at = part.partition(",")[0]
    account = getattr(world, at).id if at else None
    for row in rows_of(part, TABLES[part]):
        if row.method == "get" and row.answers[column] in {"200", "410", "404", "403", "400"}:
            place = _place(row, account, things, client)
            if place is not None:
                yield place


def _place(row: Row, account: Any, things: dict[str, Any], client: Client) -> Place | None:
    """Where the row's page is; None if it is a file or a part of a page."""
    url = address(row, account, things)
    if data := row.data(things):
        url += f"?{urlencode(data)}"
    answer = client.get(url)
    whole = not answer.streaming and b"<!doctype html" in answer.content[:200].lower()
    return Place(row.route, url, answer.status_code) if whole else None


def faults(one: Desk, place: Place) -> Iterator[str]:
    """What is wrong with a page, loaded once, on a desk and on a phone, in light and dark."""
    one.complaints.clear()
    one.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    one.page.goto(one.base + place.url)
    shift = one.page.evaluate(_STILL)
    if shift >= SHIFT:
        yield f"{PHONE}: it shifts by {shift:.3f} while it loads"
    parts = dict(one.page.evaluate(_WEIGHT))
    if sum(parts.values()) > WEIGHT:
        most = sorted(parts.items(), key=lambda each: -each[1])[:6]
        yield f"it weighs {sum(parts.values())} bytes: {most}"
    yield from one.faults()
    yield from one.complaints
    one.complaints.clear()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", ["northside", "harbor", ""])
def test_every_page(world, desk, things, part):
    import time
    column, home = EYES[part]
    one = desk(getattr(world, home))
    client = Client()
    for cookie in one.context.cookies():
        client.cookies[cookie["name"]] = cookie["value"]
    t=time.time()
    found = list(places(world, part, things, column, client))
    print("FOUND", len(found), time.time()-t)
    wrong = {}
    for place in found:
        t=time.time()
        wrong[place.route] = list(faults(one, place))
        print(f"{place.route} {place.status} {time.time()-t:.2f}", wrong[place.route], flush=True)
    assert not {k:v for k,v in wrong.items() if v}
