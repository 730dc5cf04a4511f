"""The address book: who is in it, who may change it, and that it is each account's own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from accounts.ids import new_id
from accounts.models import AuditEntry
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest
from faxes.models import Contact, GroupMember
from faxes.queries.contacts import contact_for, group_for, list_contacts, list_groups
from faxes.services import contacts
from faxes.services.contacts import ContactRequest
from tests.stored import planted


def add(tenant, name="", number="+12025550100", **more):
    asked = ContactRequest(name=name, number=number, **more)
    return contacts.create_contact(tenant.admin, request=asked)


def names(page):
    return [contact.name for contact in page.contacts]


def codes(error):
    return {(each.field, each.code) for each in error.value.errors}


def test_a_contact_has_a_number_that_can_be_faxed_to_however_it_was_written(world):
    contact = add(world.northside, " Dr. Jones ", "(202) 555-0100", email="jones@x.example")
    assert (contact.name, contact.number) == ("Dr. Jones", "+12025550100")
    changed = contacts.update_contact(
        world.northside.member, contact_id=contact.pk, request=ContactRequest(note="Mondays only")
    )
    assert (changed.name, changed.note) == ("Dr. Jones", "Mondays only")
    assert contact_for(world.northside.viewer, contact.pk).note == "Mondays only"


def test_everything_that_is_wrong_with_a_contact_is_told_at_once(world):
    with pytest.raises(InvalidRequest) as error:
        add(world.northside, "x" * 121, "12", email="nobody", note="x" * 2001)
    assert codes(error) == {
        ("name", ErrorCode.TEXT_TOO_LONG),
        ("number", ErrorCode.NUMBER_INVALID),
        ("email", ErrorCode.EMAIL_INVALID),
        ("note", ErrorCode.TEXT_TOO_LONG),
    }
    with pytest.raises(InvalidRequest) as error:
        contacts.create_contact(world.northside.admin, request=ContactRequest(name="No number"))
    assert codes(error) == {("number", ErrorCode.NUMBER_MISSING)}
    assert not Contact.rows.exists()


def test_contacts_are_listed_by_name_page_by_page_and_found_by_parts(world):
    for name, company in (("Özil", "Zeta"), ("adams", ""), ("Baker", "Öko AG"), ("Adams", "Beta")):
        add(world.northside, name, company=company)
    add(world.lakeside, "Aaron")
    first = list_contacts(world.northside.viewer, size=2)
    second = list_contacts(world.northside.viewer, size=2, cursor=first.next_cursor)
    assert names(first) + names(second) == ["adams", "Adams", "Baker", "Özil"]
    assert not second.next_cursor
    assert names(list_contacts(world.northside.viewer, q="ÖKO")) == ["Baker"]
    assert names(list_contacts(world.northside.viewer, q="adams bet")) == ["Adams"]
    assert len(list_contacts(world.northside.viewer, q="555-01").contacts) == 4
    assert not list_contacts(world.northside.viewer, number="+12025550101").contacts


def test_a_list_asks_the_database_as_often_for_thirty_as_for_one(world):
    group = contacts.create_group(world.northside.admin, name="All")
    many = [add(world.northside, f"Contact {number:03}") for number in range(40)]
    contacts.add_members(
        world.northside.admin, group_id=group.pk, contact_ids=[each.pk for each in many]
    )
    counted = []
    for size in (1, 30):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = list_contacts(world.northside.admin, q="contact", group_id=group.pk, size=size)
            assert [each.memberships.all()[0].group_id for each in page.contacts] == [
                group.pk
            ] * size
        counted.append(len(asked))
    assert counted == [3, 3]


def test_groups_have_names_of_their_own_whatever_the_letters(world):
    group = contacts.create_group(world.northside.admin, name="Ärzte")
    with pytest.raises(InvalidRequest) as error:
        contacts.create_group(world.northside.admin, name="ÄRZTE")
    assert codes(error) == {("name", ErrorCode.GROUP_NAME_TAKEN)}
    contacts.create_group(world.lakeside.admin, name="Ärzte")
    other = contacts.create_group(world.northside.admin, name="Others")
    with pytest.raises(InvalidRequest):
        contacts.rename_group(world.northside.admin, group_id=other.pk, name="ärzte")
    contacts.rename_group(world.northside.admin, group_id=group.pk, name="ÄRZTE")
    assert [each.name for each in list_groups(world.northside.viewer).groups] == ["Others", "ÄRZTE"]


def test_members_come_and_go_and_a_contact_that_is_deleted_leaves_its_groups(world):
    admin = world.northside.admin
    group = contacts.create_group(admin, name="Referrals")
    one, two = add(world.northside, "One"), add(world.northside, "Two")
    for _ in range(2):
        group = contacts.add_members(admin, group_id=group.pk, contact_ids=[one.pk, two.pk])
    assert group.size == 2  # type: ignore[attr-defined]
    contacts.remove_members(admin, group_id=group.pk, contact_ids=[two.pk])
    assert names(list_contacts(admin, group_id=group.pk)) == ["One"]
    contacts.delete_contact(admin, contact_id=one.pk)
    assert group_for(admin, group.pk).size == 0  # type: ignore[attr-defined]
    contacts.add_members(admin, group_id=group.pk, contact_ids=[two.pk])
    contacts.delete_group(admin, group_id=group.pk)
    assert not GroupMember.rows.exists()
    assert contact_for(admin, two.pk).name == "Two"


def test_an_address_book_is_bounded(world, monkeypatch):
    admin = world.northside.admin
    one, two = add(world.northside, "One"), add(world.northside, "Two")
    group = contacts.create_group(admin, name="Few")
    for name in ("MOST_CONTACTS", "MOST_GROUPS", "MOST_MEMBERS"):
        monkeypatch.setattr(contacts, name, 1)
    with pytest.raises(InvalidRequest) as error:
        add(world.northside, "Three")
    assert codes(error) == {("", ErrorCode.TOO_MANY_CONTACTS)}
    with pytest.raises(InvalidRequest) as error:
        contacts.create_group(admin, name="More")
    assert codes(error) == {("", ErrorCode.TOO_MANY_GROUPS)}
    contacts.add_members(admin, group_id=group.pk, contact_ids=[one.pk])
    with pytest.raises(InvalidRequest) as error:
        contacts.add_members(admin, group_id=group.pk, contact_ids=[two.pk])
    assert codes(error) == {("contact_ids", ErrorCode.TOO_MANY_MEMBERS)}
    assert group_for(admin, group.pk).size == 1  # type: ignore[attr-defined]


def test_what_is_anothers_is_as_unknown_as_what_is_not(world):
    theirs = add(world.lakeside, "Theirs")
    group = contacts.create_group(world.lakeside.admin, name="Theirs")
    stranger = world.northside.admin
    acts = [
        lambda: contact_for(stranger, theirs.pk),
        lambda: contacts.update_contact(stranger, contact_id=theirs.pk, request=ContactRequest()),
        lambda: contacts.delete_contact(stranger, contact_id=theirs.pk),
        lambda: group_for(stranger, group.pk),
        lambda: contacts.rename_group(stranger, group_id=group.pk, name="Mine"),
        lambda: contacts.delete_group(stranger, group_id=group.pk),
        lambda: contacts.add_members(stranger, group_id=group.pk, contact_ids=[]),
        lambda: list_contacts(stranger, group_id=group.pk),
    ]
    for act in acts:
        with pytest.raises(FaxNotFound):
            act()
    mine = contacts.create_group(stranger, name="Mine")
    for contact_id in (theirs.pk, new_id()):
        with pytest.raises(InvalidRequest) as error:
            contacts.add_members(stranger, group_id=mine.pk, contact_ids=[contact_id])
        assert codes(error) == {("contact_ids", ErrorCode.CONTACT_NOT_FOUND)}
    assert not list_contacts(stranger).contacts


def test_viewers_see_the_address_book_and_change_nothing(world):
    contact = add(world.northside, "One")
    viewer = world.northside.viewer
    assert names(list_contacts(viewer)) == ["One"]
    with pytest.raises(NotAllowed):
        contacts.delete_contact(viewer, contact_id=contact.pk)
    with pytest.raises(NotAllowed):
        contacts.create_group(viewer, name="Mine")


def test_a_deleted_contact_is_gone_and_the_record_never_held_a_word_of_it(world):
    mark = "Quarzbezirkmarker"
    contact = add(world.northside, mark, note=mark)
    assert planted(mark) > 0
    contacts.delete_contact(world.northside.admin, contact_id=contact.pk)
    assert planted(mark) == 0
    entries = AuditEntry.objects.filter(object_id=contact.pk).order_by("number")
    assert [each.action for each in entries] == ["contact.create", "contact.delete"]
    assert mark not in str([each.__dict__ for each in entries])
    assert "+1202" not in str([each.__dict__ for each in entries])
