"""Programs send one document to many, and follow what becomes of each recipient."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Scope
from faxes.models import Broadcast, BroadcastRecipient, Fax
from faxes.services import broadcasting
from faxes.services.recipients import MOST_TOLD
from tests import papers
from tests.accounts.money import CENT, bill
from tests.faxes.to_many import BUSY, GONE, GOOD, hand_over, numbers, step

WORDS = base64.b64encode(b"Hello, everybody!").decode()
DOCUMENT = {"content_base64": WORDS, "filename": "hello.txt"}


def send(program, recipients, **more):
    body = {"documents": [DOCUMENT], "recipients": recipients, **more}
    headers = {"idempotency_key": more.pop("key")} if "key" in more else {}
    body.pop("key", None)
    return program.post("broadcasts", body, **headers)


def faults(answer):
    return [(each["param"], each["code"]) for each in answer.json()["errors"]]


def test_a_broadcast_is_begun_followed_and_told_of_by_recipient(world, work, program):
    asks = program(world.northside.admin)
    to = [GOOD, {"number": "(202) 555-0108", "name": "Nobody", "metadata": {"id": "2"}}, GOOD]
    made = send(asks, to, name="Hours", metadata={"run": "1"})
    told = made.json()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/broadcasts/{told['id']}")
    assert (told["object"], told["name"], told["status"]) == ("broadcast", "Hours", "preparing")
    assert told["from"] == world.northside.number
    assert (told["recipients"]["total"], told["recipients"]["duplicates"]) == (2, 1)

    work.run_to_end()

    told = asks.get(f"broadcasts/{told['id']}").json()
    assert (told["status"], told["finished"]) == ("done", True)
    assert (told["faxes"]["delivered"], told["faxes"]["failed"]) == (1, 1)
    assert asks.get("broadcasts").json()["data"] == [told]
    one, two = asks.get(f"broadcasts/{told['id']}/recipients").json()["data"]
    assert (one["position"], one["number"], one["status"]) == (1, GOOD, "delivered")
    assert (two["name"], two["metadata"], two["outcome"]) == ("Nobody", {"id": "2"}, "dial_failed")
    failed = asks.get(f"broadcasts/{told['id']}/recipients?status=failed").json()["data"]
    assert failed == [two]
    fax = asks.get(f"faxes/{two['fax_id']}").json()
    assert (fax["broadcast_id"], fax["metadata"]) == (told["id"], {"run": "1", "id": "2"})
    assert len(asks.get(f"faxes?broadcast={told['id']}").json()["data"]) == 2


def test_a_form_with_files_says_the_same(world, work, program):
    asks = program(world.northside.admin)
    answer = asks.client.post(
        "/api/v1/broadcasts",
        {
            "documents": [SimpleUploadedFile("a.pdf", papers.pdf(2))],
            "recipients": json.dumps([GOOD, {"number": BUSY}]),
            "quality": "standard",
        },
        headers={"authorization": f"Bearer {asks.token}"},
    )
    assert answer.status_code == 201
    assert (answer.json()["pages"], answer.json()["recipients"]["total"]) == (2, 2)


def test_a_group_of_the_address_book_is_sent_to(world, work, program):
    asks = program(world.northside.admin)
    contact = asks.post("contacts", {"number": GOOD, "name": "Dr. Good"}).json()["id"]
    group = asks.post("contact-groups", {"name": "All"}).json()["id"]
    asks.post(f"contact-groups/{group}/contacts", {"contact_ids": [contact]})
    made = asks.post("broadcasts", {"documents": [DOCUMENT], "group": group}).json()
    (recipient,) = asks.get(f"broadcasts/{made['id']}/recipients").json()["data"]
    assert (recipient["number"], recipient["name"]) == (GOOD, "Dr. Good")
    theirs = program(world.lakeside.admin)
    refused = theirs.post("broadcasts", {"documents": [DOCUMENT], "group": group})
    assert (refused.status_code, faults(refused)) == (422, [("group", "group_not_found")])


@pytest.mark.parametrize(
    ("recipients", "wrong"),
    [
        ("x", {"": "parameter_not_a_list"}),
        ([], {"": "number_missing"}),
        ([GOOD, 7], {"[1]": "parameter_type_wrong"}),
        ([GOOD, "1" * 41], {"[1]": "parameter_max_length"}),
        ([{"number": "12"}], {"[0].number": "number_invalid"}),
        ([{"name": "x"}], {"[0].number": "parameter_missing"}),
        ([{"number": GOOD, "fax": ""}], {"[0].fax": "parameter_unknown"}),
        ([{"number": GOOD, "metadata": []}], {"[0].metadata": "parameter_type_wrong"}),
        ([{"number": GOOD, "metadata": {"a": 1}}], {"[0].metadata": "metadata_invalid"}),
        ([{"number": GOOD, "name": "x" * 121}], {"[0].name": "parameter_max_length"}),
        (["12", GOOD, "3"], {"[0].number": "number_invalid", "[2].number": "number_invalid"}),
    ],
)
def test_what_is_wrong_with_recipients_is_told_by_position(world, program, recipients, wrong):
    answer = send(program(world.northside.admin), recipients)
    assert answer.status_code == 422
    assert dict(faults(answer)) == {f"recipients{where}": code for where, code in wrong.items()}
    assert not Broadcast.rows.exists()


def test_very_many_faults_are_counted_and_the_first_told(world, program):
    answer = send(program(world.northside.admin), ["12"] * (MOST_TOLD + 50))
    first = answer.json()["errors"][0]
    assert (answer.json()["code"], len(answer.json()["errors"])) == ("recipients_invalid", 101)
    assert first["detail"].startswith("150 of the recipients")


def test_to_is_no_parameter_of_a_broadcast_and_one_without_credit_is_refused(world, program):
    asks = program(world.northside.admin)
    assert faults(send(asks, [GOOD], to=GOOD)) == [("to", "parameter_unknown")]
    bill(world.northside.account, balance=15 * CENT)
    refused = send(asks, [GOOD, BUSY])
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_credit")


def test_the_same_request_twice_is_one_broadcast(world, work, program):
    asks = program(world.northside.admin)
    first, again = send(asks, [GONE], key="one"), send(asks, [GONE], key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Broadcast.rows.count() == 1
    work.run_to_end()
    broadcast = f"broadcasts/{first.json()['id']}"
    assert asks.ask("DELETE", broadcast).status_code == 204
    assert asks.get(broadcast).status_code == 404
    assert send(asks, [GONE], key="one").status_code == 410
    assert Fax.rows.count() == 1


def test_it_is_canceled_and_deleted_once_all_has_ended(world, work, program, monkeypatch):
    monkeypatch.setattr(broadcasting, "PORTION", 2)
    asks = program(world.northside.admin)
    broadcast = f"broadcasts/{send(asks, numbers(5)).json()['id']}"
    step(work)
    assert asks.ask("DELETE", broadcast).json()["code"] == "broadcast_not_finished"
    canceled = asks.post(f"{broadcast}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    hand_over(work)
    told = asks.get(broadcast).json()
    assert (told["recipients"]["canceled"], told["faxes"]["canceled"]) == (3, 2)
    assert told["finished"]
    assert asks.ask("DELETE", broadcast).status_code == 204
    assert not BroadcastRecipient.rows.exists()


def test_lists_go_page_by_page(world, program):
    asks = program(world.northside.admin)
    made = [send(asks, numbers(3)).json()["id"] for _ in range(3)]
    first = asks.get("broadcasts?limit=2").json()
    rest = asks.get(f"broadcasts?limit=2&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in first["data"] + rest["data"]] == made[::-1]
    recipients = f"broadcasts/{made[0]}/recipients"
    page = asks.get(f"{recipients}?limit=2").json()
    rest = asks.get(f"{recipients}?limit=2&cursor={page['next_cursor']}").json()
    assert [each["number"] for each in page["data"] + rest["data"]] == numbers(3)
    assert asks.get(f"{recipients}?status=lost").json()["param"] == "status"


def test_a_broadcast_is_its_accounts_own_and_for_those_who_may_send(world, program):
    made = send(program(world.northside.admin), [GOOD]).json()["id"]
    stranger = program(world.lakeside.admin)
    assert stranger.get("broadcasts").json()["data"] == []
    for method, path in (
        ("GET", f"broadcasts/{made}"),
        ("DELETE", f"broadcasts/{made}"),
        ("POST", f"broadcasts/{made}/cancel"),
        ("GET", f"broadcasts/{made}/recipients"),
    ):
        assert stranger.ask(method, path, {}).status_code == 404
    reads = program(world.northside.admin, Scope.FAXES_READ)
    assert reads.get(f"broadcasts/{made}").status_code == 200
    assert send(reads, [GOOD]).status_code == 403
    assert reads.post(f"broadcasts/{made}/cancel").status_code == 403
