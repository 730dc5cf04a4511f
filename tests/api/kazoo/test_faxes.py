"""Faxes by folder: from being handed in to being deleted."""

import json
from io import BytesIO
from uuid import uuid4

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.ids import new_id
from faxes.models import Attempt, Event, Fax
from tests.accounts.money import CENT, bill
from tests.api.kazoo.conftest import month_id
from tests.papers import pdf

GOOD, BUSY = "+12025550100", "+12025550101"
JOB = {"to_number": "12025550100", "from_number": "12025550121"}
GREGORIAN = 62_167_219_200


@pytest.fixture
def put(kazoo):
    """Hand in a letter, as two parts; its fax, and what was answered."""
    asker = kazoo()

    def handed_in(path: str = "faxes", **data):
        answer = _in_parts(asker, path, JOB | data)
        assert answer.status_code == 201, answer.content
        told = answer.json()["data"]
        return Fax.rows.get(pk=told["id"]), answer

    return handed_in


def _in_parts(asker, path, data, document=None):
    body = b"".join(
        b"--edge\r\n" + head + b"\r\n\r\n" + content + b"\r\n"
        for head, content in (
            (b"Content-Type: application/json", json.dumps({"data": data}).encode()),
            (b"Content-Type: application/pdf", document or pdf(1)),
        )
    )
    return asker.client.generic(
        "PUT",
        f"{asker.base}/{path}",
        body + b"--edge--\r\n",
        content_type="multipart/mixed; boundary=edge",
        headers={"x-auth-token": asker.token},
    )


def test_a_job_is_answered_as_documented_and_goes_from_folder_to_folder(put, kazoo, work):
    clinic = kazoo()
    fax, answer = put(to_name="To Name", from_name="Test Fax", retries=3, case="17")
    told = answer.json()
    assert told["status"] == "success"
    job = told["data"]
    assert job["id"] == job["_id"] == fax.pk.hex
    assert answer["Location"].endswith(f"/faxes/outgoing/{job['id']}")
    assert (job["to_number"], job["from_number"]) == (GOOD, "12025550121")
    assert (job["retries"], job["attempts"], job["case"]) == (3, 0, "17")
    assert job["tx_result"] == {
        "error_message": "", "fax_bad_rows": 0, "fax_error_correction": False,
        "fax_receiver_id": "", "fax_speed": 0, "pages_sent": 0, "success": False,
        "time_elapsed": 0,
    }  # fmt: skip
    assert clinic.data("GET", "faxes/outgoing")[0]["status"] == "attaching_files"
    work.run_jobs()
    (line,) = clinic.data("GET", "faxes/outgoing")
    assert line["id"] == job["id"]
    assert clinic.data("GET", f"faxes/outgoing/{job['id']}")["case"] == "17"
    for method in ("DELETE", "POST"):
        assert clinic.ask(method, f"faxes/outgoing/{job['id']}").status_code == 405
    work.run_to_end()
    gone = clinic.ask("GET", f"faxes/outgoing/{job['id']}")
    assert gone.status_code == 404
    assert gone.json()["message"] == "bad_identifier"
    assert gone.json()["data"]["cause"] == job["id"]
    (kept,) = clinic.data("GET", "faxes/outbox")
    fax.refresh_from_db()
    assert kept["id"] == month_id(fax)
    assert (kept["status"], kept["folder"], kept["case"]) == ("completed", "outbox", "17")
    assert kept["created"] == int(fax.created_at.timestamp()) + GREGORIAN
    result = kept["tx_result"]
    assert (result["success"], result["result_text"], result["result_code"]) == (True, "OK", 0)
    assert result["total_pages"] == result["transferred_pages"] == result["pages_sent"] == 1
    assert result["image_resolution"] == "204x196"
    assert result["transfer_rate"] == result["fax_speed"] > 2400
    assert clinic.data("GET", f"faxes/outbox/{kept['id']}")["_read_only"]["status"] == "completed"


