"""Whatever is sent: it is refused in this dialect's own form, and nothing is changed."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.services.rate_limits import IN_THIS_PROCESS
from faxes.api.fax2.documents import TYPES
from faxes.documents.detect import DocumentType
from faxes.models import Fax, Upload
from faxes.services.intake import MEDIA_TYPES
from tests import papers
from tests.api.fax2.conftest import FORM, said

LINES = b"--x\r\n"
END = b"\r\n--x--\r\n"
MULTIPART = "multipart/form-data; boundary=x"


def part(name: str, content: bytes, kind: str = "Content-Type: text/plain\r\n") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"\r\n{kind}\r\n'
    return LINES + head.encode() + content


# Body and type of what is brought; status, code and parameter of the answer.
BROUGHT: dict[str, tuple[bytes, str, int, str, str]] = {
    "no body": (b"", "application/pdf", 400, "invalid_request", ""),
    "no type": (b"x", "", 400, "invalid_request", ""),
    "half a type": (b"x", "; charset=utf-8", 400, "invalid_request", ""),
    "a type with a NUL": (b"x", "text/plain\0", 415, "unsupported_document_type", ""),
    "another type than it says": (b"%!PS", "application/pdf", 422, "conversion_error", "document"),
    "no boundary": (b"x", "multipart/form-data", 400, "invalid_request", ""),
    "another boundary": (part("document", b"x") + END, "multipart/form-data; boundary=y", 400,
                         "invalid_request", ""),
    "parts without end": (LINES * 50, MULTIPART, 400, "invalid_request", ""),
    "no parts": (b"--x--\r\n", MULTIPART, 400, "invalid_request", ""),
    "another part": (part("file", b"x") + END, MULTIPART, 400, "bad_parameter", "file"),
    "a part without a name": (LINES + b"Content-Type: text/plain\r\n\r\nx" + END, MULTIPART, 400,
                              "bad_parameter", ""),
    "two documents": (part("document", b"x") + b"\r\n" + part("document", b"y") + END, MULTIPART,
                      400, "bad_parameter", "document"),
    "a part without a type": (part("document", b"x", "") + END, MULTIPART, 400,
                              "invalid_request", "document"),
    "a part of another type": (part("document", b"x", "Content-Type: x/y\r\n") + END, MULTIPART,
                               415, "unsupported_document_type", "document"),
    "an empty part": (part("document", b"") + END, MULTIPART, 422, "empty_document", "document"),
    "mixed parts": (part("document", b"x") + END, "multipart/mixed; boundary=x", 415,
                    "unsupported_document_type", ""),
    "a picture that is a bomb": (papers.huge_png(), "image/png", 422, "conversion_error",
                                 "document"),
}  # fmt: skip
# Body and type of what is asked for.
ASKED: dict[str, tuple[bytes, str]] = {
    "JSON": (b'{"documents[]":["x"],"dest_number":"12025550100"}', "application/json"),
    "arrays for a text": (b"dest_number=1&dest_number=2&documents[]=x", FORM),
    "a NUL": (b"dest_number=%00&documents[]=%00", FORM),
    "half a character": (b"dest_number=%ED%A0%80&documents[]=%ff", FORM),
    "a name of noise": (b"%ff%fe%00%0d%0a=1", FORM),
    "a huge number": (b"documents[]=x&dest_number=" + b"9" * 100_000, FORM),
    "very many": (b"&".join(b"documents[]=x" for _ in range(3000)), FORM),
    "another charset": (b"dest_number=1", f"{FORM}; charset=utf-7"),
    "a file": (part("dest_number", b"x", "").replace(b"dest_number", b'dest_number"; filename="x')
               + END, MULTIPART),
    "broken parts": (b"--x\r\nnothing", MULTIPART),
    "no boundary": (b"x", "multipart/form-data"),
    "another name": (b"documents=x&dest_number=12025550100", FORM),
    "no type, and no form": (b"\xff\x00", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "status", "code", "parameter"), BROUGHT.values(), ids=BROUGHT
)
def test_what_cannot_be_brought(fax2, body, kind, status, code, parameter):
    answer = fax2().ask("POST", "upload_document", body, kind)
    assert said(answer) == (status, code, parameter)
    assert not Upload.rows.exists()


@pytest.mark.parametrize(("body", "kind"), ASKED.values(), ids=ASKED)
def test_what_cannot_be_asked(fax2, body, kind):
    assert said(fax2().ask("POST", "send_fax", body, kind))[:2] == (400, "bad_parameter")
    assert said(Client().generic("POST", "/v1/oauth2/token", body, content_type=kind))[:2] == (
        400,
        "invalid_request",
    )
    assert not Fax.rows.exists()


def test_addresses_that_cannot_be_meant(fax2):
    program = fax2()
    for path in ("received_faxes?limit=%00", "received_faxes?%ff=1", "received_faxes?from_time=%ff",
                 "fax_services?a&b", "received_faxes?continue_from=9999999999999999999-" + "0" * 32,
                 "received_faxes?continue_from=999999999999999999-" + "0" * 32,
                 "received_faxes?from_time=0001-01-01T00:00:00%2B14:00"):  # fmt: skip
        assert said(program.get(path))[:2] == (400, "bad_parameter"), path
    for path in ("sent_faxes/%2e%2e", "sent_faxes/%ff", "received_faxes/%20/content.pdf",
                 f"sent_faxes/{'x' * 5000}", "fax_services/%D9%A1/received_faxes"):  # fmt: skip
        assert said(program.get(path))[0] == 404, path
    assert said(program.get("sent_faxes/%00"))[1] == "bad_parameter"


def test_what_is_refused_at_the_door_is_told_alike(fax2, settings):
    program = fax2()
    settings.MAX_UPLOAD_BYTES = 1024
    assert said(program.upload(b"x" * 1025, "text/plain"))[:2] == (422, "conversion_error")
    assert said(program.upload(b"x" * 5000, "text/plain"))[:2] == (413, "bad_parameter")
    chunked = program.ask("POST", "send_fax", b"", transfer_encoding="chunked")
    assert said(chunked)[:2] == (411, "invalid_request")
    elsewhere = program.get("fax_services", host="elsewhere.example")
    assert said(elsewhere)[:2] == (400, "bad_parameter")


def test_who_asks_too_often_is_told_when_to_ask_again(fax2, settings, still):
    settings.API_RATE = 1
    IN_THIS_PROCESS.forget()
    program = fax2()
    answers = [program.get("fax_services") for _ in range(3)]
    refused = answers[-1]
    assert said(refused)[:2] == (429, "too_many_requests")
    assert 0 < int(refused["Retry-After"]) <= 60


def test_an_error_of_ours_tells_nothing_of_itself(fax2, monkeypatch):
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("faxes.api.fax2.receiving.numbers_by_which_faxes_come", broken)
    answer = fax2().get("fax_services")
    assert said(answer)[:2] == (500, "unknown_error")
    assert b"secret" not in answer.content


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("1", (400, 300), 1).save(out, form)
    return out.getvalue()


# As they are declared, with what may follow a type; those that need no office.
GOOD: dict[str, bytes] = {
    "application/pdf": papers.pdf(),
    "Application/PDF; version=1.4": papers.pdf(),
    "image/bmp": picture("BMP"),
    "image/gif": picture("GIF"),
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/tiff": picture("TIFF"),
    "image/x-portable-bitmap": picture("PPM"),
    "text/html": b"<p>Dear Dr Jones",
    "text/plain": b"<p> is no tag here",
    "text/plain; charset=utf-8": "Grüße".encode(),
}


def test_documents_are_taken_as_bodies_and_as_parts(fax2):
    program = fax2()
    for kind, content in GOOD.items():
        raw = program.upload(content, kind)
        assert (raw.status_code, raw.json().get("pages")) == (200, 1), (kind, raw.content)
    body = part("document", GOOD["image/png"], "Content-Type: image/png; x=y\r\n") + END
    assert program.ask("POST", "upload_document", body, MULTIPART).json()["pages"] == 1


def test_the_types_are_those_of_the_document():
    assert len(TYPES) == 18
    apart = {"image/x-portable-bitmap": "image/x-portable-anymap"}
    for media_type, kinds in TYPES.items():
        assert apart.get(media_type, media_type) in {MEDIA_TYPES[kind] for kind in kinds}
    never = {"webp", "heic", "xlsx", "pptx"}
    assert {DocumentType(each) for each in never} & frozenset().union(*TYPES.values()) == set()
