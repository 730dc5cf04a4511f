"""Faxes for programs: sent in every way, listed, found, followed, taken back, removed."""

import base64
import json
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.roles import Scope
from faxes.enums import DocumentRole
from faxes.models import Document, Fax
from faxes.services import remote_documents
from tests import papers
from tests.accounts.money import CENT, bill
from tests.outside import outside

TO, OTHER = "+12025550100", "+12025550107"
WORDS = base64.b64encode(b"Hello, fax!").decode()
LETTER = {"content_base64": WORDS, "filename": "hello.txt"}
BODY = {"to": TO, "documents": [LETTER]}
NOBODYS = str(uuid4())


@pytest.fixture
def asks(world, work, program):
    return program(world.northside.admin)


def sent(asks, **more):
    answer = asks.post("faxes", {**BODY, **more})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def names(fax_id):
    sources = Document.rows.filter(fax=fax_id, role=DocumentRole.SOURCE).order_by("position")
    return list(sources.values_list("name", flat=True))


def test_all_that_is_asked_for_is_told_again(world, asks):
    send_at = (clock.now() + timedelta(hours=2)).replace(microsecond=0).isoformat()
    asked = {
        "from": world.northside.number,
        "faxbox": str(world.northside.faxbox.pk),
        "subject": "Results",
        "message": "As agreed.",
        "cover": "plain",
        "quality": "superfine",
        "send_at": send_at,
        "retries": 2,
        "metadata": {"case": " 4711 ", "näme": ""},
        "webhook_url": "https://example.com/told",
        "notify": ["nurse@northside.example"],
        "store_documents": False,
    }
    answer = asks.post("faxes", {**BODY, **asked})
    told = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/faxes/{told['id']}")
    alike = ("from", "subject", "quality", "retries", "metadata", "webhook_url", "notify")
    assert {name: told[name] for name in alike} == {name: asked[name] for name in alike}
    assert (told["to"], told["faxbox_id"]) == (TO, asked["faxbox"])
    assert (told["status"], told["store_documents"], told["origin"]) == ("preparing", False, "api")
    assert datetime.fromisoformat(told["send_at"]) == datetime.fromisoformat(send_at)
    assert told["send_at"].endswith(".000Z")
    assert asks.get(f"faxes/{told['id']}").json() == told


def test_documents_go_in_their_order_however_they_are_brought(asks, work, settings):
    upload = asks.post("uploads", {"documents": [{**LETTER, "filename": "ahead.txt"}]}).json()["id"]
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    with outside() as server:
        server.behave = lambda it: it.answer(body=papers.pdf(2), Content_Type="application/pdf")
        documents = [{"url": server.url("/far.pdf")}, LETTER, {"upload_id": upload}]
        fax = sent(asks, documents=documents)
    assert names(fax["id"]) == ["far.pdf", "hello.txt", "ahead.txt"]
    work.run_to_end()
    told = asks.get(f"faxes/{fax['id']}").json()
    assert (told["status"], told["outcome"], told["pages"]) == ("delivered", "delivered", 4)


def test_a_form_asks_for_the_same(asks):
    form = {
        "to": [TO, OTHER],
        "documents": [
            SimpleUploadedFile("a.pdf", papers.pdf()),
            SimpleUploadedFile("b.png", papers.png()),
        ],
        "metadata[case]": "4711",
        "retries": "3",
        "store_documents": "false",
        "notify": ["a@example.com", "b@example.com"],
    }
    ask = {"headers": {"authorization": f"Bearer {asks.token}"}}
    told = asks.client.post("/api/v1/faxes", form, **ask).json()
    assert [each["to"] for each in told["data"]] == [TO, OTHER]
    fax = told["data"][0]
    assert names(fax["id"]) == ["a.pdf", "b.png"]
    assert (fax["metadata"], fax["retries"], fax["store_documents"], fax["notify"]) == (
        {"case": "4711"},
        3,
        False,
        form["notify"],
    )
    also = {"to": TO, "documents": SimpleUploadedFile("a.txt", b"a"), "metadata": '{"case": "1"}'}
    assert asks.client.post("/api/v1/faxes", also, **ask).json()["metadata"] == {"case": "1"}
    for wrong, param in (
        ({"metadata": "[1"}, "metadata"),
        ({"metadata": "[1]"}, "metadata"),
        ({"metadata": "{}", "metadata[a]": "1"}, "metadata"),
        ({"documents": "words"}, "documents"),
        ({"letter": SimpleUploadedFile("a.txt", b"a")}, "letter"),
        ({"retries": "many"}, "retries"),
    ):
        files = {"documents": SimpleUploadedFile("a.txt", b"a")}
        refused = asks.client.post("/api/v1/faxes", {"to": TO, **files, **wrong}, **ask)
        assert (refused.status_code, refused.json()["param"].split("[")[0]) == (422, param)


