"""What searches cost in an account with very many faxes, all of whose pages are read.

``python benchmarks/bench_search.py`` prints a table and writes ``var/bench/search.json``; how many
faxes there are says ``--faxes``. Words are as common as in a language: of each fax some are in half
of all, some in one of a hundred, and a few in no other. Beside each search stands the same without
words on pages, which looks at subjects, numbers, names and notes alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
FAXES, WORDS = 20_000, 150
COMMON, RARE = 120, 12_000  # kinds of words
PORTION = 5_000
ROUNDS = 9
MOST = 3.0  # times the cost of a search without the pages

# Beside three words of its own a fax has as many common ones as rare ones.
_WORDS = """
INSERT OR IGNORE INTO faxes_pageword (account_id, fax_id, digest)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :words)
SELECT :account, f.id, CASE
    WHEN n.i < 3 THEN random()
    WHEN n.i % 2 THEN abs(random()) % :common
    ELSE :common + abs(random()) % :rare END
FROM (SELECT id FROM faxes_fax WHERE account_id = :account ORDER BY id LIMIT :size OFFSET :first) f
CROSS JOIN n
"""


@dataclass(frozen=True)
class Searched:
    """One search: what its first page shows, its queries, milliseconds with and without pages.

    These are the processor's: other work on the machine changes how long things take, and much less
    what they cost.
    """

    what: str
    found: int
    queries: int
    milliseconds: float
    without: float


def build(faxes: int) -> tuple[Any, dict[str, Any]]:
    """An account with so many faxes and words on their pages; who asks, and what it took."""
    from django.db import connection  # noqa: PLC0415 (only here are we a portal)

    from faxes.services import page_text  # noqa: PLC0415

    actor = _account_with(faxes)
    page_text.switch(actor, on=True)
    with connection.cursor() as cursor:
        for each in ("synchronous=OFF", "cache_size=-400000"):
            cursor.execute(f"PRAGMA {each}")
        raw = connection.connection.cursor()
        before, began = _size(raw), time.monotonic()
        facts = {"account": actor.account_id.hex, "words": WORDS, "common": COMMON, "rare": RARE}
        for first in range(0, faxes, PORTION):
            raw.execute(_WORDS, {**facts, "first": first, "size": PORTION})
        took = time.monotonic() - began
        words = raw.execute("SELECT count(*) FROM faxes_pageword").fetchone()[0]
    told = {
        "faxes": faxes,
        "words": words,
        "bytes_a_fax": (_size(raw) - before) // faxes,
        "words_a_second": round(words / took),
    }
    return actor, told


def _size(cursor: Any) -> int:
    pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    return int(pages * cursor.execute("PRAGMA page_size").fetchone()[0])


def _account_with(faxes: int) -> Any:
    """Northside's administrator, with so many arrivals."""
    from accounts import clock  # noqa: PLC0415
    from accounts.ids import first_id_at  # noqa: PLC0415
    from accounts.models import Account  # noqa: PLC0415
    from accounts.scoping import Actor  # noqa: PLC0415
    from faxes.models import Document, Fax, Faxbox  # noqa: PLC0415
    from faxes.services.demo import seed_demo  # noqa: PLC0415

    seed_demo()
    account = Account.objects.get(name="Northside Clinic")
    box = Faxbox.objects.for_account(account.pk)[0]
    now = clock.now()
    base = first_id_at(now).int - (faxes << 80)
    made = []
    for number in range(faxes):
        fax = Fax(
            id=type(account.pk)(int=base + (number << 80) + number),
            account=account, faxbox=box, direction="inbound", state="received", outcome="delivered",
            from_number=f"+1202{number:07}", to_number="+12025550121", quality="fine",
            paper="letter", pages=1, created_at=now, finished_at=now,
        )  # fmt: skip
        made.append(fax)
    Fax.objects.bulk_create(made, batch_size=500)
    Document.objects.bulk_create(
        [
            Document(
                account=account, fax=fax, role="received", media_type="image/tiff",
                key=f"k{number}", size=1, sha256="", pages=1,
            )
            for number, fax in enumerate(made)
        ],
        batch_size=500,
    )  # fmt: skip
    return Actor.system(account.pk)


