"""Changing the pages of a fax, its draft and its price, as far as addresses and forms go."""

from uuid import uuid4

from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from faxes.enums import DocumentRole
from faxes.models import Document, Fax, FaxDraft, Upload
from faxes.services.drafts import save_draft
from tests.accounts.money import CENT, bill
from tests.portal.conftest import element, letter

GOOD = "(202) 555-0100"


def text(response):
    return " ".join(response.content.decode().split())


def brought(visitor, pages=3):
    response = visitor.post("compose-preview", {"documents": letter(pages)})
    return element(response, "upload")["value"]


def test_what_cannot_be_done_is_told_and_changes_nothing(world, visit):
    visitor = visit(world.northside)
    upload = brought(visitor, pages=1)
    before = Upload.rows.values().get()
    unknown = "The documents have no such page, or it is there twice."
    for action, sentence in {
        "page.turn.9": unknown,
        "page.turn.99999999": unknown,
        "page.turn.-1": unknown,
        "page.turn": unknown,
        "page.eat.1": unknown,
        "document.remove.7": unknown,
        "page.remove.1": "At least one page must stay.",
    }.items():
        response = visitor.post("compose", {"upload": upload, "action": action, "subject": "Kept"})
        assert response.status_code == 422, action
        assert sentence in text(response), action
        assert element(response, "upload")["value"] == upload
        assert element(response, "subject")["value"] == "Kept"
        assert Upload.rows.values().get() == before


def test_the_pages_of_others_are_not_there_to_be_changed(world, visit):
    upload = brought(visit(world.northside))
    for stranger in (visit(world.northside, Role.MEMBER), visit(world.lakeside)):
        form = {"upload": upload, "action": "page.remove.1"}
        assert "The preview has expired." in text(stranger.post("compose", form))
    assert Upload.rows.get().plan == []


def test_the_order_goes_behind_a_cover_and_is_kept_in_another_quality(world, visit, work):
    visitor = visit(world.northside)
    upload = brought(visitor)
    visitor.post("compose-preview", {"upload": upload, "action": "page.place.3.1"})
    form = {"upload": upload, "cover": "plain", "quality": "standard", "to": GOOD}
    response = visitor.post("compose", {**form, "action": "preview"})
    assert "The 4 pages as they will arrive" in text(response)
    assert "v=standard" in text(response)
    assert Upload.rows.get().plan == [[3, 0], [1, 0], [2, 0]]
    pages = Upload.rows.get().rendered
    visitor.post("compose", form)
    fax = Fax.rows.get()
    assert Document.rows.get(fax=fax, role=DocumentRole.BODY).key == pages["key"]
    work.run_to_end()
    assert Fax.rows.get().pages == 4


def test_what_a_fax_takes_and_costs_is_told_where_it_is_known(world, visit):
    visitor = visit(world.northside)
    form = {"upload": brought(visitor), "to": f"{GOOD}, (202) 555-0101"}
    assert "About 1 minute for each of 2 numbers" in text(visitor.post("compose-estimate", form))
    for unknown in ({"to": "12"}, {"upload": ""}, {"to": ""}, {"send_at": "never"}):
        told = text(visitor.post("compose-estimate", form | unknown))
        assert "About" not in told
        assert 'id="estimate"' in told
    bill(world.northside.account, balance=1000 * CENT)
    told = text(visitor.post("compose-estimate", form))
    assert '<span class="estimate-price">' in told
    assert text(visitor.post("compose", form | {"action": "preview"})).count("estimate-price") == 1


def test_a_draft_is_kept_quietly_continued_and_gone_once_it_is_sent(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    assert visitor.post("draft-save", {"quality": "fine", "faxbox": "x"}).json()["draft"] == ""
    upload = brought(visitor)
    typed = {"to": GOOD, "subject": "Referral", "cover": "plain", "quality": "superfine"}
    draft = visitor.post("draft-save", typed | {"upload": upload}).json()["draft"]
    visitor.post("draft-save", typed | {"upload": upload, "draft": draft, "message": "Call me."})
    page = visitor.get("compose", f"?draft={draft}")
    for name, value in (("draft", draft), ("upload", upload), ("subject", "Referral")):
        assert element(page, name)["value"] == value
    assert ">Call me.</textarea>" in text(page)
    assert 'value="superfine" checked' in text(page)
    assert "1 draft" in text(page)
    for query in (f"?draft={draft}", f"?draft={uuid4()}", "?draft=nonsense"):
        assert visit(world.northside).get("compose", query).status_code == 404
    refused = visitor.post("compose", {"to": "12", "upload": upload, "draft": draft})
    assert element(refused, "draft")["value"] == draft
    visitor.post("compose", {"to": GOOD, "upload": upload, "draft": draft})
    assert Fax.rows.count() == 1
    assert not FaxDraft.rows.exists()
    assert visitor.post("draft-save", typed | {"draft": draft}).status_code == 404


def test_what_was_typed_is_not_lost_if_its_draft_is(world, visit):
    visitor = visit(world.northside)
    form = {"to": GOOD, "draft": str(uuid4()), "action": "draft", "documents": letter()}
    response = visitor.post("compose", form)
    assert [str(each) for each in get_messages(response.wsgi_request)] == ["The draft is saved."]
    kept = FaxDraft.rows.get()
    assert (kept.typed["to"], kept.upload) == (GOOD, Upload.rows.get())


def test_the_list_of_drafts_asks_as_much_however_many_there_are(world, visit):
    visitor = visit(world.northside)
    counted = []
    for subject in ("Referral", "<b>Lab</b>"):
        upload = brought(visitor, pages=1)
        save_draft(world.northside.admin, typed={"to": "1", "subject": subject}, upload_id=upload)
        with CaptureQueriesContext(connection) as asked:
            page = text(visitor.get("drafts"))
        counted.append(len(asked))
        assert subject.replace("<", "&lt;").replace(">", "&gt;") in page
    assert counted[0] == counted[1]