def test_many_numbers_make_a_batch_with_one_fax_each(asks):
    answer = asks.post("faxes", {**BODY, "to": [TO, OTHER, TO]})
    told = answer.json()
    assert answer["Location"] == f"/api/v1/faxes?batch={told['batch_id']}"
    assert [each["to"] for each in told["data"]] == [TO, OTHER]
    assert {each["batch_id"] for each in told["data"]} == {told["batch_id"]}
    listed = asks.get(f"faxes?batch={told['batch_id']}&sort=created_at").json()["data"]
    assert listed == told["data"]


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"to": ""}, "to", "number_missing"),
        ({"to": []}, "to", "number_missing"),
        ({"to": "12"}, "to", "number_invalid"),
        ({"to": None}, "to", "parameter_null"),
        ({"to": 12025550100}, "to", "parameter_not_a_list"),
        ({"to": [12025550100]}, "to[0]", "parameter_invalid"),
        ({"documents": []}, "documents", "document_missing"),
        ({"documents": {}}, "documents", "parameter_not_a_list"),
        ({"documents": [{"url": "ftp://example.com/"}]}, "documents", "url_invalid"),
        ({"documents": [{"url": "http://127.0.0.1:9/"}]}, "documents", "url_not_allowed"),
        ({"documents": [{"upload_id": NOBODYS}]}, "documents", "upload_not_found"),
        ({"documents": [{"upload_id": "x"}]}, "documents[0].upload_id", "parameter_invalid"),
        ({"documents": [LETTER, {}]}, "documents[1]", "parameter_document_unclear"),
        ({"documents": [{"content_base64": "AAEC"}]}, "documents", "document_type_unsupported"),
        ({"documents": [{"content_base64": 5}]}, "documents[0].content_base64", None),
        ({"from": "+12025550199"}, "from", "from_number_not_yours"),
        ({"faxbox": NOBODYS}, "faxbox", "faxbox_not_found"),
        ({"cover": NOBODYS}, "cover", "cover_not_found"),
        ({"subject": "x" * 201}, "subject", "parameter_max_length"),
        ({"subject": 5}, "subject", "parameter_type_wrong"),
        ({"message": "x" * 5001}, "message", "parameter_max_length"),
        ({"quality": "best"}, "quality", "parameter_invalid_choice"),
        ({"send_at": "tomorrow"}, "send_at", "send_at_invalid"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at", "send_at_invalid"),
        ({"retries": 11}, "retries", "parameter_max_value"),
        ({"retries": "2"}, "retries", "parameter_type_wrong"),
        ({"retries": 10**30}, "retries", "parameter_max_value"),
        ({"metadata": {"k" * 41: "v"}}, "metadata", "metadata_invalid"),
        ({"metadata": {"k": 5}}, "metadata.k", "parameter_invalid"),
        ({"metadata": []}, "metadata", "parameter_not_a_dict"),
        ({"webhook_url": "example.com"}, "webhook_url", "url_invalid"),
        ({"webhook_url": "http://10.1.2.3/"}, "webhook_url", "url_not_allowed"),
        ({"notify": ["nobody"]}, "notify", "email_invalid"),
        ({"store_documents": "no"}, "store_documents", "parameter_type_wrong"),
        ({"colour": "blue"}, "colour", "parameter_unknown"),
    ],
)
def test_what_is_wrong_is_told_with_its_parameter(asks, change, param, code):
    refused = asks.post("faxes", {**BODY, **change})
    told = refused.json()
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.status_code, told["param"]) == (422, param)
    assert code in {None, told["code"]}
    assert told["type"] == f"/api/docs/errors/#{told['code']}"
    assert not Fax.rows.exists()


def test_who_comes_while_many_documents_are_fetched_is_told_when_to_come_again(asks):
    asked = {"to": TO, "documents": [{"url": "https://example.com/letter.pdf"}]}
    with remote_documents._fetching, remote_documents._fetching:
        busy = asks.post("faxes", asked)
    assert (busy.status_code, busy.json()["code"], busy["Retry-After"]) == (503, "fetch_busy", "5")


