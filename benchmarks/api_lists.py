"""Lists of an account with a million faxes beside those of one with a thousand; for bench_api.

Both are in one database, and are asked by turns through the real view: every filter that an index
leads, the first page, one in the middle and the last one, from either end.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

FEW, MANY = 1_000, 1_000_000
ROUNDS = 15
MOST = 1.2  # times as much as with a thousand
DAYS = 365
PAGE = 30
_WRITTEN = "%Y-%m-%dT%H:%M:%SZ"

# A row a number: state, time, ends and faxbox by its remainders, so that each value is in both
# accounts often enough for a page, and in the larger one far more often.
_FAXES = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count),
f AS (
  SELECT i, :first + i * :step AS at, i % 10 < 7 AS out,
    CASE WHEN i % 10 >= 7 THEN 'received'
      WHEN i >= :count - 20 THEN 'queued'
      WHEN i % 10 = 3 THEN 'failed' WHEN i % 10 = 5 AND i % 20 = 5 THEN 'canceled'
      ELSE 'delivered' END AS state,
    printf('+1202%07d', (i / 10) % :numbers) AS other
  FROM n
)
INSERT INTO faxes_fax (
  id, account_id, direction, state, outcome, error_code, error_params, faxbox_id, from_number,
  to_number, subject, message, quality, paper, pages, pages_done, remote_station_id, tries,
  batch_id, origin, metadata, webhook_url, notify, keep_documents, prepare_tries, created_at,
  finished_at, read_at
)
SELECT printf('%012x7%03x8%015x', at, i % 4096, i), :account,
  CASE WHEN out THEN 'outbound' ELSE 'inbound' END, state,
  CASE state WHEN 'delivered' THEN 'delivered' WHEN 'received' THEN 'delivered'
    WHEN 'failed' THEN 'busy' ELSE '' END,
  '', '{}',
  (SELECT id FROM bench_box WHERE number = CASE WHEN (i / 10) % 3 THEN 0 ELSE 1 END),
  CASE WHEN out THEN '+12025550121' ELSE other END,
  CASE WHEN out THEN other ELSE '+12025550121' END,
  'Report ' || i, '', 'fine', 'letter', 1 + i % 5, 1 + i % 5, '', 1,
  printf('%012x70008%015x', :first, i / 40), 'api',
  CASE WHEN i % 5 = 0 THEN printf('{"case": "%d"}', (i / 5) % :cases) ELSE '{}' END,
  '', '[]', 1, 1, strftime('%Y-%m-%d %H:%M:%f', at / 1000.0, 'unixepoch'),
  CASE WHEN state = 'queued' THEN NULL
    ELSE strftime('%Y-%m-%d %H:%M:%f', at / 1000.0 + 60, 'unixepoch') END,
  CASE WHEN out OR i % 3 THEN NULL
    ELSE strftime('%Y-%m-%d %H:%M:%f', at / 1000.0 + 600, 'unixepoch') END
FROM f
"""
_METADATA = """
INSERT INTO faxes_faxmetadata (id, account_id, fax_id, key, value)
SELECT id, account_id, id, 'case', json_extract(metadata, '$.case')
FROM faxes_fax WHERE account_id = :account AND metadata <> '{}'
"""


@dataclass(frozen=True)
class Asked:
    """One list with few faxes and with many: queries, and medians of milliseconds.

    ``cpu`` are those of the processor: other work on the machine changes how long things take, and
    much less what they cost.
    """

    what: str
    queries: tuple[int, int]
    took: tuple[float, float]
    cpu: tuple[float, float]

    @property
    def times(self) -> float:
        """How many times as much the many cost."""
        return self.cpu[1] / self.cpu[0]


