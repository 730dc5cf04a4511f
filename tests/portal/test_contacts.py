"""The address book in the portal: kept, found, grouped, merged, brought in and written to files."""

from secrets import token_hex

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from accounts.roles import Role
from faxes.models import Contact, ContactGroup, DoNotFax, GroupMember
from faxes.services import contact_imports
from faxes.services import contacts as work
from faxes.services.contacts import ContactRequest
from tests.portal.conftest import element

GOOD, OTHER = "+12025550100", "+12025550101"
OUTLOOK = (
    "First Name;Last Name;Company;Business Fax;E-mail Address;Notes\r\n"
    "Zoë;Müller;Praxis Müller;(202) 555-0100;zoe@x.example;nur vormittags\r\n"
    "Ada;Jones;;12;;\r\n"
    "Ben;Kay;;;;\r\n"
)


def text(response):
    return " ".join(response.content.decode().split())


def add(tenant, number=GOOD, **more):
    return work.create_contact(tenant.admin, request=ContactRequest(number=number, **more))


def book(tenant):
    """The whole book as plain values."""
    rows = Contact.objects.for_account(tenant.id).prefetch_related("memberships__group")
    return sorted(
        (
            row.name,
            row.company,
            row.number,
            row.email,
            row.note,
            tuple(sorted(each.group.name for each in row.memberships.all())),
        )
        for row in rows
    )


def handed_in(visitor, raw, name="book.csv"):
    raw = raw.encode() if isinstance(raw, str) else raw
    return visitor.post("contacts-import", {"file": SimpleUploadedFile(name, raw)})


def confirm(visitor, page, **more):
    packed = element(page, "packed")["value"]
    return visitor.post("contacts-import", {"packed": packed, "act": "import", **more})


def whole(response):
    return b"".join(response.streaming_content)


