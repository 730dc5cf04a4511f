"""Pictures for docs/pictures, of the demonstration on one morning: ``make pictures``.

Those of a reseller's pages are test_first_tenant's.

Not among the tests. The clock stands still, so that they come out alike.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from PIL import Image

from faxes.models import Fax
from faxes.services.contacts import ContactRequest, add_members, create_contact, create_group
from faxes.services.demo_trade import seed_trade
from faxes.services.labels import create_label, label_fax
from tests.browser.conftest import DESK, PHONE, Desk, file

MORNING = datetime(2026, 9, 16, 9, 41, tzinfo=ZoneInfo("America/New_York"))
PEOPLE = (
    ("Dr. Anna Jones", "Lakeside Law", "+13125550122"),
    ("Records desk", "County Hospital", "+12025550100"),
    ("Oak Street Pharmacy", "", "+12025550106"),
    ("Marcus Webb", "Webb Insurance", "+12025550105"),
)
OUT = (
    (49, "+12025550100", "Discharge summary, Mr. Okafor", 3),
    (26, "+12025550106", "Prescription, Mrs. Larsen", 1),
    (25, "+12025550108", "Referral for Mrs. Ellis", 2),
    (2, "+12025550105", "Claim 20-4471 with photographs", 4),
    (1, "+12025550100", "Lab results, Ms. Nguyen", 2),
)
IN = ((50, 2), (27, 5), (3, 1), (1, 3))


@pytest.fixture
def morning(world: Any, work: Any, send: Any) -> Iterator[Any]:
    """Northside Clinic after two working days."""
    ours, theirs = world.northside, world.lakeside
    happened = [(hours, ours, each) for hours, *each in OUT] + [
        (hours, theirs, [ours.number, "", pages]) for hours, pages in IN
    ]
    for hours, tenant, (to, subject, pages) in sorted(happened, key=lambda each: -each[0]):
        with time_machine.travel(MORNING - timedelta(hours=hours), tick=True):
            send(tenant, to, subject=subject, pages=pages)
            work.run()
    with time_machine.travel(MORNING, tick=False):
        group = create_group(ours.admin, name="Referrals")
        for name, company, number in PEOPLE:
            asked = ContactRequest(name=name, company=company, number=number)
            made = create_contact(ours.admin, request=asked)
            add_members(ours.admin, group_id=group.pk, contact_ids=[made.pk])
        arrived = Fax.rows.filter(account=ours.account, direction="inbound").order_by("id")
        arrived.filter(pk__in=[each.pk for each in arrived[:2]]).update(read_at=MORNING)
        label = create_label(ours.admin, name="To be signed", colour="red")
        label_fax(ours.admin, fax_id=arrived[1].pk, label_id=label.pk, on=True)
        seed_trade()
        yield world


def take(one: Desk, name: str, size: tuple[int, int] = DESK) -> None:
    """A picture of what is there, once all of it is; in 64 colours, which no eye tells."""
    one.page.set_viewport_size({"width": size[0], "height": size[1]})
    one.page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(one.page.screenshot())) as shot:
        drawn = shot.convert("RGB").quantize(64)
        drawn.save(Path(os.environ["SHOTS"]) / f"{name}.png", optimize=True)


def test_pictures(morning: Any, desk: Any) -> None:
    one = desk(morning.northside)
    for name in ("today", "inbox", "outbox", "contacts", "sharing"):
        one.open(f"{name}/")
        take(one, "settings" if name == "sharing" else name)
    fax = Fax.rows.filter(subject__startswith="Claim").get()
    one.open(f"faxes/{fax.pk}/")
    take(one, "fax")
    page = one.open("compose/")
    page.get_by_label("To", exact=True).fill("anna")
    page.get_by_role("option", name="Dr. Anna Jones").click()
    page.set_input_files("#documents", [file(3, "referral.pdf")])
    page.locator(".strip img").nth(2).wait_for()
    take(one, "compose")
    one.page.emulate_media(color_scheme="dark")
    one.open("inbox/")
    take(one, "inbox-dark")
    take(one, "inbox-phone", PHONE)