def test_all_that_is_wrong_is_told_at_once(asks):
    told = asks.post("faxes", {**BODY, "to": "12", "from": "+1", "notify": ["x"]}).json()
    assert {each["param"] for each in told["errors"]} == {"to", "from", "notify"}
    assert asks.post("faxes", {}).json()["errors"][0]["code"] == "parameter_missing"


@pytest.mark.parametrize(
    ("written", "status"),
    [("{", 400), ("[]", 422), ('"x"', 422), ('{"to": "\\u0000"}', 400), ('{"to": "\\ud800"}', 400)],
)
def test_a_body_that_is_none_is_refused(asks, written, status):
    answer = asks.client.post(
        "/api/v1/faxes",
        written,
        content_type="application/json",
        headers={"authorization": f"Bearer {asks.token}"},
    )
    assert answer.status_code == status


def test_who_cannot_pay_is_told_so(world, asks):
    bill(world.northside.account, balance=5 * CENT)
    refused = asks.post("faxes", BODY)
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_credit")
    assert not Fax.rows.exists()


def test_scopes_say_what_a_program_may_do(world, work, program):
    fax = sent(program(world.northside.admin))["id"]
    reads = program(world.northside.admin, Scope.FAXES_READ)
    writes = program(world.northside.admin, Scope.FAXES_WRITE)
    assert (reads.get("faxes").status_code, writes.get("faxes").status_code) == (200, 403)
    assert reads.post("faxes", BODY).status_code == 403
    assert reads.post(f"faxes/{fax}/cancel").json()["code"] == "not_allowed"
    assert writes.ask("DELETE", f"faxes/{fax}").status_code == 403


def test_what_is_expanded_is_told_besides(asks, work):
    fax = sent(asks)["id"]
    work.run_to_end()
    plain = asks.get(f"faxes/{fax}").json()
    assert not {"attempts", "events", "documents"} & set(plain)
    told = asks.get(f"faxes/{fax}?expand=attempts,events,documents").json()
    assert [each["to"] for each in told["events"]] == [
        "preparing",
        "queued",
        "sending",
        "delivered",
    ]
    assert len(told["attempts"]) == 1
    assert {each["role"] for each in told["documents"]} == {"source", "rendered"}
    assert "attempts" not in asks.get(f"faxes/{fax}?expand=events").json()
    refused = asks.get(f"faxes/{fax}?expand=pages")
    assert (refused.status_code, refused.json()["param"]) == (400, "expand")


def test_lists_are_narrowed(world, asks, work):
    first = sent(asks, metadata={"case": "1", "ward": "b"}, subject="Blood count")
    second = sent(asks, to=OTHER, metadata={"case": "2"})
    third = sent(asks, to=world.northside.number)
    work.run_to_end()
    cut = asks.get(f"faxes/{second['id']}").json()["created_at"]
    for query, found in (
        ("direction=outbound", {first["id"], second["id"], third["id"]}),
        ("metadata[case]=1&metadata[ward]=b", {first["id"]}),
        ("metadata[case]=1&metadata[ward]=c", set()),
        (f"number=%2B{OTHER[1:]}", {second["id"]}),
        (f"number={OTHER}&direction=inbound", set()),
        ("q=blood", {first["id"]}),
        ("status=failed,canceled", set()),
        (f"batch={third['batch_id']}", {third["id"]}),
        (f"created_until={cut}", {first["id"]}),
        (f"direction=outbound&created_from={cut}", {second["id"], third["id"]}),
    ):
        told = asks.get(f"faxes?{query}").json()
        assert {each["id"] for each in told["data"]} == found, query
    (arrival,) = asks.get("faxes?direction=inbound&unread=true").json()["data"]
    assert asks.ask("PATCH", f"faxes/{arrival['id']}", {"read": True}).json()["read_at"]
    assert asks.get("faxes?unread=true").json()["data"] == []
    assert asks.ask("PATCH", f"faxes/{arrival['id']}", {"read": False}).json()["read_at"] is None
    assert asks.ask("PATCH", f"faxes/{arrival['id']}", {"read": "x"}).json()["param"] == "read"


