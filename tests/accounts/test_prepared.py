"""Prepared queries: they find what Django's own would, at this moment, and only that."""

import threading
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Account, Balance, DayCount
from accounts.prepared import Prepared


def test_a_prepared_query_finds_what_the_query_itself_finds(world):
    def of(keys, name):
        rows = Account.objects.select_related("parent").annotate(same=F("name"))
        return rows.filter(pk__in=keys).exclude(name=name).order_by("name")

    prepared = Prepared(of)
    keys = [world.redwood.id, world.northside.id, world.lakeside.id]
    for wanted, name in ((keys, "nobody's"), (keys[::-1], world.redwood.account.name), ([], "")):
        found, real = prepared.rows(keys=wanted, name=name), list(of(wanted, name))
        assert found == real
        assert [vars(each.parent) for each in found if each.parent] != [] or not found
        assert [each.same for each in found] == [each.name for each in real]
        for one, other in zip(found, real, strict=True):
            mine, theirs = (
                {name: value for name, value in vars(each).items() if name != "_state"}
                for each in (one, other)
            )
            assert mine == theirs
    assert len(prepared.rows(keys=keys + [uuid4() for _ in range(50)], name="")) == len(keys)


def test_each_time_the_database_is_asked(world):
    prepared = Prepared(lambda key: Account.objects.filter(pk=key).values_list("name", flat=True))
    key = world.northside.id
    assert prepared.first(key=key) == world.northside.account.name
    Account.objects.filter(pk=key).update(name="Renamed")
    assert prepared.first(key=key) == "Renamed"
    assert prepared.first(key=uuid4()) is None


def test_dates_and_numbers_are_filled_in(world):
    prepared = Prepared(
        lambda account, day, pages: DayCount.objects.for_account(account).filter(
            day=day, pages__gte=pages
        )
    )
    for day, pages in ((1, 3), (2, 5)):
        DayCount.rows.create(account=world.northside.account, day=date(2026, 3, day), pages=pages)
    account = world.northside.id
    for day, pages in ((2, 5), (1, 3)):
        found = prepared.first(account=account, day=date(2026, 3, day), pages=pages)
        assert found
        assert found.pages == pages
    assert prepared.first(account=account, day=date(2026, 3, 1), pages=4) is None
    assert prepared.first(account=world.redwood.id, day=date(2026, 3, 1), pages=3) is None


def test_threads_ask_on_connections_of_their_own(world):
    prepared = Prepared(lambda key: Account.objects.filter(pk=key))
    found = []

    def ask():
        found.append(prepared.first(key=world.northside.id))
        connection.close()

    with transaction.atomic():
        Account.objects.filter(pk=world.northside.id).update(name="Not committed")
        here = prepared.first(key=world.northside.id)
        assert here
        assert here.name == "Not committed"
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert found[0]
    assert found[0].name == world.northside.account.name


def test_what_changes_a_value_on_its_way_is_refused(world):
    prepared = Prepared(lambda name: Account.objects.filter(name__contains=name))
    with pytest.raises(TypeError):
        prepared.rows(name=world.northside.account.name)


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="nothing is locked")
def test_rows_are_locked_in_transactions_only(world):
    prepared = Prepared(
        lambda key: Balance.objects.for_account(key).select_for_update(of=("self",))
    )
    with transaction.atomic():
        prepared.rows(key=world.northside.id)
    with pytest.raises(transaction.TransactionManagementError):
        prepared.rows(key=world.northside.id)