def measure() -> dict[str, Any]:
    """Build, ask, print a table; what there is for the report. In a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-lists-") as folder:
        environment = {
            "DJANGO_SETTINGS_MODULE": "faxportal.settings",
            "FAXPORTAL_DATA": folder,
            "FAXPORTAL_DEMO": "1",
            "FAXPORTAL_API_RATE": "0",
            "FAXPORTAL_API_ACCOUNT_RATE": "0",
            "FAXPORTAL_LOG_LEVEL": "ERROR",
        }
        target = Path(folder) / "lists.json"
        subprocess.run(
            [sys.executable, __file__, str(target)],
            env={**os.environ, **environment},
            check=True,
        )
        import json  # noqa: PLC0415

        found: dict[str, Any] = json.loads(target.read_text())
    return found


def build(token: str, count: int) -> UUID:
    """Give the account of a token so many faxes over a year; the account's id."""
    from django.db import connection  # noqa: PLC0415 (only here are we a portal)

    from accounts.services.credentials import credential_for  # noqa: PLC0415
    from faxes.models import Faxbox  # noqa: PLC0415

    credential = credential_for(token)
    assert credential is not None  # noqa: S101
    account = credential.account
    for name in ("Records", "Billing"):
        Faxbox.objects.create(account=account, name=name)
    boxes = Faxbox.objects.for_account(account.pk).order_by("name").values_list("pk", flat=True)
    span = DAYS * 86_400_000
    facts = {
        "account": account.pk.hex,
        "count": count,
        "first": int(time.time() * 1000) - span,
        "step": span // count,
        "numbers": max(10, count // 200),
        "cases": max(5, count // 1000),
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS bench_box (number INTEGER, id TEXT)")
        cursor.execute("DELETE FROM bench_box")
        for number, key in enumerate(boxes):
            cursor.execute("INSERT INTO bench_box VALUES (%s, %s)", [number, key.hex])
        raw = connection.connection.cursor()
        raw.execute(_FAXES, facts)
        raw.execute(_METADATA, facts)
    return account.pk


@contextmanager
def without_indexes() -> Iterator[None]:
    """Have the indexes made when all rows are there, which is quicker by far."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for each in ("synchronous=OFF", "secure_delete=OFF", "cache_size=-600000"):
            cursor.execute(f"PRAGMA {each}")
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('faxes_fax', 'faxes_faxmetadata')"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, statement in indexes:
            cursor.execute(statement)
    connection.close()  # the next one is set up as always


def questions(account: UUID) -> dict[str, str]:
    """Each list by what it is called."""
    from faxes import paging  # noqa: PLC0415
    from faxes.models import Fax, FaxMetadata  # noqa: PLC0415

    rows = Fax.objects.for_account(account).order_by("-id")
    total = rows.count()
    middle, last = (rows[at] for at in (total // 2, total - PAGE - 1))
    oldest = rows.last()
    newest = rows.first()
    assert oldest is not None  # noqa: S101
    assert newest is not None  # noqa: S101
    until = rows[total // 2 - 2 * PAGE].created_at
    since = middle.created_at
    case = FaxMetadata.objects.for_account(account).order_by("id")[total // 20].value
    filters = {
        "all": "",
        "one direction": "direction=inbound",
        "one status": "status=failed",
        "several statuses": "status=failed,canceled",
        "statuses and direction": "direction=outbound&status=delivered,failed",
        "a number": f"number=%2B{middle.other_party.lstrip('+')}",
        "a faxbox": f"faxbox={middle.faxbox_id}",
        "a faxbox and a status": f"faxbox={middle.faxbox_id}&status=failed",
        "a time": f"created_from={since:{_WRITTEN}}&created_until={until:{_WRITTEN}}",
        "metadata": f"metadata[case]={case}",
        "a batch": f"batch={middle.batch_id}",
        "unread": "unread=true",
    }
    asked = {
        "middle page": f"cursor={paging.encode(middle.pk)}",
        "last page": f"cursor={paging.encode(last.pk)}",
        "middle page, oldest first": f"cursor={paging.encode(middle.pk)}&sort=created_at",
        "last page, oldest first": f"cursor={paging.encode(rows[PAGE].pk)}&sort=created_at",
    }
    for what, query in filters.items():
        asked[what] = query
        asked[f"{what}, oldest first"] = f"{query}&sort=created_at"
    return asked


def lister(token: str) -> Callable[[str], Any]:
    """Ask the real view for a list."""
    from django.test import Client  # noqa: PLC0415

    client = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})

    def fetch(query: str) -> Any:
        answer = client.get(f"/api/v1/faxes?{query}")
        if answer.status_code != 200:  # noqa: PLR2004
            raise SystemExit(f"{query}: {answer.status_code} {answer.content!r}")
        return answer.json()["data"]

    return fetch


def ask(what: str, fetches: list[Callable[[], Any]]) -> Asked:
    """Ask both accounts for one list, by turns."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    queries = []
    for fetch in fetches:
        found = len(fetch())
        if found != PAGE:
            raise SystemExit(f"{what}: {found} faxes, not a whole page")
        with CaptureQueriesContext(connection) as captured:
            fetch()
        queries.append(len(captured))
    took: tuple[list[float], list[float]] = ([], [])
    cpu: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for which, fetch in enumerate(fetches):
            began, cost = time.perf_counter(), time.process_time()
            fetch()
            cpu[which].append(1000 * (time.process_time() - cost))
            took[which].append(1000 * (time.perf_counter() - began))
    return Asked(what, (queries[0], queries[1]), _medians(took), _medians(cpu))


def _medians(pair: tuple[list[float], list[float]]) -> tuple[float, float]:
    few, many = (round(median(each), 2) for each in pair)
    return few, many


def main(target: Path) -> None:
    """Within a portal of its own: build both accounts, ask, print, write."""
    import json  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from faxes.services.demo import seed_demo  # noqa: PLC0415

    for name in ("migrate", "createcachetable"):
        call_command(name, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    tokens = {each["name"]: each["api_token"] for each in seed_demo()["accounts"]}
    pair = [tokens["Lakeside Law"], tokens["Northside Clinic"]]
    began = time.monotonic()
    with without_indexes():
        accounts = [build(token, count) for token, count in zip(pair, (FEW, MANY), strict=True)]
    building = time.monotonic() - began
    print(f"{FEW + MANY:,} faxes were made in {building:.0f} s")
    few, many = (questions(each) for each in accounts)
    fetch_few, fetch_many = (lister(token) for token in pair)
    rows = []
    for what in few:
        both = [lambda w=what: fetch_few(few[w]), lambda w=what: fetch_many(many[w])]
        rows.append(ask(what, both))  # type: ignore[arg-type]
    print(f"\nlists of faxes, {FEW:,} and {MANY:,}; ms, and of these of the processor")
    for row in rows:
        same = str(row.queries[0]) if len(set(row.queries)) == 1 else str(row.queries)
        figures = " ".join(f"{each:8.1f}" for each in (*row.took, *row.cpu))
        print(f"{row.what:40} {same:>8} {figures} {row.times:6.2f}x")
    met = all(row.times <= MOST and len(set(row.queries)) == 1 for row in rows)
    print(f"goal: the same queries, and at most {MOST}x the cost: {'met' if met else 'missed'}")
    report = {
        "lists": [asdict(row) for row in rows],
        "built_in_seconds": round(building),
        "met": met,
    }
    target.write_text(json.dumps(report))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main(Path(sys.argv[1]))
