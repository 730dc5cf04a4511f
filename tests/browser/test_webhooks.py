"""An administrator adds a webhook, tries it, and sees what became of each message."""

import pytest

from accounts.models import WebhookMessage
from faxes.services.webhook_delivery import deliver_due
from tests.hooks import happen
from tests.outside import Handler


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_webhook_is_added_tried_and_looked_at(world, desk, receiver, scripts):
    one = desk(world.northside, scripts=scripts)
    page = one.open("webhooks/")
    page.get_by_label("Address").fill("http://localhost:25/")
    page.get_by_role("button", name="Add the webhook").click()
    page.get_by_text("This address may not be reached from here").wait_for()
    page.get_by_label("Address").fill(receiver.url("/faxes"))
    page.get_by_label("What is it for?").fill("Patient records")
    page.get_by_label("A fax was received").check()
    page.get_by_role("button", name="Add the webhook").click()
    assert page.get_by_label("Secret", exact=True).input_value().startswith("whsec_")
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text("A test is on its way").wait_for()
    deliver_due()
    page.reload()
    page.get_by_role("link", name="A test").click()
    page.get_by_text("Answered 200").wait_for()
    page.get_by_role("button", name="Send it again").click()
    deliver_due()
    assert [seen.path for seen in receiver.seen] == ["/faxes", "/faxes"]
    assert len({seen.headers["webhook-id"] for seen in receiver.seen}) == 1
    one.open("webhooks/")
    assert page.get_by_role("link", name="Patient records").is_visible()


@pytest.mark.timeout(300)
def test_everyone_can_use_the_pages(world, desk, receiver):
    one = desk(world.northside)
    page = one.open("webhooks/")
    assert one.faults() == []
    page.get_by_role("button", name="Add the webhook").click()
    page.locator("[aria-invalid=true]").wait_for()
    assert one.faults() == [], "with errors"
    page.get_by_label("Address").fill(receiver.url("/a-long-path/" + "x" * 200))
    page.get_by_role("button", name="Add the webhook").click()
    page.get_by_label("Secret", exact=True).wait_for()
    assert one.faults() == [], "with its secret"
    happen(world.northside)
    deliver_due()
    receiver.behave = lambda at: Handler.answer(at, 500, b"<h1>Oops</h1>" * 50)
    happen(world.northside, 2)
    deliver_due()
    for path in ("webhooks/", f"webhooks/messages/{WebhookMessage.rows.latest('pk').pk}/"):
        one.open(path)
        assert one.faults() == [], path
    page.get_by_role("link", name="All messages").click()
    page.get_by_role("heading", name="Messages").wait_for()
    assert one.faults() == [], "with messages"
