"""Programs of those who provide: accounts below, their numbers, limits and money."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEntry, IdempotencyKey, LedgerEntry, Limits, Plan
from accounts.roles import Scope
from faxes.models import Number
from tests.accounts.money import CENT, bill
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
PROVIDING = ("accounts", "accounts/{0}", "accounts/{0}/limits", "numbers/pool")


@pytest.fixture
def harbor(world: World, program):
    return program(world.harbor.admin)


def new(harbor, **wanted):
    made = harbor.post("accounts", {"name": "Westside Clinic", **wanted})
    assert made.status_code == 201, made.json()
    return made.json()


def free_number(world: World, e164: str) -> Number:
    carrier = Number.rows.all()[0].carrier
    return Number.rows.create(account=world.harbor.account, e164=e164, carrier=carrier)


def test_an_account_is_made_with_plan_credit_number_and_administrator(world: World, harbor):
    bill(world.northside.account)
    plan, number = Plan.rows.get(), free_number(world, "+12025550150")
    made = harbor.post(
        "accounts",
        {
            "name": "Westside Clinic",
            "email": "chief@westside.example",
            "plan_id": str(plan.pk),
            "credit": "12.5",
            "number_id": str(number.pk),
        },
    )
    assert made.status_code == 201, made.json()
    told = made.json()
    assert told.pop("invitation_sent") is True
    assert harbor.get(made["Location"].removeprefix("/api/v1/")).json() == told
    assert (told["funds"]["available"], told["number"]) == ("12.50", "+12025550150")
    assert (told["parent_id"], told["status"]) == (str(world.harbor.id), "active")
    assert mail.outbox[-1].to == ["chief@westside.example"]


def test_an_account_that_cannot_be_is_told_by_its_part_and_leaves_nothing(world: World, harbor):
    before = Account.objects.count()
    bill(world.redwood.account)
    theirs = Plan.rows.get().pk
    number = Number.rows.get(account=world.redwood.account)
    for part, wrong, status in (
        ("plan_id", str(theirs), 404),
        ("parent_id", str(world.summit.id), 404),
        ("number_id", str(number.pk), 422),
        ("time_zone", "Mars", 422),
        ("credit", "1e3", 422),
        ("credit", "-5", 422),
        ("name", " ", 422),
        ("email", "nobody", 422),
    ):
        refused = harbor.post("accounts", {"name": "Westside", part: wrong})
        assert (refused.status_code, refused.json()["param"]) == (status, part)
    assert Account.objects.count() == before


def test_a_request_that_comes_twice_makes_one_account(world: World, harbor):
    key, wanted = {"idempotency-key": "one"}, {"name": "Westside Clinic"}
    first = harbor.post("accounts", wanted, **key)
    assert harbor.post("accounts", wanted, **key).json() == first.json()
    IdempotencyKey.rows.update(status=None, answer="", lease_until="2020-01-01T00:00Z")
    after_a_crash = harbor.post("accounts", wanted, **key)
    assert after_a_crash.json() == first.json()
    assert Account.objects.filter(name="Westside Clinic").count() == 1


def test_accounts_are_listed_by_name_page_by_page_at_a_fixed_cost(
    world: World, harbor, still: None
):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert harbor.get("accounts").status_code == 200
        return len(asked)

    cost()  # what is looked up once in a process is looked up now
    few = cost()
    for name in ("Ash", "elm", "Oak"):
        new(harbor, name=name)
    assert cost() == few
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = harbor.get(f"accounts?limit=2{cursor and f'&cursor={cursor}'}").json()
        names += [each["name"] for each in page["data"]]
        cursor = page["next_cursor"]
    rows = Account.objects.filter(parent=world.harbor.account)
    assert names == sorted((each.name for each in rows), key=str.lower)
    assert [each["name"] for each in harbor.get("accounts?q=elm").json()["data"]] == ["elm"]
    for nobody in ("status=closed", "kind=reseller"):
        assert harbor.get(f"accounts?{nobody}").json()["data"] == []
    assert harbor.get("accounts?status=erased").status_code == 400
    assert harbor.get(f"accounts?parent={world.summit.id}").status_code == 404


def test_an_account_is_suspended_resumed_closed_reopened_renamed_and_moved(world: World, harbor):
    path = f"accounts/{world.northside.id}"
    suspended = harbor.post(f"{path}/suspend", {"reason": "unpaid"}).json()
    assert (suspended["status"], suspended["suspended_for"]) == ("suspended", "unpaid")
    assert harbor.post(f"{path}/resume").json()["status"] == "active"
    closed = harbor.post(f"{path}/close").json()
    assert closed["status"] == "closed"
    assert closed["erase_at"]
    assert harbor.post(f"{path}/suspend").json()["code"] == "tenant_closed"
    assert harbor.post(f"{path}/reopen").json()["status"] == "active"
    assert harbor.ask("PATCH", path, {"name": "North"}).json()["name"] == "North"
    below = new(harbor, name="Below", kind="reseller")
    moved = harbor.post(f"{path}/move", {"parent_id": below["id"]})
    assert moved.json()["parent_id"] == below["id"]
    nowhere = harbor.post(f"{path}/move", {"parent_id": str(world.summit.id)})
    assert nowhere.status_code == 404
    acts = AuditEntry.objects.filter(account_id=world.northside.id, via="api")
    assert set(acts.values_list("action", flat=True)) >= {"tenant.suspend", "tenant.move"}


def test_bounds_of_retention_are_set_told_and_confirmed_where_faxes_go_sooner(
    world: World, harbor, program
):
    path = f"accounts/{world.northside.id}/retention-bounds"
    none = dict.fromkeys(("pages_least", "pages_most", "record_least", "record_most"))
    assert harbor.get(path).json() == {"own": none, "effective": none}
    shorter = {"pages_most": 90}
    refused = harbor.ask("PUT", path, shorter)
    assert (refused.status_code, refused.json()["code"]) == (422, "retention_bounds_unconfirmed")
    assert harbor.get(path).json()["own"] == none
    told = harbor.ask("PUT", path, {**shorter, "confirm": True}).json()
    assert told["own"] == told["effective"] == {**none, **shorter}
    assert program(world.northside.admin).get("retention").json()["bounds"] == told["effective"]
    wrong = {"pages_least": 9, "pages_most": 8, "confirm": True}
    assert harbor.ask("PUT", path, wrong).status_code == 422
    assert harbor.get(path).json() == told


def test_limits_are_set_as_a_whole_and_told_with_what_is_above(world: World, harbor, program):
    path = f"accounts/{world.northside.id}/limits"
    Limits.rows.create(account=world.harbor.account, pages_a_day=50, calls_at_once=3)
    set_so = harbor.ask("PUT", path, {"pages_a_day": 70, "pages_a_fax": 9})
    assert set_so.json() == harbor.get(path).json()
    assert set_so.json()["own"]["pages_a_day"] == 70
    effective = set_so.json()["effective"]
    assert (effective["pages_a_day"], effective["pages_a_fax"]) == (50, 9)
    assert harbor.ask("PUT", path, {}).json()["own"]["pages_a_day"] is None
    for wrong in (-1, 2**31, 10**30, "5", 1.5, True):
        assert harbor.ask("PUT", path, {"pages_a_day": wrong}).status_code == 422


@pytest.mark.parametrize("amount", ["1000.00", "250000.5", "999999999"])
def test_large_amounts_are_booked_too(world: World, harbor, amount):
    bill(world.northside.account, balance=0)
    booked = harbor.post(f"accounts/{world.northside.id}/credit", {"amount": amount})
    assert booked.status_code == 201
    assert float(booked.json()["available"]) == float(amount)


def test_money_is_booked_once_and_read_by_both_sides(world: World, harbor, program):
    path = f"accounts/{world.northside.id}/credit"
    assert harbor.post(path, {"amount": "5"}).json()["code"] == "not_billed"
    bill(world.northside.account, balance=100 * CENT)
    key = {"idempotency-key": "one"}
    for _twice in range(2):
        booked = harbor.post(path, {"amount": "0.000001", "note": "Invoice"}, **key)
        assert (booked.status_code, booked.json()["available"]) == (201, "1.000001")
    IdempotencyKey.rows.update(status=None, answer="", lease_until="2020-01-01T00:00Z")
    again = harbor.post(path, {"amount": "0.000001", "note": "Invoice"}, **key)
    assert again.json()["available"] == "1.000001"
    for wrong in ("-1", "1e9", "NaN", "5\n", "0.0000001", "12345678901", 5, None, ""):
        refused = harbor.post(path, {"amount": wrong})
        assert (refused.status_code, refused.json()["param"]) == (422, "amount")
    assert harbor.post(path, {"amount": "0"}).status_code == 422

    ours = program()
    entries = ours.get("ledger").json()["data"]
    assert [(each["amount"], each["balance"]) for each in entries] == [
        ("0.000001", "1.000001"),
        ("1.00", "1.00"),
    ]
    assert harbor.get(f"ledger?account={world.northside.id}").json()["data"] == entries
    assert ours.get("balance").json() == harbor.get(f"balance?account={world.northside.id}").json()
    assert harbor.get("balance").json()["billed"] is False
    page = ours.get("ledger?limit=1").json()
    assert ours.get(f"ledger?limit=1&cursor={page['next_cursor']}").json()["data"] == entries[1:]


def test_usage_is_told_by_day_and_destination_to_both_sides(
    world: World, harbor, program, work, send
):
    bill(world.northside.account, balance=100 * CENT)
    fax = send(world.northside, "+12025550100", pages=2)
    work.run_to_end()
    ours = program()
    used = ours.get("usage").json()
    assert (used["total"]["faxes"], used["total"]["pages_sent"]) == (1, 2)
    (day,) = used["days"]
    (destination,) = used["destinations"]
    assert day["charged"] == destination["charged"] == used["total"]["charged"]
    span = f"from={day['day']}&until={day['day']}"
    assert ours.get(f"usage?{span}").json()["days"] == used["days"]
    assert ours.get(f"usage?month={day['day'][:7]}").json() == used
    assert ours.get("usage?month=2020-02").json()["days"] == []
    below = harbor.get(f"usage?account={world.northside.id}").json()
    assert below["total"] == used["total"]
    charge = next(each for each in ours.get("ledger").json()["data"] if each["kind"] == "charge")
    assert charge["fax_id"] == str(fax.pk)
    assert LedgerEntry.rows.filter(pk=charge["id"], amount__lt=0).exists()
    seen = harbor.get(f"ledger?account={world.northside.id}")
    assert str(fax.pk) not in seen.content.decode()
    longer_than_a_year = "from=2020-01-01&until=2026-01-01"
    one_day = f"from={day['day']}"
    for wrong in (
        "month=2026",
        "month=0001-01",
        one_day,
        longer_than_a_year,
        f"month=2026-01&{span}",
    ):
        assert ours.get(f"usage?{wrong}").status_code == 400


def test_numbers_are_brought_in_given_out_and_taken_back(world: World, harbor):
    lines = ["+1 617 555 0130", world.northside.number, "abc, def", world.redwood.number]
    told = harbor.post("numbers/import", {"numbers": lines}).json()
    assert told["imported"] == 1
    assert [each["result"] for each in told["lines"]] == ["new", "in_use", "unreadable", "taken"]
    (free,) = harbor.get("numbers/pool?free=true").json()["data"]
    assert (free["number"], free["faxbox_id"]) == ("+16175550130", None)

    given = {"number_ids": [free["id"]], "account_id": str(world.northside.id)}
    unclear = harbor.post("numbers/assign", given | {"faxbox_id": str(world.lakeside.faxbox.pk)})
    assert (unclear.status_code, unclear.json()["param"]) == (422, "faxbox_id")
    (now,) = harbor.post("numbers/assign", given).json()["data"]
    assert now["faxbox_id"] == str(world.northside.faxbox.pk)
    theirs = harbor.get(f"numbers/pool?account={world.northside.id}&limit=1").json()
    assert (theirs["has_more"], len(theirs["data"])) == (True, 1)
    behind = harbor.get(
        f"numbers/pool?account={world.northside.id}&cursor={theirs['next_cursor']}"
    ).json()["data"]
    assert {theirs["data"][0]["number"], behind[0]["number"]} == {
        world.northside.number,
        "+16175550130",
    }
    back = harbor.post("numbers/take-back", {"number_ids": [free["id"]]})
    assert back.json()["data"] == [{**free, "held_since": back.json()["data"][0]["held_since"]}]
    summits = Number.rows.get(account=world.redwood.account)
    chosen = {"number_ids": [str(summits.pk)]}
    for path, wanted in (("take-back", chosen), ("assign", given | chosen)):
        taken = harbor.post(f"numbers/{path}", wanted)
        assert (taken.status_code, taken.json()["code"]) == (422, "numbers_changed")


def test_customers_have_nothing_that_only_providers_have(world: World, program):
    asking = program()
    nowhere = asking.get("nowhere").json()
    for path in PROVIDING:
        answer = asking.get(path.format(world.northside.id))
        assert answer.status_code == 404
        assert {**answer.json(), "request_id": ""} == {**nowhere, "request_id": ""}


def test_a_token_for_faxes_alone_neither_makes_accounts_nor_reads_money(world: World, program):
    asking = program(world.harbor.admin, Scope.FAXES_WRITE)
    for path in ("accounts", "numbers/pool", "ledger", "balance", "usage", "audit", "tokens"):
        assert asking.get(path).status_code == 403
    assert asking.post("accounts", {"name": "x"}).status_code == 403