@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
def test_all_faxes_are_found_page_by_page_in_either_order(asks, sort):
    made = [each["id"] for each in sent(asks, to=[f"+1202555010{n}" for n in range(5)])["data"]]
    expected = made if sort == "created_at" else made[::-1]
    found: list[str] = []
    cursor: Any = ""
    pages = 0
    while cursor is not None:
        told = asks.get(
            f"faxes?limit=2&sort={sort}" + (f"&cursor={cursor}" if cursor else "")
        ).json()
        assert told["has_more"] == (told["next_cursor"] is not None)
        found += [each["id"] for each in told["data"]]
        cursor, pages = told["next_cursor"], pages + 1
    assert (found, pages) == (expected, 3)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("colour=blue", "colour"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("direction=up", "direction"),
        ("status=lost", "status"),
        ("status=", "status"),
        ("faxbox=5", "faxbox"),
        ("unread=maybe", "unread"),
        ("created_from=yesterday", "created_from"),
        ("created_from=2026-01-01T00:00:00", "created_from"),
        ("created_until=0001-01-01T00:00:00%2B14:00", "created_until"),
        ("q=", "q"),
        ("&".join(f"metadata[{n}]=x" for n in range(6)), "metadata"),
        ("metadata=x", "metadata"),
        ("metadata[case=x", "metadata[case"),
        ("limit=00500", "limit"),
        ("sort=pages", "sort"),
    ],
)
def test_a_parameter_that_is_none_is_refused(asks, query, param):
    refused = asks.get(f"faxes?{query}")
    assert (refused.status_code, refused.json()["param"]) == (400, param)


def test_a_fax_is_taken_back_sent_again_forwarded_and_removed(asks, work):
    later = (clock.now() + timedelta(hours=2)).isoformat()
    waiting = sent(asks, send_at=later)["id"]
    assert asks.post(f"faxes/{waiting}/resend").json()["code"] == "fax_not_finished"
    assert asks.post(f"faxes/{waiting}/strip").status_code == 409
    assert asks.ask("DELETE", f"faxes/{waiting}").status_code == 409
    assert asks.post(f"faxes/{waiting}/cancel").json()["status"] == "canceled"
    assert asks.post(f"faxes/{waiting}/cancel").json()["status"] == "canceled"

    fax = sent(asks, metadata={"case": "1"})["id"]
    work.run_to_end()
    assert asks.post(f"faxes/{fax}/cancel").json()["code"] == "fax_finished"
    again = asks.post(f"faxes/{fax}/resend")
    assert (again.status_code, again.json()["copied_from"]) == (201, fax)
    assert again.json()["metadata"] == {"case": "1"}
    on = {"to": [OTHER], "metadata": {"case": "2"}, "notify": ["a@example.com"]}
    forwarded = asks.post(f"faxes/{fax}/forward", {**on, "store_documents": False}).json()
    assert (forwarded["to"], forwarded["metadata"], forwarded["notify"]) == (
        OTHER,
        {"case": "2"},
        ["a@example.com"],
    )
    assert (forwarded["copied_from"], forwarded["store_documents"]) == (fax, False)
    wrong = asks.post(f"faxes/{fax}/forward", {"to": "12", "webhook_url": "x"})
    assert {each["param"] for each in wrong.json()["errors"]} == {"to", "webhook_url"}

    assert asks.post(f"faxes/{fax}/strip").json()["stripped_at"]
    assert asks.post(f"faxes/{fax}/resend").json()["code"] == "documents_gone"
    assert asks.ask("DELETE", f"faxes/{fax}").status_code == 204
    assert asks.ask("DELETE", f"faxes/{fax}").status_code == 404
    assert asks.get(f"faxes/{fax}").status_code == 404


def test_strangers_and_nobodys_faxes_look_alike(world, asks, program):
    fax = sent(asks)["id"]
    stranger = program(world.lakeside.admin)
    body = json.dumps({"to": OTHER})
    for method, act in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        *(("POST", f"/{act}") for act in ("cancel", "resend", "forward", "strip")),
    ):
        given = json.loads(body) if act == "/forward" else {} if method != "GET" else None
        answers = [stranger.ask(method, f"faxes/{each}{act}", given) for each in (fax, NOBODYS)]
        assert [each.status_code for each in answers] == [404, 404], (method, act)
        first, second = ({**each.json(), "request_id": ""} for each in answers)
        assert first == second
    assert stranger.get("faxes").json()["data"] == []
