"""Today's page: figures that match their lists, what needs a hand, money, machines, first steps."""

import re
import time
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.ids import id_at
from accounts.models import Membership
from accounts.roles import Role
from accounts.services import money
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax
from faxes.portal import charts
from faxes.queries import today as queries
from faxes.services.next_try import try_no_more
from tests.accounts.money import CENT, bill, provider_of
from tests.many import copies

GOOD, NOT_IN_SERVICE = "+12025550100", "+12025550108"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def rows(tenant, count, *, ago=timedelta(minutes=1), **facts):
    """Faxes of a tenant, as they stand in the database."""
    at = clock.now() - ago
    return Fax.objects.bulk_create(
        [
            Fax(
                id=id_at(at, seed=number.to_bytes(10, "big")),
                account=tenant.account,
                faxbox=tenant.faxbox,
                created_at=at,
                finished_at=at,
                quality=Quality.FINE,
                paper=Paper.LETTER,
                **{
                    "direction": Direction.OUTBOUND,
                    "state": FaxState.DELIVERED,
                    "from_number": tenant.number,
                    "to_number": GOOD,
                    "pages": 1,
                    **facts,
                },
            )
            for number in range(count)
        ],
        batch_size=2000,
    )


def test_the_figures_of_today_are_those_of_the_lists_that_they_lead_to(world, work, send, visit):
    with time_machine.travel(datetime(2026, 3, 10, 15, tzinfo=UTC), tick=True):
        send(world.northside, GOOD)
        work.run_to_end()
    with time_machine.travel(datetime(2026, 3, 11, 15, tzinfo=UTC), tick=True):
        send(world.northside, NOT_IN_SERVICE)
        send(world.northside, GOOD)
        send(world.northside, GOOD)
        send(world.lakeside, world.northside.number)
        work.run_to_end()
        send(world.northside, GOOD)
        visitor = visit(world.northside)
        page = visitor.get("today")
        links = re.findall(r'class="tile-link" href="([^"]+)"', page.content.decode())
        found = [
            visitor.client.get(each.replace("&amp;", "&"))
            .content.decode()
            .count('class="row-link"')
            for each in links
        ]
        counts = [
            int(each) for each in re.findall(r"<strong>(\d+)</strong>", page.content.decode())
        ]
    assert counts[:4] == found == [1, 2, 1, 1]


def test_what_was_put_away_is_counted_and_shown_in_the_list_that_a_figure_leads_to(world, visit):
    with time_machine.travel(datetime(2026, 3, 11, 15, tzinfo=UTC), tick=True):
        rows(world.northside, 2, archived_at=clock.now())
        failed = {"state": FaxState.FAILED, "archived_at": clock.now()}
        rows(world.northside, 1, ago=timedelta(minutes=2), **failed)
        visitor = visit(world.northside)
        page = visitor.get("today").content.decode()
        links = re.findall(r'class="tile-link" href="([^"]+)"', page)
        lists = [visitor.client.get(each.replace("&amp;", "&")).content.decode() for each in links]
    counts = [int(each) for each in re.findall(r"<strong>(\d+)</strong>", page)][:4]
    assert counts == [each.count('class="row-link"') for each in lists] == [0, 2, 1, 0]
    assert lists[1].count(">Archived</span>") == 2


def test_a_day_begins_at_midnight_where_the_account_is(world, work, send, visit):
    with time_machine.travel(datetime(2026, 3, 11, 3, tzinfo=UTC), tick=True):  # 23:00 in New York
        send(world.northside, GOOD)
        work.run_to_end()
        assert "1 delivered" in text_of(visit(world.northside).get("today"))
    with time_machine.travel(datetime(2026, 3, 11, 5, tzinfo=UTC), tick=True):
        assert "0 delivered" in text_of(visit(world.northside).get("today"))


