"""How much a request may carry, and where it comes from."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from accounts.auth.adapter import PortalAdapter
from accounts.auth.address import address_of

MIB = 1024 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/login/", MIB + 1, 413),
        ("/a/x/compose/", 4 * MIB + 1, 413),
        ("/a/x/compose/", MIB + 1, 404),
    ],
)
def test_a_request_is_refused_by_its_length_before_it_is_read(settings, path, length, status):
    settings.MAX_UPLOAD_BYTES = MIB
    answer = Client().post(path, b"", content_type="text/plain", CONTENT_LENGTH=str(length))
    assert answer.status_code == status
    if status == 413:
        assert answer.content.decode().startswith("This is too much at once: at most")


@pytest.mark.parametrize(("speaks", "words"), [("en", "at a time"), ("de-AT", "Höchstens 1 MB")])
def test_a_browser_is_shown_a_page_where_more_comes_than_may(speaks, words):
    asked = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": speaks, "Content-Length": "9" * 9}
    answer = Client().post("/login/", b"", content_type="text/plain", headers=asked)
    assert answer.status_code == 413
    assert words in answer.content.decode()


def test_a_body_that_does_not_say_its_length_is_refused():
    answer = Client().post(
        "/login/", b"", content_type="text/plain", headers={"Transfer-Encoding": "chunked"}
    )
    assert answer.status_code == 411
    assert "Content-Length" in answer.content.decode()


@pytest.mark.django_db
def test_behind_a_proxy_that_speaks_tls_addresses_are_told_with_https(settings):
    settings.SECURE, settings.SECURE_HSTS_SECONDS = True, 60
    address = "/.well-known/oauth-authorization-server"
    answer = Client().get(address, headers={"host": "localhost"})
    assert answer.json()["token_endpoint"] == "https://localhost/oauth/token"
    assert "max-age=60" in answer["Strict-Transport-Security"]


def test_the_form_itself_says_that_there_are_too_many_documents(world):
    tenant = world.northside
    client = Client()
    client.force_login(tenant.people["admin"])
    documents = [SimpleUploadedFile(f"{n}.txt", b"hello", "text/plain") for n in range(50)]
    answer = client.post(f"/a/{tenant.id}/compose/", {"to": "+12025550100", "documents": documents})
    assert answer.status_code in {200, 422}
    assert b"20 documents" in answer.content


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        (2, "6.6.6.6, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        (2, "6.6.6.6", "10.0.0.1"),
        (1, "nobody", "10.0.0.1"),
        (1, "192.0.2.7:4711", "192.0.2.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    assert address_of(request) == address
    assert PortalAdapter().get_client_ip(request) == address


@pytest.mark.parametrize("address", ["/login/?next=%00", "/login/%00/"])
def test_an_address_with_a_nul_in_it_is_refused(client, address):
    assert client.get(address).status_code == 400
