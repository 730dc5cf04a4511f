"""A portal in production is struck for a while: work goes on each time, and the books are right.

``FAULTS_SECONDS`` makes it longer; ``make faults`` is an hour of it. Afterwards its books are
falsified, each time in a copy: the checkers find all of it.
"""
# ruff: noqa: S608 (the SQL is all ours)

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.faults.books import Books
from tests.faults.production.column import DATABASE
from tests.faults.production.conduct import Ran, ran
from tests.faults.production.money import money_faults
from tests.faults.production.report import table
from tests.faults.production.witness import answers_kept, messages_arrived
from tests.faults.sources import Servers

SECONDS = float(os.environ.get("FAULTS_SECONDS", "30"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
pytestmark = [pytest.mark.faults, pytest.mark.timeout(SECONDS + 3600)]
LONG_AGO = "2000-01-01"
LONG = 150.0
SENT, CAME = "direction = 'outbound'", "direction = 'inbound'"
Complain = Callable[[Servers, Ran], list[str]]


@pytest.fixture(scope="module")
def struck() -> Iterator[Ran]:
    """The run, with its servers still there."""
    told: list[str] = []
    with ran(seed=SEED, minutes=SECONDS / 60, say=told.append, patience=10) as run:
        print("\n".join(told), table(run.outcome), sep="\n")  # noqa: T201 (shown on failure)
        yield run


def test_work_goes_on_and_the_books_are_in_order(struck):
    assert struck.outcome.wrong == []
    assert struck.outcome.faults > 0
    assert struck.outcome.faxes["delivered"] > 0
    assert struck.outcome.faxes["received"] > 0


@pytest.fixture
def cooked(struck: Ran) -> Iterator[Servers]:
    """Its books as a copy, to be falsified."""
    server = struck.portal.backing.postgresql
    server.execute("postgres", "DROP DATABASE IF EXISTS cooked WITH (FORCE)")
    server.execute("postgres", f"CREATE DATABASE cooked TEMPLATE {DATABASE}")
    yield replace(struck.portal.source, database=server.url("cooked"))
    server.execute("postgres", "DROP DATABASE cooked WITH (FORCE)")


def cook(source: Servers, sql: str) -> None:
    """Change rows without anybody asking whether that makes sense."""
    with psycopg.connect(source.database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        changed = connection.execute(sql.encode())
        assert changed.rowcount > 0, "nothing was falsified"


def books(source: Servers, run: Ran) -> list[str]:
    found = Books.read(source, parted=run.told.parted)
    return [*found.faults(), *(f"object {key}: no row needs it" for key in found.orphans())]


def money(source: Servers, _run: Ran) -> list[str]:
    return money_faults(source)


def answers(source: Servers, run: Ran) -> list[str]:
    return list(answers_kept(source, run.told))


def messages(source: Servers, run: Ran) -> list[str]:
    return list(messages_arrived(source, run.receiver.seen, run.secrets))


ONE = "id = (SELECT id FROM faxes_fax WHERE state = 'delivered' ORDER BY id DESC LIMIT 1)"
ARRIVED = "id = (SELECT id FROM faxes_fax WHERE state = 'received' ORDER BY id DESC LIMIT 1)"
ITS_TRY = f"fax_id = (SELECT id FROM faxes_fax WHERE {ONE}) AND outcome = 'delivered'"
LAST = "id = (SELECT id FROM accounts_ledgerentry WHERE kind = 'charge' ORDER BY id DESC LIMIT 1)"
ITS_PRICE = f"fax_id = (SELECT id FROM faxes_fax WHERE {ARRIVED}) AND key LIKE 'received/%'"
WAYS: list[tuple[Complain, str, str]] = [
    (books, f"UPDATE faxes_fax SET state = 'queued' WHERE {ONE}", "its timeline ends with"),
    (books, "DELETE FROM faxes_event WHERE to_state = 'sending'", "its timeline has gaps"),
    (
        books,
        "UPDATE faxes_event SET to_state = 'received' WHERE to_state = 'queued'",
        "moved from",
    ),
    (books, f"UPDATE faxes_fax SET tries = tries + 1 WHERE {ONE}", "tries, numbered"),
    (books, f"UPDATE faxes_attempt SET outcome = 'busy' WHERE {ITS_TRY}", "delivered by tries []"),
    (books, f"UPDATE faxes_attempt SET state = 'calling' WHERE {ITS_TRY}", "under way are tries"),
    (books, f"UPDATE faxes_attempt SET ended_at = NULL WHERE {ITS_TRY}", "has ended by halves"),
    (books, f"DELETE FROM faxes_fax WHERE {ARRIVED}", "which is not there"),
    (books, f"UPDATE faxes_fax SET pages = 99 WHERE {ARRIVED}", "has 99 pages of"),
    (books, f"UPDATE faxes_fax SET to_number = '+1' WHERE {ARRIVED}", "to other numbers"),
    (
        books,
        f"UPDATE faxes_fax SET state = 'queued', wake_at = NULL WHERE {ONE}",
        "nobody will ever",
    ),
    (
        books,
        f"UPDATE faxes_fax SET state = 'queued', lease_until = '{LONG_AGO}' WHERE {ONE}",
        "a lease lies open",
    ),
    (books, "DELETE FROM faxes_document WHERE role = 'received'", "no row needs it"),
    (books, "UPDATE faxes_document SET sha256 = 'x'", "document has changed"),
    (books, "UPDATE faxes_document SET key = key || 'x'", "document is missing"),
    (money, f"UPDATE accounts_ledgerentry SET amount = 1 WHERE {LAST}", "do not add up"),
    (money, f"DELETE FROM accounts_ledgerentry WHERE {LAST}", "entries of"),
    (money, "UPDATE accounts_charge SET cost = cost + 1 WHERE billed", "charged were"),
    (
        money,
        f"UPDATE faxes_attempt SET pages_sent = pages_sent + 1 WHERE {ITS_TRY}",
        "its tries come to",
    ),
    (money, "UPDATE accounts_charge SET settled_at = NULL", "held"),
    (
        money,
        f"UPDATE accounts_ledgerentry SET key = 'x/' || key WHERE {ITS_PRICE}",
        "came in and was charged 0 times",
    ),
    (money, "DELETE FROM accounts_charge", "without a charge"),
    (answers, f"DELETE FROM faxes_fax WHERE {ONE}", "was taken and is lost"),
    (
        messages,
        "DELETE FROM accounts_webhookmessage WHERE type = 'fax.delivered'",
        "was told by 0 messages",
    ),
    (
        messages,
        "UPDATE accounts_webhookmessage SET state = 'pending' WHERE sequence = 1",
        "is pending",
    ),
    (messages, "UPDATE accounts_webhookmessage SET id = gen_random_uuid()", "never came"),
    (
        messages,
        "UPDATE accounts_webhookmessage SET sequence = sequence + 9999 WHERE sequence > 2",
        "without a gap",
    ),
]


# All of them after a long run; else some of each kind, as tests of the books are beside this.
CHOSEN = WAYS if SECONDS >= LONG else WAYS[3::6]


@pytest.mark.parametrize(("checker", "sql", "complaint"), CHOSEN, ids=[each[2] for each in CHOSEN])
def test_what_is_falsified_is_found_out(struck, cooked, checker, sql, complaint):
    cook(cooked, sql)
    assert any(complaint in fault for fault in checker(cooked, struck))


def test_an_object_that_is_lost_and_one_that_nobody_needs_are_found_out(struck):
    source = struck.portal.source
    [[key]] = struck.portal.rows("SELECT key FROM faxes_document WHERE role = 'received' LIMIT 1")
    whole = source.stream(key).read()
    source.client.delete_object(Bucket=source.bucket, Key=key)
    source.client.put_object(Bucket=source.bucket, Key="t/stray", Body=b"a page")
    found = books(source, struck)
    source.client.delete_object(Bucket=source.bucket, Key="t/stray")
    source.client.put_object(Bucket=source.bucket, Key=key, Body=whole)
    assert any("document is missing" in fault for fault in found)
    assert "object t/stray: no row needs it" in found


def test_an_answer_that_was_another_the_second_time_is_found_out(struck):
    told = struck.told
    first, second = list(told.faxes)[:2]
    both = {**told.faxes, first: told.faxes[first] | told.faxes[second]}
    found = list(answers_kept(struck.portal.source, replace(told, faxes=both)))
    assert any("was answered with" in fault for fault in found)
    assert any("was told under two keys" in fault for fault in found)


def test_a_message_that_came_changed_is_found_out(struck):
    each = struck.receiver.seen[-1]
    body = each.body.replace(b'"type"', b'"kind"')
    found = messages_arrived(
        struck.portal.source, [*struck.receiver.seen, replace(each, body=body)], struck.secrets
    )
    assert any("wrong signature" in fault for fault in found)
