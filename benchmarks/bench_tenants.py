"""What a reseller's pages take with ten tenants, and with ten thousand and a million entries.

``python benchmarks/bench_tenants.py`` prints a table and writes ``var/bench/tenants.json``. Each
size is a database of its own in a folder of its own, asked by one process in the same way:
the list, a search, low balances, one tenant, its credit, its own usage page, and a balance. With
ten tenants the list is shorter than a page, with a hundred it is a whole page.
"""

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

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10, 100, 10_000)
LOW = 2  # every other balance is low, so that those of a hundred tenants fill a page
ENTRIES = 90  # of each tenant
BUSY_SHARE = 10  # one tenant has more: a tenth of all entries
DAYS = 10
ROUNDS = 25
MOST = 1.5  # times as long as with a hundred tenants: "about the same"


@dataclass(frozen=True)
class Asked:
    """One page or question: its queries, and the median of its milliseconds."""

    what: str
    queries: int
    milliseconds: float


@dataclass(frozen=True)
class Size:
    """How much there is, and what each question took."""

    tenants: int
    entries: int
    asked: list[Asked]


def build(tenants: int) -> Any:
    """A reseller with tenants that have terms, entries and usage; everything is a real row."""
    from accounts import clock  # noqa: PLC0415 (only here are we a portal)
    from accounts.models import Account, Billing, Kind, Membership, Mode, User  # noqa: PLC0415
    from accounts.roles import Role  # noqa: PLC0415
    from accounts.scoping import Actor  # noqa: PLC0415
    from accounts.services.rates import PlanTerms, create_deck, create_plan  # noqa: PLC0415
    from accounts.services.tree import create_account  # noqa: PLC0415

    platform = create_account(name="Platform", kind=Kind.PLATFORM, realm="p.example", parent=None)
    reseller = create_account(
        name="Reseller", kind=Kind.RESELLER, realm="r.example", parent=platform
    )
    admin = User.objects.create_user("admin@r.example", "a long enough password", name="Admin")
    Membership.objects.create(user=admin, account=reseller, role=Role.ADMIN)
    actor = Actor(reseller.pk, Role.ADMIN, admin.email, "bench", admin.pk)
    deck = create_deck(actor, name="World", currency="USD")
    plan = create_plan(actor, terms=PlanTerms(name="Basic", deck_id=deck.pk))
    made = []
    for number in range(tenants):
        account = Account(
            parent=reseller,
            kind=Kind.CUSTOMER,
            name=f"Practice {number * 7919 % tenants:05}",
            realm=f"t{number}.example",
            created_at=clock.now(),
        )
        account.path = f"{reseller.path}{account.pk.hex}/"
        made.append(account)
    Account.objects.bulk_create(made, batch_size=2000)
    Billing.rows.bulk_create(
        [
            Billing(
                account=each,
                plan=plan,
                mode=Mode.PREPAID,
                currency="USD",
                low_balance=0 if number % LOW else 10**10,
            )
            for number, each in enumerate(made)
        ],
        batch_size=2000,
    )
    Membership.objects.create(user=admin, account=made[0], role=Role.ADMIN)
    book(made)
    return admin, reseller, made[0]


