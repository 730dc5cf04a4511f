"""The receipt for a fax that was deleted, or stripped of its pages: a PDF, read as people do."""

from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from faxes.enums import DocumentRole
from faxes.services.filing import add_note
from faxes.services.privacy import delete_fax, strip_fax
from tests.portal.test_fax_page import GOOD, text

SECRET = "Zyxqvortimarker"


@pytest.fixture
def sent(world, send, work):
    fax = send(world.northside, GOOD, pages=2, subject=SECRET, message=SECRET, cover="plain")
    work.run_to_end()
    fax.refresh_from_db()
    return fax


def receipt(visitor, fax):
    response = visitor.get("deleted-receipt-pdf", gone=fax.pk)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    document = pypdfium2.PdfDocument(response.content)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


def test_it_names_what_was_erased_when_and_by_whom(world, visit, sent):
    member = visit(world.northside, Role.MEMBER)
    after = member.client.post(member.address("fax-delete", fax=sent.pk), follow=True)
    address = member.address("deleted-receipt-pdf", gone=sent.pk)
    assert f'is deleted. <a href="{address}">Deletion receipt (PDF)</a>' in text(after)
    words = receipt(member, sent)
    zone = ZoneInfo(world.northside.account.time_zone)
    at = AuditEntry.objects.get(action="fax.delete").at
    for part in (
        "Deletion receipt", "Deleted", "Northside Clinic", str(sent.pk), "sent", "Pages 3",
        f"{at:%H:%M:%S} UTC", f"{at.astimezone(zone):%H:%M:%S %Z}",
        "Northside Clinic member (member@northside.example)",
        "1 document, as it was brought", "its cover page", "its subject and message",
        "the fax pages, as they went over the line", "the pictures of its pages", "its record",
    ):  # fmt: skip
        assert part in words, part


def test_it_holds_nothing_that_the_fax_said_nor_its_numbers(world, visit, sent):
    delete_fax(world.northside.admin, fax_id=sent.pk)
    words = receipt(visit(world.northside), sent)
    for part in (SECRET, "0100", "0121", "letter.pdf"):
        assert part not in words.replace(str(sent.pk), "")


@pytest.mark.parametrize("act", ["strip", "delete"])
def test_each_of_many_erased_at_once_has_its_receipt(world, visit, sent, act):
    member = visit(world.northside, Role.MEMBER)
    form = {"act": act, "fax": [str(sent.pk)], "list": "outbox", "confirmed": "1"}
    address = member.address("deleted-receipt-pdf", gone=sent.pk)
    after = member.client.post(member.address("faxes-bulk"), form, follow=True)
    assert f'<a href="{address}">(202) 555-0100</a>' in text(after)
    assert str(sent.pk) in receipt(member, sent)


@pytest.mark.parametrize("erase", [strip_fax, delete_fax])
def test_notes_are_named_by_their_count_and_not_counted_as_documents(world, visit, sent, erase):
    for note in (SECRET, "Called back"):
        add_note(world.northside.member, fax_id=sent.pk, text=note)
    erase(world.northside.admin, fax_id=sent.pk)
    words = receipt(visit(world.northside), sent)
    assert "2 notes about it" in words
    assert SECRET not in words
    facts = AuditEntry.objects.get(object_id=sent.pk, action__in=["fax.strip", "fax.delete"]).facts
    assert facts["documents"] == sum(facts[each] for each in DocumentRole if each in facts)


def test_stripped_and_then_deleted_it_tells_both(world, visit, sent):
    strip_fax(world.northside.member, fax_id=sent.pk)
    visitor = visit(world.northside)
    page = text(visitor.get("fax", fax=sent.pk))
    assert visitor.address("deleted-receipt-pdf", gone=sent.pk) in page
    words = receipt(visitor, sent)
    assert "Its pages were removed" in words
    assert "The fax was deleted" not in words
    delete_fax(world.northside.admin, fax_id=sent.pk)
    words = receipt(visitor, sent)
    assert words.index("Its pages were removed") < words.index("The fax was deleted")
    assert words.count("1 document, as it was brought") == 1


def test_what_the_portal_erased_by_itself_says_so(world, visit, send, work):
    fax = send(world.northside, GOOD, keep_documents=False)
    work.run_to_end()
    assert "the portal itself, as the fax was not to be kept" in receipt(
        visit(world.northside), fax
    )


def test_the_audit_log_leads_to_it_and_tells_who_took_it_along(world, visit, sent):
    delete_fax(world.northside.admin, fax_id=sent.pk)
    visitor = visit(world.northside)
    assert visitor.address("deleted-receipt-pdf", gone=sent.pk) in text(visitor.get("audit"))
    receipt(visitor, sent)
    assert "Downloaded a deletion receipt" in text(visitor.get("audit"))


def test_one_put_on_record_before_it_was_told_in_detail_still_has_one(world, visit, sent):
    delete_fax(world.northside.admin, fax_id=sent.pk)
    AuditEntry.objects.filter(action="fax.delete").update(facts={"documents": 4, "pages": 3})
    words = receipt(visit(world.northside), sent)
    assert "not on record" in words
    assert "4 files" in words


def test_others_than_administrators_get_that_of_what_they_did_themselves(world, visit, sent):
    delete_fax(world.northside.admin, fax_id=sent.pk)
    member = visit(world.northside, Role.MEMBER)
    assert member.get("deleted-receipt-pdf", gone=sent.pk).status_code == 404
    viewer = visit(world.northside, Role.VIEWER)
    assert viewer.get("deleted-receipt-pdf", gone=sent.pk).status_code == 403
    stranger = visit(world.lakeside)
    assert stranger.get("deleted-receipt-pdf", gone=sent.pk).status_code == 404


def test_a_fax_of_which_nothing_was_erased_has_none(world, visit, sent):
    assert visit(world.northside).get("deleted-receipt-pdf", gone=sent.pk).status_code == 404


def test_before_it_is_deleted_the_page_says_what_goes_and_what_stays(world, visit, sent):
    page = text(visit(world.northside).get("fax", fax=sent.pk))
    for words in (
        "This cannot be undone.", "What goes", "What stays", "A line in the audit log",
        "You get a receipt that names what was erased, when and by whom.",
        "Its subject and message go with them.",
    ):  # fmt: skip
        assert words in page
