"""Numbers: brought in by lists, given out, taken back, let go; nobody inherits another's faxes."""

import threading
import time
from datetime import datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import AccountNotFound, NotAllowed
from accounts.models import Account, AuditEntry, Kind
from accounts.roles import Role
from accounts.services.tree import create_account
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import RequestError
from faxes.models import Carrier, CarrierKind, Fax, Faxbox, Number
from faxes.queries.numbers import NumberFilter, count_numbers, list_numbers
from faxes.services import exchange, line, number_sheets, numbers, sync
from faxes.services.number_sheets import Fate, read_sheet

FIRST, SECOND = "+16175550130", "+16175550131"


def bring(actor, *e164s):
    numbers.import_numbers(actor, text="\n".join(e164s))
    return [Number.rows.get(e164=each).pk for each in e164s]


@pytest.fixture
def pool(world):
    """Two free numbers of Harbor Communications."""
    return bring(world.harbor.admin, FIRST, SECOND)


def carry_next():
    held = exchange.claim_next()
    assert held is not None
    line.carry(held)


def refused(act, code):
    with pytest.raises(RequestError) as caught:
        act()
    assert caught.value.code == code


def test_a_list_says_line_by_line_what_it_will_do(world, pool):
    bring(world.summit.admin, "+15035550199")
    text = (
        "Number,Carrier\n"
        "(617) 555-0140\n"
        "\n"
        f"{FIRST}\n"
        f"{world.northside.number}\n"
        "+15035550199\n"
        "617-555-0140\n"
        "hello\n"
        "+12025550101\n"
        "+16175550141,Nobody's line\n"
        "+442079460018, embedded LINE\n"
    )
    lines = numbers.check_import(world.harbor.admin, text=text)
    assert [(each.place, each.fate) for each in lines] == [
        (2, Fate.NEW),
        (4, Fate.IN_POOL),
        (5, Fate.IN_USE),
        (6, Fate.TAKEN),
        (7, Fate.TWICE),
        (8, Fate.UNREADABLE),
        (9, Fate.TEST),
        (10, Fate.NO_CARRIER),
        (11, Fate.NEW),
    ]
    assert not Number.rows.filter(e164="+16175550140").exists(), "a dry run"
    numbers.import_numbers(world.harbor.admin, text=text)
    brought = Number.rows.filter(e164__in=["+16175550140", "+442079460018"])
    assert {(each.account, each.faxbox) for each in brought} == {(world.harbor.account, None)}
    told = AuditEntry.objects.filter(account_id=world.harbor.id, action="numbers.import").latest(
        "number"
    )
    assert told.facts == {"numbers": 2}


def test_a_list_has_an_end(world):
    refused(lambda: numbers.check_import(world.harbor.admin, text="Number\n\n"), "numbers_missing")
    refused(
        lambda: numbers.check_import(world.harbor.admin, text="x\n1\n" * 20_001), "too_many_lines"
    )


def test_a_number_comes_by_a_carrier_that_the_account_may_use(world):
    own = Carrier.objects.create(
        account=world.harbor.account, kind=CarrierKind.EMBEDDED, name="Harbor trunk"
    )
    bring(world.harbor.admin, FIRST)
    assert Number.rows.get(e164=FIRST).carrier == own, "its own, where none is named"
    line = numbers.check_import(world.summit.admin, text=f"{SECOND},Harbor trunk")[0]
    assert line.fate == Fate.NO_CARRIER, "and nobody else's"


def e164s():
    return st.integers(100, 999).map(lambda last: f"+1617555{last:04d}")


@given(
    brought=st.sets(e164s(), min_size=1, max_size=9), name=st.text("=+-@',\"\n Line", max_size=9)
)
@settings(max_examples=25)
def test_what_is_written_can_be_read_again(brought, name):
    carrier = Carrier(name=" ".join(name.split()))
    rows = [Number(e164=each, carrier=carrier, account=Account(name=name)) for each in brought]
    text = "".join(number_sheets.written(rows))
    read = number_sheets._read_lines(text, "GB")
    assert [each.number for each in read] == [row.e164 for row in rows]
    assert {each.carrier_name for each in read} == {carrier.name}


def test_given_out_numbers_lead_to_the_only_fax_machine(world, pool):
    count = numbers.assign(world.harbor.admin, number_ids=pool, account_id=world.northside.id)
    assert count == 2
    assert set(Number.rows.filter(pk__in=pool).values_list("faxbox_id", flat=True)) == {
        world.northside.faxbox.pk
    }
    for account in (world.harbor, world.northside):
        entry = AuditEntry.objects.filter(account_id=account.id).latest("number")
        assert (entry.action, entry.facts) == ("numbers.assign", {"numbers": 2})


