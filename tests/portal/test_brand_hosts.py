"""Hosts of brands: whose brand is shown, who is anybody there, and which hosts are refused."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from accounts.services import domains, invitations
from accounts.services.brands import brand_of
from tests.signing_in import sign_in

HARBOR, SUMMIT, OWN = "harbor.localhost", "summit.localhost", "testserver"


def browser(user=None, host=OWN):
    client = Client(headers={"host": host})
    if user is not None:
        sign_in(client, user)
    return client


def page(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("host", "product"), [(HARBOR, "Harbor Fax"), (SUMMIT, "Summit Fax Cloud"), (OWN, "Fax portal")]
)
def test_before_signing_in_a_host_shows_its_brand(world, host, product):
    shown = page(browser(host=host).get("/login/"))
    assert product in shown
    for other in {"Harbor Fax", "Summit Fax Cloud", "Fax portal"} - {product}:
        assert other not in shown


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "harbor.localhost.evil.example", "evil.harbor.localhost",
        "harbor.localhost@x", "harbor.localhost:80:80", "", "127.0.0.1.evil.example",
    ],
)  # fmt: skip
def test_hosts_that_nobody_proved_are_refused(world, host):
    client = Client(headers={"host": host}, raise_request_exception=False)
    response = client.get("/login/")
    if host:
        assert response.status_code == 400
        assert "Harbor" not in page(response)


def test_a_forwarded_host_is_nobodys_word(world):
    shown = page(Client(headers={"x-forwarded-host": HARBOR}).get("/login/"))
    assert "Harbor" not in shown


def test_a_host_is_known_by_its_name_whatever_its_case_and_port(world):
    assert "Harbor Fax" in page(browser(host="HARBOR.localhost:8000").get("/login/"))


@pytest.mark.parametrize("page_name", ["inbox", "outbox", "compose", "team", "usage", "audit"])
def test_on_a_brands_host_other_accounts_do_not_exist(world, page_name):
    user = world.redwood.people["admin"]
    Membership.objects.create(user=user, account=world.northside.account, role=Role.ADMIN)
    ours = reverse(page_name, kwargs={"account": world.northside.id})
    theirs = reverse(page_name, kwargs={"account": world.redwood.id})
    assert browser(user).get(ours).status_code == 200
    assert browser(user).get(theirs).status_code == 200
    harbor = browser(user, HARBOR)
    assert harbor.get(ours).status_code == 200
    assert "Redwood" not in page(harbor.get(ours)).replace(str(user), ""), "nor in the menu"
    response = harbor.get(theirs)
    assert response.status_code == 404
    assert "Redwood" not in page(response)
    assert "Summit" not in page(response)


def test_the_front_door_leads_to_an_account_of_the_host(world):
    user = world.redwood.people["admin"]
    Membership.objects.create(user=user, account=world.northside.account, role=Role.ADMIN)
    user.last_account = world.redwood.account
    user.save()
    assert str(world.northside.id) in browser(user, HARBOR).get("/")["Location"]
    assert str(world.redwood.id) in browser(user, SUMMIT).get("/")["Location"]


def test_who_is_nobody_on_a_host_is_answered_as_who_is_nobody_at_all(world):
    def answer(email, host):
        response = browser(host=host).post("/login/", {"login": email, "password": world.password})
        return response.status_code, re.sub(r'value="[^"]*"', "", page(response))

    redwood = world.redwood.people["admin"].email
    assert answer(redwood, HARBOR) == answer("nobody@nowhere.example", HARBOR)
    assert answer(redwood, SUMMIT)[0] == 302
    assert answer(redwood, OWN)[0] == 302


def test_a_session_of_elsewhere_finds_nothing_here(world):
    response = browser(world.redwood.people["admin"], HARBOR).get("/")
    assert response.status_code == 403
    assert "Redwood" not in page(response)
    assert "Harbor Fax" in page(response)


def test_a_password_is_asked_for_by_the_brand_of_the_host(world):
    northside, redwood = (each.people["admin"].email for each in (world.northside, world.redwood))
    browser(host=HARBOR).post("/password/reset/", {"email": northside})
    browser(host=OWN).post("/password/reset/", {"email": redwood})
    browser(host=HARBOR).post("/password/reset/", {"email": redwood})
    first, second, third = mail.outbox
    assert "http://harbor.localhost:8000/password/reset/key/" in first.body
    assert "Harbor Fax" in first.subject
    assert "http://summit.localhost:8000/password/reset/key/" in second.body
    assert "Summit Fax Cloud" in second.subject
    assert "/reset/key/" not in third.body, "nobody signs in with that address there"
    assert "Harbor Fax" in third.subject
    assert "Summit" not in f"{third.subject} {third.body}"
    link = re.search(r"http://[^/]+(/password/\S+)", str(first.body))
    assert link
    assert browser(host=HARBOR).get(link[1]).status_code == 302


def test_an_invitation_opens_on_its_own_brands_host_only(world):
    invitations.invite(world.redwood.admin, email="new@elsewhere.example", role=Role.MEMBER)
    link = re.search(r"http://([^/:]+):8000(/invitations/\S+)", str(mail.outbox[0].body))
    assert link
    assert link[1] == SUMMIT
    assert browser(host=SUMMIT).get(link[2]).status_code == 200
    assert browser(host=OWN).get(link[2]).status_code == 200
    response = browser(host=HARBOR).get(link[2])
    assert response.status_code == 410
    assert "Redwood" not in page(response)


def test_a_form_of_another_host_is_refused(world, settings):
    settings.SECURE = True
    client = Client(headers={"host": HARBOR}, enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)', page(client.get("/login/")))
    assert token
    form = {
        "login": world.northside.people["admin"].email,
        "password": world.password,
        "csrfmiddlewaretoken": token[1],
    }
    for origin in (f"https://{SUMMIT}", "https://evil.example", f"http://{HARBOR}", "null"):
        assert client.post("/login/", form, headers={"origin": origin}).status_code == 403
    good = client.post("/login/", form, headers={"origin": f"https://{HARBOR}"})
    assert good.status_code == 302
    assert all(not cookie["domain"] for cookie in good.cookies.values())


def test_a_page_of_an_account_takes_one_more_query_for_its_brand(
    world, django_assert_max_num_queries
):
    client = browser(world.northside.people["admin"])
    with django_assert_max_num_queries(100) as seen:
        client.get(reverse("inbox", kwargs={"account": world.northside.id}))
    about = [each["sql"] for each in seen.captured_queries if "accounts_brand" in each["sql"]]
    assert len(about) == 1


def test_sheet_icon_and_logo_are_for_everybody_and_for_ever(world):
    brand = brand_of(world.harbor.account)
    assert brand.logo
    for address, kind in (
        (brand.sheet_url, "text/css; charset=utf-8"),
        (brand.icon_url, "image/svg+xml"),
        (brand.logo.url, "image/png"),
    ):
        response = browser(host=HARBOR).get(address)
        assert response.status_code == 200
        assert response["Content-Type"] == kind
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in response["Cache-Control"]
        assert not response.has_header("Set-Cookie")
    for address in ("/brand/ffee00-0000000000000000.css", "/brand/x.css", "/brand/0.png"):
        assert browser().get(address).status_code == 404


def test_a_proxy_is_told_which_hosts_are_served(world):
    def served(name):
        return browser().get("/brand/domain/", {"domain": name}).status_code

    assert served(HARBOR) == 200
    assert served("localhost") == 200
    assert served("evil.example") == 404
    assert served("") == 404
    domains.claim_domain(world.harbor.admin, domain="fax.quay.example")
    assert served("fax.quay.example") == 404
    assert served(HARBOR) == 404


@pytest.mark.parametrize("status", [400, 404, 500])
def test_pages_about_errors_have_the_brand(world, status, monkeypatch):
    client = Client(headers={"host": HARBOR}, raise_request_exception=False)
    if status == 500:
        monkeypatch.setattr("accounts.portal.joining.invitations.invitation_for", lambda _: 1 / 0)
    many = {f"f{number}": "x" for number in range(1200)}
    response = {
        400: lambda: client.post("/login/", many),
        404: lambda: client.get("/nothing/here/"),
        500: lambda: client.get("/invitations/x/"),
    }[status]()
    assert response.status_code == status
    assert "Harbor Fax" in page(response)
    assert brand_of(world.harbor.account).sheet_url in page(response)


def test_a_page_about_an_error_comes_without_a_brand_if_that_is_what_fails(world, monkeypatch):
    monkeypatch.setattr("accounts.portal.context.brand_on", lambda _: 1 / 0)
    client = Client(headers={"host": HARBOR}, raise_request_exception=False)
    response = client.get("/login/")
    assert response.status_code == 500
    assert "Something went wrong" in page(response)
