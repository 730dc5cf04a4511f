"""Checks what a portal charged, from outside: its ledgers against what became of its faxes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from tests.faults.books import FINAL
from tests.faults.sources import Source

Row = dict[str, Any]
_SET_ASIDE: Final = {"hold", "release"}


def money_faults(source: Source) -> list[str]:
    """All that is wrong; of accounts at rest, whose plans include no pages and price by the page.

    Where a plan has a price for pages that come in, ``received`` entries are looked at, too.
    """
    entries = defaultdict(list)
    for entry in source.table("accounts_ledgerentry"):
        entries[entry["account_id"]].append(entry)
    charges = source.table("accounts_charge")
    faxes = {fax["id"]: fax for fax in source.table("faxes_fax")}
    return [
        *_balances(source.table("accounts_balance"), entries, charges),
        *_charges(charges, entries, faxes, source.table("faxes_attempt")),
        *_arrivals(faxes.values(), entries),
    ]


def _balances(
    balances: Iterable[Row], entries: dict[str, list[Row]], charges: Iterable[Row]
) -> Iterator[str]:
    held: dict[str, int] = defaultdict(int)
    for charge in charges:
        if charge["billed"] and charge["settled_at"] is None:
            held[charge["account_id"]] += charge["held"]
    for balance in balances:
        account = balance["account_id"]
        rows = sorted(entries[account], key=lambda entry: entry["number"])
        if [row["number"] for row in rows] != list(range(1, balance["entries"] + 1)):
            yield f"account {account}: {len(rows)} entries of {balance['entries']}"
        posted = sum(row["amount"] for row in rows if row["kind"] not in _SET_ASIDE)
        aside = -sum(row["amount"] for row in rows if row["kind"] in _SET_ASIDE)
        if (posted, aside) != (balance["posted"], balance["held"]):
            yield f"account {account}: its entries do not add up to its balance"
        if aside != held[account]:
            yield f"account {account}: {aside} held, {held[account]} for faxes on their way"


def _charges(
    charges: Iterable[Row],
    entries: dict[str, list[Row]],
    faxes: dict[str, Row],
    attempts: Iterable[Row],
) -> Iterator[str]:
    sent: dict[str, list[int]] = defaultdict(list)
    for attempt in attempts:
        sent[attempt["fax_id"]].append(attempt["pages_sent"] or 0)
    paid = {(each["account_id"], each["key"]): each["amount"] for each in chain(*entries.values())}
    charged = set()
    for charge in charges:
        key, fax = charge["fax_id"], faxes.get(charge["fax_id"])
        charged.add(key)
        if fax is not None and (fax["state"] in FINAL) != (charge["settled_at"] is not None):
            yield f"fax {key} is {fax['state']}, its charge does not agree"
        if not charge["billed"] or charge["settled_at"] is None:
            continue
        amount = paid.get((charge["account_id"], f"charge/{_dashed(key)}"), 0)
        if -amount != charge["cost"]:
            yield f"fax {key}: costs {charge['cost']}, charged were {-amount}"
        tries = [pages for pages in sent[key] if pages]
        cost = sum(tries) * charge["price"] + len(tries) * charge["connection_fee"]
        if fax is not None and fax["outcome"] != "unknown" and cost != charge["cost"]:
            yield f"fax {key}: its tries come to {cost}, not {charge['cost']}"
    for fax in faxes.values():
        if fax["direction"] == "outbound" and fax["id"] not in charged:
            yield f"fax {fax['id']} went out without a charge"


def _arrivals(faxes: Iterable[Row], entries: dict[str, list[Row]]) -> Iterator[str]:
    """Each arrival was charged once, whoever pays for arrivals."""
    payers = {
        account
        for account, rows in entries.items()
        if any(entry["key"].startswith("received/") for entry in rows)
    }
    for fax in faxes:
        if fax["state"] != "received" or fax["account_id"] not in payers:
            continue
        own = [
            e for e in entries[fax["account_id"]] if e["key"] == f"received/{_dashed(fax['id'])}"
        ]
        if len(own) != 1:
            yield f"fax {fax['id']} came in and was charged {len(own)} times"


def _dashed(key: str) -> str:
    return "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))