def test_who_has_several_fax_machines_is_asked_which(world, pool):
    other = Faxbox.objects.create(account=world.northside.account, name="Radiology")

    def give(**more):
        return numbers.assign(
            world.harbor.admin, number_ids=pool, account_id=world.northside.id, **more
        )

    refused(give, ErrorCode.FAXBOX_UNCLEAR)
    refused(lambda: give(faxbox_id=world.lakeside.faxbox.pk), ErrorCode.FAXBOX_UNCLEAR)
    give(faxbox_id=other.pk)
    assert other.numbers.count() == 2


def test_who_has_no_fax_machine_gets_one(world, pool):
    fresh = create_account(
        name="Fresh Dental", kind=Kind.CUSTOMER, realm="fresh.example", parent=world.harbor.account
    )
    numbers.assign(world.harbor.admin, number_ids=pool[:1], account_id=fresh.pk)
    faxbox = Faxbox.objects.for_account(fresh.pk).get()
    assert (faxbox.station_id, faxbox.header) == (FIRST, "Fresh Dental")


def test_a_reseller_below_gets_numbers_into_its_own_pool(world, pool):
    numbers.take_back(world.platform.admin, number_ids=pool)
    assert count_numbers(world.harbor.admin).free == 0
    numbers.assign(world.platform.admin, number_ids=pool, account_id=world.summit.id)
    assert [each.e164 for each in numbers.free_numbers(world.summit.admin)] == [FIRST, SECOND]
    numbers.assign(world.summit.admin, number_ids=pool, account_id=world.redwood.id)
    assert count_numbers(world.summit.admin).free == 0


def test_strangers_and_those_below_cannot_be_given_or_robbed(world, pool):
    theirs = [Number.rows.get(e164=world.redwood.number).pk]
    for account_id in (world.redwood.id, world.platform.id, world.summit.id):
        with pytest.raises(AccountNotFound):
            numbers.assign(world.harbor.admin, number_ids=pool, account_id=account_id)
    for act in (numbers.take_back, numbers.release):
        refused(lambda act=act: act(world.harbor.admin, number_ids=theirs), "numbers_changed")
        refused(lambda act=act: act(world.summit.admin, number_ids=pool), "numbers_changed")
    with pytest.raises(NotAllowed):
        numbers.take_back(world.northside.member, number_ids=pool)
    assert Number.rows.get(pk=theirs[0]).faxbox == world.redwood.faxbox


@pytest.mark.parametrize("_time", range(3))
def test_of_two_who_give_the_same_number_one_wins(world, pool, _time):
    told, ready = [], threading.Barrier(2)

    def give(tenant):
        ready.wait()
        try:
            numbers.assign(world.harbor.admin, number_ids=pool, account_id=tenant.id)
            told.append(tenant.id)
        except RequestError as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=[t]) for t in (world.northside, world.lakeside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(each for each in told if not isinstance(each, ErrorCode))
    assert ErrorCode.NUMBERS_CHANGED in told
    assert set(Number.rows.filter(pk__in=pool).values_list("account_id", flat=True)) == {winner}


def test_two_imports_of_one_number_bring_it_once(world):
    told, ready = [], threading.Barrier(2)

    def bring_it(actor):
        ready.wait()
        try:
            fates = [each.fate for each in numbers.import_numbers(actor, text=FIRST)]
            told.append(str(fates[0]))
        except RequestError as error:
            told.append(error.code.value)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=bring_it, args=[each.admin])
        for each in (world.harbor, world.summit)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("new") == 1
    assert set(told) < {"new", "taken", "numbers_changed"}
    assert Number.rows.filter(e164=FIRST).count() == 1


def test_a_number_in_the_pool_is_not_in_service(world, work, send, pool):
    fax = send(world.lakeside, FIRST, retries="0")
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.DIAL_FAILED)
    assert not Fax.rows.filter(direction="inbound").exists()


def test_the_next_owner_of_a_number_sees_nothing_of_the_last(world, work, send, pool):
    harbor = world.harbor.admin
    numbers.assign(harbor, number_ids=pool[:1], account_id=world.northside.id)
    send(world.lakeside, FIRST)
    work.run_to_end()
    numbers.take_back(harbor, number_ids=pool[:1])
    numbers.assign(harbor, number_ids=pool[:1], account_id=world.lakeside.id)
    arrival = Fax.rows.get(direction="inbound")
    assert arrival.account == world.northside.account, "faxes stay where they are"
    assert not Fax.rows.filter(account=world.lakeside.account, direction="inbound").exists()
    send(world.northside, FIRST)
    work.run_to_end()
    assert Fax.rows.get(account=world.lakeside.account, direction="inbound").to_number == FIRST


