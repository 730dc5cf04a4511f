"""Fills a PostgreSQL database with accounts and faxes as a year of use would leave them.

Every row is made by the server itself, in the order of time, so that the rows of all accounts lie
mixed as in a real table. Keys are made of a time and a number, so that what belongs together is
found without looking. Indexes are made when all rows are there.
"""

import time
from typing import Any

import psycopg
from psycopg import sql

DAYS = 365
WAITING = 100  # faxes that are due, at any size
WORDS, READ = 120, 4_000  # words on the pages of so many of the big account's faxes
PORTION = 250_000
_FILLED = (
    "faxes_fax",
    "faxes_attempt",
    "faxes_event",
    "faxes_document",
    "faxes_faxnote",
    "faxes_contact",
    "faxes_pageword",
    "accounts_ledgerentry",
    "accounts_dayusage",
)
_EMPTY = {
    "boolean": "false",
    "jsonb": "{}",
    "timestamp with time zone": "now",
    "character varying": "",
    "text": "",
}
_LISTS = {"notify", "notify_sms", "page_facts"}
_KEY = """
CREATE OR REPLACE FUNCTION pg_temp.key(at timestamptz, kind text, n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
    || '7000a' || kind || lpad(to_hex(n), 12, '0'))::uuid $$
"""
_MADE = """
CREATE TEMP TABLE made AS
SELECT n, at, a.id AS account, a.boxes[1 + (n / 7) %% 4] AS box, owner, n %% 10 < 7 AS sent,
  pg_temp.key(at, '000', n) AS id,
  CASE WHEN n %% 10 >= 7 THEN 'received' WHEN n > %(faxes)s - %(waiting)s THEN 'queued'
    ELSE (ARRAY['delivered','delivered','delivered','delivered','delivered','delivered',
      'delivered','delivered','failed','canceled'])[1 + (n / 50) %% 10] END AS state,
  '+1202' || 2000000 + n * 7919 %% %(numbers)s * 1013 %% 7999993 AS other,
  1 + n %% 5 AS pages
FROM (SELECT n,
    %(now)s::timestamptz - interval '365 days' * (1 - n::float8 / %(faxes)s) AS at,
    CASE WHEN (n / 30) %% %(share)s = 0 THEN 0
      ELSE 1 + abs(hashint8(n)::bigint) %% (%(accounts)s - 1) END AS owner
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) f
JOIN bench_account a ON a.number = owner
ORDER BY n
"""
# For each table its rows, by column: all that a column must have and is not told, is empty.
_ROWS = {
    "faxes_fax": """
SELECT id, account AS account_id, box AS faxbox_id,
  CASE WHEN sent THEN 'outbound' ELSE 'inbound' END AS direction, state,
  CASE state WHEN 'failed' THEN 'busy' WHEN 'canceled' THEN 'canceled' WHEN 'queued' THEN ''
    ELSE 'delivered' END AS outcome,
  CASE WHEN sent THEN '+12025550121' ELSE other END AS from_number,
  CASE WHEN sent THEN other ELSE '+12025550121' END AS to_number,
  CASE WHEN NOT sent THEN '' ELSE
    (ARRAY['Referral','Lab results','Prescription','Insurance claim','Discharge'])[1 + n %% 5]
    || ' for ' || (ARRAY['Ellis','Okafor','Nguyen','Haddad','Larsen','Moreau','Castillo',
      'Ishikawa','Byrne'])[1 + n %% 9] || ' ' || n END AS subject,
  CASE WHEN sent THEN '' ELSE (ARRAY['ELLIS','OKAFOR','NGUYEN','HADDAD','LARSEN','MOREAU',
      'CASTILLO'])[1 + n %% 7] || ' CLINIC' END AS remote_station_id,
  'fine' AS quality, 'letter' AS paper, pages, pages AS pages_done, 1 AS tries, id AS batch_id,
  'api' AS origin, at AS created_at,
  CASE WHEN sent THEN NULL ELSE carrier END AS carrier_id,
  CASE WHEN sent THEN NULL ELSE 'bench-' || n END AS carrier_ref,
  CASE WHEN state = 'queued' THEN at END AS due_at,
  CASE WHEN state = 'queued' THEN at END AS wake_at,
  CASE WHEN state <> 'queued' THEN at + interval '1 minute' END AS finished_at,
  CASE WHEN NOT sent THEN at + interval '1 minute' + n * interval '1 microsecond' END
    AS received_at,
  CASE WHEN NOT sent AND n < %(faxes)s * 0.9999 - 200 THEN at END AS read_at, true AS keep_documents
FROM made, (SELECT id AS carrier FROM faxes_carrier LIMIT 1) c
""",
    "faxes_attempt": """
SELECT pg_temp.key(at, '001', n) AS id, pg_temp.key(at, '001', n) AS key, account AS account_id,
  id AS fax_id, 1 AS number, 'ended' AS state, other AS to_number, carrier AS carrier_id,
  CASE state WHEN 'failed' THEN 'busy' ELSE 'delivered' END AS outcome,
  'bench-' || n AS carrier_ref, at + interval '5 s' AS started_at,
  at + interval '50 s' AS ended_at, 'page' AS phase, pages AS pages_sent, 31.5 AS line_seconds,
  14400 AS bit_rate, true AS ecm, 'T.6' AS compression, '204x196' AS resolution, 1 AS first_page
FROM made, (SELECT id AS carrier FROM faxes_carrier LIMIT 1) c
WHERE sent AND state IN ('delivered', 'failed')
""",
    "faxes_event": """
SELECT pg_temp.key(at + step * interval '9 s', to_hex(16 + step) || '0', n) AS id,
  account AS account_id, id AS fax_id, at + step * interval '9 s' AS at,
  CASE WHEN step = 0 THEN '' ELSE moves[step] END AS from_state, moves[step + 1] AS to_state,
  'submitted' AS because
FROM (SELECT *, CASE WHEN NOT sent THEN ARRAY['receiving', 'received']
    WHEN state = 'queued' THEN ARRAY['preparing', 'queued']
    ELSE ARRAY['preparing', 'queued', 'sending', state] END AS moves FROM made) m,
  generate_series(0, 3) step
WHERE step < array_length(moves, 1)
""",
    "faxes_document": """
SELECT pg_temp.key(at, '00' || role_no, n) AS id, account AS account_id, id AS fax_id,
  CASE WHEN NOT sent THEN 'received' WHEN role_no = 2 THEN 'source' ELSE 'rendered' END AS role,
  CASE WHEN sent AND role_no = 2 THEN 'letter-' || n || '.pdf' ELSE '' END AS name,
  CASE WHEN role_no = 2 AND sent THEN 'application/pdf' ELSE 'image/tiff' END AS media_type,
  't/' || replace(account || '/' || pg_temp.key(at, '00' || role_no, n), '-', '') AS key,
  20000 * pages AS size, repeat('0', 64) AS sha256, pages, at AS created_at
FROM made, generate_series(2, 3) role_no WHERE sent OR role_no = 2
""",
    "faxes_faxnote": """
SELECT pg_temp.key(at, '004', n) AS id, account AS account_id, id AS fax_id,
  'Called ' || n || ' back' AS text, at
FROM made WHERE n %% 40 = 0
""",
    "faxes_contact": """
SELECT pg_temp.key(at, '005', n) AS id, account AS account_id, 'Okafor ' || n AS name,
  other AS number, 'okafor ' || n AS key, at AS created_at, at AS updated_at
FROM made WHERE n %% 100 = 0
""",
    "accounts_ledgerentry": """
SELECT pg_temp.key(at, '006', n) AS id, account AS account_id, n AS number, 'charge' AS kind,
  -1000 AS amount, 1000000000 AS posted_after, 0 AS held_after, 'charge/' || id AS key,
  id AS fax_id, date_trunc('month', at)::date AS month, at, 'bench' AS by
FROM made WHERE state = 'delivered'
""",
}
_USAGE = """
SELECT gen_random_uuid() AS id, a.id AS account_id, (%(now)s::timestamptz)::date - back AS day,
  direction, destination, 5 AS faxes, 9 AS pages, 100 AS seconds, 500 AS charged
FROM bench_account a, generate_series(0, 90) back, unnest(ARRAY['outbound', 'inbound']) direction,
  unnest(ARRAY['1', '1202']) destination
"""
_PAGE_WORDS = """
SELECT f.id AS fax_id, f.account_id,
  CASE WHEN i < 2 THEN hashint8extended(i, hashint8(f.n)) WHEN i %% 2 = 0 THEN
    hashint8(f.n * 131 + i)::bigint & 127 ELSE 128 + (hashint8(f.n * 131 + i)::bigint & 8191) END
    AS digest
FROM (SELECT id, account_id, row_number() OVER (ORDER BY id DESC) AS n FROM faxes_fax
    WHERE account_id = %(big)s ORDER BY id DESC LIMIT %(read)s) f, generate_series(1, %(words)s) i
ON CONFLICT DO NOTHING
"""


