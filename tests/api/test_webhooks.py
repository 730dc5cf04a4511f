"""Programs manage webhooks, see what was sent, and have it sent again."""

import pytest

from accounts.models import WebhookMessage
from accounts.roles import Scope

URL = "https://hooks.example.com/fax"


@pytest.fixture
def northside(program):
    return program()


def made(northside, **more):
    return northside.post("webhooks", {"url": URL, **more}).json()


def test_an_endpoint_is_made_with_a_secret_that_is_told_once(northside):
    answer = northside.post("webhooks", {"url": URL, "event_types": ["fax.failed"]})
    assert answer.status_code == 201
    told = answer.json()
    assert told["secret"].startswith("whsec_")
    assert told["event_types"] == ["fax.failed"]
    shown = northside.get(answer["Location"].removeprefix("/api/v1/")).json()
    assert shown == {name: told[name] for name in told if name != "secret"}
    assert [each["id"] for each in northside.get("webhooks").json()["data"]] == [told["id"]]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "url"),
        ({"url": "gopher://example.com/"}, "url"),
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": URL, "event_types": ["fax.eaten"]}, "event_types[0]"),
        ({"url": URL, "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_told_by_its_parameter(northside, body, param):
    answer = northside.post("webhooks", body)
    assert answer.status_code == 422
    assert answer.json()["param"] == param
    assert northside.get("webhooks").json()["data"] == []


def test_an_endpoint_is_changed_switched_off_and_deleted(northside):
    where = f"webhooks/{made(northside)['id']}"
    changed = northside.ask("PATCH", where, {"description": "Records", "enabled": False}).json()
    assert (changed["description"], changed["url"]) == ("Records", URL)
    assert (changed["enabled"], changed["disabled_because"]) == (False, "asked")
    off = northside.post(f"{where}/test")
    assert (off.status_code, off.json()["code"]) == (409, "webhook_off")
    assert northside.ask("DELETE", where).status_code == 204
    assert northside.get(where).status_code == 404


def test_a_new_secret_is_told_once_and_the_old_one_signs_for_a_while(northside):
    first = made(northside)
    rotated = northside.post(f"webhooks/{first['id']}/rotate-secret", {"keep_hours": 2}).json()
    assert rotated["secret"] not in {first["secret"], None}
    assert rotated["old_secret_until"]


def test_the_secret_of_addresses_that_faxes_name_is_told_before_the_first_of_them(northside):
    told = northside.post("webhooks/per-fax/rotate-secret", {"keep_hours": 0}).json()
    assert (told["kind"], told["secret"][:6]) == ("per_fax", "whsec_")
    again = northside.post("webhooks/per-fax/rotate-secret").json()
    assert again["id"] == told["id"]
    assert again["secret"] != told["secret"]


def test_messages_are_listed_looked_at_and_sent_again(northside):
    where = f"webhooks/{made(northside)['id']}"
    sent = northside.post(f"{where}/test")
    assert sent.status_code == 202
    key = sent.json()["id"]
    WebhookMessage.rows.filter(pk=key).update(
        state="failed", next_at=None, ended_at="2026-01-01T00:00Z"
    )
    listed = northside.get(f"{where}/messages?state=failed").json()["data"]
    assert [each["id"] for each in listed] == [key]
    assert northside.get(f"{where}/messages?state=delivered").json()["data"] == []
    shown = northside.get(f"webhook-messages/{key}").json()
    assert '"webhook.test"' in shown["body"]
    assert shown["attempts"] == []
    again = northside.post(f"webhook-messages/{key}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "pending")


def test_all_that_failed_in_a_time_is_sent_again(northside):
    where = f"webhooks/{made(northside)['id']}"
    for _ in range(3):
        northside.post(f"{where}/test")
    WebhookMessage.rows.update(state="failed", next_at=None, ended_at="2026-01-01T00:00Z")
    answer = northside.post(f"{where}/resend", {"since": "2026-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()) == (202, {"messages": 3})


def test_only_who_administers_the_account_manages_them(program, world):
    reader = program(world.northside.admin, Scope.FAXES_READ, Scope.FAXES_WRITE)
    assert reader.get("webhooks").status_code == 403
    assert reader.post("webhooks", {"url": URL}).status_code == 403
