"""Every page there is: usable by everyone, no wider than a phone, light, quiet, and still.

The pages are those of the table of addresses, as the people in its columns are given them: whoever
adds a line there adds its page to this. What shows once something is pressed has tests of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.test import Client

from accounts.models import Account, Status
from accounts.roles import Role
from accounts.services.invitations import invite
from tests.browser.conftest import PHONE, Desk
from tests.isolation.table import TABLES
from tests.isolation.things import things_of
from tests.isolation.walk import Row, address, rows_of
from tests.signing_in import sign_in
from tests.world import World

# Bytes as they are, not packed: words, styles, scripts, icons; no page of a fax.
WEIGHT = 100 * 1024
SHIFT = 0.01
BAD_REQUEST = 400
SHOWN = {"200", "286", "400", "410"}
# Who walks a part of the table: their column, where they are at home, and as what.
WALKS = {
    "a customer": ("northside", "admin", "northside", Role.ADMIN),
    "a reseller": ("harbor", "parent", "harbor", Role.ADMIN),
    "a person": ("", "anybody", "northside", Role.MEMBER),
    "nobody": ("", "nobody", "northside", None),
}
# Seen besides, by the same: nothing to show, nothing found, and what cannot be understood.
FURTHER = {
    "a customer": ("inbox/?q=nothing-like-it", "outbox/?number=12", "compose/?cover=plain"),
    "a reseller": ("inbox/", "outbox/", "today/", "numbers/", "tenants/numbers/?q=nothing"),
}
# Only there for who has a second step, with a passkey of their own.
OF_SECOND_STEP = {
    "mfa_deactivate_totp", "mfa_edit_webauthn", "mfa_reauthenticate", "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}  # fmt: skip
# No pages: they lead on, are files, or say that there is nothing, in the words of all that do.
NO_PAGES = {
    "account_set_password", "api-nothing", "brand-domain", "brand-icon", "brand-icon-full",
    "brand-logo", "brand-sheet", "carrier-call", "carrier-pages", "home", "mfa_authenticate",
    "metrics", "security-txt",
    "mfa_download_recovery_codes", "mfa_login_webauthn", "mfa_reauthenticate_webauthn",
    "openid_connect_callback", "openid_connect_login",
}  # fmt: skip
_STILL = """async () => {
  let shift = 0;
  const add = (list) => {
    for (const each of list) if (!each.hadRecentInput) shift += each.value;
  };
  const watch = new PerformanceObserver((list) => add(list.getEntries()));
  watch.observe({type: "layout-shift", buffered: true});
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  add(watch.takeRecords());
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
    """One of everything that an address names; the invitation is open."""

    def make() -> dict[str, Any]:
        made = things_of(world, work)[0]
        asked = invite(world.northside.admin, email="new@elsewhere.example", role=Role.MEMBER)
        return made | {"secret": asked[1]}

    told: dict[str, Any] = once("every page", make)
    return told


def probe(row: Row, account: Any, things: dict[str, Any], client: Client) -> Place | None:
    """Where the row's page is; None if it is a file, a part of a page, or leads elsewhere."""
    url = address(row, account, things)
    if data := row.data(things):
        url += f"?{urlencode(data)}"
    answer = client.get(url)
    if answer.streaming:
        b"".join(answer)  # who asks for a file takes it
        answer.close()
        return None
    if b"<!doctype html" not in answer.content[:200].lower():
        return None
    return Place(row.route, url, answer.status_code)


def faults(one: Desk, place: Place) -> Iterator[str]:
    """What is wrong with a page, loaded once, on a phone and on a desk, in light and dark."""
    one.complaints.clear()
    one.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    answer = one.page.goto(one.base + place.url)
    if answer is None or answer.status != place.status:
        yield f"it answers {answer and answer.status}"
    shift = one.page.evaluate(_STILL)
    if shift >= SHIFT:
        yield f"it shifts by {shift:.3f} while it loads"
    parts = dict(one.page.evaluate(_WEIGHT))
    if sum(parts.values()) > WEIGHT:
        most = sorted(parts.items(), key=lambda each: -each[1])[:6]
        yield f"it weighs {sum(parts.values())} bytes: {most}"
    yield from one.faults()
    yield from one.complaints
    one.complaints.clear()


def session_of(one: Desk) -> Client:
    """A client that is signed in as the browser is."""
    client = Client()
    for cookie in one.context.cookies():
        client.cookies[cookie["name"]] = cookie["value"]
    return client


def places(walk: str, one: Desk, things: dict[str, Any]) -> Iterator[Place]:
    """The pages of a walk; of those that say no, one of each sort.

    All that could be one must be: what the table answers with 200 is a page, a file, or a part.
    """
    part, column, *_ = WALKS[walk]
    client, refusals = session_of(one), set()
    for row in rows_of(part, TABLES[part]):
        if row.method != "get" or row.answers[column] == "in":
            continue
        place = probe(row, one.account, things, client)
        if place is None or place.status in refusals:
            continue
        if place.status >= BAD_REQUEST:
            refusals.add(place.status)
        yield place
    for path in FURTHER.get(walk, ()):
        url = f"/a/{one.account}/{path}"
        yield Place(path, url, client.get(url).status_code)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("walk", WALKS)
def test_every_page(world, desk, things, walk):
    *_, home, role = WALKS[walk]
    one = desk(getattr(world, home), role=role or Role.ADMIN)
    if role is None:
        one.context.clear_cookies()
    wrong = {place.route: list(faults(one, place)) for place in places(walk, one, things)}
    assert not {route: told for route, told in wrong.items() if told}


def test_pages_of_who_has_a_second_step(world, desk, things):
    person = world.northside.people["viewer"]
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    one, client = desk(world.northside), Client()
    sign_in(client, person)
    name = settings.SESSION_COOKIE_NAME
    one.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": one.base}])
    for row in rows_of("", TABLES[""]):
        if row.method == "get" and row.route in OF_SECOND_STEP:
            place = probe(row, None, things, client)
            assert place, f"{row.route} is a page"
            assert list(faults(one, place)) == [], row.route


def test_no_page_is_left_out():
    columns = {part: {walk[1] for walk in WALKS.values() if walk[0] == part} for part in TABLES}
    columns["northside, closed"] = {"admin"}
    seen, all_there_are = set(), set()
    for part, text in TABLES.items():
        for row in rows_of(part, text):
            if row.method == "get":
                all_there_are.add(row.route)
                if any(row.answers[each] in SHOWN for each in columns[part]):
                    seen.add(row.route)
    assert all_there_are - seen - OF_SECOND_STEP == NO_PAGES


def test_what_is_left_of_a_closed_account(world, desk, things):
    one = desk(world.northside)
    Account.objects.filter(pk=world.northside.id).update(status=Status.CLOSED)
    rows = rows_of("northside, closed", TABLES["northside, closed"])
    for row in [row for row in rows if row.method == "get" and row.route in {"closing", "inbox"}]:
        place = probe(row, one.account, things, session_of(one))
        assert place, f"{row.route} is a page"
        assert list(faults(one, place)) == [], row.route
