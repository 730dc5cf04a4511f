"""Arrivals are told in an order in which nothing turns up behind what was told."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Account, Status
from faxes.models import ArrivalMark, Fax
from faxes.queries.arrivals import ArrivalFilter
from faxes.services import closing
from faxes.services.arrivals import list_arrivals, place
from faxes.services.privacy import delete_fax, strip_fax
from tests.databases import require_led
from tests.faxes.arrived import come_in, very_many

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALL = ArrivalFilter()


@pytest.fixture
def clinic(world):
    return world.northside


def listed(tenant, *, shown=ALL, behind=None, size=1000, actor=None):
    page = list_arrivals(actor or tenant.admin, shown=shown, behind=behind, size=size)
    return [fax.pk for fax in page.faxes], page.behind


def told_at(fax):
    fax.refresh_from_db()
    return fax.received_at


def test_faxes_count_as_received_when_they_ended_if_nothing_later_was_told(clinic):
    now = clock.now()
    second, first = come_in(clinic, now - MINUTE, now - HOUR)
    assert listed(clinic) == ([first.pk, second.pk], None)
    assert (told_at(first), told_at(second)) == (now - HOUR, now - MINUTE)


def test_one_that_was_committed_an_hour_late_comes_behind_all_that_were_told(clinic):
    now = clock.now()
    told = come_in(clinic, now - MINUTE)[0]
    listed(clinic)
    late = come_in(clinic, now - HOUR)[0]
    (in_time,) = come_in(clinic, now)
    ids, _ = listed(clinic)
    assert ids == [told.pk, late.pk, in_time.pk]
    assert told_at(told) < told_at(late) < told_at(told) + timedelta(milliseconds=1)
    assert told_at(in_time) == now


def test_a_clock_that_is_ahead_holds_up_nobody(clinic):
    (ahead,) = come_in(clinic, clock.now() + timedelta(days=400))
    listed(clinic)
    assert told_at(ahead) <= clock.now()
    now = clock.now()
    (after,) = come_in(clinic, now)
    listed(clinic)
    assert told_at(after) == now


def test_the_order_outlasts_what_was_told(clinic):
    now = clock.now()
    newest = come_in(clinic, now)[0]
    listed(clinic)
    told = told_at(newest)
    delete_fax(clinic.admin, fax_id=newest.pk)
    late = come_in(clinic, now - HOUR)[0]
    assert listed(clinic)[0] == [late.pk]
    assert told_at(late) > told


def test_pages_miss_nothing_that_comes_or_goes_meanwhile(clinic):
    now = clock.now()
    faxes = come_in(clinic, *(now - MINUTE * each for each in range(10, 0, -1)))
    first, behind = listed(clinic, size=4)
    assert first == [fax.pk for fax in faxes[:4]]
    late = come_in(clinic, now - HOUR)[0]
    for gone in (faxes[3], faxes[4]):  # that by which the list goes on, too
        delete_fax(clinic.admin, fax_id=gone.pk)
    second, behind = listed(clinic, behind=behind, size=4)
    third, end = listed(clinic, behind=behind, size=4)
    assert second + third == [fax.pk for fax in faxes[5:]] + [late.pk]
    assert end is None


def test_times_and_numbers_narrow_a_list(clinic, world):
    now = clock.now().replace(microsecond=0)
    other = "+12025550199"
    early, late = come_in(clinic, now - HOUR, now - MINUTE)
    (elsewhere,) = come_in(clinic, now - MINUTE, to_number=other)
    assert listed(clinic, shown=ArrivalFilter(since=now - HOUR, before=now - MINUTE))[0] == [
        early.pk
    ]
    assert set(listed(clinic, shown=ArrivalFilter(since=now - MINUTE))[0]) == {
        late.pk,
        elsewhere.pk,
    }
    assert listed(clinic, shown=ArrivalFilter(number=other))[0] == [elsewhere.pk]
    assert listed(world.lakeside) == ([], None)


def test_stripped_faxes_stay_and_those_of_certain_people_are_theirs(clinic):
    fax = come_in(clinic, clock.now())[0]
    strip_fax(clinic.admin, fax_id=fax.pk)
    type(clinic.faxbox).rows.filter(pk=clinic.faxbox.pk).update(restricted=True)
    assert listed(clinic, actor=clinic.viewer) == ([], None)
    assert listed(clinic)[0] == [fax.pk], "it was told to nobody else, and is told now"


def test_who_asks_at_once_gives_each_fax_one_time(clinic):
    very_many(clinic, 50)
    seen = []

    def ask():
        seen.append(listed(clinic)[0])
        connection.close()

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert len(seen[0]) == 50
    assert all(each == seen[0] for each in seen)


def test_ten_thousand_cost_a_list_no_more_than_ten(clinic):
    counted = []
    for count in (10, 10_000):
        very_many(clinic, count)
        began = time.thread_time()
        place(clinic.id)
        assert time.thread_time() - began < 2
        _, behind = listed(clinic, size=5)
        for where in (None, behind):
            began = time.thread_time()
            with CaptureQueriesContext(
                connection,
            ) as asked:
                listed(clinic, behind=where, size=50)
            assert time.thread_time() - began < 0.1
            counted.append(len(asked))
            assert not [each for each in asked if each["sql"].startswith(("UPDATE", "INSERT"))]
    assert set(counted) == {2}
    # how the database looks for what was not told, and for what was
    account = f"SELECT id FROM faxes_fax WHERE account_id = '{clinic.id.hex}' AND"  # noqa: S608 (an id)
    untold, told = f"{account} received_at IS NULL", f"{account} received_at IS NOT NULL"
    behind_one = "received_at >= '2026-01-01 00:00:00' ORDER BY received_at, id"
    require_led(f"{untold} AND state = 'received'", by="fax_untold")
    require_led(f"{told} AND {behind_one}", by="fax_received")


def test_the_mark_goes_with_its_account(clinic, work):
    come_in(clinic, clock.now())
    listed(clinic)
    assert ArrivalMark.rows.filter(account=clinic.account).exists()
    Account.objects.filter(pk=clinic.id).update(status=Status.CLOSED, erase_at=clock.now())
    closing.wind_up(clinic.id)
    assert not ArrivalMark.rows.filter(account=clinic.account).exists()
    assert not Fax.rows.filter(account=clinic.account).exists()