def test_a_call_that_waits_is_not_answered_by_the_numbers_next_owner(world, work, send, pool):
    harbor = world.harbor.admin
    numbers.assign(harbor, number_ids=pool[:1], account_id=world.northside.id)
    fax = send(world.lakeside, FIRST, retries="0")
    work.run_jobs()  # placed, not dialled
    refused(lambda: numbers.take_back(harbor, number_ids=pool[:1]), ErrorCode.NUMBER_UNDER_WAY)
    # as if it had been placed at the very moment of the change
    Number.rows.filter(pk=pool[0]).update(
        account=world.redwood.account,
        faxbox=world.redwood.faxbox,
        held_since=datetime.now().astimezone(),
    )
    carry_next()
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.outcome == Outcome.DIAL_FAILED
    assert not Fax.rows.filter(direction="inbound").exists()


def test_what_a_carrier_brings_late_is_not_the_next_owners(world, work, send, pool, monkeypatch):
    """A carrier may keep an arrival while nobody asks, and tell of it when the number has moved."""
    harbor = world.harbor.admin
    numbers.assign(harbor, number_ids=pool[:1], account_id=world.northside.id)
    send(world.lakeside, FIRST)
    work.run_jobs()
    carry_next()
    Number.rows.filter(pk=pool[0]).update(
        account=world.redwood.account,
        faxbox=world.redwood.faxbox,
        held_since=datetime.now().astimezone(),
    )
    sync.sync(Carrier.objects.get().pk)
    assert not Fax.rows.filter(account=world.redwood.account).exists()


def test_what_waits_to_be_sent_from_a_lost_number_ends_unsent(world, work, send):
    [mine] = [Number.rows.get(e164=world.northside.number).pk]
    fax = send(world.northside, "+12025550100")
    numbers.take_back(world.harbor.admin, number_ids=[mine])
    refused(
        lambda: numbers.release(world.harbor.admin, number_ids=[mine]), ErrorCode.NUMBER_UNDER_WAY
    )
    numbers.assign(world.harbor.admin, number_ids=[mine], account_id=world.lakeside.id)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.error_code, fax.tries) == (FaxState.FAILED, "from_number_gone", 0)


def test_a_number_that_is_let_go_can_be_brought_again(world, pool):
    assert numbers.release(world.harbor.admin, number_ids=pool) == 2
    assert not Number.rows.filter(pk__in=pool).exists()
    refused(lambda: numbers.release(world.harbor.admin, number_ids=pool), "numbers_changed")
    bring(world.summit.admin, FIRST)


def test_a_provider_may_use_a_number_itself(world, pool):
    numbers.assign(world.harbor.admin, number_ids=pool[:1], account_id=world.harbor.id)
    assert Faxbox.objects.for_account(world.harbor.id).get().numbers.get().e164 == FIRST


def test_a_list_of_numbers_is_searched_and_read_page_by_page(world, django_assert_num_queries):
    carrier = Carrier.objects.get()
    Number.objects.bulk_create(
        [
            Number(account=world.harbor.account, e164=f"+1617{i:07d}", carrier=carrier)
            for i in range(120)
        ]
    )
    harbor = world.harbor.admin
    with django_assert_num_queries(2):
        page = list_numbers(harbor, NumberFilter())
        assert all((each.account.name, each.faxbox, each.carrier.name) for each in page.numbers)
    seen = [each.e164 for each in page.numbers]
    while page.after:
        page = list_numbers(harbor, NumberFilter(), after=page.after)
        seen += [each.e164 for each in page.numbers]
    assert seen == sorted({*seen})
    assert len(seen) == 122

    def found(**shown):
        return [each.e164 for each in list_numbers(harbor, NumberFilter(**shown)).numbers]

    assert found(q="+1202") == [world.northside.number]
    assert found(q="(312) 555") == [world.lakeside.number]
    assert found(q="northside") == [world.northside.number]
    assert found(free=False) == [world.northside.number, world.lakeside.number]
    assert len(found(free=True)) == 50
    assert found(account_id=world.redwood.id) == []
    assert world.redwood.number not in seen


def test_many_numbers_are_no_trouble(world):
    carrier = Carrier.objects.get()
    Number.objects.bulk_create(
        [
            Number(account=world.harbor.account, e164=f"+1617{i:07d}", carrier=carrier)
            for i in range(20_000)
        ],
        batch_size=5000,
    )
    harbor, summit = world.harbor.admin, world.summit.admin
    began = time.thread_time()
    assert list_numbers(harbor, NumberFilter(q="+16170009"), after="+16170009500").after
    list_numbers(harbor, NumberFilter(q="99999"))
    list_numbers(summit, NumberFilter())
    count_numbers(harbor)
    assert time.thread_time() - began < 1


def test_members_do_not_administer_numbers(world):
    for role in (Role.MEMBER, Role.VIEWER):
        with pytest.raises(NotAllowed):
            numbers.check_import(world.northside.actor(role), text=FIRST)


def test_a_long_list_is_looked_at_in_seconds(world):
    text = "\n".join(f"+1617{i:07d}" for i in range(2_000_000, 2_020_000))
    began = time.thread_time()
    assert len(read_sheet(text, world.harbor.account)) == 20_000
    assert time.thread_time() - began < 15
