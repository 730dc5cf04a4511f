"""The page of a fax machine, and whom a fax was told to: everything that it has, in words."""

import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from faxes.enums import ErrorCode
from faxes.errors import InvalidRequest, MoveNotAllowed
from faxes.models import Fax, Notification, Number
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox, delete_faxbox, edit_faxbox
from tests.portal.test_numbers import Person, said

TYPED = {
    "name": "Front desk",
    "caller_name": "Northside Clinic",
    "caller_number": "+1 202 555 0121",
    "mail_address": "Fax@Clinic.example",
    "mail_senders": "joe@acme.example\n.*@acme\\.example\n@other.example",
    "inbound_emails": "ward@example.com, desk@example.com\nward@example.com",
    "inbound_sms": "+1 202 555 0123",
    "inbound_url": "https://example.com/in",
    "inbound_method": "put",
    "inbound_type": "www-url-form-encoded",
    "outbound_emails": "boss@example.com",
    "mail_cover": "plain",
    "mail_pages": "both",
}


def wrong_with(actor, **terms):
    with pytest.raises(InvalidRequest) as refused:
        create_faxbox(actor, terms=FaxboxTerms(name="Other", **terms))
    return {(error.field, error.code) for error in refused.value.errors}


def test_everything_that_is_typed_is_kept_and_shown_again(world):
    admin, faxbox = Person(world.northside), world.northside.faxbox
    faxbox.echo = {"media": {"fax_option": True}}
    faxbox.save()
    owner = world.northside.people["member"]
    answer = admin.post("faxbox", TYPED | {"owner_id": str(owner.pk)}, faxbox=faxbox.pk)
    assert answer.status_code == 302
    faxbox.refresh_from_db()
    assert faxbox.owner == owner
    assert faxbox.mail_address == "fax@clinic.example"
    assert faxbox.mail_senders == TYPED["mail_senders"].split("\n")
    assert faxbox.inbound_emails == ["ward@example.com", "desk@example.com"]
    assert faxbox.inbound_callback == {
        "url": "https://example.com/in",
        "method": "put",
        "type": "www-url-form-encoded",
    }
    assert faxbox.outbound_callback == {}
    assert faxbox.echo == {"media": {"fax_option": True}}
    page = said(admin.get("faxbox", faxbox=faxbox.pk))
    assert f"@{faxbox.mail_label}.fax.localhost" in page
    assert "desk@example.com" in page
    assert f"@{faxbox.mail_label}.fax.localhost" in said(admin.get("numbers"))


def test_all_that_is_wrong_is_told_beside_its_field(world):
    wrong = {
        "name": "Desk",
        "mail_address": "not an address",
        "mail_senders": "ok@example.com\n(((",
        "inbound_emails": "nobody",
        "outbound_sms": "call me",
        "outbound_url": "http://127.0.0.1/hook",
    }
    answer = Person(world.northside).post("faxbox", wrong, faxbox=world.northside.faxbox.pk)
    assert answer.status_code == 422
    assert said(answer).count('class="errorlist"') == 5


def test_what_cannot_be_is_refused(world):
    northside, lakeside = world.northside.admin, world.lakeside.admin
    edit_faxbox(
        lakeside, faxbox_id=world.lakeside.faxbox.pk, changes={"mail_address": "fax@law.example"}
    )
    taken = {("mail_address", ErrorCode.MAIL_ADDRESS_TAKEN)}
    ours = {("mail_address", ErrorCode.MAIL_ADDRESS_OURS)}
    assert wrong_with(northside, mail_address="FAX@law.example ") == taken
    assert wrong_with(northside, mail_address=f"x@{world.lakeside.account.realm}") == taken
    assert wrong_with(northside, mail_address="x@fax.localhost") == ours
    assert wrong_with(northside, mail_address="ab12cd34.fax.localhost") == ours
    assert wrong_with(northside, owner_id=world.lakeside.people["admin"].pk) == {
        ("owner_id", ErrorCode.OWNER_NOT_MEMBER)
    }
    assert wrong_with(northside, mail_senders=["a@b.example"] * 101 + ["x" * 255]) == {
        ("mail_senders", ErrorCode.MAIL_SENDER_INVALID)
    }
    assert wrong_with(northside, inbound_emails=[f"{i}@b.example" for i in range(21)]) == {
        ("inbound_emails", ErrorCode.TOO_MANY_ENTRIES)
    }
    callback = {"url": "https://example.com", "method": "delete"}
    assert wrong_with(northside, outbound_callback=callback, echo={"x": "y" * 20_000}) == {
        ("outbound_callback", ErrorCode.CALLBACK_INVALID),
        ("echo", ErrorCode.ECHO_TOO_LARGE),
    }


def test_an_owner_who_left_stands_in_nobodys_way(world):
    admin, faxbox = world.northside.admin, world.northside.faxbox
    member = world.northside.people["member"]
    edit_faxbox(admin, faxbox_id=faxbox.pk, changes={"owner_id": member.pk})
    member.memberships.all().delete()
    changed = edit_faxbox(admin, faxbox_id=faxbox.pk, changes={"header": "Clinic"})
    assert (changed.header, changed.owner_id) == ("Clinic", None)


def test_a_deleted_fax_machine_is_in_no_choice_and_its_faxes_stay(world, work, send):
    admin, faxbox = Person(world.northside), world.northside.faxbox
    fax = send(world.northside, "+12025550100")
    assert admin.post("faxbox-delete", {}, faxbox=faxbox.pk).status_code == 409
    Number.rows.filter(account=world.northside.account).update(faxbox=None)
    with pytest.raises(MoveNotAllowed) as refused:
        delete_faxbox(world.northside.admin, faxbox_id=faxbox.pk)
    assert refused.value.code == ErrorCode.FAXBOX_HAS_FAXES
    Number.rows.filter(account=world.northside.account).update(faxbox=faxbox)
    work.run_to_end()
    Number.rows.filter(account=world.northside.account).update(faxbox=None)
    assert admin.post("faxbox-delete", {}, faxbox=faxbox.pk).status_code == 302
    assert admin.get("faxbox", faxbox=faxbox.pk).status_code == 404
    for page in ("numbers", "compose", "access"):
        assert str(faxbox.pk) not in said(admin.get(page))
    assert "(202) 555-0100" in said(admin.get("outbox"))
    assert admin.post("fax-delete", {}, fax=fax.pk).status_code == 302
    assert not Fax.rows.filter(pk=fax.pk).exists()
    assert AuditEntry.objects.filter(object_id=faxbox.pk, action="faxbox.delete").exists()


def test_whom_a_fax_was_told_is_on_its_page_and_is_told_again(world, work, send):
    fax = send(world.northside, "+12025550100", notify=["ward@example.com"])
    work.run_to_end()
    told = Notification.rows.get()
    Notification.rows.update(state="failed", tries=3, error="mail_unreachable", next_at=None)
    page = said(Person(world.northside, Role.VIEWER).get("fax", fax=fax.pk))
    assert "ward@example.com" in page
    assert "The mail server could not be reached." in page
    assert "Send again" not in page.split("Who was told")[1]
    member = Person(world.northside, Role.MEMBER)
    assert "Send again" in said(member.get("fax", fax=fax.pk)).split("Who was told")[1]
    again = member.post("fax-tell-again", {}, fax=fax.pk, notification=told.pk)
    assert again.status_code == 302
    told.refresh_from_db()
    assert (told.state, told.tries, told.round) == ("pending", 0, 1)
