"""What millions of faxes need: indexes that lead, and none that only cost."""

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.ids import new_id
from accounts.models import LedgerEntry
from accounts.scoping import Actor
from faxes.models import Attempt, Document, Event, Fax, FaxNote
from faxes.queries import fax_ids, fax_words
from faxes.queries.fax_ids import FaxFilter, first_ids
from faxes.queries.page_words import Sought
from tests.faxes.test_list_filters import make
from tests.world import World

BIG = (Fax, Attempt, Event, Document, LedgerEntry)
MANY = 2000
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")


@pytest.mark.parametrize("model", BIG)
def test_no_index_of_a_big_table_is_the_beginning_of_another(world, model: type[models.Model]):
    whole = [
        tuple(each["columns"])
        for name, each in constraints_of(model).items()
        if (each["index"] or each["unique"]) and name not in narrowed(model)
    ]
    for one in whole:
        assert not [other for other in whole if other != one and other[: len(one)] == one]


def test_what_was_sent_is_in_no_index_of_what_nobody_has_read(world):
    condition = next(each for each in Fax._meta.indexes if each.name == "fax_unread").condition
    assert dict(condition.children) == {"read_at__isnull": True, "state": "received"}


def test_a_search_finds_what_lies_far_behind_as_what_is_near(world: World, monkeypatch):
    tenant = world.northside
    wanted = make(tenant, subject="Xylophone for Ellis")
    noted, filed = make(tenant), make(tenant, to_number="+12025550177")
    FaxNote.objects.create(account=tenant.account, fax=noted, text="a xylophone", at=clock.now())
    Document.objects.create(
        account=tenant.account,
        fax=filed,
        role="source",
        name="My-Xylophone.pdf",
        media_type="application/pdf",
        key="none",
        size=1,
        sha256="",
        pages=1,
    )
    make(world.lakeside, subject="Xylophone")
    for _ in range(4):
        make(tenant)
    monkeypatch.setattr(fax_ids, "NEAR", 2)
    for each in (True, False):
        asked = FaxFilter(q="xyloPHONE", oldest_first=each)
        assert set(ids(tenant.admin, asked)) == {wanted.pk, noted.pk, filed.pk}
    assert ids(tenant.admin, FaxFilter(q="xylophone ellis")) == [wanted.pk]
    assert ids(tenant.admin, FaxFilter(q="2025550177")) == [filed.pk]
    assert ids(tenant.admin, FaxFilter(q="+1202-5550177")) == [filed.pk]
    assert ids(tenant.admin, FaxFilter(q="lli")) == [wanted.pk]
    assert ids(tenant.admin, FaxFilter(q="ll")) == [wanted.pk]


@ON_POSTGRESQL
def test_a_search_asks_the_same_few_times_and_an_index_of_words_leads_to_what_is_rare(
    world: World, monkeypatch
):
    tenant = world.northside
    monkeypatch.setattr(fax_ids, "NEAR", 2)
    counts = set()
    for _ in range(2):
        for number in range(20):
            make(tenant, subject=f"Letter {number}")
        with CaptureQueriesContext(connection) as captured:
            ids(tenant.admin, FaxFilter(q="xylophone", direction="outbound"))  # type: ignore[arg-type]
        counts.add(len(captured))
    assert counts == {4}  # the account's key of words, the edge of the nearest, these, the rest
    one = make(tenant)
    many = [copied(one) for _ in range(MANY)]
    Fax.rows.bulk_create(many)
    file = {"role": "source", "media_type": "application/pdf", "size": 1, "pages": 1}
    Document.rows.bulk_create(
        Document(account=tenant.account, fax=fax, name="Letter.pdf", key=f"{fax.pk}", **file)
        for fax in many
    )
    led = fax_words.in_question(tenant.admin, [Sought("xylophone")])
    assert led is not None
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE faxes_fax, faxes_document")  # or new rows wait beside it
        statement, given = led.query.sql_with_params()
        cursor.execute(f"EXPLAIN {statement}", given)
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "fax_words" in plan
    assert "document_words" in plan


def copied(fax: Fax) -> Fax:
    """Another fax like it."""
    same = {each.attname: getattr(fax, each.attname) for each in Fax._meta.concrete_fields}
    return Fax(**{**same, "id": new_id()})


def ids(actor: Actor, shown: FaxFilter) -> list[Any]:
    return first_ids(actor, shown, behind=None, size=31)


def constraints_of(model: type[models.Model]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        return dict(connection.introspection.get_constraints(cursor, model._meta.db_table))


def narrowed(model: type[models.Model]) -> set[str]:
    """Indexes of some rows only, or of words."""
    told = [*model._meta.indexes, *model._meta.constraints]
    some = {each.name for each in told if getattr(each, "condition", None) is not None}
    return some | {"fax_words", "document_words", "note_words"}