def test_what_failed_can_be_sent_again_from_here_and_is_then_settled(world, work, send, visit):
    failed = send(world.northside, NOT_IN_SERVICE, subject="Referral")
    work.run_to_end()
    visitor = visit(world.northside)
    page = visitor.get("today")
    again = visitor.address("fax-resend", fax=failed.pk)
    assert "Referral" in text_of(page)
    assert f'action="{again}"' in page.content.decode()
    assert visitor.client.post(again).status_code == 302
    assert "Nothing. Every fax" in text_of(visitor.get("today"))
    work.run_to_end()  # in vain once more: the copy needs a hand, not what it was copied from
    page = visitor.get("today").content.decode()
    assert again not in page
    assert page.count('class="hand"') == 1


def test_what_somebody_stopped_between_two_tries_needs_no_hand(world, work, send, visit, settings):
    settings.RETRY_SCALE = 1
    busy = send(world.northside, "+12025550101")
    work.run()
    try_no_more(world.northside.admin, fax_id=busy.pk, seen=1)
    page = visit(world.northside).get("today")
    assert "1 not delivered" in text_of(page)
    assert "Nothing. Every fax" in text_of(page)


def test_what_failed_longer_ago_than_a_week_or_came_in_whole_needs_no_hand(world, visit):
    rows(world.northside, 1, ago=timedelta(days=8), state=FaxState.FAILED)
    rows(
        world.northside,
        1,
        direction=Direction.INBOUND,
        state=FaxState.RECEIVED,
        outcome=Outcome.DELIVERED,
    )
    assert "Nothing. Every fax" in text_of(visit(world.northside).get("today"))


def test_an_arrival_that_broke_off_is_shown_until_somebody_reads_it(world, visit):
    (fax,) = rows(
        world.northside,
        1,
        direction=Direction.INBOUND,
        state=FaxState.RECEIVED,
        outcome=Outcome.NO_ANSWER,
    )
    visitor = visit(world.northside)
    page = visitor.get("today")
    assert "Came in incomplete" in text_of(page)
    assert "/resend/" not in page.content.decode()  # it was not sent from here
    visitor.post("fax-read", {"read": "1"}, fax=fax.pk)
    assert "Came in incomplete" not in text_of(visitor.get("today"))


def test_who_only_looks_is_offered_nothing_to_send(world, visit):
    rows(world.northside, 1, state=FaxState.FAILED)
    for role, offered in ((Role.MEMBER, True), (Role.VIEWER, False)):
        page = visit(world.northside, role).get("today").content.decode()
        assert 'class="hand"' in page
        assert ("/resend/" in page) is offered


def test_a_restricted_machine_is_not_told_of_to_who_does_not_use_it(world, visit):
    rows(world.northside, 1, state=FaxState.FAILED)
    world.northside.faxbox.restricted = True
    world.northside.faxbox.save()
    page = text_of(visit(world.northside, Role.MEMBER).get("today"))
    assert "Nothing. Every fax" in page
    assert world.northside.faxbox.name not in page
    assert "0 not delivered" in page


def test_pages_and_money_are_told_to_administrators_only(world, work, send, visit):
    bill(world.northside.account, balance=500 * CENT, low_balance=490 * CENT)
    send(world.northside, GOOD, pages=2)
    work.run_to_end()
    told = text_of(visit(world.northside).get("today"))
    assert "2 sent" in told
    assert "4.80 USD to spend now" in told
    assert "The balance is low" in told
    for role in (Role.MEMBER, Role.VIEWER):
        page = visit(world.northside, role).get("today").content.decode()
        assert "USD" not in page
        assert "<rect" not in page


