"""Documents brought ahead by programs: made pages, looked at, sent, removed."""

import base64
import io
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import clock
from accounts.roles import Scope
from faxes.models import Fax, Upload
from tests import papers
from tests.outside import outside
from tests.stored import stored_files

WORDS = base64.b64encode(b"Hello, fax!").decode()


def bring(program, **more):
    body = {"documents": [{"content_base64": WORDS, "filename": "hello.txt"}], **more}
    return program.post("uploads", body)


def test_an_upload_is_brought_shown_and_sent(world, work, program):
    asks = program(world.northside.admin)
    made = bring(asks, quality="standard")
    told = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/uploads/{told['id']}")
    assert (told["pages"], told["quality"], told["paper"]) == (1, "standard", "letter")
    (source,) = told["sources"]
    assert (source["name"], source["media_type"], source["size"]) == ("hello.txt", "text/plain", 11)
    assert asks.get(f"uploads/{told['id']}").json() == told
    assert asks.get("uploads").json() == {"data": [told], "has_more": False, "next_cursor": None}

    sent = asks.post("faxes", {"to": "+12025550100", "documents": [{"upload_id": told["id"]}]})

    assert sent.status_code == 201
    assert asks.get(f"uploads/{told['id']}").status_code == 404
    work.run_to_end()
    assert Fax.rows.get().state == "delivered"


def test_files_of_a_form_and_web_addresses_become_pages_too(world, program, settings):
    asks = program(world.northside.admin)
    files = [SimpleUploadedFile("a.pdf", papers.pdf(2)), SimpleUploadedFile("b.png", papers.png())]
    form = asks.client.post(
        "/api/v1/uploads",
        {"documents": files, "quality": "fine"},
        headers={"authorization": f"Bearer {asks.token}"},
    )
    assert [each["name"] for each in form.json()["sources"]] == ["a.pdf", "b.png"]
    assert form.json()["pages"] == 3
    with outside() as server:
        settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
        server.behave = lambda it: it.answer(body=b"From the web", Content_Type="text/plain")
        documents = [{"url": server.url("/far.txt")}, {"content_base64": WORDS}]
        far = asks.post("uploads", {"documents": documents})
    assert [each["name"] for each in far.json()["sources"]] == ["far.txt", "document"]


def test_a_page_is_a_picture_that_need_not_be_fetched_twice(world, program):
    asks = program(world.northside.admin)
    page = f"uploads/{bring(asks).json()['id']}/pages/1"
    first = asks.get(f"{page}?width=96")
    with Image.open(io.BytesIO(b"".join(first.streaming_content))) as picture:
        assert (picture.format, picture.width) == ("PNG", 96)
    tag = {"if-none-match": first["ETag"]}
    assert asks.get(f"{page}.png?width=96", **tag).status_code == 304
    assert asks.get(f"{page}?width=97", **tag).status_code == 200
    assert asks.get(page, accept="application/pdf").json()["code"] == "not_acceptable"
    for gone in ("pages/0", "pages/2", f"pages/{10**30}"):
        assert asks.get(page.replace("pages/1", gone)).status_code == 404
    for width in ("31", "1729", "x", "", "٣٢٠"):
        assert asks.get(f"{page}?width={width}").json()["param"] == "width"


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({}, 422, "documents", "document_missing"),
        ({"documents": [{}]}, 422, "documents[0]", "parameter_document_unclear"),
        ({"documents": [{"upload_id": WORDS}]}, 422, "documents[0].upload_id", "parameter_unknown"),
        ({"documents": "x"}, 422, "documents", "parameter_not_a_list"),
        (
            {"documents": [{"content_base64": "?"}]},
            422,
            "documents[0].content_base64",
            "parameter_base64_invalid",
        ),
        ({"documents": [{"content_base64": WORDS}], "to": "x"}, 422, "to", "parameter_unknown"),
        (
            {"documents": [{"content_base64": ""}], "quality": "fine"},
            422,
            "documents",
            "document_empty",
        ),
        ({"documents": [], "quality": "best"}, 422, "quality", "parameter_invalid_choice"),
    ],
)
def test_what_is_wrong_is_told_with_its_parameter(world, program, body, status, param, code):
    told = program(world.northside.admin).post("uploads", body)
    assert (told.status_code, told.json()["param"], told.json()["code"]) == (status, param, code)
    assert not Upload.rows.exists()


def test_an_upload_is_gone_once_removed_with_what_was_answered_about_it(world, program):
    asks = program(world.northside.admin)
    body = {"documents": [{"content_base64": WORDS, "filename": "hello.txt"}]}
    made = asks.post("uploads", body, idempotency_key="one")
    again = asks.post("uploads", body, idempotency_key="one")
    assert (again.json(), Upload.rows.count()) == (made.json(), 1)
    path = f"uploads/{made.json()['id']}"

    assert asks.ask("DELETE", path).status_code == 204

    assert asks.ask("DELETE", path).status_code == 404
    assert asks.post("uploads", body, idempotency_key="one").status_code == 410
    assert stored_files() == set()


def test_uploads_are_their_makers_and_end_with_their_day(world, program):
    made = bring(program(world.northside.admin)).json()["id"]
    asks = program(world.lakeside.admin)
    assert asks.get("uploads").json()["data"] == []
    for path in (f"uploads/{made}", f"uploads/{made}/pages/1"):
        assert asks.get(path).status_code == 404
    reads = program(world.northside.admin, Scope.FAXES_READ)
    assert reads.get(f"uploads/{made}").status_code == 403
    Upload.rows.update(expires_at=clock.now() - timedelta(seconds=1))
    assert program(world.northside.admin).get(f"uploads/{made}").status_code == 404


def test_uploads_are_listed_newest_first_by_pages(world, program):
    asks = program(world.northside.admin)
    made = [bring(asks).json()["id"] for _ in range(3)]
    first = asks.get("uploads?limit=2").json()
    rest = asks.get(f"uploads?limit=2&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert asks.get("uploads?cursor=x").json()["code"] == "cursor_invalid"
