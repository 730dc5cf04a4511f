"""Many faxes at once in the portal: done to each, told of each, and taken along in one file."""

import io
import zipfile

import pypdfium2
import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from faxes.models import Fax
from faxes.services import bulk, filing, labels, legal_holds
from faxes.services.privacy import strip_fax
from tests.faxes.test_list_filters import make
from tests.portal.conftest import element

GOOD = "+12025550100"


def text(response):
    return " ".join(response.content.decode().split())


def ids(faxes):
    return [str(fax.pk) for fax in faxes]


def listed(response):
    page = text(response)
    return page[page.index('id="fax-list"') : page.index('id="chosen"')]


def act(visitor, what, faxes, **more):
    """Press a button of the bar below the outbox; the page that this leads to."""
    data = {"act": what, "fax": ids(faxes), "list": "outbox", **more}
    answer = visitor.post("faxes-bulk", data)
    return visitor.client.get(answer.url) if answer.status_code == 302 else answer


def test_archived_faxes_leave_the_list_and_one_press_brings_them_back(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    faxes = [make(world.northside) for _ in range(3)]
    page = act(visitor, "archive", faxes[:2])
    assert "2 faxes are archived." in text(page)
    assert [str(fax.pk) in listed(page) for fax in faxes] == [False, False, True]
    archived = listed(visitor.get("outbox", "?archived=1"))
    assert [str(fax.pk) in archived for fax in faxes] == [True, True, False]
    assert "2 faxes are archived" not in text(visitor.get("outbox")), "told once"
    page = act(visitor, "unarchive", faxes[:2])
    assert "2 faxes are back in the list." in text(page)
    assert all(str(fax.pk) in listed(page) for fax in faxes)


def test_what_is_under_legal_hold_is_marked_before_others_are_deleted(world, visit):
    visitor = visit(world.northside)
    held, free = make(world.northside), make(world.northside)
    legal_holds.place(world.northside.admin, reason="Claim 17", fax_id=held.pk)
    asked = text(act(visitor, "delete", [held, free]))
    assert asked.count("Under legal hold: it stays as it is.") == 1
    assert asked.index(str(held.pk)) < asked.index("Under legal hold: it stays")


def test_a_search_looks_into_the_archive_too_and_says_so(world, visit):
    fax = make(world.northside, subject="The lease")
    filing.archive_fax(world.northside.admin, fax_id=fax.pk, archived=True)
    page = listed(visit(world.northside).get("outbox", "?q=lease"))
    assert str(fax.pk) in page
    assert "Archived" in page


def test_labels_and_people_are_seen_in_the_row_and_filtered_by(world, visit):
    visitor = visit(world.northside)
    label = labels.create_label(world.northside.admin, name="Urgent", colour="red")
    one, other = make(world.northside), make(world.northside)
    act(visitor, "label", [one], label=str(label.pk))
    mine = str(world.northside.people["admin"].pk)
    page = act(visitor, "assign", [one], person=mine)
    assert '<span class="chip red">Urgent</span>' in listed(page)
    for query in (f"?label={label.pk}", "?mine=1"):
        page = listed(visitor.get("outbox", query))
        assert str(one.pk) in page
        assert str(other.pk) not in page
    assert str(one.pk) not in listed(visit(world.northside, Role.MEMBER).get("outbox", "?mine=1"))
    act(visitor, "unlabel", [one], label=str(label.pk))
    assert str(one.pk) not in listed(visitor.get("outbox", f"?label={label.pk}"))
    assert visitor.get("outbox", "?label=urgent").status_code == 422


@pytest.mark.parametrize("what", ["delete", "strip", "resend"])
def test_what_cannot_be_taken_back_is_told_before_and_not_done_yet(world, visit, send, work, what):
    send(world.northside, GOOD, subject="Kept")
    work.run_to_end()
    before = list(Fax.rows.values())
    page = act(visit(world.northside), what, Fax.rows.all())
    words = {
        "delete": "Delete 1 fax", "strip": "Remove the pages of 1 fax",
        "resend": "Send 1 fax again",
    }  # fmt: skip
    assert words[what] in text(page)
    assert "Kept" in text(page)
    assert list(Fax.rows.values()) == before


def test_one_that_cannot_be_done_is_named_with_why_and_the_others_are_done(world, visit):
    visitor = visit(world.northside)
    gone = [make(world.northside), make(world.northside)]
    moving = make(world.northside, state="sending", to_number="+12025550177")
    page = act(visitor, "delete", [*gone, moving], confirmed="1")
    assert "2 faxes are deleted." in text(page)
    assert "Not done for (202) 555-0177: This fax is still under way." in text(page)
    assert list(Fax.rows.values_list("pk", flat=True)) == [moving.pk]


def test_a_form_that_is_sent_twice_sends_the_faxes_again_once(world, visit, send, work):
    send(world.northside, GOOD)
    work.run_to_end()
    visitor = visit(world.northside)
    fax = Fax.rows.get()
    key = element(act(visitor, "resend", [fax]), "form_key")["value"]
    for _ in range(2):
        act(visitor, "resend", [fax], confirmed="1", form_key=key)
    assert Fax.rows.count() == 2


def test_no_more_than_a_hundred_at_once(world, visit):
    visitor = visit(world.northside)
    too_many = {"act": "archive", "fax": [str(n) for n in range(bulk.MOST_AT_ONCE + 1)]}
    assert "Choose up to 100 faxes at once." in text(
        visitor.client.get(visitor.post("faxes-bulk", too_many).url)
    )


@pytest.mark.parametrize(
    "data", [{"act": "archive"}, {"act": "burn"}, {"act": "archive", "fax": "x"}]
)
def test_nothing_ticked_or_words_that_mean_nothing_change_nothing(world, visit, data):
    make(world.northside)
    answer = visit(world.northside).post("faxes-bulk", {**data, "list": "outbox"})
    assert answer.status_code == 302
    assert not Fax.rows.filter(archived_at__isnull=False).exists()


def test_a_form_leads_back_to_its_list_as_it_was_narrowed_and_nowhere_else(world, visit):
    fax = make(world.northside)
    place = {"list": "//evil.example/", "place": "status=delivered&next=//evil.example"}
    answer = visit(world.northside).post(
        "faxes-bulk", {"act": "archive", "fax": str(fax.pk), **place}
    )
    assert answer.url == f"/a/{world.northside.id}/inbox/?status=delivered"


@pytest.fixture
def three(world, send, work):
    """Faxes of one page and of two, and one whose pages are gone."""
    for pages in (1, 2, 1):
        send(world.northside, GOOD, pages=pages)
    work.run_to_end()
    faxes = list(Fax.rows.order_by("id"))
    strip_fax(world.northside.admin, fax_id=faxes[2].pk)
    return faxes


def body(response):
    return io.BytesIO(b"".join(response.streaming_content))


def downloads(tenant):
    entries = AuditEntry.objects.filter(account_id=tenant.id, action="fax.download")
    return sorted(entries.values_list("object_id", flat=True))


def test_a_zip_has_a_pdf_of_each_under_a_telling_name(world, visit, three):
    answer = visit(world.northside, Role.VIEWER).post("faxes-zip", {"fax": ids(three)})
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    with zipfile.ZipFile(body(answer)) as archive:
        names = sorted(archive.namelist())
        day = names[0][:10]
        assert names == [
            f"{day}-12025550100-2.pdf", f"{day}-12025550100.pdf", "not-included.txt"
        ]  # fmt: skip
        pages = [len(pypdfium2.PdfDocument(archive.read(name))) for name in names[:2]]
        assert sorted(pages) == [1, 2]
        assert f"{day}-12025550100" in archive.read("not-included.txt").decode()
    assert downloads(world.northside) == sorted(fax.pk for fax in three[:2])


def test_one_pdf_has_the_pages_of_all(world, visit, three):
    visitor = visit(world.northside)
    answer = visitor.post("faxes-pdf", {"fax": ids(three), "list": "outbox"})
    assert answer["Content-Type"] == "application/pdf"
    assert len(pypdfium2.PdfDocument(body(answer))) == 3
    assert downloads(world.northside) == sorted(fax.pk for fax in three[:2])
    assert "Not in the PDF" in text(visitor.get("outbox"))


@pytest.mark.parametrize("form", ["faxes-zip", "faxes-pdf"])
def test_what_cannot_be_downloaded_is_told_and_not_on_record(
    world, visit, three, monkeypatch, form
):
    visitor = visit(world.northside)
    answer = visitor.post(form, {"fax": [str(three[2].pk)], "list": "outbox"})
    assert "None of these faxes has pages" in text(visitor.client.get(answer.url))
    monkeypatch.setattr("faxes.services.bulk_files.MOST_PAGES", 2)
    answer = visitor.post(form, {"fax": ids(three), "list": "outbox"})
    assert "These faxes have 3 pages; up to 2" in text(visitor.client.get(answer.url))
    assert visit(world.lakeside).post(form, {"fax": ids(three)}).status_code == 302
    assert downloads(world.northside) == downloads(world.lakeside) == []


def test_views_are_saved_shown_and_deleted(world, visit):
    visitor = visit(world.northside)
    place = {"list": "outbox", "place": "status=failed&cursor=x&evil=1"}
    visitor.post("view-save", {"name": "Failed ones", **place})
    page = text(visitor.get("outbox"))
    assert f'href="/a/{world.northside.id}/outbox/?status=failed"' in page
    assert "Failed ones" not in text(visitor.get("inbox"))
    assert "Failed ones" not in text(visit(world.northside, Role.MEMBER).get("outbox"))
    view = page.split("/lists/views/")[1].split("/")[0]
    visitor.post("view-delete", {}, view=view)
    assert view not in text(visitor.get("outbox"))


def test_a_browser_remembers_close_rows_and_no_keys(world, visit):
    make(world.northside)
    visitor = visit(world.northside)
    assert 'class="sheet"' in text(visitor.get("outbox"))
    visitor.post("list-look", {"density": "compact"})
    visitor.post("list-look", {"keys": "off"})
    visitor.post("list-look", {"density": "loud"})
    page = text(visitor.get("outbox"))
    assert 'class="sheet compact"' in page
    assert 'data-keys="off"' in page


def test_a_list_asks_the_database_as_often_for_a_hundred_faxes_as_for_twenty(
    world, visit, django_assert_num_queries
):
    visitor = visit(world.northside)
    label = labels.create_label(world.northside.admin, name="Urgent", colour="red")
    visitor.get("outbox")
    for count in (20, 80):
        for _ in range(count):
            fax = make(world.northside)
            labels.label_fax(world.northside.admin, fax_id=fax.pk, label_id=label.pk, on=True)
        for query in ("", "?archived=1", f"?label={label.pk}", "?mine=1", "?status=delivered"):
            visitor.get("outbox", query)
            with django_assert_num_queries(16 if query not in {"?archived=1", "?mine=1"} else 14):
                visitor.get("outbox", query)


def test_the_page_of_a_fax_keeps_its_labels_notes_and_who_sees_to_it(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    fax = make(world.northside)
    label = labels.create_label(world.northside.admin, name="Urgent", colour="red")
    person = str(world.northside.people["viewer"].pk)
    visitor.post("fax-labels", {"label": [str(label.pk)]}, fax=fax.pk)
    visitor.post("fax-assign", {"person": person}, fax=fax.pk)
    key = element(visitor.get("fax", fax=fax.pk), "form_key")["value"]
    for _ in range(2):
        visitor.post("fax-note", {"note": "<b>Call</b> back", "form_key": key}, fax=fax.pk)
    page = text(visitor.get("fax", fax=fax.pk))
    assert '<span class="chip red">Urgent</span>' in page
    assert f'<option value="{person}" selected>' in page
    assert page.count("&lt;b&gt;Call&lt;/b&gt; back") == 1
    viewer = text(visit(world.northside, Role.VIEWER).get("fax", fax=fax.pk))
    assert "&lt;b&gt;Call&lt;/b&gt; back" in viewer
    assert 'name="note"' not in viewer
    page = visitor.client.get(visitor.post("fax-archive", {}, fax=fax.pk).url)
    assert "1 fax is archived." in text(page)
    assert "Move back from the archive" in text(visitor.get("fax", fax=fax.pk))
    for name, data in (
        ("fax-note", {"note": " "}),
        ("fax-assign", {"person": "x"}),
        ("fax-labels", {"label": "x"}),
    ):
        page = visitor.client.get(visitor.post(name, data, fax=fax.pk).url)
        assert 'class="note bad"' in text(page), name