def test_what_fails_stands_in_the_outbox_with_the_words_that_clients_test_for(put, kazoo, work):
    put(to_number=BUSY, retries=0)
    put(from_number="+19995550000")
    work.run_to_end()
    told = {each["to_number"]: each for each in kazoo().data("GET", "faxes/outbox")}
    assert {each["status"] for each in told.values()} == {"failed"}
    assert told[BUSY]["tx_result"]["result_cause"] == "USER_BUSY"
    assert told[GOOD]["tx_result"]["result_text"] == "invalid fax cid number: +19995550000"
    assert told[GOOD]["tx_result"]["result_code"] == 400


def test_an_attachment_is_a_pdf_or_a_tiff_whole_or_in_part_until_it_is_stripped(put, kazoo, work):
    clinic = kazoo()
    fax, _ = put()
    work.run_to_end()
    path = f"faxes/outbox/{month_id(fax)}/attachment"
    whole = clinic.ask("GET", path)
    assert whole["Content-Type"] == "application/pdf"
    assert whole["Content-Disposition"].startswith("attachment; filename=fax_document_")
    content = b"".join(whole.streaming_content)
    assert len(pypdfium2.PdfDocument(content)) == 1
    part = clinic.ask("GET", path, range="bytes=0-99")
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == content[:100]
    assert clinic.ask("GET", path, **{"if-none-match": whole["ETag"]}).status_code == 304
    for asked in (clinic.ask("GET", path, accept="image/tiff"),
                  clinic.ask("GET", f"{path}?accept=image/tiff")):  # fmt: skip
        assert asked["Content-Type"] == "image/tiff"
        assert Image.open(BytesIO(b"".join(asked.streaming_content))).width == 1728
    link = clinic.client.get(f"{clinic.base}/{path}?auth_token={clinic.token}&disposition=inline")
    assert link["Content-Disposition"].startswith("inline; filename=")
    link.close()
    assert clinic.data("DELETE", path) == {}
    assert clinic.ask("GET", path).status_code == 404
    assert clinic.ask("DELETE", path).status_code == 404
    assert clinic.data("GET", f"faxes/outbox/{month_id(fax)}")["tx_result"]["success"]


def test_resubmitting_needs_its_word_and_makes_a_new_job(put, kazoo, work):
    clinic = kazoo()
    fax, _ = put(case="17")
    work.run_to_end()
    path = f"faxes/outbox/{month_id(fax)}"
    for body, said in (
        ({"data": {}}, "action required"),
        ({"data": {}, "action": "forward"}, "invalid action"),
        ({"data": {"action": "resubmit"}}, "action required"),
    ):
        refused = clinic.ask("PUT", path, body)
        assert (refused.status_code, refused.json()["message"]) == (500, said)
        assert refused.json()["data"] == {"message": said}
    job = clinic.data(
        "PUT", path, {"data": {"ui_metadata": {"ui": "monster-ui"}}, "action": "resubmit"},
        status=201,
    )  # fmt: skip
    assert job["id"] != fax.pk.hex
    assert (job["attempts"], job["case"], job["to_number"]) == (0, "17", GOOD)
    assert not {"tx_result", "ui_metadata"} & set(job)
    other = clinic.data(
        "PUT", path, {"data": {"to_number": BUSY, "retries": 0}, "action": "resubmit"}, status=201
    )
    assert (other["to_number"], other["retries"]) == (BUSY, 0)
    clinic.data("DELETE", f"{path}/attachment")
    refused = clinic.ask("PUT", path, {"data": {}, "action": "resubmit"})
    assert refused.json()["message"] == "error when resubmitting fax"


def test_what_came_in_is_told_forwarded_and_deleted(world, put, kazoo, work):
    put(to_number=world.lakeside.number)
    work.run_to_end()
    firm = kazoo(world.lakeside.admin)
    (came,) = firm.data("GET", "faxes/inbox")
    assert came["source_type"] == "incoming_fax"
    assert came["folder"] == "inbox"
    assert came["rx_result"]["success"] is True
    assert came["rx_result"]["total_pages"] == 1
    assert came["faxbox_id"] == world.lakeside.faxbox.pk.hex
    assert "status" not in came
    path = f"faxes/inbox/{came['id']}"
    pages = firm.ask("GET", f"{path}/attachment")
    assert b"".join(pages.streaming_content).startswith(b"%PDF")
    refused = firm.ask("PUT", path, {"data": {"to_number": GOOD}, "action": "resubmit"})
    assert refused.json()["message"] == "invalid action"
    refused = firm.ask("PUT", path, {"data": {}, "action": "forward"})
    assert refused.json()["data"].keys() == {"document.to_number"}
    sent = firm.data("PUT", path, {"data": {"to_number": "2025550100"}, "action": "forward"},
                     status=201)  # fmt: skip
    assert (sent["to_number"], sent["from_number"]) == (GOOD, world.lakeside.number)
    deleted = firm.data("DELETE", path, {"data": {"ui_metadata": {}}})
    assert deleted["_read_only"] == {"deleted": True}
    assert firm.ask("GET", path).status_code == 404


