"""Writing a fax: sending it, looking at it first, and what happens when something is wrong."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account, Status
from accounts.roles import Role
from faxes.models import Fax, Upload
from faxes.services.submit import submit_fax
from tests.portal.conftest import element, letter

GOOD = "(202) 555-0100"


def text(response):
    return " ".join(response.content.decode().split())


def sent(world):
    return list(Fax.objects.for_account(world.northside.id).order_by("id"))


def test_one_fax_is_sent_and_shown(world, visit):
    visitor = visit(world.northside)
    response = visitor.post("compose", {"to": GOOD, "documents": letter(), "subject": "Hello"})
    fax = sent(world)[0]
    assert response.status_code == 302
    assert response.url == visitor.address("fax", fax=fax.pk)
    assert (fax.to_number, fax.subject, fax.origin) == ("+12025550100", "Hello", "portal")


def test_many_numbers_lead_to_the_outbox(world, visit):
    visitor = visit(world.northside)
    to = "+12025550100, +12025550101;\n+12025550102"
    response = visitor.post("compose", {"to": to, "documents": letter()})
    assert response.url == visitor.address("outbox")
    assert [fax.to_number[-4:] for fax in sent(world)] == ["0100", "0101", "0102"]
    assert "On its way to 3 numbers." in text(visitor.get("outbox"))


def test_documents_arrive_in_the_order_in_which_they_were_chosen(world, visit):
    names = ["b.pdf", "a.pdf", "c.pdf"]
    files = [letter(name=name) for name in names]
    visit(world.northside).post("compose", {"to": GOOD, "documents": files})
    sources = sent(world)[0].documents.filter(role="source").order_by("position")
    assert [document.name for document in sources] == names


def test_a_number_can_be_brought_along_in_the_address(world, visit):
    page = visit(world.northside).get("compose", "?to=%2B13125550122")
    assert "+13125550122</textarea>" in text(page)


def test_what_is_wrong_is_told_beside_its_field_and_everything_is_kept(world, visit):
    typed = {
        "to": "12",
        "subject": "Referral",
        "message": "Please call.",
        "quality": "superfine",
        "send_at": "2020-01-01T10:00",
    }
    response = visit(world.northside).post("compose", typed)
    assert response.status_code == 422
    assert not sent(world)
    page = text(response)
    for name, sentence in {
        "to": "“12” is not a complete fax number.",
        "documents": "Choose at least one document to fax.",
        "send_at": "Choose a time to send that lies within the next year.",
    }.items():
        assert sentence in page
        assert element(response, name)["aria-invalid"] == "true"
        assert f"{name}-error" in element(response, name)["aria-describedby"]
        assert element(response, f"{name}-error")
    assert ">12</textarea>" in page
    assert ">Please call.</textarea>" in page
    assert element(response, "subject")["value"] == "Referral"
    assert element(response, "send_at")["value"] == "2020-01-01T10:00"
    assert 'value="superfine" checked' in page


def test_good_documents_need_not_be_chosen_again_when_something_else_is_wrong(world, visit):
    visitor = visit(world.northside)
    response = visitor.post("compose", {"to": "12", "documents": letter(2)})
    assert response.status_code == 422
    upload = element(response, "upload")["value"]
    assert "2 pages" in text(response)
    visitor.post("compose", {"to": GOOD, "upload": upload})
    assert sent(world)[0].pages == 2


def test_an_upload_is_kept_when_something_else_is_wrong(world, visit):
    visitor = visit(world.northside)
    upload = element(visitor.post("compose-preview", {"documents": letter()}), "upload")["value"]
    response = visitor.post("compose", {"to": "12", "upload": upload})
    assert response.status_code == 422
    assert element(response, "upload")["value"] == upload


def test_the_pages_are_seen_before_they_are_sent(world, visit):
    visitor = visit(world.northside)
    response = visitor.post("compose-preview", {"documents": letter(3), "quality": "fine"})
    assert response.status_code == 200
    assert b"<html" not in response.content
    upload = Upload.objects.for_account(world.northside.id).get()
    for page in (1, 2, 3):
        picture = visitor.get("upload-page", "?width=200", upload=upload.pk, page=page)
        assert picture.content.startswith(b"\x89PNG")
        assert f"/uploads/{upload.pk}/pages/{page}.png" in response.content.decode()
    assert visitor.get("upload-page", upload=upload.pk, page=4).status_code == 404
    assert visit(world.lakeside).get("upload-page", upload=upload.pk, page=1).status_code == 404


def test_without_scripts_a_button_shows_the_pages_and_keeps_what_was_typed(world, visit):
    visitor = visit(world.northside)
    response = visitor.post(
        "compose", {"action": "preview", "to": "12", "subject": "Kept", "documents": letter()}
    )
    assert response.status_code == 200
    assert not sent(world)
    assert "The page as it will arrive" in text(response)
    assert element(response, "subject")["value"] == "Kept"
    upload = element(response, "upload")["value"]
    visitor.post("compose", {"to": GOOD, "upload": upload, "action": "send"})
    assert len(sent(world)) == 1


def test_another_quality_shows_the_same_documents_anew(world, visit):
    visitor = visit(world.northside)
    first = visitor.post("compose-preview", {"documents": letter(), "quality": "fine"})
    again = visitor.post(
        "compose-preview", {"upload": element(first, "upload")["value"], "quality": "standard"}
    )
    assert again.status_code == 200
    assert "v=standard" in again.content.decode()


def test_files_chosen_now_go_behind_those_shown_before(world, visit):
    visitor = visit(world.northside)
    first = {"documents": letter(2, name="a.pdf")}
    upload = element(visitor.post("compose-preview", first), "upload")["value"]
    second = {"to": GOOD, "upload": upload, "documents": letter(1, name="b.pdf")}
    visitor.post("compose", second)
    sources = sent(world)[0].documents.filter(role="source").order_by("position")
    assert [(each.name, each.pages) for each in sources] == [("a.pdf", 2), ("b.pdf", 1)]


@pytest.mark.parametrize("name", ["compose", "compose-preview"])
def test_a_file_that_is_no_document_is_told_beside_the_field(world, visit, name):
    file = SimpleUploadedFile("music.mp3", b"ID3\x04" + bytes(2000))
    response = visit(world.northside).post(name, {"to": GOOD, "documents": file})
    assert response.status_code == 422
    assert "“music.mp3” is not a file that can be faxed." in text(response)
    assert element(response, "documents")["aria-invalid"] == "true"
    assert not sent(world)


@pytest.mark.parametrize("name", ["compose", "compose-preview"])
def test_a_file_that_is_too_big_is_told_beside_the_field(world, visit, settings, name):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    file = SimpleUploadedFile("scan.pdf", b"%PDF-1.7" + bytes(1024 * 1024))
    response = visit(world.northside).post(name, {"to": GOOD, "documents": file})
    assert response.status_code == 422
    assert "“scan.pdf” is too big a file: up to 1 MB can be faxed." in text(response)


def test_an_expired_preview_is_told_of(world, visit):
    upload = "01a1fd71-89b2-75f1-ae35-06b6d3878631"
    response = visit(world.northside).post("compose", {"to": GOOD, "upload": upload})
    assert response.status_code == 422
    assert "The preview has expired. Choose the documents again." in text(response)


def test_a_viewer_is_told_that_it_may_not(world, visit):
    viewer = visit(world.northside, Role.VIEWER)
    for response in (
        viewer.get("compose"),
        viewer.post("compose", {"to": GOOD, "documents": letter()}),
        viewer.post("compose-preview", {"documents": letter()}),
    ):
        assert response.status_code == 403
        assert "Your role does not allow this" in text(response)
    assert not sent(world)
    assert "New fax" not in text(viewer.get("outbox"))


def test_an_account_that_is_suspended_meanwhile_sends_nothing_and_says_so(world, visit):
    Account.objects.filter(pk=world.northside.id).update(status=Status.SUSPENDED)
    response = visit(world.northside).post(
        "compose", {"to": GOOD, "subject": "Kept", "documents": letter()}
    )
    assert response.status_code == 403
    assert "Northside Clinic is suspended" in text(response)
    assert sent(world) == []


def test_a_form_that_is_sent_twice_sends_one_fax(world, visit):
    visitor = visit(world.northside)
    key = element(visitor.get("compose"), "form_key")["value"]
    first = visitor.post("compose", {"to": GOOD, "documents": letter(), "form_key": key})
    again = visitor.post("compose", {"to": GOOD, "documents": letter(), "form_key": key})
    assert (again.status_code, again.url) == (302, first.url)
    assert len(sent(world)) == 1


def test_a_form_that_is_sent_again_while_the_first_is_at_work_sends_no_second_fax(
    world, visit, monkeypatch
):
    visitor, twin = visit(world.northside), visit(world.northside)
    answers: list[Any] = []
    key = element(visitor.get("compose"), "form_key")["value"]
    typed = {"to": GOOD, "form_key": key}

    def meanwhile(*args, **kwargs):
        if not answers:
            answers.append(None)
            answers[0] = twin.post("compose", typed | {"documents": letter()})
        return submit_fax(*args, **kwargs)

    monkeypatch.setattr("faxes.portal.compose.submit_fax", meanwhile)
    monkeypatch.setattr("accounts.services.idempotency._WAIT", 0.0)
    first = visitor.post("compose", typed | {"documents": letter()})
    assert len(sent(world)) == 1
    assert answers[0].status_code == 302
    assert answers[0].url != first.url


def test_a_form_that_was_refused_or_saved_as_a_draft_is_sent_all_the_same(world, visit):
    visitor = visit(world.northside)
    key = element(visitor.get("compose"), "form_key")["value"]
    typed = {"to": GOOD, "form_key": key}
    assert visitor.post("compose", typed | {"to": "12", "documents": letter()}).status_code == 422
    assert visitor.post("compose", typed | {"action": "draft"}).status_code == 302
    again = visitor.post("compose", typed | {"documents": letter()})
    assert again.status_code == 302
    assert len(sent(world)) == 1


def test_documents_chosen_one_after_the_other_are_one_upload(world, visit):
    visitor = visit(world.northside)
    first = element(visitor.post("compose-preview", {"documents": letter()}), "upload")["value"]
    again = {"documents": letter(2), "upload": first}
    second = element(visitor.post("compose-preview", again), "upload")["value"]
    third = {"to": "12", "documents": letter(), "upload": second}
    third_id = element(visitor.post("compose", third), "upload")["value"]
    uploads = Upload.objects.for_account(world.northside.id)
    assert [str(upload.pk) for upload in uploads] == [first] == [second] == [third_id]
    assert uploads.get().rendered["pages"] == 4
    visitor.post("compose", {"to": GOOD, "documents": letter(), "upload": third_id})
    assert not Upload.objects.for_account(world.northside.id).exists()