def test_the_balance_of_each_day_is_what_the_ledger_said_then(world, work, send, visit):
    seller = provider_of(world.northside.account)
    days = datetime(2026, 2, 20, 15, tzinfo=UTC)
    with time_machine.travel(days, tick=True):
        bill(world.northside.account, balance=500 * CENT)
        send(world.northside, GOOD, pages=2)
        work.run_to_end()
    with time_machine.travel(days + timedelta(days=5), tick=True):
        money.adjust(
            seller, account_id=world.northside.id, amount=-100 * CENT, key="k", note="a mistake"
        )
    with time_machine.travel(days + timedelta(days=10), tick=True):
        send(world.northside, GOOD, pages=1)
        work.run_to_end()
        told = text_of(visit(world.northside).get("today"))
    for line in (
        "Thu, 19 Feb 0 0 0.00 USD",
        "Fri, 20 Feb 2 0 4.80 USD",
        "Tue, 24 Feb 0 0 4.80 USD",
        "Wed, 25 Feb 0 0 3.80 USD",
        "Mon, 2 Mar 1 0 3.70 USD",
    ):
        assert line in told


def test_charts_stand_on_their_ground_and_never_leave_it():
    bars = charts.bars([{"sent": 3, "received": 1}, {"sent": 0, "received": 0}])
    assert bars.top == 5
    assert [(each.series, each.y, each.height) for each in bars.pieces] == [
        ("sent", "48.0", "72.0"),
        ("received", "24.0", "24.0"),
    ]
    assert charts.bars([]).pieces == []
    line = charts.line([100, -100], mark=50)
    assert (line.points, line.zero, line.mark) == ("0.0,0.0 600.0,120.0", "60.0", "30.0")
    assert charts.line([0, 0]).points == "0.0,120.0 600.0,120.0"


def test_first_steps_are_ticked_off_by_what_was_done_and_can_be_put_away(world, work, send, visit):
    visitor = visit(world.northside)
    told = text_of(visitor.get("today"))
    assert "First steps 3 of 5 done" in told  # a number, colleagues, a cover page
    send(world.northside, GOOD)
    assert "First steps 4 of 5 done" in text_of(visitor.get("today"))
    assert "First steps" not in text_of(visit(world.northside, Role.MEMBER).get("today"))
    assert visitor.post("today-steps-away").status_code == 302
    assert "First steps" not in text_of(visitor.get("today"))
    assert Membership.objects.filter(steps_put_away_at__isnull=False).count() == 1


def test_nothing_is_left_to_put_away_once_all_is_done(world, visit, monkeypatch):
    monkeypatch.setattr(queries, "steps_done", lambda *_: frozenset(queries.Step))
    assert "First steps" not in text_of(visit(world.northside).get("today"))


def test_it_takes_as_many_queries_for_many_faxes_as_for_few(world, visit):
    visitor = visit(world.northside)
    bill(world.northside.account, balance=500 * CENT)
    rows(world.northside, 1, state=FaxState.FAILED)
    visitor.get("today")
    few, _ = _cost(visitor)
    rows(world.northside, 20, ago=timedelta(minutes=2), state=FaxState.FAILED)
    rows(world.northside, 20, ago=timedelta(minutes=3))
    many, _ = _cost(visitor)
    assert many == few == 33


def test_a_hundred_thousand_faxes_are_told_of_as_quickly_as_a_few(world, visit):
    rows(world.northside, 20, ago=timedelta(hours=1), state=FaxState.FAILED)
    them = [visit(world.northside, role) for role in (Role.ADMIN, Role.MEMBER)]
    few = [_cost(each)[1] for each in them]
    copies(rows(world.northside, 1)[0], 100_000)
    many = [_cost(each)[1] for each in them]
    told = text_of(them[0].get("today"))
    assert "more than 999 + delivered" in told
    for one, other in zip(few, many, strict=True):
        assert other < 1.5 * one + 0.01, f"{other * 1000:.0f} ms after {one * 1000:.0f} ms"


def _cost(visitor):
    """Queries of the page, and what it takes of the processor at best."""
    times = []
    for _ in range(9):
        begun = time.process_time()
        with CaptureQueriesContext(connection) as asked:
            visitor.get("today")
        times.append(time.process_time() - begun)
    return len(asked), min(times)
