"""Bodies in every shape that clients send them in, as the bytes on the wire."""

import base64
import json
from urllib.parse import quote

import pytest
from django.test import RequestFactory

from faxes.api.kazoo.bodies import read_body
from faxes.api.kazoo.errors import KazooError

PDF = b"%PDF-1.4\r\n--not a boundary\n\x00\xff%%EOF\n"
DATA = {"to_number": "12025550100", "from_number": "12025550121"}
ENVELOPE = json.dumps({"data": DATA}).encode()


def read(body: bytes, content_type: str, query: str = ""):
    request = RequestFactory().generic("PUT", f"/v2/x?{query}", body, content_type=content_type)
    return read_body(request, with_files=True)


def parts(*content: tuple[str, bytes], edge: str = "edge", line: bytes = b"\r\n", end: bool = True):
    body = b""
    for headers, each in content:
        body += b"--" + edge.encode() + line
        body += b"".join(one.encode() + line for one in headers.split("|") if one) + line
        body += each + line
    return body + (b"--" + edge.encode() + b"--" + line if end else b"")


JSON_PART = ("Content-Type: application/json", ENVELOPE)
PDF_PART = ("Content-Type: application/pdf", PDF)
CURL = "------------------------01b2d5e95851eb87"
_NAMED = "Content-Disposition: attachment; name=content; filename="
CURL_PARTS = (
    (f"{_NAMED}fax.json|Content-Type: application/json", ENVELOPE),
    (f"{_NAMED}fax.pdf|Content-Type: application/pdf", PDF),
)
IN_BASE64 = base64.b64encode(PDF)
SHAPES = {
    "what curl sends with a forced header": (
        f"multipart/mixed; boundary={CURL}", parts(*CURL_PARTS, edge=CURL),
    ),
    "the same as a form": (
        f"multipart/form-data; boundary={CURL}", parts(*CURL_PARTS, edge=CURL),
    ),
    "a boundary in quotes": ('multipart/mixed; boundary="edge"', parts(JSON_PART, PDF_PART)),
    "the file first": ("multipart/mixed; boundary=edge", parts(PDF_PART, JSON_PART)),
    "no boundary told": ("multipart/mixed", parts(JSON_PART, PDF_PART)),
    "no boundary told, behind an empty line": (
        "multipart/mixed", b"\r\n" + parts(JSON_PART, PDF_PART),
    ),
    "line ends without returns": (
        "multipart/mixed; boundary=edge", parts(JSON_PART, PDF_PART, line=b"\n"),
    ),
    "words before the first part": (
        "multipart/mixed; boundary=edge", b"preamble\r\n" + parts(JSON_PART, PDF_PART),
    ),
    "no end": ("multipart/mixed; boundary=edge", parts(JSON_PART, PDF_PART, end=False)[:-2]),
    "an envelope that does not say what it is": (
        "multipart/mixed; boundary=edge", parts(("", ENVELOPE), PDF_PART),
    ),
    "an envelope that is just the data": (
        "multipart/mixed; boundary=edge",
        parts(("Content-Type: application/json", json.dumps(DATA).encode()), PDF_PART),
    ),
    "fields of a form": (
        "multipart/form-data; boundary=edge",
        parts(*((f'Content-Disposition: form-data; name="{name}"', value.encode())
                for name, value in DATA.items()), PDF_PART),
    ),
    "a field with the data as JSON": (
        "multipart/form-data; boundary=edge",
        parts(('Content-Disposition: form-data; name="data"', json.dumps(DATA).encode()), PDF_PART),
    ),
    "base64": (
        "multipart/mixed; boundary=edge",
        parts(JSON_PART, ("Content-Type: application/pdf|Content-Transfer-Encoding: base64",
                          base64.encodebytes(PDF))),
    ),
    "a data URL": (
        "multipart/mixed; boundary=edge",
        parts(JSON_PART, ("Content-Type: application/octet-stream",
                          b"data:application/pdf;base64," + IN_BASE64)),
    ),
    "a JavaScript SDK's, with an empty line before each boundary": (
        "multipart/mixed; boundary=multipart-message-boundary",
        parts(("Content-Type: application/json", ENVELOPE + b"\r\n"),
              ("Content-Type: application/pdf|Content-Transfer-Encoding: base64",
               b"data:application/pdf;base64," + IN_BASE64 + b"\r\n"),
              edge="multipart-message-boundary"),
    ),
    "more files than one": (
        "multipart/mixed; boundary=edge",
        parts(JSON_PART, PDF_PART, ("Content-Type: image/tiff", b"II*\0")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_are_read_in_every_shape(shape):
    content_type, body = SHAPES[shape]
    found = read(body, content_type)
    assert found.data == DATA
    assert found.has_data
    assert found.upload is not None
    assert found.upload.file.read() == PDF
    assert found.upload.size == len(PDF)
    assert found.upload.name in {"fax.pdf", "fax"}
    found.close()


@pytest.mark.parametrize("size", [0, 1, 65_530, 65_536, 131_072 + 7, 700_000])
def test_a_part_of_any_size_is_read_to_the_byte(size):
    content = (bytes(range(256)) * (size // 256 + 1))[:size].replace(b"--edge", b"......")
    body = parts(JSON_PART, ("Content-Type: application/octet-stream", b"x" + content))
    found = read(body, "multipart/mixed; boundary=edge")
    assert found.upload is not None
    assert found.upload.file.read() == b"x" + content
    found.close()


def test_what_looks_like_a_boundary_but_goes_on_is_content():
    content = b"text\r\n--edges are not edges\r\n--edge-ish\r\n"
    body = parts(JSON_PART, ("Content-Type: text/plain", content))
    found = read(body, "multipart/mixed; boundary=edge")
    assert found.upload is not None
    assert found.upload.file.read() == content
    found.close()


@pytest.mark.parametrize(
    ("content_type", "body", "name"),
    [
        ("application/pdf", PDF, "fax.pdf"),
        ("application/x-pdf", PDF, "fax.pdf"),
        ("image/tiff", PDF, "fax.tiff"),
        ("application/base64", IN_BASE64, "fax"),
        ("application/base64", b"data:application/pdf;base64," + IN_BASE64, "fax"),
    ],
)
def test_a_body_may_be_the_file_and_the_address_says_the_rest(content_type, body, name):
    query = (
        "to_number=12025550100&from_number=12025550121&retries=2&auth_token=x&_=1"
        "&notifications.email.send_to=a@b.example"
    )
    found = read(body, content_type, query)
    assert found.data == DATA | {
        "retries": 2, "notifications": {"email": {"send_to": "a@b.example"}},
    }  # fmt: skip
    assert found.upload is not None
    assert (found.upload.name, found.upload.file.read()) == (name, PDF)
    found.close()
    found = read(body, content_type, "to_number=+442079460000&to_name=+x")  # as it is often written
    assert found.data == {"to_number": "+442079460000", "to_name": " x"}
    found.close()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", ENVELOPE),
        ("application/x-json; charset=utf-8", ENVELOPE),
        ("application/x-www-form-urlencoded", b"\n" + ENVELOPE),
        ("", ENVELOPE),
        ("application/x-www-form-urlencoded", b"to_number=12025550100&from_number=12025550121"),
        ("application/x-www-form-urlencoded", b"data=" + quote(json.dumps(DATA)).encode()),
    ],
)  # fmt: skip
def test_words_are_json_whatever_they_say_to_be_or_a_form(content_type, body):
    found = read(body, content_type)
    assert (found.data, found.upload) == (DATA, None)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"[1]", 400),
        ("application/json", b'{"data": "text"}', 400),
        ("application/json", b'{"data": {"a": NaN}}', 400),
        ("application/json", b'{"data": {"a": "\\u0000"}}', 400),
        ("application/json", b'{"data": {"a": "\\ud800"}}', 400),
        ("application/json", b"[" * 100_000, 400),
        ("application/json", b'{"data":{"a":"' + b"x" * 1_100_000 + b'"}}', 413),
        ("text/plain", b"Hello", 415),
        ("multipart/mixed; boundary=edge", b"nothing of the kind", 400),
        ("multipart/mixed", b"nothing of the kind", 400),
        ("multipart/mixed; boundary=edge", parts(*[PDF_PART] * 21), 400),
        ("multipart/mixed; boundary=edge", parts(("X: " + "y" * 9000, b"")), 400),
        ("multipart/mixed; boundary=edge", parts(("Content-Type: application/json", b"{")), 400),
        ("application/base64", b"A", 400),
    ],
)
def test_what_cannot_be_read_is_refused(content_type, body, status):
    with pytest.raises(KazooError) as refused:
        read(body, content_type)
    assert refused.value.refusal.status == status


def test_more_than_may_be_is_refused_before_it_is_read(settings):
    settings.MAX_UPLOAD_BYTES = 100
    with pytest.raises(KazooError) as refused:
        read(b"x" * 3_000_000, "application/pdf")
    assert refused.value.refusal.status == 413
    assert refused.value.refusal.data["file"]["maxSize"]["target"] == 100