def fill(
    address: str, accounts: list[tuple[Any, list[Any]]], faxes: int, *, one: int
) -> dict[str, Any]:
    """Make so many faxes of these accounts (ids, and of their fax machines); ``one`` has so many.

    Returns how many rows each table has, and how many bytes in tables and in indexes.
    """
    began = time.monotonic()
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as server:
        facts = {
            "faxes": faxes,
            "waiting": WAITING * 10 // 7,
            "share": max(2, faxes // one),
            "numbers": max(10, faxes // 1000),
            "accounts": len(accounts),
            "now": server.execute("SELECT now()").fetchone()[0],  # type: ignore[index]
            "big": accounts[0][0],
            "read": min(READ, one // 2),
            "words": WORDS,
        }
        server.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        server.execute(_KEY)
        server.execute("CREATE TEMP TABLE bench_account (number bigint, id uuid, boxes uuid[])")
        with server.cursor().copy("COPY bench_account FROM STDIN") as copy:
            for number, (key, boxes) in enumerate(accounts):
                copy.write_row((number, key, boxes))
        server.execute("ANALYZE bench_account")
        indexes = _without_indexes(server)
        for first in range(1, faxes + 1, PORTION):
            part = facts | {"first": first, "last": min(first + PORTION - 1, faxes)}
            server.execute(_MADE, part)
            for table, rows in _ROWS.items():
                _insert(server, table, rows, part)
            server.execute("DROP TABLE made")
        _insert(server, "accounts_dayusage", _USAGE, facts)
        for statement in indexes:
            server.execute(statement)
        _insert(server, "faxes_pageword", _PAGE_WORDS, facts)
        server.execute("VACUUM (ANALYZE)")
        return {"seconds": round(time.monotonic() - began), "tables": sizes(server)}


def sizes(server: psycopg.Connection[Any]) -> dict[str, dict[str, int]]:
    """Rows and bytes of each table that is filled."""
    told = {}
    for table in _FILLED:
        found = server.execute(
            "SELECT reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class"
            " WHERE oid = %s::regclass",
            [table],
        ).fetchone()
        assert found is not None  # noqa: S101
        told[table] = dict(zip(("rows", "table", "indexes"), found, strict=True))
    return told


def _without_indexes(server: psycopg.Connection[Any]) -> list[Any]:
    """Remove the indexes that hold nothing but order; what makes them anew."""
    found = server.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid"
        " LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid"
        " WHERE k.oid IS NULL AND NOT i.indisunique AND i.indrelid = ANY(%s::regclass[])",
        [list(_FILLED)],
    ).fetchall()
    for name, _ in found:
        server.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [definition for _, definition in found]


def _insert(server: psycopg.Connection[Any], table: str, rows: str, facts: dict[str, Any]) -> None:
    """Put in what a query tells, and beside it what no column may lack."""
    columns = server.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    ).fetchall()
    rows, _, conflict = rows.partition("ON CONFLICT")
    probe = sql.SQL("SELECT * FROM ({}) r LIMIT 0").format(sql.SQL(rows))
    told = [each.name for each in server.execute(probe, facts).description or ()]
    left = [(name, kind) for name, kind in columns if name not in told]
    empty = [
        sql.SQL("{}::{}").format("[]" if name in _LISTS else _EMPTY.get(kind, "0"), sql.SQL(kind))
        for name, kind in left
    ]
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM ({}) r {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, [*told, *(name for name, _ in left)])),
        sql.SQL(", ").join([*map(sql.Identifier, told), *empty]),
        sql.SQL(rows),
        sql.SQL("ON CONFLICT" + conflict if conflict else ""),
    )
    server.execute(statement, facts)
