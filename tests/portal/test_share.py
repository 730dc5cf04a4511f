"""The portal on a phone: a manifest in the brand's name, and documents that are shared to it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Brand, Status
from accounts.roles import Role
from accounts.services.colours import DEFAULT
from faxes.models import Fax, Upload
from tests.portal.conftest import letter


def share(visitor, *files, site="none"):
    headers = {"Sec-Fetch-Site": site} if site else {}
    data = {"documents": list(files) or [letter(2)]}
    return visitor.client.post("/share/", data, headers=headers)


def shared():
    return Upload.objects.across_tenants(why="a test").count()


def faxed():
    return Fax.objects.across_tenants(why="a test").count()


def test_what_is_shared_waits_in_the_form_and_nothing_is_sent(world, visit):
    visitor = visit(world.northside, Role.MEMBER)
    answer = share(visitor)
    (upload,) = Upload.objects.for_account(world.northside.id)
    assert upload.created_by == world.northside.people["member"].pk
    assert answer.url == f"{visitor.address('compose')}?upload={upload.pk}"
    page = visitor.client.get(answer.url).content.decode()
    assert f'name="upload" value="{upload.pk}"' in page
    assert "letter.pdf" in page
    assert faxed() == 0


def test_what_somebody_shared_is_in_nobody_elses_form(world, visit):
    address = share(visit(world.northside, Role.MEMBER)).url
    page = visit(world.northside).client.get(address).content.decode()
    assert "letter.pdf" not in page


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "elsewhere"])
def test_a_page_of_another_site_shares_nothing_in_somebodys_name(world, visit, site):
    visitor = visit(world.northside)
    visitor.client = Client(enforce_csrf_checks=True)
    visitor.client.force_login(world.northside.people["admin"])
    assert share(visitor, site=site).status_code == 403
    assert shared() == 0
    assert share(visitor, site="none").status_code == 302
    assert shared() == 1


def test_who_is_not_signed_in_is_told_to_share_again(world, visit):
    visitor = visit(world.northside)
    visitor.client = Client()
    answer = share(visitor)
    assert answer.url == "/login/"
    assert "share the document once more" in visitor.client.get("/login/").content.decode()
    assert shared() == 0


def test_who_may_not_send_has_nothing_to_share(world, visit):
    assert share(visit(world.northside, Role.VIEWER)).status_code == 403
    assert shared() == 0


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00 this is a program"])
def test_what_cannot_be_faxed_is_told_and_not_kept(world, visit, data):
    visitor = visit(world.northside)
    answer = share(visitor, SimpleUploadedFile("thing.pdf", data, "application/pdf"))
    assert answer.url == visitor.address("compose")
    assert "note bad" in visitor.client.get(answer.url).content.decode()
    assert shared() == 0


def test_sharing_without_a_file_says_what_is_missing(world, visit):
    visitor = visit(world.northside)
    answer = visitor.client.post("/share/", {}, headers={"Sec-Fetch-Site": "none"})
    assert "note bad" in visitor.client.get(answer.url).content.decode()
    assert shared() == 0


def test_a_suspended_account_takes_nothing(world, visit):
    Account.objects.filter(pk=world.northside.id).update(status=Status.SUSPENDED)
    assert share(visit(world.northside)).status_code == 403
    assert shared() == 0


def test_the_manifest_is_in_the_brand_of_who_asks(world, visit):
    Brand.rows.update_or_create(
        account=world.harbor.account, defaults={"product_name": "Harbor Fax", "accent": "#0d6a73"}
    )
    visitor = visit(world.northside)
    page = visitor.get("inbox").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest"' in page
    answer = visitor.client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert "Cookie" in answer["Vary"]
    told = json.loads(answer.content)
    assert (told["name"], told["theme_color"]) == ("Harbor Fax", "#0d6a73")
    assert (told["display"], told["start_url"]) == ("standalone", "/")
    assert [each["purpose"] for each in told["icons"]] == ["any", "maskable"]
    for each in told["icons"]:
        picture = visitor.client.get(each["src"])
        assert picture["Content-Type"] == "image/svg+xml"
        assert b"#0d6a73" in picture.content
    assert told["share_target"]["action"] == "/share/"


def test_without_a_brand_the_manifest_is_the_portals_own(world):
    Brand.rows.filter(account=world.platform.account).delete()
    told = json.loads(Client().get("/manifest.webmanifest").content)
    assert (told["name"], told["theme_color"]) == ("Fax portal", DEFAULT)
    assert Client().get(told["icons"][1]["src"]).status_code == 200
