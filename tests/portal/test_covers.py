"""Cover pages in the portal: chosen and seen while writing a fax, written by those who send."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Account, Status, User
from accounts.roles import Role
from faxes.models import CoverTemplate, Fax
from tests.portal.conftest import element, letter, part

GOOD = "(202) 555-0100"
PNG = b"\x89PNG"


def text(response):
    return " ".join(response.content.decode().split())


def own(world):
    return CoverTemplate.rows.get(account=world.northside.account)


def logo():
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(out, "PNG")
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


# --- While writing a fax ------------------------------------------------------------------------


def test_a_fax_is_sent_with_the_cover_that_was_chosen(world, visit):
    visitor = visit(world.northside)
    page = text(visitor.get("compose"))
    for value in ("", "plain", "business", "confidential", str(own(world).pk)):
        assert f'<option value="{value}"' in page
    for cover in ("plain", str(own(world).pk)):
        visitor.post("compose", {"to": GOOD, "documents": letter(2), "cover": cover})
    faxes = Fax.objects.for_account(world.northside.id).order_by("id")
    assert [fax.pages for fax in faxes] == [3, 3]


def test_a_cover_can_be_brought_along_in_the_address(world, visit):
    page = text(visit(world.northside).get("compose", "?cover=business"))
    assert '<option value="business" selected>' in page


def test_a_cover_that_is_gone_is_told_beside_its_field(world, visit):
    gone = "01a1fd71-89b2-75f1-ae35-06b6d3878631"
    response = visit(world.northside).post(
        "compose", {"to": GOOD, "documents": letter(), "cover": gone}
    )
    assert response.status_code == 422
    assert "This cover page is not there any more." in text(response)
    assert element(response, "cover")["aria-invalid"] == "true"
    assert "cover-error" in element(response, "cover")["aria-describedby"]


def test_the_cover_is_drawn_from_what_is_typed_so_far(world, visit):
    visitor = visit(world.northside)

    def drawn(**typed):
        return visitor.post("compose-cover", {"cover": "plain", **typed})

    answers = [drawn(), drawn(to=GOOD), drawn(to="12"), drawn(subject="Hi"), drawn(message="Hello")]
    assert all(answer.content.startswith(PNG) for answer in answers)
    assert len({answer.content for answer in answers}) == len(answers)
    for answer in answers:
        assert answer["Cover-Pages"] == "1"
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
    assert drawn(message="Many words here. " * 250)["Cover-Pages"] == "2"
    assert visitor.post("compose-cover", {"cover": ""}).status_code == 204


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"cover": "letter"}, "This cover page is not there any more."),
        ({"message": "x" * 5001}, "up to 5000 characters fit"),
        ({"message": "a\n" * 2400}, "up to 5 pages"),
    ],
)
def test_why_a_cover_cannot_be_drawn_is_told(world, visit, typed, sentence):
    answer = visit(world.northside).post("compose-cover", {"cover": "plain", **typed})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
    assert sentence in text(answer)


def test_without_scripts_the_cover_is_seen_first_among_the_pages(world, visit):
    typed = {"action": "preview", "cover": "plain", "documents": letter(2), "to": GOOD}
    response = visit(world.northside).post("compose", typed)
    strip = part(response, 'id="strip"', "</section>")
    assert "The 3 pages as they will arrive" in strip
    assert strip.index("data:image/png;base64,") < strip.index("/pages/1.png")
    for place in (1, 2, 3):
        assert f'alt="Page {place} of 3"' in strip


def test_the_cover_tells_the_pages_of_the_documents_at_hand(world, visit):
    visitor = visit(world.northside)
    shown = visitor.post("compose-preview", {"documents": letter(3), "cover": "plain"})
    upload = element(shown, "upload")["value"]
    with_pages = visitor.post("compose-cover", {"cover": "plain", "upload": upload})
    without = visitor.post("compose-cover", {"cover": "plain"})
    assert with_pages.content != without.content


def test_the_form_says_what_becomes_of_the_message(world, visit):
    assert "are printed on the cover page. Without one they are not printed" in text(
        visit(world.northside).get("compose")
    )


def test_a_viewer_or_a_suspended_account_sees_no_preview(world, visit):
    viewer = visit(world.northside, Role.VIEWER)
    assert viewer.post("compose-cover", {"cover": "plain"}).status_code == 403
    assert viewer.post("cover-preview", {"layout": "plain"}).status_code == 403
    Account.objects.filter(pk=world.northside.id).update(status=Status.SUSPENDED)
    answer = visit(world.northside).post("compose-cover", {"cover": "plain"})
    assert answer.status_code == 403


def test_forwarding_says_that_the_cover_stays_behind(world, visit, send, work):
    with_cover = send(world.northside, "+12025550100", pages=2, cover="plain")
    without = send(world.northside, "+12025550100", pages=2)
    work.run_to_end()
    visitor = visit(world.northside)
    page = text(visitor.get("fax", fax=with_cover.pk))
    assert "All 2 pages go out as a new fax" in page
    assert "Its cover page stays behind" in page
    assert "<dt>Cover page</dt> <dd> Plain </dd>" in page
    report = visitor.get("fax-report-pdf", fax=with_cover.pk)
    assert report.content.startswith(b"%PDF")
    assert "cover page" not in part(
        visitor.get("fax", fax=without.pk), 'id="forward-title"', "</form>"
    )


# --- Writing covers -----------------------------------------------------------------------------


def test_all_covers_are_listed_with_their_pictures(world, visit):
    visitor = visit(world.northside)
    page = text(visitor.get("covers"))
    assert "Clinic letterhead" in page
    assert "Law office" not in page
    for cover in ("plain", "business", "confidential", str(own(world).pk)):
        assert f"/covers/{cover}/page.png" in page
        picture = visitor.get("cover-picture", "?width=200", cover=cover)
        assert picture.content.startswith(PNG)
        assert "no-store" in picture["Cache-Control"]
    assert visitor.get("cover-picture", cover="letter").status_code == 404


def test_a_cover_is_made_changed_and_deleted(world, visit):
    visitor = visit(world.northside)
    assert 'value="business" checked' in text(visitor.get("cover-new", "?layout=business"))
    typed = {"name": "Ours", "layout": "business", "heading": "Telefax", "logo": logo()}
    response = visitor.post("cover-new", typed)
    assert response.url == visitor.address("covers")
    cover = CoverTemplate.rows.get(name="Ours")
    assert (cover.layout, cover.heading, bool(cover.logo_key)) == ("business", "Telefax", True)
    page = visitor.get("cover", cover=cover.pk)
    assert element(page, "heading")["value"] == "Telefax"
    assert "drop_logo" in text(page)
    visitor.post("cover", {"name": "Ours", "layout": "plain"}, cover=cover.pk)
    assert CoverTemplate.rows.get(pk=cover.pk).layout == "plain"
    response = visitor.post("cover-delete", cover=cover.pk)
    assert "is deleted" in text(visitor.client.get(response.url))
    assert visitor.get("cover", cover=cover.pk).status_code == 404


def test_html_counts_only_if_that_is_wanted(world, visit):
    visitor = visit(world.northside)
    typed = {"name": "Ours", "layout": "plain", "html": "<p>{{to}}"}
    visitor.post("cover-new", typed)
    assert CoverTemplate.rows.get(name="Ours").html == ""
    visitor.post("cover-new", {**typed, "name": "Other", "own_html": "1"})
    other = CoverTemplate.rows.get(name="Other")
    assert other.html == "<p>{{to}}"
    assert "&lt;p&gt;{{to}}</textarea>" in text(visitor.get("cover", cover=other.pk))


def test_what_is_wrong_with_a_cover_is_told_beside_its_field_and_all_is_kept(world, visit):
    typed = {
        "name": "",
        "layout": "confidential",
        "letterhead": "One\nTwo",
        "html": "a\n{{cost}}",
        "own_html": "1",
    }
    response = visit(world.northside).post("cover-new", typed)
    assert response.status_code == 422
    page = text(response)
    assert "Give this cover page a name." in page
    assert "Line 2: a cover page knows nothing called “cost”." in page
    assert element(response, "html")["aria-invalid"] == "true"
    assert "html-error" in element(response, "html")["aria-describedby"]
    assert '<details class="cover-html" open>' in page
    assert 'value="confidential" checked' in page
    assert "One Two</textarea>" in page


def test_without_scripts_a_button_shows_the_page(world, visit):
    response = visit(world.northside).post(
        "cover-new", {"action": "preview", "name": "", "layout": "plain", "heading": "Telefax"}
    )
    assert response.status_code == 200
    assert "data:image/png;base64," in text(response)
    assert element(response, "heading")["value"] == "Telefax"
    assert CoverTemplate.rows.filter(account=world.northside.account).count() == 1


def test_a_draft_is_drawn_with_the_logo_that_is_stored(world, visit):
    visitor = visit(world.northside)
    visitor.post("cover-new", {"name": "Ours", "layout": "plain", "logo": logo()})
    cover = CoverTemplate.rows.get(name="Ours")
    with_logo = visitor.post("cover-preview", {"layout": "plain", "cover": str(cover.pk)})
    without = visitor.post("cover-preview", {"layout": "plain"})
    assert with_logo.content.startswith(PNG)
    assert with_logo.content != without.content
    theirs = str(CoverTemplate.rows.get(account=world.lakeside.account).pk)
    for cover_id in (theirs, "nonsense"):
        answer = visitor.post("cover-preview", {"layout": "plain", "cover": cover_id})
        assert answer.status_code == 404


def test_an_unknown_layout_breaks_nothing(world, visit):
    response = visit(world.northside).post("cover-new", {"name": "x", "layout": "../../x"})
    assert response.status_code == 422


def test_a_viewer_is_not_led_to_covers(world, visit):
    viewer = visit(world.northside, Role.VIEWER)
    assert "Cover pages" not in text(viewer.get("outbox"))
    assert viewer.get("covers").status_code == 403


def test_a_reseller_without_a_fax_machine_can_look(world, client):
    harbor = Account.objects.get(realm="harbor.example")
    client.force_login(User.objects.get(email="admin@harbor.example"))
    answer = client.get(f"/a/{harbor.pk}/covers/plain/page.png")
    assert answer.content.startswith(PNG)
