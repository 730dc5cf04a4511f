"""Faxboxes are made, replaced, changed in part and put away, each field as Kazoo has it."""

from typing import Any

import pytest

from faxes.models import Faxbox

ALL: dict[str, Any] = {
    "name": "Front desk",
    "caller_id": "+15551112222",
    "caller_name": "Acme",
    "fax_header": "Acme Inc.",
    "fax_identity": "+1 555 111 2222",
    "fax_timezone": "Europe/Berlin",
    "retries": 3,
    "smtp_permission_list": [".*@acme\\.test"],
    "custom_smtp_email_address": "fax@acme.test",
    "media": {"fax_option": True},
    "flags": ["a", "b"],
    "notifications": {
        "inbound": {
            "email": {"send_to": ["joe@acme.test"]},
            "sms": {"send_to": ["+12025550111"]},
            "callback": {"url": "https://hooks.example.com/in", "method": "put", "type": "json"},
        },
        "outbound": {"email": {"send_to": ["ann@acme.test", "joe@acme.test"]}, "fax": {"x": 1}},
    },
    "custom": {"deep": [1, {"er": True}]},
}


@pytest.fixture
def own(kazoo):
    return kazoo()


def test_all_fields_are_kept_and_told_again(world, own):
    owner = world.northside.people["member"].pk.hex
    data = {**ALL, "owner_id": owner, "id": "mine", "smtp_email_address": "mine.example"}
    answer = own.ask("PUT", "faxboxes", {"data": data})
    assert answer.status_code == 201, answer.content
    made = answer.json()["data"]
    assert answer["Location"] == f"{own.base}/faxboxes/{made['id']}"
    assert {name: made[name] for name in ALL} == ALL
    assert (made["owner_id"], made["attempts"]) == (owner, 0)
    row = Faxbox.objects.for_account(world.northside.id).get(name="Front desk")
    assert made["id"] == row.pk.hex
    assert made["smtp_email_address"] == f"{row.mail_label}.fax.localhost"
    assert own.data("GET", f"faxboxes/{made['id']}") == made
    assert (row.station_id, row.header, row.caller_number) == (
        "+1 555 111 2222", "Acme Inc.", "+15551112222",
    )  # fmt: skip
    assert row.inbound_callback["url"] == "https://hooks.example.com/in"
    assert own.ask("HEAD", f"faxboxes/{made['id']}").status_code == 200


def test_what_is_not_said_is_as_usual(own):
    made = own.data("PUT", "faxboxes", {"data": {"name": "Bare"}}, status=201)
    assert made["caller_name"] == made["fax_header"] == "Kazoo Fax Printer"
    assert (made["attempts"], made["retries"], made["smtp_permission_list"]) == (0, 1, [])
    assert "caller_id" not in made
    assert not [name for name, value in made.items() if value in ("", None)]


