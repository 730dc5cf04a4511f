"""A Content-Type that Django cannot read, or that names no encoding of texts, is no crash."""

import io
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest

from faxportal.content_types import readable
from faxportal.wsgi import application

FORM = "application/x-www-form-urlencoded"
NOT_READ = [
    *(f"charset={each}" for each in ("hex", "rot13", "zip", "base64", "undefined", "punycode")),
    *(f"charset={each}" for each in ("utf-16", "utf-7", "nosuch", "\x00", "x" * 300)),
    "charset=utf-8; charset*=utf-8''hex",
    'charset="hex"; boundary=x',
    "a*=nosuch''a",
    f"a={'x' * 20_000}",
]


def asked(content_type, body, *, path="/"):
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "a=%C3%A9",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


def read(content_type, body):
    """What a request says in its address and its form."""
    found = []

    def reads(environ, _start):
        request = WSGIRequest(environ)
        found.extend([request.GET["a"], request.POST["a"]])
        return []

    readable(reads)(asked(content_type, body), lambda *_: None)
    return found


@pytest.mark.parametrize("parameters", NOT_READ, ids=lambda each: each[:30])
def test_what_names_no_encoding_of_texts_is_read_as_if_it_named_none(parameters):
    assert read(f"{FORM}; {parameters}", b"a=%C3%A9") == ["é", "é"]


@pytest.mark.parametrize("named", ["utf8", "UTF-8", "ISO-8859-1"])
def test_a_form_is_in_utf_8_whatever_its_client_adds(named):
    assert read(f"{FORM}; charset={named}", b"a=%C3%A9") == ["é", "é"]


def test_parts_are_found_beside_an_encoding_that_is_none():
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n--x--\r\n'
    assert read("multipart/form-data; charset=hex; boundary=x", body) == ["é", "é"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/oauth/token", "/uapi/faxes/@me/210", "/v1/send_fax"])
@pytest.mark.parametrize("parameters", ["charset=hex", "a*=nosuch''a"])
def test_every_dialect_answers_as_it_does_without(path, parameters):
    heard = []
    answer: Any = application(
        asked(f"multipart/form-data; {parameters}", b"a=%e9", path=path),
        lambda status, _headers: heard.append(int(status[:3])),
    )
    list(answer)
    answer.close()
    assert heard[0] in {400, 401}
