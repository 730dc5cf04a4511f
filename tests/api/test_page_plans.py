"""A program sends some pages of its documents, in another order, turned."""

import json
from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from faxes.models import Fax, Upload
from tests import papers

GOOD = "+12025550100"


def letter(pages, name="letter.pdf"):
    return {"content_base64": b64encode(papers.pdf(pages)).decode(), "filename": name}


def test_just_the_pages_named_go_and_an_upload_stays_to_be_sent_otherwise(program, work):
    asking = program()
    upload = asking.post("uploads", {"documents": [letter(2)]}).json()["id"]
    documents = [{"upload_id": upload}, letter(2, "second.pdf")]
    pages = [{"page": 4}, {"page": 1, "turn": 90}]
    sent = asking.post("faxes", {"to": GOOD, "documents": documents, "pages": pages})
    assert (sent.status_code, sent.json()["pages"]) == (201, 2)
    work.run_to_end()
    assert asking.get(f"faxes/{sent.json()['id']}").json()["status"] == "delivered"
    assert str(Upload.rows.get().pk) == upload
    assert asking.post("faxes", {"to": GOOD, "documents": documents[:1]}).status_code == 201


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ([], "no_pages_left"),
        ([{"page": 3}], "pages_invalid"),
        ([{"page": 1}, {"page": 1, "turn": 90}], "pages_invalid"),
    ],
)
def test_pages_that_are_not_there_are_refused_and_nothing_is_left_behind(program, pages, code):
    asked = {"to": GOOD, "documents": [letter(2)], "pages": pages}
    refused = program().post("faxes", asked)
    assert (refused.status_code, refused.json()["code"], refused.json()["param"]) == (
        422,
        code,
        "pages",
    )
    assert not Upload.rows.exists()
    assert not Fax.rows.exists()


def test_a_plan_for_a_fax_that_is_refused_is_gone_and_a_form_names_pages_in_json(program):
    asking = program()
    asked = {"to": "12", "documents": [letter(2)], "pages": [{"page": 2}]}
    assert asking.post("faxes", asked).status_code == 422
    assert not Upload.rows.exists()
    odd = {"to": GOOD, "documents": [letter(1)], "pages": [{"page": 1, "turn": 45}]}
    assert asking.post("faxes", odd).status_code == 422
    document = SimpleUploadedFile("letter.pdf", papers.pdf(3), "application/pdf")
    form = {"to": GOOD, "documents": document, "pages": json.dumps([{"page": 3}])}
    headers = {"authorization": f"Bearer {asking.token}"}
    made = asking.client.post("/api/v1/faxes", form, headers=headers)
    assert (made.status_code, made.json()["pages"]) == (201, 1)


def test_an_estimate_is_of_the_pages_that_go_and_leaves_nothing_behind(program):
    asking = program()
    asked = {"to": GOOD, "documents": [letter(5)]}
    whole = asking.post("estimate", asked).json()
    some = asking.post("estimate", {**asked, "pages": [{"page": 5}, {"page": 2, "turn": 90}]})
    assert (some.status_code, whole["pages"], some.json()["pages"]) == (200, 5, 2)
    assert some.json()["line_seconds"] < whole["line_seconds"]
    refused = asking.post("estimate", {**asked, "pages": [{"page": 6}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "pages_invalid")
    assert not Upload.rows.exists()
    assert not Fax.rows.exists()


def test_a_broadcast_sends_just_the_pages_named_and_keeps_nothing_if_it_is_refused(program, work):
    asking = program()
    asked = {"documents": [letter(3)], "pages": [{"page": 3}, {"page": 1}]}
    assert asking.post("broadcasts", {**asked, "recipients": ["12"]}).status_code == 422
    assert not Upload.rows.exists()
    made = asking.post("broadcasts", {**asked, "recipients": [GOOD]})
    assert (made.status_code, made.json()["pages"]) == (201, 2)
    work.run_to_end()
    assert (Fax.rows.get().pages, Fax.rows.get().state) == (2, "delivered")
