"""The pages of a closed account, and of an export."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Account
from accounts.roles import Role
from accounts.services import tenants
from faxes.models import Export
from tests.accounts.money import provider_of
from tests.signing_in import sign_in


@pytest.fixture
def closed(world, work, arrived):
    tenants.close(provider_of(world.northside.account), account_id=world.northside.id)
    return world.northside


def browser(tenant, role="admin"):
    client = Client()
    sign_in(client, tenant.people[role])
    return client


def at(tenant, rest):
    return f"/a/{tenant.id}/{rest}"


def password_in(tenant, world, role):
    client = Client()
    form = {"login": tenant.people[role].email, "password": world.password}
    return client, client.post("/login/", form, follow=True).content.decode()


def test_its_administrator_signs_in_to_one_page_and_takes_everything_along(world, work, closed):
    client, page = password_in(closed, world, "admin")
    assert "Northside Clinic is closed" in page
    assert "Harbor Fax" in page
    day = Account.objects.get(pk=closed.id).erase_at
    assert f"{day:%B %Y}" in page
    assert client.get(at(closed, "inbox/")).status_code == 403
    page = client.get(at(closed, "closing/")).content.decode()
    assert "Pack everything" in page
    assert client.post(at(closed, "closing/start/"))["Location"] == at(closed, "closing/")
    assert "are being packed" in client.get(at(closed, "closing/")).content.decode()
    part = client.get(at(closed, "closing/"), headers={"X-Fragment": "1"}).content.decode()
    assert "0 of 1 faxes" in part
    assert "<html" not in part
    work.run()
    assert "Download" in client.get(at(closed, "closing/")).content.decode()
    made = Export.rows.get()
    answer = client.get(at(closed, f"closing/{made.pk}/1/"))
    name = f"northside-clinic-{made.created_at:%Y-%m-%d}-{made.pk.hex[-6:]}-1.zip"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == "application/zip"
    body = b"".join(answer.streaming_content)
    assert len(body) == int(answer["Content-Length"])
    with zipfile.ZipFile(BytesIO(body)) as archive:
        assert {"faxes.csv", "faxes.json", "attempts.csv", "ledger.csv", "audit.csv"} < set(
            archive.namelist()
        )
    assert client.get(at(closed, f"closing/{made.pk}/2/")).status_code == 404


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_others_of_it_cannot_sign_in_any_more(world, closed, role):
    _client, page = password_in(closed, world, role)
    assert "Northside Clinic is closed, so you cannot sign in" in page
    told = browser(closed, role).get(at(closed, "inbox/"))
    assert told.status_code == 403
    assert "Take your faxes along" not in told.content.decode()
    assert browser(closed, role).get(at(closed, "closing/")).status_code == 404


def test_nobody_else_gets_near_it(world, work, closed):
    client = browser(closed)
    client.post(at(closed, "closing/start/"))
    work.run()
    made = Export.rows.get()
    for who in (browser(world.lakeside), browser(world.harbor), browser(world.platform)):
        for rest in ("closing/", f"closing/{made.pk}/1/", "export/", "inbox/"):
            assert who.get(at(closed, rest)).status_code == 404
        assert who.post(at(closed, "closing/start/")).status_code == 404
    assert (
        browser(world.lakeside).get(at(world.lakeside, f"export/{made.pk}/1/")).status_code == 404
    )


def test_it_asks_once_more_who_it_is(world, closed):
    client = Client()
    sign_in(client, closed.people["admin"], at=0)
    asked = client.get(at(closed, "closing/"))
    assert asked.status_code == 302
    assert "/reauthenticate/" in asked["Location"]


def test_an_account_in_use_is_exported_the_same_way_and_has_no_closing_page(world, work, arrived):
    client = browser(world.northside)
    assert client.get(at(world.northside, "closing/")).status_code == 404
    assert "Pack everything" in client.get(at(world.northside, "export/")).content.decode()
    client.post(at(world.northside, "export/start/"))
    work.run()
    made = Export.rows.get()
    page = client.get(at(world.northside, "export/")).content.decode()
    assert at(world.northside, f"export/{made.pk}/1/") in page
    assert made.expires_at > clock.now() + timedelta(days=6)
    where = at(world.northside, f"export/{made.pk}/1/")
    file = client.get(where)
    whole = b"".join(file.streaming_content)
    assert whole.startswith(b"PK")
    assert f"-{made.pk.hex[-6:]}-1.zip" in file["Content-Disposition"]
    rest = client.get(where, headers={"range": "bytes=100-", "if-range": file["ETag"]})
    assert (rest.status_code, rest["Content-Length"]) == (206, str(len(whole) - 100))
    assert whole[:100] + b"".join(rest.streaming_content) == whole
    other = client.get(where, headers={"range": "bytes=100-", "if-range": '"packed-anew"'})
    assert (other.status_code, b"".join(other.streaming_content)) == (200, whole)
    beyond = client.get(where, headers={"range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")
    member = browser(world.northside, Role.MEMBER.value)
    assert member.get(at(world.northside, "export/")).status_code == 403


def test_a_person_of_two_accounts_comes_to_the_open_one_and_finds_the_closed_one_in_the_menu(
    world, closed
):
    person = closed.people["admin"]
    person.memberships.create(account=world.redwood.account, role="viewer")
    client = browser(closed)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [(at(world.redwood, "inbox/"), 302)]
    page = answer.content.decode()
    assert at(closed, "closing/") in page
    assert ">closed<" in page


def test_what_concerns_one_number_is_packed_and_downloaded_by_itself(world, work, arrived):
    client = browser(world.northside)
    wrong = client.post(at(world.northside, "export/number/"), {"number": "12"})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.content.decode()
    assert not Export.rows.exists()
    client.post(at(world.northside, "export/number/"), {"number": "(202) 555-0100"})
    work.run()
    made = Export.rows.get()
    page = client.get(at(world.northside, "export/")).content.decode()
    assert at(world.northside, f"export/{made.pk}/1/") in page
    assert "Pack everything" in page, "it is beside the export of everything"
    file = client.get(at(world.northside, f"export/{made.pk}/1/"))
    assert b"".join(file.streaming_content).startswith(b"PK")
