"""A fax that is sent and undone, and one that a second person approves; with a real browser."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from faxes.enums import FaxState
from faxes.models import Fax
from tests.browser.conftest import DESK, PHONE, file

NUMBER = "(202) 555-0100"


@pytest.fixture
def undoable(settings):
    settings.UNDO_SECONDS = 300  # that the machine is slow is not what this is about


def written(page, *, subject="Referral"):
    page.get_by_label("To", exact=True).fill(NUMBER)
    page.get_by_label("Subject").fill(subject)
    page.locator("#documents").set_input_files(file())


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone, no scripts"]
)
def test_sent_and_undone_everything_is_as_it_was(world, work, desk, undoable, size, scripts):
    one = desk(world.northside, role=Role.MEMBER, size=size, scripts=scripts)
    page = one.open("compose/")
    written(page)
    page.get_by_label("Plain").check()
    page.get_by_label("At night").check()
    page.get_by_role("button", name="Send fax").click()
    work.run()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    if scripts:
        expect(page.locator("[data-counts-down]").first).to_contain_text("for")
        assert one.faults() == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: it is not sent")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_have_value("+12025550100")
    expect(page.get_by_label("Subject")).to_have_value("Referral")
    expect(page.get_by_label("Plain")).to_be_checked()
    expect(page.get_by_label("At night")).to_be_checked()
    assert Fax.rows.get(account=world.northside.account).state == FaxState.CANCELED
    page.locator("[name=when][value=now]").check()
    page.get_by_role("button", name="Send fax").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert Fax.rows.filter(account=world.northside.account, subject="Referral").count() == 2


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone, no scripts"]
)
def test_a_second_person_approves(world, work, desk, size, scripts):
    boss = desk(world.northside, size=size, scripts=scripts)
    page = boss.open("settings/")
    page.get_by_role("link", name="Night and approval").click()
    page.get_by_label("Faxes to new numbers").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("How faxes are sent is saved.")).to_be_visible()
    writer = desk(world.northside, role=Role.MEMBER, size=size, scripts=scripts).open("compose/")
    for subject in ("Referral", "Wrong one"):
        writer.goto(writer.url.split("/a/")[0] + f"/a/{world.northside.id}/compose/")
        written(writer, subject=subject)
        writer.get_by_role("button", name="Send fax").click()
        expect(writer.get_by_role("heading", name="Waits for approval")).to_be_visible()
        expect(writer.get_by_text("You sent it, so somebody else has to")).to_be_visible()
        expect(writer.get_by_role("button", name="Approve")).to_have_count(0)
    work.run()
    page = boss.open("today/")
    page.get_by_role("link", name="Waiting for approval: 2").click()
    if scripts:
        assert boss.faults() == []
        boss.page.set_viewport_size({"width": size[0], "height": size[1]})
    wrong = page.locator(".held", has_text="Wrong one")
    wrong.get_by_role("checkbox").check()
    page.get_by_label("Why not").fill("Not this patient")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("1 fax is declined.")).to_be_visible()
    page.get_by_role("link", name="See the fax").click()
    if scripts:
        assert boss.faults() == []
        boss.page.set_viewport_size({"width": size[0], "height": size[1]})
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_text("Approved by admin@northside.example")).to_be_visible()
    work.run_to_end()
    states = dict(Fax.rows.filter(account=world.northside.account).values_list("subject", "state"))
    assert states == {"Referral": FaxState.DELIVERED, "Wrong one": FaxState.CANCELED}
    writer.reload()
    expect(writer.get_by_text("Not this patient")).to_be_visible()


def test_settings_are_fit_for_everyone(world, desk):
    one = desk(world.northside)
    for path in ("settings/", "settings/sending/"):
        one.open(path)
        assert one.faults() == []