def book(made: list[Any]) -> None:
    """Entries, sums and usage of all tenants; the first has a tenth of all entries."""
    from accounts import clock  # noqa: PLC0415
    from accounts.ids import new_id  # noqa: PLC0415
    from accounts.models import Balance, DayUsage, EntryKind, LedgerEntry, MonthSum  # noqa: PLC0415
    from accounts.services.periods import day_of, month_of  # noqa: PLC0415

    now = clock.now()
    today = day_of(made[0], now)
    month = month_of(today)
    for account in made:
        busy = account is made[0]
        count = ENTRIES + (ENTRIES * len(made) // (BUSY_SHARE - 1) if busy else 0)
        entries = [
            LedgerEntry(
                account_id=account.pk,
                number=number,
                kind=EntryKind.TOP_UP if number == 1 else EntryKind.CHARGE,
                amount=10**9 if number == 1 else -1000,
                posted_after=10**9 - 1000 * (number - 1),
                held_after=0,
                key=f"bench/{number}",
                fax_id=None if number == 1 else new_id(),
                month=month,
                by="bench",
                at=now,
            )
            for number in range(1, count + 1)
        ]
        LedgerEntry.objects.bulk_create(entries, batch_size=5000)
    Balance.rows.bulk_create(
        [Balance(account=each, posted=10**9 - 89_000, entries=ENTRIES) for each in made],
        batch_size=2000,
    )
    MonthSum.rows.bulk_create(
        [MonthSum(account=each, month=month, top_ups=10**9, charges=-89_000) for each in made],
        batch_size=2000,
    )
    days = [today.replace(day=1 + day) for day in range(min(DAYS, today.day))]
    DayUsage.rows.bulk_create(
        [
            DayUsage(account=each, day=day, direction="outbound", destination="1", faxes=3, pages=9)
            for each in made
            for day in days
        ],
        batch_size=2000,
    )


def ask(tenants: int) -> Size:
    """Build a portal of this size, and time each question on it."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from accounts.models import LedgerEntry  # noqa: PLC0415
    from accounts.services.money import funds_of  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with transaction.atomic():
        admin, reseller, tenant = build(tenants)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.force_login(admin)
    listed = reverse("tenants", args=[reseller.pk])

    def page(address: str) -> Callable[[], None]:
        def fetch() -> None:
            response = client.get(address)
            if response.status_code != 200:  # noqa: PLR2004
                raise SystemExit(f"{address}: {response.status_code}")

        return fetch

    questions = {
        "list": page(listed),
        "list, a search": page(f"{listed}?q=practice+00003"),
        "list, low balances": page(f"{listed}?low=1"),
        "a tenant": page(reverse("tenant", args=[reseller.pk, tenant.pk])),
        "its credit": page(reverse("tenant-credit", args=[reseller.pk, tenant.pk])),
        "its own usage page": page(reverse("usage", args=[tenant.pk])),
        "a balance": lambda: funds_of(tenant.pk),
    }
    entries = LedgerEntry.objects.across_tenants(why="the benchmark counts what it made").count()
    return Size(tenants, entries, [timed(what, fetch) for what, fetch in questions.items()])


def timed(what: str, fetch: Callable[[], object]) -> Asked:
    """The queries of one question, and the median of several rounds."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    fetch()
    with CaptureQueriesContext(connection) as captured:
        fetch()
    queries = len(captured)  # now: the next request empties the log
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        fetch()
        took.append(1000 * (time.perf_counter() - began))
    return Asked(what, queries, round(median(took), 2))


def main() -> None:
    """Ask all sizes, each in a process of its own, and compare."""
    sizes = []
    for tenants in SIZES:
        with tempfile.TemporaryDirectory(prefix="bench-tenants-") as folder:
            told = subprocess.run(
                [sys.executable, __file__, "--ask", str(tenants)],
                env=os.environ
                | {"FAXPORTAL_DATA": folder, "DJANGO_SETTINGS_MODULE": "faxportal.settings"},
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
        sizes.append(json.loads(told.stdout.splitlines()[-1]))
    print(f"\n{'tenants':20}" + "".join(f"{size['tenants']:>20}" for size in sizes))
    print(f"{'ledger entries':20}" + "".join(f"{size['entries']:>20}" for size in sizes))
    print(f"{'':20}" + f"{'queries':>10}{'ms':>10}" * len(sizes))
    asked_alike = list(zip(*(size["asked"] for size in sizes), strict=True))
    for asked in asked_alike:
        figures = "".join(f"{each['queries']:10}{each['milliseconds']:10.2f}" for each in asked)
        print(f"{asked[0]['what']:20}{figures}")
    same = all(len({each["queries"] for each in asked}) == 1 for asked in asked_alike)
    worst = max(asked[-1]["milliseconds"] / asked[-2]["milliseconds"] for asked in asked_alike)
    print(f"goal: the same queries ({same}), at most {MOST} times as long ({worst:.2f})")
    report = {"sizes": sizes, "same_queries": same, "worst": round(worst, 2), "goal": MOST}
    target = ROOT / os.environ.get("FAXPORTAL_DATA", "var") / "bench" / "tenants.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ask"]:
        sys.path.insert(0, str(ROOT))
        print(json.dumps(asdict(ask(int(sys.argv[2])))))
    else:
        main()