def test_an_id_of_the_other_folder_is_told_as_the_vendor_tells_it(world, put, kazoo, work):
    fax, _ = put(to_number=world.lakeside.number)
    clinic = kazoo()
    assert clinic.ask("GET", f"faxes/outbox/{month_id(fax)}").status_code == 404
    work.run_to_end()
    for folder, status in (("inbox", 500), ("incoming", 500), ("outbox", 200)):
        assert clinic.ask("GET", f"faxes/{folder}/{month_id(fax)}").status_code == status
    said = clinic.ask("GET", f"faxes/inbox/{month_id(fax)}").json()["message"]
    assert said == "document is not in folder inbox"
    for wrong in (fax.pk.hex, f"199901-{fax.pk.hex}", "nothing", f"{month_id(fax)}0"):
        assert clinic.ask("GET", f"faxes/outbox/{wrong}").json()["message"] == "bad_identifier"


def test_calls_in_progress_stand_in_incoming(world, put, kazoo, work):
    put(to_number=world.lakeside.number)
    work.run_to_end()
    fax = Fax.rows.get(direction="inbound")
    Fax.rows.filter(pk=fax.pk).update(state="receiving", outcome="", pages_done=2, finished_at=None)
    firm = kazoo(world.lakeside.admin)
    (coming,) = firm.data("GET", "faxes/incoming")
    assert (coming["status"], coming["pages"]) == ("receiving", 2)
    assert firm.data("GET", f"faxes/incoming/{coming['id']}")["id"] == coming["id"]
    assert firm.data("GET", "faxes/inbox") == []


def test_a_faxbox_fills_what_is_open_and_narrows_lists(world, put, kazoo, work):
    box = world.northside.faxbox
    type(box).rows.filter(pk=box.pk).update(caller_name="Front desk", retries=None)
    clinic = kazoo()
    path = f"faxboxes/{box.pk.hex}/faxes"
    answer = _in_parts(clinic, path, {"to_number": GOOD, "retries": None})
    job = answer.json()["data"]
    assert (job["from_name"], job["from_number"], job["retries"]) == (
        "Front desk", world.northside.number, 3,
    )  # fmt: skip
    assert job["faxbox_id"] == box.pk.hex
    assert [each["id"] for each in clinic.data("GET", f"{path}/outgoing")] == [job["id"]]
    other = type(box).rows.create(account=world.northside.account, name="Other")
    assert clinic.data("GET", f"faxboxes/{other.pk.hex}/faxes/outgoing") == []
    away = clinic.ask("GET", f"faxboxes/{other.pk.hex}/faxes/outgoing/{job['id']}")
    assert away.json()["message"] == "bad_identifier"
    for theirs in (
        f"faxboxes/{world.lakeside.faxbox.pk.hex}",
        f"users/{world.lakeside.people['admin'].pk.hex}",
    ):
        strange = clinic.ask("GET", f"{theirs}/faxes/outbox")
        assert (strange.status_code, strange.json()["message"]) == (404, "bad_identifier")
    me = world.northside.people["admin"].pk.hex
    assert [each["id"] for each in clinic.data("GET", f"users/{me}/faxes/outgoing")] == [job["id"]]
    you = world.northside.people["member"].pk.hex
    assert clinic.data("GET", f"users/{you}/faxes/outgoing") == []