def searches(actor: Any) -> list[Searched]:
    """Ask for words that are on many pages, on few, and on none."""
    from faxes.models import PageWord  # noqa: PLC0415
    from faxes.queries import page_words  # noqa: PLC0415

    own = PageWord.objects.for_account(actor.account_id).filter(digest__gt=COMMON + RARE)
    in_one = own.order_by("fax_id", "digest").values_list("digest", flat=True)[0]
    asked = {
        "a common word": (1,),
        "two common words": (1, 2),
        "a rare word": (COMMON + 1,),
        "a rare and a common word": (COMMON + 1, 2),
        "a word of the oldest fax": (in_one,),
        "a word on no page": (-1,),
    }
    told = []
    for what, digests in asked.items():
        q = " ".join(("quince", "medlar")[: len(digests)])
        known = dict(zip(q.split(), digests, strict=True))
        with mock.patch.object(
            page_words, "digest", lambda _secret, word, known=known: known[word]
        ):
            told.append(_asked(actor, what, q))
    return told


def _asked(actor: Any, what: str, q: str) -> Searched:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from faxes.enums import Direction  # noqa: PLC0415
    from faxes.queries import fax_ids, page_words  # noqa: PLC0415
    from faxes.queries.faxes import FaxFilter, list_faxes  # noqa: PLC0415

    def ask() -> int:
        return len(list_faxes(actor, FaxFilter(direction=Direction.INBOUND, q=q)).faxes)

    with CaptureQueriesContext(connection) as captured:
        found = ask()
    within = _median(ask)
    plain = [page_words.Sought(word) for word in q.split()]
    with mock.patch.object(fax_ids, "sought", return_value=plain):
        without = _median(ask)
    return Searched(what, found, len(captured), within, without)


def _median(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        ask()
        took.append(1000 * (time.process_time() - began))
    return round(median(took), 1)


def ask_all(faxes: int) -> dict[str, Any]:
    """Build, ask and switch off, in a portal of its own."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from faxes.services import page_text  # noqa: PLC0415

    for name in ("migrate", "createcachetable"):
        call_command(name, verbosity=0, stdout=sys.stderr)
    actor, told = build(faxes)
    told["searches"] = [asdict(each) for each in searches(actor)]
    began = time.monotonic()
    page_text.switch(actor, on=False)
    told["switched_off_in_seconds"] = round(time.monotonic() - began, 2)
    return told


def main(faxes: int) -> None:
    """Ask in a process of its own, print a table, write the report."""
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        environment = {
            "FAXPORTAL_DATA": folder,
            "FAXPORTAL_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "faxportal.settings",
        }
        told = subprocess.run(
            [sys.executable, __file__, "--ask", "--faxes", str(faxes)],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    report = json.loads(told.stdout.splitlines()[-1])
    print(
        f"\n{report['faxes']:,} faxes, {report['words']:,} words: {report['bytes_a_fax']:,} bytes "
        f"a fax; switched off in {report['switched_off_in_seconds']} s"
    )
    print(f"{'':30}{'found':>8}{'queries':>9}{'ms':>10}{'without':>10}")
    for each in report["searches"]:
        figures = (
            f"{each['found']:8}{each['queries']:9}{each['milliseconds']:10}{each['without']:10}"
        )
        print(f"{each['what']:30}{figures}")
    worst = max(each["milliseconds"] / each["without"] for each in report["searches"])
    print(f"goal: at most {MOST} times the cost without the pages ({worst:.2f})")
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "search.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({**report, "worst": round(worst, 2)}, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--faxes", type=int, default=FAXES)
    parser.add_argument("--ask", action="store_true")
    options = parser.parse_args()
    if options.ask:
        sys.path.insert(0, str(ROOT))
        print(json.dumps(ask_all(options.faxes)))
    else:
        main(options.faxes)
