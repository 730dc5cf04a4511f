"""The checker of the books fails when they are wrong: each way to cook them is found out."""
# ruff: noqa: S608 (the SQL is all ours)

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.books import Books
from tests.faults.portal import Portal

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
SENT, CAME = "direction = 'outbound'", "direction = 'inbound'"
LONG_AGO = "2000-01-01 00:00:00"


@pytest.fixture(scope="module")
def honest(portals: Callable[..., Portal]) -> Portal:
    """A portal at rest, after a fax from one account to another."""
    portal = portals()
    worker = portal.worker()
    portal.submit({"tenant": "northside", "to": "+13125550122"})
    portal.wait_idle(120)
    portal.stop(worker)
    return portal


@pytest.fixture
def cooked(honest: Portal, tmp_path: Path) -> Portal:
    """A copy of it, to be falsified."""
    shutil.copytree(honest.data, tmp_path / "data")
    return Portal(tmp_path / "data")


def test_honest_books_are_in_order(honest):
    assert Books.read(honest.data).faults() == []


def _copy(table: str, where: str, retries: str = "NULL", **changes: str) -> Callable[[Portal], str]:
    """SQL that doubles a row, with some columns changed; ``retries`` are allowed."""

    def build(portal: Portal) -> str:
        portal.rows(f"UPDATE faxes_fax SET retries = {retries}")
        columns = [row[1] for row in portal.rows(f"PRAGMA table_info({table})")]
        changed = {"id": "lower(hex(randomblob(16)))", **changes}
        values = ", ".join(changed.get(column, column) for column in columns)
        return f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {where} LIMIT 1"

    return build


WAYS: list[tuple[str | Callable[[Portal], str], str]] = [
    (f"UPDATE faxes_fax SET state = 'queued' WHERE {SENT}", "its timeline ends with 'delivered'"),
    ("DELETE FROM faxes_event WHERE to_state = 'sending'", "its timeline has gaps"),
    ("UPDATE faxes_event SET to_state = 'received' WHERE to_state = 'queued'", "moved from"),
    (f"UPDATE faxes_fax SET tries = 2 WHERE {SENT}", "has 2 tries, numbered [1]"),
    ("UPDATE faxes_attempt SET number = 2", "has 1 tries, numbered [2]"),
    (
        _copy("faxes_attempt", "1", number="2", key="'again'", retries="0"),
        "was tried 2 times, 1 are allowed",
    ),
    ("UPDATE faxes_attempt SET outcome = 'busy'", "delivered by tries [], should be by [1]"),
    ("UPDATE faxes_attempt SET state = 'calling'", "under way are tries [1], should be []"),
    ("UPDATE faxes_attempt SET ended_at = NULL", "has ended by halves"),
    (
        _copy("faxes_attempt", "1", number="2", key="'again'", carrier_ref="'again'"),
        "delivered by tries [1, 2]",
    ),
    (_copy("faxes_attempt", "1", number="2", key="'again'"), "serves 2 tries"),
    (_copy("faxes_fax", CAME, carrier_ref="'elsewhere'"), "no try brought it"),
    (_copy("faxes_fax", CAME, carrier_id="'other'"), "arrived 2 times"),
    (f"DELETE FROM faxes_fax WHERE {CAME}", "which arrived as []"),
    (f"UPDATE faxes_fax SET state = 'failed' WHERE {CAME}", "which arrived as ['failed']"),
    (f"UPDATE faxes_fax SET pages = 7 WHERE {CAME}", "has 7 pages of 1"),
    (f"UPDATE faxes_fax SET to_number = '+1' WHERE {CAME}", "went from and to other numbers"),
    (f"UPDATE faxes_fax SET state = 'queued', wake_at = NULL WHERE {SENT}", "nobody will ever"),
    (
        f"UPDATE faxes_fax SET state = 'queued', wake_at = '{LONG_AGO}' WHERE {SENT}",
        "should have been woken",
    ),
    (
        f"UPDATE faxes_fax SET state = 'preparing', lease_until = '{LONG_AGO}' WHERE {SENT}",
        "a lease lies open",
    ),
    ("DELETE FROM faxes_document WHERE role = 'rendered'", "has the documents {'source': 1}"),
    ("DELETE FROM faxes_document WHERE role = 'source'", "no row needs it"),
    ("UPDATE faxes_document SET sha256 = 'x' WHERE role = 'received'", "document has changed"),
]


