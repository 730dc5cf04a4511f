"""One fax to many from the portal: the list, the look before sending, results, once more."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.ids import new_id
from accounts.models import AuditEntry
from accounts.roles import Role
from faxes.models import Broadcast, BroadcastRecipient, Fax, Upload
from faxes.services import contacts as book
from faxes.services.contacts import ContactRequest
from faxes.services.do_not_fax import forbid
from tests.accounts.money import CENT, bill
from tests.faxes.to_many import BUSY, GONE, GOOD, begin, hand_over, numbers
from tests.portal.conftest import element, letter

NEVER = "+12025550155"
TABLE = (
    "Practice;Fax number\r\nElm Street;(202) 555-0100\r\n=cmd|' /C calc'!A0;+12025550108\r\n"
    "Elm again;+1 202 555 0100\r\nOak Road;12\r\nNobody;\r\nNever;202-555-0155\r\n"
)


def text(response):
    return " ".join(response.content.decode().split())


def table(content=TABLE, name="practices.csv"):
    raw = content if isinstance(content, bytes) else content.encode()
    return SimpleUploadedFile(name, raw, "text/csv")


def compose(visitor, **more):
    return visitor.post("compose", {"to": "", "documents": letter(2), **more})


def form_of(response):
    """What the look hands on to whoever sends it."""
    names = ("to", "group", "listed", "upload", "quality", "count", "form_key")
    page = response.content.decode()
    found = {}
    for name in names:
        if f'name="{name}"' in page:
            facts = element(response, name)
            found[name] = (
                facts.get("value") or page.split(f'name="{name}" hidden>')[1].split("<")[0]
            )
    return found


def send(visitor, look, **more):
    return visitor.post("broadcast-new", form_of(look) | more)


def made(tenant):
    return Broadcast.objects.for_account(tenant.id).get()


def test_a_list_that_is_too_old_or_a_group_that_is_gone_is_told(world, visit):
    visitor = visit(world.northside)
    old = compose(visitor, listed="of another day")
    assert "The list has expired. Choose the list again." in text(old)
    gone = compose(visitor, group=str(new_id()))
    assert (gone.status_code, "to-error" in text(gone)) == (422, True)


def test_a_draft_that_is_none_sends_nothing(world, visit):
    visitor = visit(world.northside)
    look = compose(visitor, recipients_file=table())
    assert send(visitor, look, draft="none").status_code == 404
    assert not Broadcast.objects.for_account(world.northside.id).exists()


def test_a_draft_keeps_its_list_for_as_long_as_the_draft_is_kept(world, visit):
    visitor = visit(world.northside)
    visitor.post("compose", {"action": "draft", "recipients_file": table(), "subject": "Hello"})
    [draft] = visitor.get("drafts").context["drafts"]
    assert "practices.csv" in text(visitor.get("drafts"))
    with time_machine.travel(clock.now() + timedelta(days=20)):
        visitor = visit(world.northside)
        page = text(visitor.get("compose", f"?draft={draft.pk}"))
        assert "practices.csv: 6 lines" in page
        packed = visitor.get("compose", f"?draft={draft.pk}").context["to_field"]["listed"].packed
        look = compose(visitor, listed=packed, draft=str(draft.pk))
        assert "numbers get a fax" in text(look), "as if it was chosen a moment ago"
        visitor.post("draft-save", {"draft": str(draft.pk), "subject": "Without it"})
        assert "practices.csv" not in text(visitor.get("compose", f"?draft={draft.pk}"))


def test_a_list_is_looked_at_before_anything_is_sent(world, visit, work):
    forbid(world.northside.admin, number=NEVER)
    bill(world.northside.account, balance=100 * CENT)
    visitor = visit(world.northside, Role.MEMBER)
    look = compose(visitor, recipients_file=table(), subject="Hours")
    assert look.status_code == 200
    page = text(look)
    for told in (
        "<strong>2</strong> <span>numbers get a fax",
        "<strong>1</strong> <span>was there twice",
        "<strong>3</strong> <span>cannot get a fax",
        "<strong>2</strong> <span>pages to each",
        "0.40 USD",
        "“12” is not a complete fax number.",
        "on the do-not-fax list",
        '<strong>Nobody</strong> <span class="small">There is no fax number.',
    ):
        assert told in page, told
    assert not Broadcast.rows.exists()
    assert not Fax.rows.exists()
    answer = send(visitor, look, name="To all practices")
    one = made(world.northside)
    assert answer.url == visitor.address("broadcast", broadcast=one.pk)
    assert (one.name, one.recipients_total, one.origin) == ("To all practices", 3, "portal")
    work.run_to_end()
    faxes = Fax.rows.filter(broadcast_id=one.pk)
    assert sorted(faxes.values_list("to_number", flat=True)) == [GOOD, GONE]
    assert {fax.pages for fax in faxes} == {2}
    told = text(visitor.get("broadcast", broadcast=one.pk))
    assert "<strong>1</strong><span>delivered" in told
    assert "<strong>2</strong><span>not delivered" in told
    assert "0.20 USD" in told  # the other reached nobody


def test_the_form_sent_twice_makes_one_broadcast(world, visit):
    visitor = visit(world.northside)
    look = compose(visitor, recipients_file=table())
    first, second = send(visitor, look), send(visitor, look)
    assert first.url == second.url
    assert Broadcast.rows.count() == 1


def test_what_was_looked_at_is_what_is_sent(world, visit):
    visitor = visit(world.northside)
    group = grouped(world.northside, [GOOD, GONE])
    look = compose(visitor, group=str(group.pk))
    assert 'value="Practices"' in text(look)
    forbid(world.northside.admin, number=GONE)
    again = send(visitor, look)
    assert again.status_code == 422
    assert "who gets it has changed" in text(again)
    assert not Broadcast.rows.exists()
    assert send(visitor, again).status_code == 302
    assert made(world.northside).recipients_total == 2


def test_more_numbers_than_a_fax_may_have_are_a_broadcast(world, visit, settings):
    settings.MAX_RECIPIENTS = 3
    visitor = visit(world.northside)
    typed = "Dr. Jones <+1 202 555 0100>\nElm\t(202) 555-0101\n+12025550102, +12025550103"
    assert "Look before you send" in text(compose(visitor, to=typed))
    few = compose(visitor, to="Jones, Ada <+1 202 555 0100>\nElm Street\t(202) 555-0101")
    assert few.url == visitor.address("outbox")
    assert sorted(Fax.rows.values_list("to_number", flat=True)) == [GOOD, BUSY]


def test_everything_that_was_chosen_survives_what_is_wrong(world, visit):
    visitor = visit(world.northside)
    wrong = compose(visitor, recipients_file=table(), send_at="2020-01-01T10:00", subject="Kept")
    assert wrong.status_code == 422
    listed = element(wrong, "listed")
    assert "checked" in listed
    assert "practices.csv: 6 lines" in text(wrong)
    upload = Upload.objects.for_account(world.northside.id).get()
    kept = {"to": "", "listed": listed["value"], "upload": str(upload.pk)}
    look = visitor.post("compose", kept)
    assert "<strong>3</strong> <span>numbers get a fax" in text(look)
    back = visitor.post("compose", form_of(look) | {"action": "preview"})
    assert element(back, "listed")["value"] == listed["value"]
    assert element(back, "upload")["value"] == str(upload.pk)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (lambda: table(b"\x00\x01\x02" * 99, "x.csv"), "neither a table (CSV) nor vCards"),
        (lambda: table("Name\r\nAda\r\n"), "is not a complete fax number"),
        (lambda: table("\r\n"), "There is no contact in this file."),
        (lambda: table("+12025550100\n" * 10_002), "10000"),
    ],
    ids=["binary", "no number", "empty", "too many rows"],
)
def test_a_list_that_cannot_be_read_changes_nothing(world, visit, file, told):
    response = compose(visit(world.northside), recipients_file=file())
    assert response.status_code == 422
    assert told in text(response)
    assert not Broadcast.rows.exists()


@pytest.mark.parametrize("limit", ["sheets.MOST_BYTES", "_PACKED"])
def test_a_list_that_is_too_large_changes_nothing(world, visit, monkeypatch, limit):
    monkeypatch.setattr(f"faxes.portal.recipients.{limit}", 100)
    response = compose(visit(world.northside), recipients_file=table())
    assert response.status_code == 422
    assert "This file is too large" in text(response)


def test_the_list_of_another_account_is_nobodys(world, visit):
    ours = compose(visit(world.northside), recipients_file=table())
    stolen = compose(visit(world.lakeside), listed=element(ours, "listed")["value"])
    assert stolen.status_code == 422
    theirs = grouped(world.lakeside, [GOOD])
    assert compose(visit(world.northside), group=str(theirs.pk)).status_code == 422
    assert not Broadcast.rows.exists()


def test_vcards_and_bare_numbers_are_lists_too(world, visit):
    cards = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nTEL;TYPE=FAX:+12025550100\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\r\nTEL;TYPE=FAX:+12025550101\r\nEND:VCARD\r\n"
    )
    bare = "Ada,+12025550100\nBen,(202) 555-0101\n"
    for content in (cards, bare):
        visitor = visit(world.northside)
        send(visitor, compose(visitor, recipients_file=table(content)))
        who = BroadcastRecipient.rows.order_by("-broadcast_id", "position")[:2]
        assert [(each.name, each.number) for each in who] == [("Ada", GOOD), ("Ben", BUSY)]


def test_contacts_and_groups_are_found_at_the_same_cost(
    world, visit, django_assert_max_num_queries
):
    group = grouped(world.northside, [GOOD, GONE])
    forbid(world.northside.admin, number=GONE)
    visitor = visit(world.northside, Role.MEMBER)
    visitor.get("recipients-find", "?q=a")
    with django_assert_max_num_queries(14) as few:
        found = json.loads(visitor.get("recipients-find", "?q=practice").content)
    assert [each["id"] for each in found["groups"]] == [str(group.pk)]
    assert found["groups"][0]["told"] == "2 contacts"
    assert [(each["shown"], each["trouble"]) for each in found["contacts"]] == [
        ("(202) 555-0100", ""),
        ("(202) 555-0108", "On the do-not-fax list"),
    ]
    for number in numbers(40):
        row = ContactRequest(name="Practice", number=number)
        book.create_contact(world.northside.admin, request=row)
    with django_assert_max_num_queries(len(few)):
        found = json.loads(visitor.get("recipients-find", "?q=practice").content)
    assert len(found["contacts"]) == 8


def test_each_number_is_told_what_it_is(world, visit, django_assert_max_num_queries):
    forbid(world.northside.admin, number=NEVER)
    visitor = visit(world.northside)
    typed = f"Ada <2025550100>\n12; {NEVER}\n+49 30 1234567"
    with django_assert_max_num_queries(14):
        told = json.loads(visitor.post("recipients-check", {"text": typed}).content)["read"]
    assert [(each["name"], each["country"], each["shown"]) for each in told] == [
        ("Ada", "United States", "(202) 555-0100"),
        ("", "", "12"),
        ("", "United States", "(202) 555-0155"),
        ("", "Germany", "+49 30 1234567"),
    ]
    assert [bool(each["trouble"]) for each in told] == [False, True, True, False]
    many = visitor.post("recipients-check", {"text": "\n".join(numbers(101))})
    assert json.loads(many.content) == {"many": "101 numbers"}


def test_those_whom_it_missed_get_it_again_with_the_same_pages(world, visit, work):
    visitor = visit(world.northside)
    one = begin(world.northside, [GOOD, GONE], pages=3, cover="plain", subject="Hours")
    assert visitor.post("broadcast-send-again", broadcast=one.pk).status_code == 409
    work.run_to_end()
    assert "Send again to the 1 that failed" in text(visitor.get("broadcast", broadcast=one.pk))
    answer = visitor.post("broadcast-send-again", broadcast=one.pk)
    again = Broadcast.rows.exclude(pk=one.pk).get()
    assert answer.url == visitor.address("broadcast", broadcast=again.pk)
    work.run_to_end()
    fax = Fax.rows.get(broadcast_id=again.pk)
    first = Fax.rows.get(broadcast_id=one.pk, to_number=GONE)
    assert (fax.to_number, fax.pages, fax.subject) == (GONE, first.pages, "Hours")


def test_nobody_gets_it_again_whom_it_reached_or_whose_pages_are_gone(world, visit, work):
    visitor = visit(world.northside)
    reached = begin(world.northside, [GOOD])
    gone = begin(world.northside, [GONE], keep_documents=False)
    work.run_to_end()
    for one, told in ((reached, "nobody left"), (gone, "were removed")):
        answer = visitor.post("broadcast-send-again", broadcast=one.pk)
        assert answer.status_code == 409
        assert told in text(answer)
    assert Broadcast.rows.count() == 2


def test_what_waits_is_canceled_and_the_finished_is_deleted(world, visit, work):
    visitor = visit(world.northside, Role.MEMBER)
    one = begin(world.northside, [GOOD, GONE])
    assert visitor.post("broadcast-delete", broadcast=one.pk).status_code == 409
    visitor.post("broadcast-cancel", broadcast=one.pk)
    hand_over(work)
    page = text(visitor.get("broadcast", "?show=canceled", broadcast=one.pk))
    assert page.count("broadcast-row") == 2
    assert visitor.post("broadcast-delete", broadcast=one.pk).status_code == 302
    assert not Broadcast.rows.exists()


def test_the_page_asks_as_long_as_something_moves(world, visit, work):
    visitor = visit(world.northside)
    one = begin(world.northside, [GOOD])
    page = visitor.get("broadcast-status", "?show=waiting", fragment=True, broadcast=one.pk)
    assert page.status_code == 200
    assert element(page, "broadcast")["data-live"].endswith("status/?show=waiting")
    work.run_to_end()
    page = visitor.get("broadcast-status", fragment=True, broadcast=one.pk)
    assert page.status_code == 286
    assert "data-live" not in element(page, "broadcast")


def test_lists_cost_the_same_however_long(world, visit, work, django_assert_max_num_queries):
    visitor = visit(world.northside)
    for count in (1, 3):
        begin(world.northside, numbers(count))
    long = begin(world.northside, numbers(70), name="Long")
    hand_over(work)
    with django_assert_max_num_queries(16):
        assert "Long" in text(visitor.get("broadcasts"))
    with django_assert_max_num_queries(20):
        page = visitor.get("broadcast", broadcast=long.pk)
    assert page.content.count(b"broadcast-row") == 30
    seen = set()
    query = ""
    for _page in range(3):
        page = visitor.get("broadcast", query, broadcast=long.pk)
        seen |= set(page.content.decode().split('id="recipient-')[1:])
        cursor = page.content.decode().rpartition("cursor=")[2].split('"')[0]
        query = f"?cursor={cursor}"
    assert len({each[:36] for each in seen}) == 70
    assert visitor.get("broadcast", "?cursor=x&show=x", broadcast=long.pk).status_code == 200
    assert "Broadcast</span>" in text(visitor.get("outbox"))
    fax = Fax.rows.filter(broadcast_id=long.pk).earliest("id")
    assert visitor.address("broadcast", broadcast=long.pk) in text(visitor.get("fax", fax=fax.pk))


def test_the_results_are_a_table_without_formulas(world, visit, work):
    visitor = visit(world.northside)
    send(visitor, compose(visitor, recipients_file=table()))
    work.run_to_end()
    one = made(world.northside)
    answer = visitor.get("broadcast-csv", broadcast=one.pk)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Fax number,Result,Status")
    assert lines[1].startswith("Elm Street,'+12025550100,Delivered,delivered,2,1,")
    assert lines[2].startswith("'=cmd|' /C calc'!A0,'+12025550108,")
    assert AuditEntry.objects.filter(action="broadcast.export", object_id=one.pk).count() == 1


def grouped(tenant, members, name="Practices"):
    rows = [
        book.create_contact(
            tenant.admin, request=ContactRequest(name=f"Practice {place}", number=number)
        )
        for place, number in enumerate(members)
    ]
    group = book.create_group(tenant.admin, name=name)
    ids = [row.pk for row in rows]
    book.add_members(tenant.admin, group_id=group.pk, contact_ids=ids)
    return group
