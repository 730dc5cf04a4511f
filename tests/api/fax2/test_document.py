"""A case for each endpoint, parameter, property and error of the document, in its words."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import SignInPolicy
from accounts.roles import Scope
from faxes.models import Fax
from faxes.services.privacy import delete_fax, strip_fax
from tests import papers
from tests.accounts.money import bill
from tests.api.fax2.conftest import basic, said
from tests.api.fax2.doc import FAR, MOMENT, Doc, doc
from tests.faxes.arrived import come_in

__all__ = ["doc"]  # a fixture
CASES: list[tuple[str, Callable[[Any], None]]] = []


def case(words: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """One case of the document."""

    def noted(check: Callable[[Any], None]) -> Callable[[Any], None]:
        CASES.append((words, check))
        return check

    return noted


# --- In general ---------------------------------------------------------------------------------


@case("Content-Type response header for JSON responses is application/json; charset=utf-8")
def _(doc):
    for path in ("fax_services", "received_faxes", "nothing"):
        assert doc.program.get(path)["Content-Type"] == "application/json; charset=utf-8"


@case("Authorization: bearer")
def _(doc):
    for scheme in ("bearer", "Bearer", "BEARER"):
        shown = f"{scheme} {doc.program.token}"
        assert doc.program.get("fax_services", authorization=shown).status_code == 200


@case("2021-03-10T13:21:20+11:00")
def _(doc):
    for written in ("2021-03-10T13:21:20%2B11:00", "2021-03-10T13:21:20+11:00"):
        assert doc.ids(f"?before_time={written}") == []
        assert doc.ids(f"?from_time={written}")[:3] == doc.older


@case("2021-03-10T02:21:20Z")
def _(doc):
    assert doc.ids("?from_time=2021-03-10T02:21:20Z")[:3] == doc.older
    assert doc.ids("?from_time=2021-03-10T02:21:21Z")[:2] == doc.older[1:]


@case("No abbreviations are used or permitted, nor are fractional seconds")
def _(doc):
    for written in ("2021-03-10", "2021-03-10T02:21Z", "20210310T022120Z", "2021-03-10T02:21:20",
                    "2021-03-10T02:21:20.5Z", "2021-03-10T02:21:20%2B11", "", "now"):  # fmt: skip
        answer = doc.program.get(f"received_faxes?from_time={written}")
        assert said(answer) == (400, "bad_parameter", "from_time")


@case("canonical form")
def _(doc):
    assert {each["to"] for each in doc.entries()} == {doc.clinic.number.removeprefix("+")}


@case("An error response will always come in the form of a 4xx or 5xx HTTP status code")
def _(doc):
    answer = doc.program.get("received_faxes?foo=1")
    assert said(answer) == (400, "bad_parameter", "foo")
    told = json.loads(answer.content)
    assert told["error_description"] == "Unknown parameter: foo"
    assert told["more_info"].startswith("http://testserver/")


@case("more_info is a link to a web page providing more information about the error code")
def _(doc):
    told = json.loads(doc.program.get("nothing").content)
    page, _, code = told["more_info"].removeprefix("http://testserver").partition("#")
    assert f'id="{code}"' in Client().get(page).content.decode()


# --- /oauth2/token ------------------------------------------------------------------------------


@case("oauth2/token: username and password as per HTTP Basic authentication")
def _(doc):
    answer = doc.sign_in(*doc.client())
    assert answer.status_code == 200
    told = answer.json()
    assert told == {"access_token": told["access_token"], "expires_in": 3600,
                    "token_type": "bearer"}  # fmt: skip
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    shown = f"bearer {told['access_token']}"
    assert doc.program.get("fax_services", authorization=shown).status_code == 200


@case("oauth2/token: a person's, where the account lets them")
def _(doc):
    pair = (doc.clinic.people["admin"].email, doc.world.password)
    assert said(doc.sign_in(*pair))[:2] == (401, "invalid_client")
    SignInPolicy.objects.update_or_create(
        account=doc.clinic.account, defaults={"program_passwords": True}
    )
    assert doc.sign_in(*pair).json()["token_type"] == "bearer"


@case("grant_type: must be the literal string client_credentials")
def _(doc):
    pair = doc.client()
    wrong = doc.sign_in(*pair, grant="password")
    assert said(wrong) == (400, "unsupported_grant_type", "grant_type")
    assert said(doc.sign_in(*pair, grant="")) == (400, "invalid_request", "grant_type")


@case("invalid_request: something is missing or invalid in the request")
def _(doc):
    form = {"grant_type": "client_credentials"}
    for header in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic ????"},
                   {"authorization": "Basic eA=="}):  # fmt: skip
        answer = Client().post("/v1/oauth2/token", form, headers=header)
        assert said(answer)[:2] == (400, "invalid_request")
    pair = basic(*doc.client())
    answer = Client().post("/v1/oauth2/token", form | {"foo": "1"}, headers=pair)
    assert said(answer) == (400, "invalid_request", "foo")


@case("invalid_client: one or both of the username and password are incorrect")
def _(doc):
    name, password = doc.client()
    for pair in ((name, "wrong"), ("fxc_0000000000", password), ("", ""), ("a@b.example", "x")):
        answer = doc.sign_in(*pair)
        assert said(answer)[:2] == (401, "invalid_client")
        assert answer["WWW-Authenticate"] == "Basic"


@case("forbidden: by the authorisation endpoint, when the account is not enabled")
def _(doc):
    pair = doc.client()
    doc.suspend()
    assert said(doc.sign_in(*pair))[:2] == (403, "forbidden")


# --- received_faxes -----------------------------------------------------------------------------


@case("received_faxes: data: id, to, received_at, service_id, pages")
def _(doc):
    number = doc.clinic.number.removeprefix("+")
    assert doc.entries()[0] == {
        "id": doc.older[0], "to": number, "received_at": "2021-03-10T02:21:20Z",
        "service_id": number, "pages": 1,
    }  # fmt: skip
    newest = doc.entries()[-1]
    assert (newest["id"], newest["pages"]) == (doc.received, 3)


@case("received_faxes: If no faxes are found meeting the given criteria, data will be empty")
def _(doc):
    assert doc.program.told("received_faxes?from_time=2100-01-01T00:00:00Z") == {"data": []}


@case("limit: Range is 1-1000, default is 50")
def _(doc):
    come_in(doc.clinic, *(MOMENT + timedelta(hours=1) for _ in range(60)))
    assert len(doc.ids()) == 50
    assert len(doc.ids("?limit=1000")) == 64
    assert len(doc.ids("?limit=1")) == 1
    for wrong in ("0", "1001", "-1", "1.0", "x", "", "99999999999999999999", "\u0661"):
        answer = doc.program.get(f"received_faxes?limit={wrong}")
        assert said(answer) == (400, "bad_parameter", "limit")


@case("continue_from: used by the next_page_url response property")
def _(doc):
    answer = doc.program.get("received_faxes?continue_from=70412")
    assert said(answer) == (400, "bad_parameter", "continue_from")


@case("next_page_url: a complete request URL with all criteria; not present on the last")
def _(doc):
    asked = "?limit=2&from_time=2021-03-10T02:21:20Z&before_time=2100-01-01T11:00:00+11:00"
    first = doc.program.told(f"received_faxes{asked}")
    url = first["next_page_url"]
    assert url.startswith("http://testserver/v1/received_faxes?limit=2&from_time=2021-03-10T02")
    assert "before_time=2100-01-01T00%3A00%3A00Z" in url
    second = doc.program.told(url)
    assert [each["id"] for each in (*first["data"], *second["data"])] == [*doc.older, doc.received]
    assert "next_page_url" not in second


@case("from_time: on or after; before_time: before this time; entries that meet all")
def _(doc):
    one = "from_time=2021-03-10T02:22:20Z&before_time=2021-03-10T02:23:20Z"
    assert doc.ids(f"?{one}") == [doc.older[1]]


@case("fax_services/{service_id}/received_faxes: only for a particular fax service")
def _(doc):
    come_in(doc.clinic, MOMENT, to_number="+12025550199")
    number = doc.clinic.number.removeprefix("+")
    path = f"fax_services/{number}/received_faxes"
    assert [each["id"] for each in doc.entries("", path)] == [*doc.older, doc.received]
    page = doc.program.told(f"{path}?limit=3")
    assert f"/v1/{path}?" in page["next_page_url"]
    for nobodys in ("12025550199", "17", "x", doc.world.lakeside.number.removeprefix("+")):
        answer = doc.program.get(f"fax_services/{nobodys}/received_faxes")
        assert said(answer)[:2] == (404, "not_found")


@case("received_faxes: faxes without pages stay, and go when they are deleted")
def _(doc):
    strip_fax(doc.clinic.admin, fax_id=UUID(doc.received))
    delete_fax(doc.clinic.admin, fax_id=UUID(doc.older[0]))
    assert doc.ids() == [*doc.older[1:], doc.received]
    answer = doc.program.get(f"received_faxes/{doc.received}/content.pdf")
    assert said(answer)[:2] == (404, "not_found")


@case("received_faxes/{fax_id}/content.pdf: returned verbatim, application/pdf")
def _(doc):
    answer = doc.program.get(f"received_faxes/{doc.received}/content.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.getvalue().startswith(b"%PDF-")
    for other in (doc.sent, "70412", str(UUID(int=1))):
        answer = doc.program.get(f"received_faxes/{other}/content.pdf")
        assert said(answer)[:2] == (404, "not_found")


# --- fax_services -------------------------------------------------------------------------------


@case("fax_services: data: id, fax_number")
def _(doc):
    number = doc.clinic.number.removeprefix("+")
    assert doc.program.told("fax_services") == {"data": [{"id": number, "fax_number": number}]}


# --- sending ------------------------------------------------------------------------------------


@case("upload_document: document_id, pages")
def _(doc):
    told = doc.program.upload(papers.pdf(2)).json()
    assert told == {"document_id": told["document_id"], "pages": 2}
    assert isinstance(told["document_id"], str)


@case("send_fax: id, pages")
def _(doc):
    ids = [doc.program.upload(papers.pdf(n)).json()["document_id"] for n in (1, 2)]
    told = doc.program.send("12025550100", *ids).json()
    assert told == {"id": told["id"], "pages": 3}
    fax = Fax.rows.get(pk=told["id"])
    pages = fax.documents.filter(role="source").order_by("position").values_list("pages", flat=True)
    assert list(pages) == [1, 2], "in order"


@case("dest_number: in international format, with or without the leading +")
def _(doc):
    one = doc.program.upload().json()["document_id"]
    for written in ("12025550100", "+12025550100"):
        made = doc.program.send(written, one).json()["id"]
        assert Fax.rows.get(pk=made).to_number == FAR
    for wrong in ("", "0", "call me", "+", "12025550100,12025550101", "1" * 40):
        assert said(doc.program.send(wrong, one)) == (400, "bad_parameter", "dest_number")


@case("documents[]: Array of strings")
def _(doc):
    answer = doc.program.post("send_fax", {"dest_number": "12025550100"})
    assert said(answer) == (400, "bad_parameter", "documents[]")
    for wrong in ("", "nothing", str(UUID(int=1)), doc.sent):
        assert said(doc.program.send(FAR, wrong)) == (400, "bad_parameter", "documents[]")


@case("The id has a limited lifetime, guaranteed to be no less than 15 minutes")
def _(doc):
    one = doc.program.upload().json()["document_id"]
    ids = {doc.program.send(FAR, one).json()["id"] for _ in range(3)}
    assert len(ids) == 3, "a document may be sent several times"


# --- errors -------------------------------------------------------------------------------------


@case("invalid_endpoint: not a valid API endpoint, or not the method required")
def _(doc):
    for path in ("", "nothing", "fax_services/", "received_faxes/x", "sent_faxes", "/v1"):
        assert said(Client().get(f"/v1/{path}" if path != "/v1" else path))[:2] == (
            404, "invalid_endpoint"
        )  # fmt: skip
    for method, path, allowed in (
        ("POST", "fax_services", "GET, HEAD"),
        ("GET", "send_fax", "POST"),
        ("GET", "oauth2/token", "POST"),
        ("DELETE", f"sent_faxes/{doc.sent}", "GET, HEAD"),
        ("OPTIONS", "upload_document", "POST"),
    ):
        answer = doc.program.ask(method, path)
        assert (*said(answer)[:2], answer["Allow"]) == (405, "invalid_endpoint", allowed)


@case("unauthorized: The access token is missing, invalid or expired")
def _(doc):
    for shown in ("", "bearer", "bearer x", f"token {doc.program.token}", basic("a", "b")):
        header = shown if isinstance(shown, str) else shown["authorization"]
        answer = doc.program.get("fax_services", authorization=header)
        assert said(answer)[:2] == (401, "unauthorized")
        assert answer["WWW-Authenticate"] == "Bearer"


@case("forbidden: The account being used is not permitted to access the given resource")
def _(doc):
    reads = doc.asks(doc.clinic.admin, Scope.FAXES_READ)
    assert said(reads.upload())[:2] == (403, "forbidden")
    doc.suspend()
    assert said(doc.program.get("fax_services"))[:2] == (403, "forbidden")


@case("not_found: The resource requested does not exist")
def _(doc):
    for other in (doc.received, "99001", str(UUID(int=1)), doc.sent.replace("-", "")):
        assert said(doc.program.get(f"sent_faxes/{other}"))[:2] == (404, "not_found")


@case("bad_parameter: is invalid, a required parameter is missing, or an unknown one")
def _(doc):
    for path in ("fax_services", f"sent_faxes/{doc.sent}",
                 f"received_faxes/{doc.received}/content.pdf"):  # fmt: skip
        assert said(doc.program.get(f"{path}?limit=1")) == (400, "bad_parameter", "limit")
    answer = doc.program.get("received_faxes?limit=1&limit=2")
    assert said(answer) == (400, "bad_parameter", "limit")
    answer = doc.program.post("upload_document?name=x")
    assert said(answer) == (400, "bad_parameter", "name")


@case("insufficient_credit: when attempting to send a fax")
def _(doc):
    bill(doc.clinic.account, balance=1)
    assert said(doc.program.send())[:2] == (402, "insufficient_credit")


@case("unsupported_document_type")
def _(doc):
    for kind in ("application/octet-stream", "image/webp", "application/json", "pdf"):
        answer = doc.program.upload(papers.pdf(), kind)
        assert said(answer)[:2] == (415, "unsupported_document_type")


@case("empty_document: The document as converted contains no pages to fax")
def _(doc):
    answer = doc.program.upload(papers.pdf_without_pages())
    assert said(answer)[:2] == (422, "empty_document")


@case("conversion_error: The service was unable to convert the document to fax format")
def _(doc):
    for content in (papers.encrypted_pdf(), b"%PDF-1.4 nothing more", papers.png(9, 9), b"MZ\0\1"):
        assert said(doc.program.upload(content))[:2] == (422, "conversion_error")


@pytest.mark.parametrize("check", [each for _, each in CASES], ids=[words for words, _ in CASES])
def test_the_document_holds(doc: Doc, check: Callable[[Any], None]):
    check(doc)