@pytest.mark.parametrize(("sql", "complaint"), WAYS, ids=[complaint for _, complaint in WAYS])
def test_cooked_books_are_found_out(cooked, sql, complaint):
    cooked.rows(sql(cooked) if callable(sql) else sql)
    assert any(complaint in fault for fault in Books.read(cooked.data).faults())


def test_a_missing_object_is_found_out(cooked):
    [(key,)] = cooked.rows("SELECT key FROM faxes_document WHERE role = 'received'")
    (cooked.documents / key).unlink()
    assert any("document is missing" in fault for fault in Books.read(cooked.data).faults())


def test_a_changed_object_and_a_key_of_nothing_are_found_out(cooked):
    [(key,)] = cooked.rows("SELECT key FROM faxes_document WHERE role = 'received'")
    with (cooked.documents / key).open("r+b") as file:
        file.write(b"changed")
    assert any("document has changed" in fault for fault in Books.read(cooked.data).faults())
    (cooked.documents / key).unlink()
    assert any("opens nothing" in fault for fault in Books.read(cooked.data).faults())


def test_a_stray_object_is_found_out(cooked):
    (cooked.documents / "t" / "stray").write_bytes(b"a page")
    assert Books.read(cooked.data).faults() == ["object t/stray: no row needs it"]


def test_a_stray_object_that_is_noted_has_its_hour_and_no_more(cooked):
    (cooked.documents / "t" / "stray").write_bytes(b"a page")
    cooked.rows("INSERT INTO faxes_erasure (key, due_at) VALUES ('t/stray', '2999-01-01 00:00:00')")
    assert Books.read(cooked.data).faults() == []
    cooked.rows("UPDATE faxes_erasure SET due_at = ?", LONG_AGO)
    assert any("should have been destroyed" in fault for fault in Books.read(cooked.data).faults())


def test_a_second_result_is_found_out(cooked):
    with (cooked.data / "journal").open("a") as journal:
        journal.write((cooked.data / "journal").read_text())
    assert any("was called 2 times" in fault for fault in Books.read(cooked.data).faults())


def test_a_delivery_without_a_call_is_found_out(cooked):
    cooked.rows("UPDATE faxes_attempt SET key = 'x'")
    assert any("without a call" in fault for fault in Books.read(cooked.data).faults())


def test_what_waits_in_the_lines_book_may_come_yet_and_what_is_not_there_never_will(cooked):
    [(ref,)] = cooked.rows("SELECT carrier_ref FROM faxes_attempt")
    cooked.rows(f"DELETE FROM faxes_fax WHERE {CAME}")

    def lost() -> list[str]:
        found = Books.read(cooked.data).faults(at_rest=False)
        return [each for each in found if "which arrived" in each or "been fetched" in each]

    assert any("which arrived as []" in each for each in lost())
    call = {"id": UUID(ref).hex, "key": UUID(int=1).hex, "state": "done", "caller": "",
            "called": "", "earlier_calls": 0, "station": "{}", "quality": "fine", "pages_total": 1,
            "first_page": 1, "document_key": "", "tenant_number": 1, "placed_at": LONG_AGO,
            "dials": 1, "hang_up": 0, "phase": "", "pages_done": 1, "pages_received": 1,
            "progress": "{}", "received_key": "k", "settled": 1, "fetched": 0,
            "done_at": str(datetime.now(UTC))}  # fmt: skip
    columns, marks = ", ".join(call), ", ".join("?" * len(call))
    cooked.rows(f"INSERT INTO faxes_linecall ({columns}) VALUES ({marks})", *call.values())
    assert lost() == []
    cooked.rows("UPDATE faxes_linecall SET done_at = ?", LONG_AGO)
    assert any("should have been fetched" in each for each in lost())
    cooked.rows("UPDATE faxes_linecall SET fetched = 1")
    assert any("which arrived as []" in each for each in lost())
