"""Pages about numbers: of those who provide, and an account's own."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Kind
from accounts.roles import Role
from accounts.services.tree import create_account
from faxes.models import Carrier, Faxbox, Number
from faxes.services import numbers
from tests.portal.conftest import Visitor
from tests.signing_in import sign_in

FIRST, SECOND = "+16175550130", "+16175550131"


class Person(Visitor):
    """A visitor who has just signed in with a password."""

    def __init__(self, house, role=Role.ADMIN):
        self.tenant = house
        self.client = Client()
        sign_in(self.client, house.people[role.value])


@pytest.fixture
def harbor(world):
    return Person(world.harbor)


@pytest.fixture
def pool(world):
    numbers.import_numbers(world.harbor.admin, text=f"{FIRST}\n{SECOND}")
    return [str(Number.rows.get(e164=each).pk) for each in (FIRST, SECOND)]


def said(response):
    return response.content.decode()


def test_numbers_come_in_by_a_list_after_a_look_at_every_line(world, harbor):
    list_of = SimpleUploadedFile(
        "numbers.csv", f"number\n{FIRST}\nhello\n{world.redwood.number}\n".encode(), "text/csv"
    )
    looked = harbor.post("tenants-numbers-import", {"file": list_of})
    assert looked.status_code == 200
    assert "No fax number" in said(looked)
    assert "Somebody else has this number" in said(looked)
    assert "Redwood" not in said(looked), "whose it is is not told"
    assert "Import 1 number" in said(looked)
    assert not Number.rows.filter(e164=FIRST).exists()
    text = f"number\n{FIRST}\nhello\n{world.redwood.number}\n"
    done = harbor.post("tenants-numbers-import", {"text": text, "act": "import"})
    assert done.status_code == 302
    assert Number.rows.get(e164=FIRST).account == world.harbor.account


@pytest.mark.parametrize("text", ["", "number\n", '"' * 3 + "\x00"])
def test_a_list_that_is_none_is_told_of(harbor, text):
    assert harbor.post("tenants-numbers-import", {"text": text}).status_code in {200, 422}
    assert harbor.post("tenants-numbers-import", {"text": ""}).status_code == 422


def test_ticked_numbers_are_given_out_after_a_page_that_asks_to_whom(world, harbor, pool):
    asked = harbor.get("tenants-numbers-assign", f"?number={pool[0]}&number={pool[1]}")
    assert "Assign 2 numbers" in said(asked)
    assert "Redwood" not in said(asked), "only those below are offered"
    nobody = harbor.post("tenants-numbers-assign", {"number": pool, "account": ""})
    assert nobody.status_code == 422
    done = harbor.post("tenants-numbers-assign", {"number": pool, "account": world.lakeside.id})
    assert done.status_code == 302
    assert world.lakeside.faxbox.numbers.count() == 3


def test_who_has_several_fax_machines_is_chosen_with_the_machine(world, harbor, pool):
    other = Faxbox.objects.create(account=world.lakeside.account, name="Second floor")
    asked = harbor.post("tenants-numbers-assign", {"number": pool, "account": world.lakeside.id})
    assert asked.status_code == 422
    assert "Second floor" in said(asked)
    harbor.post(
        "tenants-numbers-assign",
        {"number": pool, "account": world.lakeside.id, "faxbox": other.pk},
    )
    assert other.numbers.count() == 2


def test_numbers_are_taken_back_and_let_go_after_a_page_that_asks(world, harbor, pool):
    mine = str(Number.rows.get(e164=world.northside.number).pk)
    asked = harbor.get("tenants-numbers-take-back", f"?number={mine}&number={pool[0]}")
    assert "Take 1 number back" in said(asked)
    assert "Northside Clinic" in said(asked)
    assert harbor.post("tenants-numbers-take-back", {"number": [mine]}).status_code == 302
    asked = harbor.get("tenants-numbers-release", f"?number={mine}")
    assert "Release 1 number" in said(asked)
    assert harbor.post("tenants-numbers-release", {"number": [mine]}).status_code == 302
    assert not Number.rows.filter(pk=mine).exists()


def test_others_numbers_are_neither_shown_nor_taken(world, harbor):
    theirs = str(Number.rows.get(e164=world.redwood.number).pk)
    for name in ("assign", "take-back", "release"):
        page = harbor.get(f"tenants-numbers-{name}", f"?number={theirs}&number=rubbish")
        assert "415-555" not in said(page)
        done = harbor.post(
            f"tenants-numbers-{name}", {"number": [theirs], "account": world.lakeside.id}
        )
        assert done.status_code == 422
    assert Number.rows.get(pk=theirs).faxbox == world.redwood.faxbox
    assert "415-555" not in said(harbor.get("tenants-numbers"))


def test_the_export_can_be_brought_in_elsewhere(world, harbor, pool):
    text = harbor.get("tenants-numbers-csv", "?state=free").getvalue().decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == [f"'{FIRST}", f"'{SECOND}"]
    numbers.release(world.harbor.admin, number_ids=[Number.rows.get(pk=each).pk for each in pool])
    summit = Person(world.summit)
    summit.post("tenants-numbers-import", {"text": text, "act": "import"})
    assert [each.e164 for each in numbers.free_numbers(world.summit.admin)] == [FIRST, SECOND]


def test_a_list_takes_as_many_queries_for_many_numbers_as_for_few(world, harbor, pool):
    carrier = Carrier.objects.get()

    def asked():
        with CaptureQueriesContext(connection) as seen:
            assert harbor.get("tenants-numbers").status_code == 200
        return len(seen)

    asked()
    few = asked()
    for count in range(60):
        tenant = create_account(
            name=f"Tenant {count}",
            kind=Kind.CUSTOMER,
            realm=f"t{count}.example",
            parent=world.harbor.account,
        )
        faxbox = Faxbox.objects.create(account=tenant, name="Fax")
        Number.objects.create(
            account=tenant, e164=f"+1339555{count:04d}", faxbox=faxbox, carrier=carrier
        )
    assert asked() == few


def test_an_accounts_people_see_its_numbers_and_its_administrators_change_them(world):
    other = Faxbox.objects.create(account=world.northside.account, name="Radiology")
    number = Number.rows.get(e164=world.northside.number)
    for role in (Role.VIEWER, Role.MEMBER):
        page = Person(world.northside, role).get("numbers")
        assert "(202) 555-0121" in said(page)
        assert "leads to" not in said(page)
        lead = Person(world.northside, role).post(
            "number-lead", {"faxbox": other.pk}, number=number.pk
        )
        assert lead.status_code == 403
    admin = Person(world.northside)
    assert "leads to Radiology" in said(admin.get("numbers"))
    assert admin.post("number-lead", {"faxbox": other.pk}, number=number.pk).status_code == 302
    number.refresh_from_db()
    assert number.faxbox == other
    for faxbox in (world.lakeside.faxbox.pk, "rubbish"):
        assert admin.post("number-lead", {"faxbox": faxbox}, number=number.pk).status_code == 404


def test_a_fax_machine_is_changed_and_all_that_is_wrong_is_told(world):
    admin, faxbox = Person(world.northside), world.northside.faxbox
    wrong = admin.post(
        "faxbox",
        {"name": " ", "station_id": "Praxis Müller", "time_zone": "Mars/Base", "retries": "99"},
        faxbox=faxbox.pk,
    )
    assert wrong.status_code == 422
    assert said(wrong).count('class="errorlist"') == 3
    station: dict[str, object] = {"name": "Reception", "station_id": "Praxis Müller"}
    wrong = admin.post("faxbox", station, faxbox=faxbox.pk)
    assert "A station id has up to 20" in said(wrong)
    right: dict[str, object] = {
        "name": "Desk",
        "station_id": "NORTHSIDE 1",
        "time_zone": "Europe/Berlin",
    }
    assert admin.post("faxbox", right, faxbox=faxbox.pk).status_code == 302
    faxbox.refresh_from_db()
    assert (faxbox.name, faxbox.station_id, faxbox.header) == ("Desk", "NORTHSIDE 1", "")
    assert (faxbox.time_zone, faxbox.retries) == ("Europe/Berlin", None)
    assert admin.post("faxbox-new", {"name": "Second", "retries": "2"}).status_code == 302
    assert Faxbox.objects.for_account(world.northside.id).get(name="Second").retries == 2


def test_a_pool_number_is_not_among_a_resellers_own(world, harbor, pool):
    assert "(617)" not in said(harbor.get("numbers"))


def test_whoever_has_very_many_numbers_finds_one_of_them(world):
    carrier, northside = Carrier.objects.get(), world.northside
    Number.objects.bulk_create(
        [
            Number(
                account=northside.account,
                e164=f"+1617{i:07d}",
                carrier=carrier,
                faxbox=northside.faxbox,
            )
            for i in range(3000)
        ]
    )
    admin = Person(northside)
    page = said(admin.get("numbers"))
    assert "There are more numbers" in page
    assert page.count('class="own-number"') == 100
    assert said(admin.get("numbers", "?q=000-2345")).count('class="own-number"') == 1
