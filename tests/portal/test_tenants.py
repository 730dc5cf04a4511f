"""The list of a reseller's tenants: found, filtered, page by page, quick with many, too."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEntry, Balance, Billing, Status
from accounts.services import tenants as work
from faxes.models import Number
from tests.accounts.money import CENT, bill
from tests.portal.tenants import Desk, in_pool, many_below, names, reseller_below
from tests.world import World


@pytest.fixture
def harbor(world: World) -> Desk:
    return Desk(world.harbor)


def queries_of(desk, query=""):
    desk.get("tenants", query)  # what is asked once a session is not the list's
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert desk.get("tenants", query).status_code == 200
    return len(asked)


def test_the_front_door_of_a_reseller_is_the_list_of_its_tenants(world, harbor):
    answer = harbor.client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == harbor.address("tenants")
    assert names(answer) == ["Lakeside Law", "Northside Clinic"]
    assert "+1 202-555-0121" in answer.content.decode()


def test_a_page_asks_as_often_for_two_hundred_tenants_as_for_ten(world, harbor, settings):
    many_below(world.harbor.account, 10, seller=world.harbor)
    few = {query: queries_of(harbor, query) for query in ("", "?q=T", "?low=1&status=active")}
    many_below(world.harbor.account, 190, seller=world.harbor)
    for query, count in few.items():
        assert queries_of(harbor, query) == count, query
    assert max(few.values()) <= 25


def test_pages_follow_each_other_without_gaps_whoever_comes_and_goes_meanwhile(world, harbor):
    many_below(world.harbor.account, 120, seller=world.harbor)
    first = harbor.get("tenants")
    cursor = first.context["page"].next_cursor
    last = first.context["page"].rows[-1].account
    work.rename(world.harbor.admin, account_id=world.lakeside.id, name="AAA comes in before")
    Account.objects.filter(name="T 0100").update(status=Status.ERASED)
    seen = names(first)
    while cursor:
        page = harbor.get("tenants", f"?cursor={cursor}")
        seen += names(page)
        cursor = page.context["page"].next_cursor
    assert last.name < seen[50]
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, key=str.lower)
    assert "T 0100" not in seen
    assert len(seen) == 121
    assert harbor.get("tenants", "?cursor=nonsense").status_code == 422


def test_a_list_tells_how_many_there_are_without_counting_all(world, harbor):
    many_below(world.harbor.account, 60, seller=world.harbor)
    assert "62 tenants" in harbor.get("tenants").content.decode()
    assert "more than 50" in harbor.get("tenants", "?q=T").content.decode()
    assert "1 tenant " in " ".join(harbor.get("tenants", "?q=Lakeside").content.decode().split())


def test_names_are_sorted_as_people_do(world, harbor):
    for account, name in ((world.lakeside, "alpha"), (world.northside, "Beta")):
        work.rename(world.harbor.admin, account_id=account.id, name=name)
    assert names(harbor.get("tenants")) == ["alpha", "Beta"]


def test_a_search_reaches_the_whole_subtree_by_name_realm_and_number(world, harbor):
    coast = reseller_below(world.harbor, "Coast Fax")
    deep = many_below(coast, 1, seller=world.harbor)[0]
    Number.rows.filter(account=deep).update(e164="+442071838750")
    for q in ("t 00", deep.realm[:12], "+44 20 7183", "7183 8750"):
        assert names(harbor.get("tenants", f"?q={q.replace('+', '%2B')}")) == ["T 0000"], q
    assert "T 0000" not in names(harbor.get("tenants"))
    below = harbor.get("tenants", f"?below={coast.pk}")
    assert names(below) == ["T 0000"]
    assert "Tenants of Coast Fax" in below.content.decode()
    assert names(harbor.get("tenants", "?q=Redwood")) == []
    assert names(harbor.get("tenants", "?q=4155550123")) == [], "another reseller's number"


def test_filters_narrow_by_status_kind_and_low_balance(world, harbor):
    bill(world.northside.account, balance=5 * CENT, low_balance=6 * CENT)
    bill(world.lakeside.account, balance=50 * CENT, low_balance=6 * CENT)
    work.suspend(world.harbor.admin, account_id=world.lakeside.id)
    coast = reseller_below(world.harbor, "Coast Fax")
    assert names(harbor.get("tenants", "?low=1")) == ["Northside Clinic"]
    assert names(harbor.get("tenants", "?status=suspended")) == ["Lakeside Law"]
    assert names(harbor.get("tenants", "?kind=reseller")) == [coast.name]
    work.close(world.harbor.admin, account_id=world.lakeside.id)
    assert names(harbor.get("tenants", "?status=closed")) == ["Lakeside Law"]
    assert len(names(harbor.get("tenants", "?status=nonsense&below=x"))) == 3


def test_low_means_the_same_in_the_list_and_in_its_filter(world, harbor):
    for account in many_below(world.harbor.account, 6, seller=world.harbor):
        place = int(account.name[-1])
        Billing.rows.filter(account=account).update(
            mode="postpaid" if place % 2 else "prepaid", credit_limit=4, low_balance=10
        )
        Balance.rows.filter(account=account).update(posted=7 + place, held=place // 2)
    rows = harbor.get("tenants").context["page"].rows
    low = [row.account.name for row in rows if row.funds and row.funds.low]
    assert names(harbor.get("tenants", "?low=1")) == low
    assert 0 < len(low) < 6


def test_what_is_below_a_suspended_reseller_is_told_as_suspended(world, harbor):
    coast = reseller_below(world.harbor, "Coast Fax")
    many_below(coast, 1, seller=world.harbor)
    work.suspend(world.harbor.admin, account_id=coast.pk)
    row = harbor.get("tenants", f"?below={coast.pk}").context["page"].rows[0]
    assert (row.account.status, row.status) == ("active", "suspended")


def test_the_list_as_csv_holds_all_rows_harmless_to_spreadsheets(world, harbor):
    many_below(world.harbor.account, 210, seller=world.harbor)
    work.rename(world.harbor.admin, account_id=world.lakeside.id, name="=SUM(A1)")
    answer = harbor.get("tenants-csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 212
    assert rows[0]["name"] == "'=SUM(A1)"
    assert rows[-1] | {"id": "", "realm": "", "created": "", "plan": ""} == {
        "id": "", "name": "T 0209", "realm": "", "kind": "customer", "status": "active",
        "parent": "Harbor Communications", "numbers": "1", "plan": "", "mode": "prepaid",
        "currency": "USD", "balance": "0.00001", "pages_sent": "0", "pages_received": "0",
        "charged": "0.00", "created": "",
    }  # fmt: skip
    assert AuditEntry.objects.filter(action="tenants.export", account_id=world.harbor.id).exists()
    narrowed = b"".join(harbor.get("tenants-csv", "?q=T+0209").streaming_content).decode()
    assert len(narrowed.splitlines()) == 2


def test_a_customer_or_anothers_tenant_is_not_there(world, harbor):
    for tenant in (world.redwood.id, world.summit.id, world.harbor.id, world.platform.id):
        assert harbor.get("tenant", tenant=tenant).status_code == 404
        assert harbor.get("tenants", f"?below={tenant}").status_code in {200, 404}
    assert harbor.get("tenants", f"?below={world.summit.id}").status_code == 404
    assert harbor.get("tenants", f"?below={world.northside.id}").status_code == 404
    assert Desk(world.northside).get("tenants").status_code == 404


def test_numbers_that_lie_in_a_pool_count_for_their_reseller(world, harbor):
    coast = reseller_below(world.harbor, "Coast Fax")
    in_pool(world.harbor, "+16175550131")
    Number.rows.filter(e164="+16175550131").update(account=coast)
    row = harbor.get("tenants", "?q=Coast").context["page"].rows[0]
    assert (row.number, row.numbers) == ("+16175550131", 1)
