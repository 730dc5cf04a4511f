"""Checks a portal's books from outside: its database and its stored documents.

Plain SQL and its own copy of the rules, so that an error of the portal is not repeated here. As a
program: ``python -m tests.faults.books DATA`` prints what is wrong, and fails if anything is.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests.faults.opened import object_id, opened
from tests.faults.sources import Files, Keys, Source

# What may follow what; every timeline begins with the empty state.
MOVES: Final = {
    "": {"preparing", "receiving"},
    "preparing": {"queued", "failed", "canceled"},
    "queued": {"sending", "failed", "canceled"},
    "sending": {"queued", "delivered", "failed"},
    "receiving": {"received", "failed"},
}
FINAL: Final = {"delivered", "failed", "canceled", "received"}
MOST_TRIES: Final = 10  # where nobody said how many further ones there may be
LONG_PAST: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Books:
    """The rows of a portal as they are in its database, and what lies in its storage."""

    faxes: dict[str, dict[str, Any]]
    attempts: list[dict[str, Any]]
    events: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    uploads: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    erasures: list[dict[str, Any]]
    numbers: set[str]
    objects: set[str]
    keys: set[str]  # ids of the objects that they open
    changed: set[str]  # keys of objects that are not as they were stored
    journal: list[dict[str, Any]]
    deleted: int
    parted: frozenset[str] = frozenset()

    @classmethod
    def read(cls, where: "Path | Source", *, parted: Iterable[str] = ()) -> "Books":
        """Of a portal's data folder, or of its servers.

        ``parted`` are calls of whose two faxes one was deleted on purpose.
        """
        source = Files(where) if isinstance(where, Path) else where

        def table(name: str) -> list[dict[str, Any]]:
            return source.table(f"faxes_{name}")

        documents, objects, keys = table("document"), source.objects(), source.keys()
        deletions = source.rows(
            "SELECT id FROM accounts_auditentry WHERE action = 'fax.delete'",
        )
        return cls(
            faxes={fax["id"]: fax for fax in table("fax")},
            attempts=sorted(table("attempt"), key=lambda each: each["number"]),
            events=sorted(table("event"), key=lambda each: each["id"]),
            documents=documents,
            uploads=table("upload"),
            calls=table("linecall"),
            erasures=table("erasure"),
            numbers={number["e164"] for number in table("number")},
            objects=objects,
            keys=set(keys),
            changed=_changed(source, keys, documents, objects),
            journal=_journal(source.journal),
            deleted=len(deletions),
            parted=frozenset(parted),
        )

    def faults(self, *, at_rest: bool = True) -> list[str]:
        """All that is wrong. ``at_rest``: nothing is under way, so nothing may be left over."""
        found = [
            *self._timelines(),
            *self._tries(),
            *self._arrivals(at_rest=at_rest),
            *self._results(),
            *self._leases(),
            *self._storage(),
        ]
        if at_rest:
            found += self._left_over()
        return found

    # --- Timelines ------------------------------------------------------------------------

    def _timelines(self) -> Iterator[str]:
        events = defaultdict(list)
        for event in self.events:
            events[event["fax_id"]].append(event)
        for fax in self.faxes.values():
            line = events[fax["id"]]
            states = [""] + [event["to_state"] for event in line]
            if [event["from_state"] for event in line] != states[:-1]:
                yield f"{_name(fax)}: its timeline has gaps: {states}"
            for before, after in pairwise(states):
                if after not in MOVES.get(before, set()):
                    yield f"{_name(fax)}: moved from {before!r} to {after!r}"
            if states[-1] != fax["state"]:
                yield f"{_name(fax)}: its timeline ends with {states[-1]!r}"
            first = "preparing" if fax["direction"] == "outbound" else "receiving"
            if states[1:2] != [first]:
                yield f"{_name(fax)}: began as {states[1:2]}"
            if (fax["state"] in FINAL) != (fax["finished_at"] is not None):
                yield f"{_name(fax)}: finished_at does not agree with its state"
        for lost in events.keys() - self.faxes.keys():
            yield f"events of fax {lost}, which is not there"

    # --- Tries ----------------------------------------------------------------------------

    def _tries(self) -> Iterator[str]:
        attempts = defaultdict(list)
        for attempt in self.attempts:
            attempts[attempt["fax_id"]].append(attempt)
        dialled = Counter(e["fax_id"] for e in self.events if e["to_state"] == "sending")
        for fax in self.faxes.values():
            tries = attempts[fax["id"]]
            numbers = [attempt["number"] for attempt in tries]
            most = MOST_TRIES if fax["retries"] is None else fax["retries"] + 1
            if numbers != list(range(1, fax["tries"] + 1)):
                yield f"{_name(fax)}: has {fax['tries']} tries, numbered {numbers}"
            if len(numbers) > most:
                yield f"{_name(fax)}: was tried {len(numbers)} times, {most} are allowed"
            if dialled[fax["id"]] != len(numbers):
                yield f"{_name(fax)}: {len(numbers)} tries, but dialled {dialled[fax['id']]} times"
            delivered = [t["number"] for t in tries if t["outcome"] == "delivered"]
            wanted = [fax["tries"]] if fax["state"] == "delivered" else []
            if delivered != wanted:
                yield f"{_name(fax)}: delivered by tries {delivered}, should be by {wanted}"
            calling = [t["number"] for t in tries if t["state"] == "calling"]
            wanted = [fax["tries"]] if fax["state"] == "sending" else []
            if calling != wanted:
                yield f"{_name(fax)}: under way are tries {calling}, should be {wanted}"
            for attempt in tries:
                ended = attempt["state"] == "ended"
                if ended != bool(attempt["outcome"]) or ended != (attempt["ended_at"] is not None):
                    yield f"{_name(fax)}: try {attempt['number']} has ended by halves"

    # --- Sent against received ------------------------------------------------------------

    def _arrivals(self, *, at_rest: bool) -> Iterator[str]:
        """Every delivered call to a number here has brought one arrival, and no other did."""
        calls = {a["carrier_ref"]: a for a in self.attempts if a["carrier_ref"]}
        refs = Counter(a["carrier_ref"] for a in self.attempts if a["carrier_ref"])
        yield from (f"call {ref} serves {n} tries" for ref, n in refs.items() if n > 1)
        arrived = Counter(
            fax["carrier_ref"] for fax in self.faxes.values() if fax["direction"] == "inbound"
        )
        yield from (f"call {ref} arrived {n} times" for ref, n in arrived.items() if n > 1)
        for fax in self.faxes.values():
            if fax["state"] == "received" and fax["carrier_ref"] in calls:
                yield from self._arrival(fax, calls[fax["carrier_ref"]], at_rest=at_rest)
        strays = [
            fax
            for fax in self.faxes.values()
            if fax["state"] == "received" and fax["carrier_ref"] not in calls
        ]
        # The sender may have deleted what brought it, or not be told yet which call it is.
        unknown = sum(a["state"] == "calling" and not a["carrier_ref"] for a in self.attempts)
        if len(strays) > self.deleted + (0 if at_rest else unknown):
            yield from (f"{_name(fax)}: no try brought it" for fax in strays)
        for attempt in self.attempts:
            yield from self._delivery(attempt, at_rest=at_rest)

    def _arrival(
        self, fax: dict[str, Any], attempt: dict[str, Any], *, at_rest: bool
    ) -> Iterator[str]:
        sent = self.faxes[attempt["fax_id"]]
        if (sent["from_number"], sent["to_number"]) != (fax["from_number"], fax["to_number"]):
            yield f"{_name(fax)}: went from and to other numbers"
        ended_as = ("delivered",) if at_rest else ("delivered", "")  # the sender hears of it later
        if fax["outcome"] == "delivered" and attempt["outcome"] not in ended_as:
            yield f"{_name(fax)}: came whole, but its try ended {attempt['outcome']!r}"
        asked = sent["pages"] - attempt["first_page"] + 1  # those before came by earlier tries
        if attempt["outcome"] == "delivered" and fax["pages"] != asked:
            yield f"{_name(fax)}: has {fax['pages']} pages of {asked}"

    def _delivery(self, attempt: dict[str, Any], *, at_rest: bool) -> Iterator[str]:
        fax = self.faxes.get(attempt["fax_id"])
        if fax is None:
            yield f"a try of fax {attempt['fax_id']}, which is not there"
        elif attempt["outcome"] == "delivered" and fax["to_number"] in self.numbers:
            ref = attempt["carrier_ref"]
            if ref in self.parted:
                return
            states = [f["state"] for f in self.faxes.values() if f["carrier_ref"] == ref]
            if states != ["received"] and (at_rest or not self._may_come(ref, states)):
                yield f"{_name(fax)}: delivered by call {ref!r}, which arrived as {states}"

    def _may_come(self, ref: str, states: list[str]) -> bool:
        """Whether what a call brought is on its way still: begun, or waiting in the line's book."""
        if states:
            return states == ["receiving"]
        in_book = {UUID(call["id"]) for call in self.calls if not call["fetched"]}
        return UUID(ref) in in_book

    def _results(self) -> Iterator[str]:
        """By the journal, which the portal does not know of: one result for each key."""
        entered = Counter(entry["key"] for entry in self.journal if entry["what"] == "entered")
        offered = {entry["key"] for entry in self.journal}
        yield from (f"key {key} was called {n} times" for key, n in entered.items() if n > 1)
        for attempt in self.attempts:
            if self.journal and attempt["outcome"] == "delivered" and attempt["key"] not in offered:
                yield f"try {attempt['id']} was delivered without a call"

    # --- Leases ---------------------------------------------------------------------------

    def _leases(self) -> Iterator[str]:
        late = datetime.now(UTC) - LONG_PAST
        for fax in self.faxes.values():
            if fax["state"] in FINAL:
                continue
            if fax["wake_at"] is None:
                yield f"{_name(fax)}: nobody will ever look at it again"
            elif _moment(fax["wake_at"]) < late:
                yield f"{_name(fax)}: should have been woken at {fax['wake_at']}"
            if fax["lease_until"] is not None and _moment(fax["lease_until"]) < late:
                yield f"{_name(fax)}: a lease lies open since {fax['lease_until']}"
        for call in self.calls:
            if call["lease_until"] is not None and _moment(call["lease_until"]) < late:
                yield f"call {call['id']}: a lease lies open since {call['lease_until']}"
            here = call["received_key"] and call["tenant_number"] and not call["fetched"]
            if here and call["done_at"] is not None and _moment(call["done_at"]) < late:
                yield f"call {call['id']}: should have been fetched since {call['done_at']}"

    # --- Objects --------------------------------------------------------------------------

    def _storage(self) -> Iterator[str]:
        for document in self.documents:
            fax = self.faxes.get(document["fax_id"])
            if fax is None:
                yield f"a document of fax {document['fax_id']}, which is not there"
            elif document["key"] not in self.objects:
                yield f"{_name(fax)}: its {document['role']} document is missing"
            elif document["key"] in self.changed:
                yield f"{_name(fax)}: its {document['role']} document has changed"
        roles: dict[str, Counter[str]] = defaultdict(Counter)
        for document in self.documents:
            roles[document["fax_id"]][document["role"]] += 1
        for fax in self.faxes.values():
            came = {} if fax["stripped_at"] else {"received": 1}
            if fax["state"] == "received" and roles[fax["id"]] != came:
                yield f"{_name(fax)}: has the documents {dict(roles[fax['id']])}"
            wanted = {"source": 1, "rendered": 1}
            has = {role: n for role, n in roles[fax["id"]].items() if role != "cover"}
            if fax["stripped_at"] is not None:
                wanted = {}
            if fax["state"] == "delivered" and (has != wanted or roles[fax["id"]]["cover"] > 1):
                yield f"{_name(fax)}: has the documents {dict(roles[fax['id']])}"

    def orphans(self) -> list[str]:
        """Objects that no row needs; those that are noted for destruction have their time yet."""
        return sorted(self.objects - self._held())

    def _held(self) -> set[str]:
        """Keys of objects that some row needs."""
        held = {document["key"] for document in self.documents}
        for call in self.calls:
            held |= {call["document_key"], call["received_key"]}
        for upload in self.uploads:
            files = [*json.loads(upload["sources"]), json.loads(upload["rendered"])]
            held |= {file["key"] for file in files}
        return held - {""}

    def _left_over(self) -> Iterator[str]:
        """What must be gone when nothing is under way."""
        for fax in self.faxes.values():
            if fax["state"] not in FINAL:
                yield f"{_name(fax)}: still under way"
        yield from (f"call {call['id']}: still in the line's book" for call in self.calls)
        noted = {erasure["key"]: erasure["due_at"] for erasure in self.erasures}
        late = datetime.now(UTC) - LONG_PAST
        for key in self.orphans():
            if key not in noted:
                yield f"object {key}: no row needs it"
            elif _moment(noted[key]) < late:
                yield f"object {key}: should have been destroyed at {noted[key]}"
        there = {object_id(key) for key in (*self.objects, *noted)}
        yield from (f"key {key}: opens nothing" for key in sorted(self.keys - there))


def _changed(
    source: Source, keys: Keys, documents: list[dict[str, Any]], objects: set[str]
) -> set[str]:
    """Keys of objects that are there, and are not what was stored or do not open."""
    wrong = set()
    for document in documents:
        if document["key"] in objects:
            stored = opened(source, keys, document["key"])
            if stored is None or sha256(stored).hexdigest() != document["sha256"]:
                wrong.add(document["key"])
    return wrong


def _journal(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [entry for line in path.read_text().splitlines() if (entry := json.loads(line))]


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _name(fax: dict[str, Any]) -> str:
    route = f"{fax['from_number']} → {fax['to_number']}"
    return f"{fax['direction']} fax {UUID(fax['id'])} ({route}, {fax['state']})"


if __name__ == "__main__":
    wrong = Books.read(Path(sys.argv[1])).faults()
    print("\n".join(wrong) or "the books are in order")  # noqa: T201 (this is its answer)
    sys.exit(bool(wrong))
