"""Signing in and out, forgotten passwords, and the pages around them."""

import re

import pytest
from django.core import mail
from django.test import Client

EMAIL = "admin@northside.example"
TOKEN = re.compile(r'value="[A-Za-z0-9]{64}"')  # against forged requests: another each time


def text(response):
    return " ".join(response.content.decode().split())


def test_a_person_signs_in_and_stands_in_the_inbox(world):
    client = Client()
    response = client.post("/login/", {"login": EMAIL, "password": world.password}, follow=True)
    assert response.redirect_chain[-1][0] == f"/a/{world.northside.id}/inbox/"
    assert "Northside Clinic" in text(response)


def test_a_wrong_password_is_told_and_the_address_kept(world):
    response = Client().post("/login/", {"login": EMAIL, "password": "wrong"})
    assert 'role="alert"' in text(response)
    assert f'value="{EMAIL}"' in text(response)


def test_without_signing_in_a_page_leads_to_the_log_in_and_back(world):
    address = f"/a/{world.northside.id}/outbox/"
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={address}"


def test_signing_out_takes_a_post(world):
    client = Client()
    client.force_login(world.northside.people["admin"])
    assert "Sign out?" in text(client.get("/logout/"))
    client.post("/logout/")
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_mail(world):
    client = Client()
    client.post("/password/reset/", {"email": EMAIL})
    link = re.search(r"https?://[^/]+(/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link, mail.outbox[0].body
    form = client.get(link[1], follow=True)
    assert "Choose a new password" in text(form)
    new = "four-unrelated-words"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in text(done)
    assert (
        client.login(email=EMAIL, password=new)
        or client.post("/login/", {"login": EMAIL, "password": new}).status_code == 302
    )


def test_an_unknown_address_looks_the_same_on_the_page(world):
    known, unknown = Client(), Client()
    pages = [
        TOKEN.sub("", text(client.post("/password/reset/", {"email": email}, follow=True)))
        for client, email in ((known, EMAIL), (unknown, "nobody@nowhere.example"))
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("address", ["/login/", "/password/reset/", "/password/reset/sent/",
                                     "/password/reset/done/", "/inactive/"])  # fmt: skip
def test_pages_before_signing_in_stand_by_themselves(world, address):
    response = Client().get(address)
    assert response.status_code == 200
    assert "<h1>" in text(response)


def test_nobody_signs_up_by_themselves(world):
    assert "People join by invitation" in text(Client().get("/signup/"))


def test_a_person_of_no_account_is_told_whom_to_ask(world):
    person = world.northside.people["viewer"]
    person.memberships.all().delete()
    client = Client()
    client.force_login(person)
    response = client.get("/")
    assert response.status_code == 403
    assert "You belong to no account yet" in text(response)
