"""An administrator adds a carrier, tests it, gives it a route and sees how it does."""

from ipaddress import ip_network

import pytest
from django.core.cache import cache

from faxes.carriers.registry import CLASSES
from faxes.models import Carrier
from faxes.services import breaker
from tests.browser.conftest import PHONE
from tests.carriers.example import Paperboy, PaperboyCarrier


@pytest.fixture
def paperboy(world, monkeypatch, settings):
    monkeypatch.setitem(CLASSES, "paperboy", PaperboyCarrier)
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    settings.CARRIER_SECONDS = 5.0
    cache.clear()
    with Paperboy().running() as vendor:
        yield vendor


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_carrier_is_added_tested_routed_and_watched(world, desk, paperboy, scripts):
    one = desk(world.northside, scripts=scripts, size=PHONE)
    page = one.open("carriers/")
    page.get_by_role("link", name="Add a carrier").click()
    page.get_by_role("link", name="Paperboy").click()
    page.get_by_label("Address of the API").fill(paperboy.base)
    page.get_by_label("API key").fill(paperboy.key)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Test it").click()
    page.get_by_text("It works. Signed in as Acme Faxing.").wait_for()
    assert page.get_by_label("API key").input_value() == ""
    page.get_by_role("link", name="All routes").click()
    page.get_by_label("Carrier").select_option(label="Paperboy")
    page.get_by_label("Numbers that begin with").fill("+44")
    page.get_by_role("button", name="Add the route").click()
    page.get_by_role("link", name="+44").wait_for()
    one.open("carriers/")
    carrier = Carrier.objects.get(kind="paperboy")
    breaker.note_failure(carrier, "no answer", retry_after=60)
    if not scripts:
        page.reload()
    page.get_by_text("Left alone since").wait_for()
    assert one.complaints == []


@pytest.mark.timeout(300)
def test_everyone_can_use_the_pages(world, desk, paperboy):
    one = desk(world.northside)
    page = one.open("carriers/new/?kind=paperboy")
    page.get_by_role("button", name="Add it").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    assert one.faults() == [], "with errors"
    page.get_by_label("Address of the API").fill(f"{paperboy.base}/{'long' * 40}/")
    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Test it").click()
    page.get_by_text("It does not work").wait_for()
    carrier = Carrier.objects.get(kind="paperboy")
    carrier.routes.create(account=world.northside.account, prefix="+44", cost="0.007")
    breaker.note_failure(carrier, "long" * 40, retry_after=60)
    for path in ("", "new/", f"{carrier.pk}/", "routes/", f"routes/{carrier.routes.get().pk}/"):
        one.open(f"carriers/{path}")
        assert one.faults() == [], path
    one.open(f"carriers/{carrier.pk}/")
    page.get_by_role("button", name="Put it out of service").click()
    assert one.axe() == [], "with a question"
    one.open("numbers/")
    assert one.faults() == [], "numbers"