def test_post_replaces_all_and_patch_changes_what_it_says(world, own):
    where = f"faxboxes/{own.data('PUT', 'faxboxes', {'data': ALL}, status=201)['id']}"
    Faxbox.objects.for_account(world.northside.id).filter(name="Front desk").update(
        mail_pages="pdf"
    )
    change = {"notifications": {"inbound": {"email": {"send_to": "sue@acme.test"}, "sms": None}},
              "custom": None, "retries": 0}  # fmt: skip
    changed = own.data("PATCH", where, {"data": change})
    inbound = changed["notifications"]["inbound"]
    assert inbound["email"]["send_to"] == ["sue@acme.test"]
    assert "sms" not in inbound
    assert inbound["callback"] == ALL["notifications"]["inbound"]["callback"]
    assert changed["notifications"]["outbound"] == ALL["notifications"]["outbound"]
    assert "custom" not in changed
    assert (changed["retries"], changed["caller_name"]) == (0, "Acme")
    replaced = own.data("POST", where, {"data": {"name": "Other"}})
    assert replaced["caller_name"] == "Kazoo Fax Printer"
    assert not {"notifications", "flags", "caller_id", "custom_smtp_email_address"} & set(replaced)
    assert Faxbox.objects.for_account(world.northside.id).get(name="Other").mail_pages == "pdf"
    assert replaced["smtp_email_address"] == changed["smtp_email_address"]


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"name": None}, "name", "required"),
        ({"name": ""}, "name", "minLength"),
        ({"name": "x" * 129}, "name", "maxLength"),
        ({"retries": 5}, "retries", "maximum"),
        ({"retries": -1}, "retries", "minimum"),
        ({"retries": "3"}, "retries", "type"),
        ({"attempts": 9}, "attempts", "maximum"),
        ({"smtp_permission_list": "a"}, "smtp_permission_list", "type"),
        ({"smtp_permission_list": ["("]}, "smtp_permission_list", "invalid"),
        ({"fax_timezone": "Mars/Base"}, "fax_timezone", "invalid"),
        ({"owner_id": "x"}, "owner_id", "minLength"),
        ({"owner_id": "0" * 32}, "owner_id", "invalid"),
        ({"media": {"fax_option": 1}}, "media.fax_option", "type"),
        ({"notifications": []}, "notifications", "type"),
        ({"notifications": {"inbound": {"email": {"send_to": 1}}}},
         "notifications.inbound.email.send_to", "type"),
        ({"notifications": {"inbound": {"email": {"send_to": "nobody"}}}},
         "notifications.inbound.email.send_to", "invalid"),
        ({"notifications": {"outbound": {"callback": {"url": "ftp://x"}}}},
         "notifications.outbound.callback.url", "pattern"),
        ({"notifications": {"outbound": {"callback": {"url": "http://127.0.0.1/"}}}},
         "notifications.outbound.callback", "invalid"),
        ({"notifications": {"outbound": {"callback": {"url": "http://a.de/", "method": "get"}}}},
         "notifications.outbound.callback.method", "enum"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field_and_code(own, data, field, code):
    answer = own.ask("PUT", "faxboxes", {"data": {"name": "A box", **data}})
    assert answer.status_code == 400, answer.content
    assert answer.json()["message"] == "validation error"
    assert code in answer.json()["data"][field]
    assert len(own.data("GET", "faxboxes")) == 1


def test_an_address_of_another_fax_machine_anywhere_is_refused_in_these_words(world, kazoo, own):
    data = {"name": "A", "custom_smtp_email_address": "Fax@Acme.test"}
    other = kazoo(world.redwood.admin)
    other.data("PUT", "faxboxes", {"data": data}, status=201)
    answer = own.ask("PUT", "faxboxes", {"data": data})
    assert answer.status_code == 400
    assert answer.json()["data"] == {
        "custom_smtp_email_address": {
            "unique": {"message": "email address must be unique", "cause": "Fax@Acme.test"}
        }
    }


def test_one_that_is_deleted_is_told_once_more_and_is_gone(own):
    where = f"faxboxes/{own.data('PUT', 'faxboxes', {'data': {'name': 'A'}}, status=201)['id']}"
    gone = own.data("DELETE", where, {"data": {"ui_metadata": {"ui": "monster-ui"}}})
    assert gone["_read_only"] == {"deleted": True}
    assert gone["name"] == "A"
    answer = own.ask("GET", where)
    assert (answer.status_code, answer.json()["message"]) == (404, "bad_identifier")
    assert answer.json()["data"]["cause"] == where.rpartition("/")[2]


def test_a_provider_looks_after_the_boxes_of_an_account_below(world, kazoo):
    harbor = kazoo(world.harbor.admin)
    boxes = f"/v2/accounts/{world.northside.id.hex}/faxboxes"
    made = harbor.data("PUT", boxes, {"data": {"name": "By us"}}, status=201)
    assert made["id"] in {each["id"] for each in kazoo().data("GET", "faxboxes")}
    assert harbor.data("PATCH", f"{boxes}/{made['id']}", {"data": {"name": "B"}})["name"] == "B"
    elsewhere = f"/v2/accounts/{world.redwood.id.hex}/faxboxes"
    assert harbor.ask("GET", elsewhere).status_code == 403


def test_pages_are_mailed_as_these_clients_expect_but_never_by_what_a_provider_says(world, kazoo):
    own, harbor = kazoo(), kazoo(world.harbor.admin)
    boxes = f"/v2/accounts/{world.northside.id.hex}/faxboxes"

    def pages(told):
        return Faxbox.rows.get(pk=told["id"]).mail_pages

    theirs = harbor.data("PUT", boxes, {"data": {"name": "By them"}}, status=201)
    ours = own.data("PUT", "faxboxes", {"data": {"name": "By us"}}, status=201)
    assert (pages(theirs), pages(ours)) == ("link", "pdf")
    where = f"{boxes}/{ours['id']}"
    harmless = {"name": "B", "smtp_permission_list": ["joe@acme.test"], "retries": 2}
    assert pages(harbor.data("PATCH", where, {"data": harmless})) == "pdf"
    send_to = {"email": {"send_to": ["us@harbor.example"]}}
    for change in (
        {"notifications": {"inbound": send_to}},
        {"notifications": {"outbound": send_to}},
        {"owner_id": world.northside.people["viewer"].pk.hex},
    ):
        Faxbox.rows.filter(pk=ours["id"]).update(mail_pages="both")
        assert pages(harbor.data("PATCH", where, {"data": change})) == "link"
        Faxbox.rows.filter(pk=ours["id"]).update(mail_pages="both")
        assert pages(own.data("PATCH", where, {"data": {**change, "name": "C"}})) == "both"
    stranger = {"owner_id": world.harbor.people["admin"].pk.hex}
    assert harbor.ask("PATCH", where, {"data": stranger}).status_code == 400


def test_a_provider_has_nobody_called_back_and_leaves_what_the_account_asked_for(world, kazoo):
    own, harbor = kazoo(), kazoo(world.harbor.admin)
    boxes = f"/v2/accounts/{world.northside.id.hex}/faxboxes"
    called = {"notifications": {"inbound": {"callback": {"url": "https://hooks.example.com/"}}}}
    assert harbor.ask("PUT", boxes, {"data": {"name": "A", **called}}).status_code == 403
    made = own.data("PUT", "faxboxes", {"data": {"name": "A", **called}}, status=201)
    where = f"{boxes}/{made['id']}"
    assert harbor.ask("PATCH", where, {"data": {"name": "B"}}).status_code == 200
    called["notifications"]["inbound"]["callback"]["url"] = "https://hooks.harbor.example/"
    assert harbor.ask("PATCH", where, {"data": called}).status_code == 403
    kept = Faxbox.rows.get(pk=made["id"])
    assert (kept.name, kept.inbound_callback["url"]) == ("B", "https://hooks.example.com/")
