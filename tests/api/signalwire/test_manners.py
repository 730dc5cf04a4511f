"""Who may ask, at which addresses, and what is told to those who may not."""

import pytest

from accounts import clock
from accounts.models import Brand
from accounts.roles import Scope
from accounts.services import tenants
from faxes.api.signalwire.errors import ARGUMENT, OF_CODE
from faxes.api.signalwire.explained import meanings
from tests.accounts.money import actor_of, bill
from tests.api.signalwire.conftest import LETTER, ROOTS, Asker, basic

SENT = {"To": "+12025550100", "From": "+12025550121", "MediaUrl": LETTER}
CANCEL = {"Status": "canceled"}


def test_every_code_that_is_told_has_a_page(client, db):
    codes = {code for _, code, _ in OF_CODE.values()} | {20003, 20005, 20429, 21212, 21213, 21217}
    codes |= {ARGUMENT, 20004, 20404, 20009, 34004, 11200, 21408, 21456, 30002}
    assert all(any(meanings(code)) for code in codes)
    page = client.get("/docs/errors/21211")
    assert page.status_code == 200
    assert 'id="21211"' in page.content.decode()
    assert client.get("/docs/errors/7").status_code == 404


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_is_taken_as(laml, content_type):
    clinic = laml()
    sid = clinic.send()["sid"]
    body = '{"Status": "canceled"}' if "json" in content_type else "Status=canceled"
    answer = clinic.ask("POST", f"Faxes/{sid}", data=body, content_type=content_type)
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")


def test_authorization_is_asked_for(laml, world):
    clinic = laml()
    sid = clinic.send()["sid"]
    names = (clinic.account, str(world.lakeside.id), "northside", "", clinic.account.upper())
    right = (True, False, False, False, True)
    for name, is_right in zip(names, right, strict=True):
        asker = Asker(name, clinic.token, clinic.base, clinic.client)
        assert asker.ask("GET", f"Faxes/{sid}").status_code == (200 if is_right else 401)
    for shown in ("", "Basic", "Basic é", "Basic YTpi", "Digest x", "Bearer nothing", "Basic ///"):
        answer = clinic.client.get(f"{clinic.base}/Faxes/{sid}", headers={"authorization": shown})
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert answer["WWW-Authenticate"].startswith("Basic realm=")
    bearer = {"authorization": f"Bearer {clinic.token}"}
    assert clinic.client.get(f"{clinic.base}/Faxes/{sid}", headers=bearer).status_code == 200


def test_the_permission_is_the_one_for_faxes(laml):
    fax = laml().send()["sid"]
    for scope, call, status in (
        (Scope.ACCOUNT_READ, ("GET", f"Faxes/{fax}", None), 401),
        (Scope.FAXES_READ, ("GET", f"Faxes/{fax}", None), 200),
        (Scope.FAXES_READ, ("POST", f"Faxes/{fax}", CANCEL), 401),
        (Scope.FAXES_READ, ("DELETE", f"Faxes/{fax}", None), 401),
        (Scope.FAXES_WRITE, ("GET", "Faxes", None), 401),
        (Scope.FAXES_WRITE, ("POST", "Faxes", SENT), 201),
    ):
        answer = laml(None, scope).ask(*call)
        assert (scope, answer.status_code) == (scope, status)
        if status == 401:
            assert answer.json()["code"] == 20003
            assert answer["WWW-Authenticate"]


def test_who_is_suspended_and_who_has_no_money_are_told_so(laml, world):
    clinic = laml()
    bill(world.northside.account, balance=0)
    answer = clinic.ask("POST", "Faxes", SENT)
    assert (answer.status_code, answer.json()["code"]) == (402, 30002)
    tenants.suspend(actor_of(world.harbor.account), account_id=world.northside.id)
    answer = clinic.ask("GET", "Faxes")
    assert (answer.status_code, answer.json()["code"]) == (403, 20005)


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("ending", ["", ".json", "/"])
def test_an_address_is_served_as(laml, root, ending):
    clinic = laml(root=root)
    sid = clinic.told("POST", f"Faxes{ending}", SENT, status=201)["sid"]
    assert clinic.told("GET", f"Faxes/{sid}{ending}")["sid"] == sid
    assert clinic.told("GET", f"Faxes/{sid}/Media{ending}")
    answer = clinic.ask("HEAD", f"Faxes{ending}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert clinic.ask("DELETE", f"Faxes/{sid}{ending}").status_code == 204


def test_an_oauth_access_token_is_as_good_as_a_password(laml, world):
    clinic = laml()
    sid = clinic.send()["sid"]
    client = {"authorization": basic("fxc_demonorthside", "demonorthsidedemonstration")}
    got = clinic.client.post("/oauth/token", {"grant_type": "client_credentials"}, headers=client)
    asker = Asker(clinic.account, got.json()["access_token"], clinic.base, clinic.client)
    assert asker.told("GET", f"Faxes/{sid}")["sid"] == sid


def test_too_many_requests_are_told_when_to_come_again(laml, settings, still):
    settings.API_RATE = 2
    clinic = laml()
    for _ in range(2):
        clinic.told("GET", "Faxes")
    answer = clinic.ask("GET", "Faxes")
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert int(answer["Retry-After"]) > 0


def test_what_is_refused_before_it_comes_to_an_address_is_told_the_same_way(laml):
    clinic = laml()
    for more, status in (
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": str(1 << 40)}, 413),
    ):
        for path in ("/2010-04-01/Accounts/x/Faxes", "/v1/Faxes"):
            answer = clinic.ask("POST", path, {"a": "b"}, **more)
            assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_on_a_brands_own_host_errors_lead_to_that_host(laml, world):
    clinic = laml()
    host = "fax.harbor.localhost"
    harbor = Brand.rows.filter(account_id=world.harbor.id)
    assert harbor.update(domain=host, domain_proven_at=clock.now())
    for path in ("Faxes/x", "Faxes?Page=-1", f"{ROOTS[0]}/nothing"):
        answer = clinic.ask("GET", path, headers={"host": host})
        assert answer.json()["more_info"].startswith(f"http://{host}/docs/errors/")