def test_the_words_while_it_goes(put, kazoo, work):
    fax, _ = put()
    work.run_jobs()
    clinic = kazoo()
    work.run_to_end()
    attempt = Attempt.rows.get(fax=fax)
    Event.rows.filter(fax=fax).delete()
    Fax.rows.filter(pk=fax.pk).update(state="sending", outcome="", pages=3)
    for phase, done, rate, said in (
        ("", 0, None, "processing"),
        ("dialing", 0, None, "ready to send"),
        ("connected", 0, None, "negotiating"),
        ("connected", 0, 14400, "Fax negotiated at 14400"),
        ("page", 1, 14400, "Sent Page 1 of 3"),
    ):
        Fax.rows.filter(pk=fax.pk).update(pages_done=done)
        Attempt.rows.filter(pk=attempt.pk).update(
            state="calling", outcome="", phase=phase, bit_rate=rate
        )
        assert clinic.data("GET", f"faxes/outgoing/{fax.pk.hex}")["status"] == said


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"to_number": "123"}, {"document.to_number", "from_number", "document.url"}),
        ({}, {"to_number", "from_number", "document.url"}),
        (JOB | {"document": {"url": "ftp://a.example/b"}}, {"document.url"}),
        (JOB | {"document": {"url": "https://a.example", "method": "put"}}, {"document.method"}),
        (JOB | {"document": {"url": "http://127.0.0.1/a"}}, {"document.url"}),
        (JOB | {"document": {"url": "https://a.example/b"}, "retries": 5}, {"retries"}),
        (JOB | {"document": {"url": "https://a.example/b"}, "retries": "1"}, {"retries"}),
        (JOB | {"notifications": {"email": {"send_to": 1}}},
         {"document.url", "notifications.email.send_to"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_job_is_told_by_field(kazoo, data, fields):
    refused = kazoo().ask("PUT", "faxes", {"data": data})
    assert refused.status_code == 400
    assert refused.json()["message"] == "validation error"
    assert refused.json()["error"] == "400"
    assert set(refused.json()["data"]) == fields


def test_a_file_that_cannot_be_faxed_is_told_at_once(kazoo):
    refused = _in_parts(kazoo(), "faxes", JOB, b"%PDF-1.4 nothing behind it")
    assert refused.status_code == 400
    assert refused.json()["data"]["file"]["invalid"]["cause"] == "document_unreadable"
    assert not Fax.rows.exists()


def test_a_document_at_a_url_is_pending_at_once(kazoo):
    document = {"url": "https://documents.example/fax.pdf", "method": "get"}
    job = kazoo().data("PUT", "faxes/outgoing", {"data": JOB | {"document": document}}, status=201)
    assert job["document"] == document
    assert kazoo().data("GET", f"faxes/outgoing/{job['id']}")["status"] == "pending"
    assert kazoo().ask("GET", "faxes").status_code == 405


def test_a_list_of_fifty_asks_as_often_as_one_of_two(put, kazoo, work, request):
    fax, _ = put()
    work.run_to_end()
    request.getfixturevalue("still")
    clinic = kazoo()
    clinic.data("GET", "faxes/outbox")
    with CaptureQueriesContext(connection) as few:
        clinic.data("GET", "faxes/outbox")
    fax.refresh_from_db()
    attempt = Attempt.rows.get(fax=fax)
    for _ in range(50):
        fax.pk = new_id()
        fax.carrier_ref = None
        fax.save(force_insert=True)
        attempt.pk, attempt.fax, attempt.key = new_id(), fax, uuid4()
        attempt.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        assert len(clinic.data("GET", "faxes/outbox?page_size=51")) == 51
    assert len(many) == len(few) <= 14


def test_who_cannot_pay_is_not_asked_to_accept_anything(world, kazoo):
    bill(world.northside.account, balance=5 * CENT)
    for accepted in ({}, {"accept_charges": True}):
        body = {"data": JOB | {"document": {"url": "https://a.example/b.pdf"}}, **accepted}
        asker = kazoo()
        refused = asker.ask("PUT", "faxes", body)
        assert (refused.status_code, refused.json()["message"]) == (402, "no_credit")
        assert refused.json()["data"]["cause"] == "insufficient_credit"
    assert not Fax.rows.exists()
