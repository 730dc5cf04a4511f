"""Lists through the API cost the same however many faxes there are: so many queries, each led."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.ids import new_id
from faxes import paging
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax, FaxMetadata
from tests.databases import require_led
from tests.world import Tenant, World

HERE, THERE = "+12025550121", "+12025550100"
# Whose token it is, the maker's role, what is left of the limit, the faxes of the page; and the ids
# by each of the lists that are merged.
ALWAYS = 4
QUESTIONS = {
    "": 2,
    "direction=inbound": 1,
    "status=failed": 2,
    "status=failed,canceled": 4,
    "direction=outbound&status=delivered,failed": 2,
    "number=%2B12025550100": 2,
    "faxbox={fax.faxbox_id}": 1,
    "faxbox={fax.faxbox_id}&status=failed": 2,
    "batch={fax.batch_id}": 1,
    "created_from=2020-01-01T00:00:00Z&created_until=2100-01-01T00:00:00Z": 2,
    "metadata[case]=7": 1,
    "metadata[case]=7&metadata[kind]=x&direction=outbound": 1,
    "unread=true": 1,
    "cursor={cursor}": 2,
}


def make(tenant: Tenant, count: int) -> Fax:
    """Faxes of all sorts; one from their middle."""
    batch, faxes = new_id(), []
    for number in range(count):
        out = number % 3 > 0
        state = (FaxState.RECEIVED, FaxState.DELIVERED, FaxState.FAILED)[number % 3]
        faxes.append(
            Fax(
                id=new_id(),
                account=tenant.account,
                direction=Direction.OUTBOUND if out else Direction.INBOUND,
                state=state,
                outcome=Outcome.DELIVERED,
                faxbox=tenant.faxbox,
                from_number=HERE if out else THERE,
                to_number=THERE if out else HERE,
                quality=Quality.FINE,
                paper=Paper.LETTER,
                pages=1,
                batch_id=batch,
                created_at=clock.now(),
                metadata={"case": "7", "kind": "x"},
            )
        )
    Fax.objects.bulk_create(faxes)
    FaxMetadata.objects.bulk_create(
        FaxMetadata(account=tenant.account, fax=each, key=key, value=value)
        for each in faxes
        for key, value in each.metadata.items()
    )
    return faxes[count // 2]


def asked(program: Any, query: str) -> tuple[int, list[dict[str, str]]]:
    """How many faxes a page has, and what was asked of the database for it."""
    program.get("faxes?limit=1")  # takes a slice of the limit, and notes the token's use
    with CaptureQueriesContext(connection) as captured:
        answer = program.get(f"faxes?limit=10&{query}")
    assert answer.status_code == 200, answer.content
    return len(answer.json()["data"]), captured.captured_queries


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_page_takes_the_same_few_queries_however_many_faxes_and_reads_no_others(
    program, world: World, still: None, query
):
    asking = program()
    for count in (3, 60):
        fax = make(world.northside, count)
        for sort in ("-created_at", "created_at"):
            written = query.format(fax=fax, cursor=paging.encode(fax.pk))
            found, queries = asked(asking, f"{written}&sort={sort}")
            assert found
            assert len(queries) == ALWAYS + QUESTIONS[query]
            lists = [each["sql"] for each in queries if " LIMIT 11" in each["sql"]]
            assert len(lists) == QUESTIONS[query]
            for each in lists:
                require_led(each)
