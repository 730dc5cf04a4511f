"""The address book in a real browser: from a file to a fax, by everybody."""

from accounts.roles import Role
from faxes.models import Contact
from faxes.services import contacts as work
from faxes.services.contacts import ContactRequest

BOOK = b"Name,Organization,Fax\nAda Jones,Elm Street Practice,(202) 555-0100\nBen,,12\n"


def test_a_book_is_brought_in_and_a_fax_goes_to_somebody_in_it(world, desk):
    page = desk(world.northside, role=Role.MEMBER).open("contacts/")
    page.get_by_role("link", name="Import", exact=True).click()
    file = {"name": "book.csv", "mimeType": "text/csv", "buffer": BOOK}
    page.set_input_files("#file", [file])
    page.get_by_role("button", name="See what will happen").click()
    page.get_by_role("button", name="Import 1 contact").click()
    page.get_by_text("1 contact was added.").wait_for()
    assert Contact.rows.get().name == "Ada Jones"
    page.get_by_role("link", name="Send a fax to Ada Jones").click()
    page.wait_for_url("**/compose/**")
    assert page.locator("#to").input_value() == "+12025550100"


def test_somebody_is_added_and_put_into_a_group_without_scripts(world, desk):
    page = desk(world.northside, scripts=False).open("contacts/groups/")
    page.fill("#name", "Referrals")
    page.get_by_role("button", name="Make a group").click()
    page.get_by_role("link", name="Contacts").last.click()
    page.get_by_role("link", name="Add a contact").first.click()
    page.fill("#name", "Ada Jones")
    page.fill("#number", "(202) 555-0100")
    page.get_by_label("Referrals").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“Ada Jones” is saved.").wait_for()
    assert page.locator(".chip").inner_text() == "Referrals"


def test_everyone_can_use_the_pages_of_the_book(world, desk):
    tenant, one = world.northside, desk(world.northside)
    for name, company in (("Ada Kay", "Oak Street"), ("", "Elm Street")):
        asked = ContactRequest(name=name, company=company, number="+12025550100")
        work.create_contact(tenant.admin, request=asked)
    one.open("contacts/duplicates/")
    assert one.faults() == [], "two of one number"
    page = one.open("contacts/import/")
    file = {"name": "book.csv", "mimeType": "text/csv", "buffer": BOOK}
    page.set_input_files("#file", [file])
    page.get_by_role("button", name="See what will happen").click()
    page.get_by_role("button", name="Import 1 contact").wait_for()
    page.get_by_text("Which column is what").click()
    assert one.faults() == [], "what an import will do"
