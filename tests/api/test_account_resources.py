"""Programs keep what is an account's own: fax machines, numbers, covers, tokens."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import AuditEntry, Credential, IdempotencyKey, Membership
from accounts.roles import Role, Scope
from faxes.models import CoverTemplate, Faxbox, Number
from tests import papers
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def queries_of(ask) -> int:
    ask()  # what is looked up once in a process is looked up now
    with CaptureQueriesContext(connection) as asked:
        assert ask().status_code == 200
    return len(asked)


def pages_of(program, path: str) -> list[list[str]]:
    """The ids of a list, page by page."""
    pages: list[list[str]] = []
    cursor: str | None = ""
    mark = "&" if "?" in path else "?"
    while cursor is not None:
        page = program.get(f"{path}{mark}limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        assert page["has_more"] == (page["next_cursor"] is not None)
        pages.append([each["id"] for each in page["data"]])
        cursor = page["next_cursor"]
    return pages


def test_a_fax_machine_is_made_found_and_changed_member_by_member(world: World, program):
    asking = program()
    made = asking.post("faxboxes", {"name": "Records", "header": "Northside", "retries": 2})
    assert made.status_code == 201
    told = asking.get(made["Location"].removeprefix("/api/v1/")).json()
    assert told == made.json()
    assert (told["header"], told["station_id"], told["numbers"]) == ("Northside", None, [])

    changed = asking.ask("PATCH", f"faxboxes/{told['id']}", {"retries": None}).json()
    assert changed == {**told, "retries": None}
    wrong = asking.ask("PATCH", f"faxboxes/{told['id']}", {"time_zone": "Mars"})
    assert wrong.status_code == 422
    assert wrong.json()["param"] == "time_zone"


def test_a_fax_machine_has_all_that_its_page_has_and_is_deleted(world: World, program):
    asking, owner = program(), world.northside.people["member"]
    told = {
        "owner_id": str(owner.pk),
        "caller_name": "Northside",
        "caller_number": "+1 202 555 0121",
        "mail_address": "fax@clinic.example",
        "mail_senders": [".*@clinic\\.example"],
        "mail_cover": "business",
        "mail_pages": "both",
        "inbound_emails": ["ward@clinic.example"],
        "inbound_sms": ["+1 202 555 0123"],
        "inbound_callback": {"url": "https://clinic.example/in", "method": "put", "type": "json"},
    }
    made = asking.post("faxboxes", {"name": "Records", **told}).json()
    assert {name: made[name] for name in told} == told
    assert (made["outbound_callback"], made["outbound_emails"]) == (None, [])
    assert made["mail_domain"].endswith(".fax.localhost")
    one = f"faxboxes/{made['id']}"
    changed = asking.ask("PATCH", one, {"inbound_callback": None, "owner_id": None}).json()
    assert changed == {**made, "inbound_callback": None, "owner_id": None}
    for wrong in ({"mail_senders": ["((("]}, {"inbound_callback": {"url": "http://10.0.0.1/"}}):
        refused = asking.ask("PATCH", one, wrong)
        assert (refused.status_code, refused.json()["param"]) == (422, next(iter(wrong)))
    assert asking.ask("DELETE", f"faxboxes/{world.northside.faxbox.pk}").status_code == 409
    assert asking.ask("DELETE", one).status_code == 204
    assert asking.get(one).status_code == 404


def test_lists_of_fax_machines_and_numbers_go_page_by_page_at_a_fixed_cost(
    world: World, program, still: None
):
    ours, asking = world.northside, program()
    few = [queries_of(lambda path=path: asking.get(path)) for path in ("faxboxes", "numbers")]
    carrier = Number.rows.all()[0].carrier
    for count in range(4):
        Faxbox.rows.create(account=ours.account, name="same name")
        Number.rows.create(
            account=ours.account, e164=f"+1202555015{count}", faxbox=ours.faxbox, carrier=carrier
        )
    for path, expected, before in (
        ("faxboxes", Faxbox.rows.filter(account=ours.account).order_by("id"), few[0]),
        ("numbers", Number.rows.filter(account=ours.account).order_by("e164"), few[1]),
    ):
        pages = pages_of(asking, path)
        assert [each for page in pages for each in page] == [str(each.pk) for each in expected]
        assert len(pages) == 3
        assert queries_of(lambda path=path: asking.get(path)) == before
    assert len(asking.get("numbers?q=%2B12025550151").json()["data"]) == 1


def test_a_number_leads_to_another_fax_machine_of_the_account_only(world: World, program):
    ours, asking = world.northside, program()
    number = asking.get("numbers").json()["data"][0]
    other = Faxbox.rows.create(account=ours.account, name="Other")
    path = f"numbers/{number['id']}"
    assert asking.ask("PATCH", path, {"faxbox_id": str(other.pk)}).json()["faxbox_id"] == str(
        other.pk
    )
    theirs = {"faxbox_id": str(world.lakeside.faxbox.pk)}
    assert asking.ask("PATCH", path, theirs).status_code == 404
    assert Number.rows.get(pk=number["id"]).faxbox == other


def test_cover_pages_are_made_changed_looked_at_and_deleted(world: World, program):
    asking = program()
    logo = b64encode(papers.png()).decode()
    made = asking.post("covers", {"name": "Records", "layout": "business", "logo_base64": logo})
    assert made.status_code == 201, made.json()
    cover = made.json()
    assert cover["has_logo"]
    listed = asking.get("covers").json()["data"]
    assert [each["id"] for each in listed[:3]] == ["plain", "business", "confidential"]
    assert cover in listed

    path = f"covers/{cover['id']}"
    changed = asking.ask("PATCH", path, {"heading": "Fax", "logo_base64": None}).json()
    assert (changed["name"], changed["heading"], changed["has_logo"]) == ("Records", "Fax", False)
    assert asking.post("covers", {"name": "Records"}).json()["code"] == "cover_name_taken"

    for each in ("plain", cover["id"]):
        picture = asking.get(f"covers/{each}/preview?width=100")
        assert picture["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
    assert asking.get("covers/nothing/preview").status_code == 404
    assert asking.ask("DELETE", path).status_code == 204
    assert asking.get(path).status_code == 404
    assert not CoverTemplate.rows.filter(pk=cover["id"]).exists()


def test_the_secret_of_a_token_is_told_once(world: World, program):
    asking = program()
    made = asking.post("tokens", {"name": "Scanner", "scopes": ["faxes:write"]})
    assert made.status_code == 201
    token = made.json()
    secret = token["token"].partition(".")[2]
    told = asking.get(f"tokens/{token['id']}")
    assert {**told.json(), "token": token["token"]} == token
    assert secret not in asking.get("tokens").content.decode()
    assert not any(secret in str(row) for row in Credential.objects.values_list())

    assert program().get("account", authorization=f"Bearer {token['token']}").status_code == 403
    assert asking.ask("DELETE", f"tokens/{token['id']}").status_code == 204
    assert program().get("account", authorization=f"Bearer {token['token']}").status_code == 401
    assert asking.ask("DELETE", f"tokens/{token['id']}").status_code == 409
    assert asking.get(f"tokens/{token['id']}").json()["revoked_at"] is not None


def test_a_token_made_by_a_process_that_died_is_told_without_its_secret(world: World, program):
    asking, key = program(), {"idempotency-key": "one"}
    wanted = {"name": "Scanner", "scopes": ["faxes:write"]}
    first = asking.post("tokens", wanted, **key).json()
    IdempotencyKey.rows.update(status=None, answer="", lease_until=clock.now())
    again = asking.post("tokens", wanted, **key)
    assert again.status_code == 201
    assert again.json() == {**first, "token": None}
    assert Credential.objects.filter(name="Scanner").count() == 1


def test_a_token_makes_none_that_reaches_further(world: World, program):
    def made(asking, **wanted):
        return asking.post("tokens", {"name": "x", "scopes": ["account:admin"], **wanted})

    asking = program(world.northside.admin, Scope.ACCOUNT_ADMIN)
    assert made(asking).status_code == 201
    further = made(asking, scopes=["account:admin", "faxes:read"])
    assert (further.status_code, further.json()["code"]) == (422, "scope_not_allowed")
    assert further.json()["param"] == "scopes"

    until = clock.now() + timedelta(days=9)
    Credential.objects.update(expires_at=until, networks=["127.0.0.0/24"])
    near, narrow = (until - timedelta(days=1)).isoformat(), ["127.0.0.1/32"]
    assert made(asking, expires_at=near, networks=narrow).status_code == 201
    for wider in (
        {"networks": narrow},
        {"expires_at": near},
        {"expires_at": (until + timedelta(days=1)).isoformat(), "networks": narrow},
        {"expires_at": near, "networks": ["127.0.0.0/8"]},
        {"expires_at": near, "networks": [*narrow, "::1/128"]},
    ):
        refused = made(asking, **wider)
        assert (refused.status_code, refused.json()["code"]) == (422, "token_reaches_further")


def test_tokens_go_page_by_page_newest_first_with_ended_ones(world: World, program):
    asking = program()
    for count in range(4):
        asking.post("tokens", {"name": str(count), "scopes": ["faxes:read"]})
    rows = Credential.objects.filter(account_id=world.northside.id).order_by("-id")
    found = [each for page in pages_of(asking, "tokens") for each in page]
    assert found == [str(each.pk) for each in rows]


def test_a_token_knows_whose_it_is_and_what_it_may(world: World, program):
    asking = program(world.northside.admin, Scope.ACCOUNT_READ)
    told = asking.get("account").json()
    assert told["id"] == str(world.northside.id)
    assert (told["role"], told["scopes"]) == ("admin", ["account:read"])
    assert Credential.objects.get(pk=told["token_id"]).name == "a program"
    Membership.objects.filter(user=world.northside.people["admin"]).update(role=Role.VIEWER)
    assert asking.get("account").json()["role"] == "viewer"


def test_the_audit_log_is_read_page_by_page_and_by_kind(world: World, program):
    asking = program()
    for count in range(3):
        asking.post("faxboxes", {"name": str(count)})
    rows = AuditEntry.objects.filter(account_id=world.northside.id).order_by("-number")
    assert [each for page in pages_of(asking, "audit") for each in page] == [
        str(each.pk) for each in rows
    ]
    made = asking.get("audit?action=faxbox.create").json()["data"]
    assert [each["facts"] for each in made] == [{}, {}, {}]
    newest = made[0]["at"]
    assert asking.get(f"audit?from={newest}&action=faxbox.create").json()["data"] == made[:1]
    assert len(asking.get(f"audit?until={newest}&action=faxbox.create").json()["data"]) == 2
    for wrong in ("user=1", "from=yesterday", "from=0001-01-01T00:00:00%2B14:00", "cursor=x"):
        assert asking.get(f"audit?{wrong}").status_code == 400