def test_somebody_is_added_found_changed_faxed_to_and_deleted(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    wrong = visitor.post("contact-new", {"name": "Ada", "number": "12"})
    assert wrong.status_code == 422
    assert element(wrong, "number")["aria-invalid"] == "true"
    assert not Contact.rows.exists()
    visitor.post("contact-new", {"name": "Ada Jones", "number": "(202) 555-0100"})
    row = Contact.rows.get()
    assert row.number == GOOD
    found = visitor.get("contacts", "?q=jones+5550100")
    assert "Ada Jones" in text(found)
    assert f"/compose/?to=%2B{GOOD[1:]}" in text(found)
    assert "+12025550100" in visitor.get("compose", f"?to=%2B{GOOD[1:]}").content.decode()
    assert "Nobody fits" in text(visitor.get("contacts", "?q=oak"))
    changed = {"name": "Ada Kay", "number": GOOD, "note": "mornings"}
    visitor.post("contact", changed, contact=row.pk)
    row.refresh_from_db()
    assert (row.name, row.note) == ("Ada Kay", "mornings")
    visitor.post("contact-delete", contact=row.pk)
    assert not Contact.rows.exists()


def test_a_form_that_is_sent_twice_adds_one(world, visit):
    visitor = visit(world.northside)
    key = element(visitor.get("contact-new"), "form_key")["value"]
    for _time in range(2):
        visitor.post("contact-new", {"number": GOOD, "form_key": key})
    assert Contact.rows.count() == 1


def test_groups_are_made_filled_renamed_and_deleted(world, visit):
    visitor, ada = visit(world.northside), add(world.northside, name="Ada")
    visitor.post("contact-groups", {"name": "Referrals"})
    group = ContactGroup.rows.get()
    again = visitor.post("contact-groups", {"name": "REFERRALS"})
    assert (again.status_code, ContactGroup.rows.count()) == (422, 1)
    offered = text(visitor.get("contact-group", "?find=ada", group=group.pk))
    assert f'value="{ada.pk}"' in offered
    visitor.post("contact-group-members", {"contact": ada.pk, "act": "add"}, group=group.pk)
    assert "Ada" in text(visitor.get("contacts", f"?group={group.pk}"))
    visitor.post("contact-group", {"name": "Practices"}, group=group.pk)
    group.refresh_from_db()
    assert group.name == "Practices"
    visitor.post("contact", {"name": "Ada", "number": GOOD}, contact=ada.pk)  # no group is ticked
    assert not GroupMember.rows.exists()
    visitor.post("contact", {"name": "Ada", "number": GOOD, "group": group.pk}, contact=ada.pk)
    assert GroupMember.rows.count() == 1
    visitor.post("contact-group-delete", group=group.pk)
    assert (ContactGroup.rows.count(), Contact.rows.count()) == (0, 1)


def test_somebody_new_whose_group_is_full_is_not_added(world, visit, monkeypatch):
    visitor = visit(world.northside)
    group = work.create_group(world.northside.admin, name="Few")
    monkeypatch.setattr(work, "MOST_MEMBERS", 1)
    for _time in range(2):
        answer = visitor.post("contact-new", {"number": GOOD, "group": group.pk})
    assert (answer.status_code, Contact.rows.count()) == (422, 1)
    answer = visitor.post("contact-new", {"number": OTHER, "group": group.pk})
    assert (answer.status_code, Contact.rows.count()) == (422, 1)


def test_a_row_names_a_few_groups_and_those_that_have_no_room_stop_the_file(
    world, visit, monkeypatch
):
    visitor = visit(world.northside)
    names = ";".join(f"g{n}" for n in range(21))
    assert "up to 20" in text(handed_in(visitor, f"Name,Fax,Groups\nAda,{GOOD},{names}\n"))
    monkeypatch.setattr(contact_imports, "MOST_MEMBERS", 1)
    page = handed_in(visitor, f"Name,Fax,Groups\nAda,{GOOD},Few;few\nBen,{OTHER},Few\n")
    assert confirm(visitor, page).status_code == 422
    assert not Contact.rows.exists()
    assert not ContactGroup.rows.exists()


def test_lists_go_page_by_page_with_as_many_queries_however_long(
    world, visit, django_assert_max_num_queries
):
    for place in range(65):
        add(world.northside, name=f"Contact {place:02}")
    visitor, query, seen = visit(world.northside), "", []
    for _page in range(3):
        with django_assert_max_num_queries(16):
            page = visitor.get("contacts", query)
        seen += [row.name for row in page.context["contacts"]]
        query = f"?{page.context['next']}"
    assert seen == [f"Contact {place:02}" for place in range(65)]
    with django_assert_max_num_queries(16):
        visitor.get("contact-duplicates")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_looked_at_first_then_brought_in_and_again_adds_nothing(world, visit, encoding):
    visitor = visit(world.northside)
    page = handed_in(visitor, OUTLOOK.encode(encoding))
    assert "Import 1 contact" in text(page)
    assert "12 is not" in text(page) or "“12”" in text(page)
    assert "No fax number: left out" in text(page)
    assert not Contact.rows.exists()
    for _time in range(2):
        assert confirm(visitor, page).status_code == 302
        assert book(world.northside) == [
            ("Zoë Müller", "Praxis Müller", GOOD, "zoe@x.example", "nur vormittags", ())
        ]
    assert AuditEntry.objects.filter(action="contact.import").count() == 1
    assert "In your address book already" in text(handed_in(visitor, OUTLOOK.encode(encoding)))


def test_columns_that_nobody_knows_are_chosen(world, visit):
    visitor = visit(world.northside)
    page = handed_in(visitor, f"Wer,Wohin\nAda,{GOOD}\n")
    assert page.status_code == 422
    assert "Choose the column that the fax numbers are in." in text(page)
    chosen = {"column-name": "0", "column-number": "1"}
    confirm(visitor, page, **chosen)
    assert book(world.northside) == [("Ada", "", GOOD, "", "", ())]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "There is no contact in this file."),
        (b"name,fax\n", "There is no contact in this file."),
        (b"\x89PNG\x00\x01\x02", "neither a table"),
        (b"name,fax\n" + b"Ada,+12025550100\n" * 10_001, "up to 10000 fit"),
        (b"x" * 5_000_001, "up to 5 MB"),
    ],
)
def test_what_cannot_be_read_is_told_and_changes_nothing(world, visit, raw, told):
    page = handed_in(visit(world.northside), raw)
    assert page.status_code == 422
    assert told in text(page)
    assert not Contact.rows.exists()


def test_a_small_file_that_stands_for_a_great_book_is_refused(world, visit):
    """Each of its numbers would be a contact with all of the long text."""
    card = b"BEGIN:VCARD\r\nORG:%s\r\n%sEND:VCARD\r\n" % (b"x" * 100_000, b"TEL;FAX:1\r\n" * 9_000)
    page = handed_in(visit(world.northside), card, "book.vcf")
    assert page.status_code == 422
    assert "neither a table" in text(page)


