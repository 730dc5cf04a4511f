"""What browsers are told with every answer, and whom people may tell of a weakness."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/login/", "/health/live", "/api/v1/faxes", "/nothing/there"])
def test_every_answer_says_who_may_load_it_and_what_it_may_use(client, path):
    answer = client.get(path)
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_programs_of_other_origins_may_read_what_is_meant_for_them(client):
    answer = client.options("/v2/accounts", HTTP_ORIGIN="https://else.example")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_browsers_forget_what_they_kept_of_somebody_who_signs_out(client, world):
    client.force_login(world.northside.people["admin"])
    answer = client.post(reverse("account_logout"))
    assert "cache" in answer["Clear-Site-Data"]
    assert "Clear-Site-Data" not in client.get(reverse("account_login"))


def test_a_form_from_elsewhere_makes_no_browser_forget(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.northside.people["admin"])
    assert "Clear-Site-Data" not in client.post(reverse("account_logout"))
    assert "Clear-Site-Data" not in Client().post(reverse("account_logout"))


def test_it_says_whom_to_tell_of_a_weakness_if_anybody(client, settings):
    path = "/.well-known/security.txt"
    assert client.get(path).status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@fax.example"
    told = client.get(path).content.decode().splitlines()
    assert told[0] == "Contact: mailto:security@fax.example"
    assert told[1].startswith("Expires: 20")
