"""Programs keep an address book, and groups in it."""

import pytest

from accounts.ids import new_id
from accounts.roles import Scope
from faxes.models import Contact, ContactGroup

GOOD = "+12025550100"


@pytest.fixture
def asks(world, program):
    return program(world.northside.admin)


def test_a_contact_is_added_found_changed_and_deleted(asks):
    body = {"name": "Dr. Ada Jones", "company": "Elm Street", "number": "(202) 555-0100"}
    made = asks.post("contacts", body)
    told = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/contacts/{told['id']}")
    assert (told["number"], told["email"], told["group_ids"]) == (GOOD, None, [])
    changed = asks.ask("PATCH", f"contacts/{told['id']}", {"email": "ada@x.example"})
    assert (changed.status_code, changed.json()["email"]) == (200, "ada@x.example")
    for found in ("", "?q=elm+ada", "?number=%2B12025550100", "?number=+12025550100", "?q=5550100"):
        assert asks.get(f"contacts{found}").json()["data"] == [changed.json()]
    assert asks.get("contacts?q=oak").json()["data"] == []
    assert asks.ask("DELETE", f"contacts/{told['id']}").status_code == 204
    assert asks.get(f"contacts/{told['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "number", "parameter_missing"),
        ({"number": "12"}, "number", "number_invalid"),
        ({"number": 12}, "number", "parameter_type_wrong"),
        ({"number": GOOD, "email": "x"}, "email", "email_invalid"),
        ({"number": GOOD, "name": "x" * 121}, "name", "parameter_max_length"),
        ({"number": GOOD, "fax": GOOD}, "fax", "parameter_unknown"),
    ],
)
def test_what_is_wrong_is_told_with_its_parameter(asks, body, param, code):
    told = asks.post("contacts", body)
    assert (told.status_code, told.json()["param"], told.json()["code"]) == (422, param, code)
    assert not Contact.rows.exists()


def test_contacts_are_put_into_groups_and_listed_by_them(asks):
    ids = [asks.post("contacts", {"name": name, "number": GOOD}).json()["id"] for name in "cab"]
    made = asks.post("contact-groups", {"name": "Referrals"})
    group = f"contact-groups/{made.json()['id']}"
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/{group}")
    assert asks.post(f"{group}/contacts", {"contact_ids": ids}).json()["size"] == 3
    assert asks.ask("DELETE", f"{group}/contacts/{ids[0]}").status_code == 204
    inside = asks.get(f"contacts?group={made.json()['id']}&limit=1").json()
    rest = asks.get(f"contacts?group={made.json()['id']}&cursor={inside['next_cursor']}").json()
    assert [each["name"] for each in inside["data"] + rest["data"]] == ["a", "b"]
    assert rest["data"][0]["group_ids"] == [made.json()["id"]]
    renamed = asks.ask("PATCH", group, {"name": "Practices"}).json()
    assert (renamed["name"], renamed["size"]) == ("Practices", 2)
    assert asks.get("contact-groups?q=pract").json()["data"] == [renamed]
    taken = asks.post("contact-groups", {"name": "PRACTICES"})
    assert (taken.status_code, taken.json()["code"]) == (422, "group_name_taken")
    unknown = asks.post(f"{group}/contacts", {"contact_ids": [str(new_id())]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "contact_not_found")
    assert asks.ask("DELETE", group).status_code == 204
    assert asks.get(group).status_code == 404


def test_the_same_request_twice_makes_one_contact_and_one_group(asks):
    for path, body in (("contacts", {"number": GOOD}), ("contact-groups", {"name": "One"})):
        first = asks.post(path, body, idempotency_key=path)
        assert asks.post(path, body, idempotency_key=path).json() == first.json()
        asks.ask("DELETE", f"{path}/{first.json()['id']}")
        assert asks.post(path, body, idempotency_key=path).status_code == 410
    assert not Contact.rows.exists()
    assert not ContactGroup.rows.exists()


def test_an_address_book_is_its_accounts_own_and_scopes_hold(world, program, asks):
    contact = asks.post("contacts", {"number": GOOD}).json()["id"]
    group = asks.post("contact-groups", {"name": "One"}).json()["id"]
    stranger = program(world.lakeside.admin)
    for path in ("contacts", "contact-groups"):
        assert stranger.get(path).json()["data"] == []
    for method, path, body in (
        ("GET", f"contacts/{contact}", None),
        ("PATCH", f"contacts/{contact}", {"name": "x"}),
        ("DELETE", f"contacts/{contact}", None),
        ("GET", f"contacts?group={group}", None),
        ("PATCH", f"contact-groups/{group}", {"name": "x"}),
        ("DELETE", f"contact-groups/{group}", None),
        ("POST", f"contact-groups/{group}/contacts", {"contact_ids": [contact]}),
        ("DELETE", f"contact-groups/{group}/contacts/{contact}", None),
    ):
        assert stranger.ask(method, path, body).status_code == 404
    reads = program(world.northside.admin, Scope.FAXES_READ)
    assert reads.get(f"contacts/{contact}").status_code == 200
    assert reads.ask("DELETE", f"contacts/{contact}").status_code == 403
    none = program(world.northside.admin, Scope.ACCOUNT_READ)
    assert none.get("contacts").status_code == 403