def test_a_file_that_is_too_much_for_the_page_is_told_so_not_that_it_is_too_large(world, visit):
    rows = b"".join(b"+1202555%04d,%s\n" % (at, token_hex(300).encode()) for at in range(7_000))
    member = visit(world.northside)
    for heading in (b"fax,note\n", b"some,other\n"):
        page = handed_in(member, heading + rows)
        assert page.status_code == 422
        assert "Split it into several, or leave out columns" in text(page)


@pytest.mark.parametrize("column", ["9" * 5000, "7", "-1", "²", ""])
def test_a_column_that_is_not_there_is_none(world, visit, column):
    page = confirm(
        visit(world.northside),
        handed_in(visit(world.northside), f"fax\n{GOOD}\n"),
        **{"column-number": column, "column-name": "0"},
    )
    assert page.status_code == 422
    assert "Choose the column" in text(page)


def test_what_was_looked_at_cannot_be_changed_or_carried_to_another_account(world, visit):
    page = handed_in(visit(world.northside), f"fax\n{GOOD}\n")
    for visitor, form in (
        (visit(world.lakeside), {}),
        (visit(world.northside), {"packed": element(page, "packed")["value"][:-2]}),
    ):
        assert confirm(visitor, page, **form).status_code == 422
    assert not Contact.rows.exists()


@pytest.mark.parametrize("form", ["csv", "vcf"])
def test_what_is_written_to_a_file_comes_in_again_as_the_same_book(world, visit, form):
    tenant = world.northside
    first = add(
        tenant,
        name="=HYPERLINK(1)",
        company='Müller; "Söhne", Co\\',
        email="a@x.example",
        note="one\ntwo, three; four " + "é" * 90,
    )
    add(tenant, OTHER)
    add(tenant, OTHER, company="+ Cross")
    for name in ("Referrals, near; far", "@home"):
        group = work.create_group(tenant.admin, name=name)
        work.add_members(tenant.admin, group_id=group.pk, contact_ids=[first.pk])
    before = book(tenant)
    visitor = visit(tenant)
    written = whole(visitor.get(f"contacts-{form}"))
    assert AuditEntry.objects.filter(action="contact.export").count() == 1
    if form == "csv":
        cells = written.decode("utf-8-sig")
        assert "'=HYPERLINK" in cells
        assert f"'{GOOD}" in cells
    for rows in (GroupMember.rows, ContactGroup.rows, Contact.rows):
        rows.all().delete()
    confirm(visitor, handed_in(visitor, written, f"book.{form}"))
    assert book(tenant) == before


def test_contacts_with_the_same_number_become_one_and_lose_nothing(world, visit):
    tenant, visitor = world.northside, visit(world.northside)
    kept = add(tenant, name="Ada", note="mornings")
    gone = add(tenant, name="Dr. Ada Jones", company="Elm Street", email="a@x.example")
    for name, row in (("One", kept), ("Two", gone)):
        group = work.create_group(tenant.admin, name=name)
        work.add_members(tenant.admin, group_id=group.pk, contact_ids=[row.pk])
    add(tenant, OTHER)
    page = visitor.get("contact-duplicates")
    assert [number for number, _rows in page.context["numbers"]] == [GOOD]
    for _time in range(2):
        visitor.post("contact-merge", contact=kept.pk)
        assert book(tenant) == [
            ("", "", OTHER, "", "", ()),
            ("Ada", "Elm Street", GOOD, "a@x.example", "mornings\nDr. Ada Jones", ("One", "Two")),
        ]
    assert "There are no duplicates" in text(visitor.get("contact-duplicates"))


def test_a_number_is_put_on_the_do_not_fax_list_and_taken_off(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    visitor.post("do-not-fax", {"number": "(202) 555-0100", "reason": "Asked by phone"})
    entry = DoNotFax.rows.get()
    page = text(visitor.get("do-not-fax", "?q=5550100"))
    assert "Asked by phone" in page
    assert str(world.northside.people["member"]) in page
    again = visitor.post("do-not-fax", {"number": GOOD})
    assert again.status_code == 422
    assert "is on your do-not-fax list already" in text(again)
    refused = visitor.post("compose", {"to": f"{OTHER}, {GOOD}"})
    assert "is on the do-not-fax list, so nothing is sent to it" in text(refused)
    visitor.post("do-not-fax-remove", entry=entry.pk)
    assert not DoNotFax.rows.exists()
    acts = AuditEntry.objects.filter(action__startswith="do_not_fax.").order_by("pk")
    assert [each.action for each in acts] == ["do_not_fax.add", "do_not_fax.remove"]
