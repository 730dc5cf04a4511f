"""Things of a tenant to ask for: some of each sort, made through the API itself."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

LETTER = [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}]
LATER = f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%dT%H:%M:%SZ}"
OF_EACH = 6
WORDS: dict[str, list[Any]] = {
    "page": [1],
    "later": ["", LATER],
    "time_zone": ["America/Chicago", "Asia/Kolkata"],
    "country": ["US", "GB"],
    "network": ["192.0.2.0/24", "2001:db8::/32"],
    "letter": [LETTER[0]["content_base64"]],
}
_lines = count(100)


@dataclass
class Asker:
    """A program with a token."""

    url: str
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What is answered, as JSON. Raises AssertionError where it is no success."""
        with closing(
            http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        ) as to:
            sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            where = path if path.startswith("/") else f"/api/v1/{path}"
            to.request(method, where, None if body is None else json.dumps(body), sent)
            answer = to.getresponse()
            told = answer.read()
            assert answer.status < 300, (method, path, answer.status, told)
            return json.loads(told) if told else None

    def description(self) -> Any:
        """The description of the API."""
        return self.ask("GET", "/api/schema/?format=json")

    def make(self, path: str, body: Any) -> str:
        """The id of something new."""
        return str(self.ask("POST", path, body)["id"])


@dataclass
class Seeds:
    """Ids by what they are of: ``kept`` for all operations, ``spare`` for such as remove."""

    kept: dict[str, list[Any]] = field(default_factory=dict)
    spare: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, name: str, ids: list[str]) -> None:
        """Half are kept, half are spare."""
        self.kept[name] = ids[::2]
        self.spare[name] = ids[1::2] or ids


def customer(asker: Asker) -> Seeds:
    """Faxes of every sort, documents, contacts, webhooks and so on."""
    made = Seeds()
    number = asker.ask("GET", "numbers")["data"][0]
    made.kept["number"] = [number["id"]]
    made.kept["e164"] = [number["number"]]
    made.kept |= WORDS
    made.add("faxbox", [number["faxbox_id"], number["faxbox_id"]])
    _faxes(asker, made, number["number"])
    contacts = [
        asker.make("contacts", {"number": f"+1202555{next(_lines):04}", "name": f"Practice {n}"})
        for n in range(2 * OF_EACH)
    ]
    made.add("contact", contacts)
    groups = [
        asker.make("contact-groups", {"name": f"Group {next(_lines)}"}) for _ in range(OF_EACH)
    ]
    for group in groups:
        asker.ask("POST", f"contact-groups/{group}/contacts", {"contact_ids": contacts[:4]})
    made.add("group", groups)
    made.kept["unwanted"] = [f"+1212555{next(_lines):04}" for _ in range(2 * OF_EACH)]
    unwanted = [f"+1212555{next(_lines):04}" for _ in range(OF_EACH)]
    made.add("entry", [asker.make("do-not-fax", {"number": number}) for number in unwanted])
    waiting = {"documents": LETTER, "send_at": LATER, "recipients": ["+12025550123"]}
    made.add("broadcast", [asker.make("broadcasts", waiting) for _ in range(OF_EACH)])
    for each in made.spare["broadcast"]:
        asker.ask("POST", f"broadcasts/{each}/cancel", {})
    _own(asker, made)
    return made


def reseller(asker: Asker) -> Seeds:
    """The same, with a line of its own, and with accounts and numbers besides."""
    made = Seeds()
    lines = [f"+1617556{next(_lines):04}" for _ in range(2 * OF_EACH)]
    asker.ask("POST", "numbers/import", {"numbers": lines})
    pool = {
        each["number"]: each["id"] for each in asker.ask("GET", "numbers/pool?limit=100")["data"]
    }
    faxbox = asker.make("faxboxes", {"name": f"Desk {next(_lines)}"})
    own = asker.ask("GET", "account")["id"]
    given = {"number_ids": [pool[lines[0]]], "account_id": own, "faxbox_id": faxbox}
    asker.ask("POST", "numbers/assign", given)
    made = customer(asker)
    made.add("free", [pool[each] for each in lines[1:]])
    accounts = [asker.make("accounts", {"name": f"Clinic {next(_lines)}"}) for _ in range(OF_EACH)]
    made.add("account", accounts)
    found = asker.ask("GET", "accounts?limit=100")["data"]
    made.kept["billed"] = [each["id"] for each in found if each["funds"]]
    made.kept["parent"] = [
        asker.make("accounts", {"name": f"Seller {next(_lines)}", "kind": "reseller"}),
        own,
    ]
    return made


def _faxes(asker: Asker, made: Seeds, number: str) -> None:
    """Faxes sent, arrived, canceled, and such as wait."""
    request = {"to": number, "documents": LETTER}
    sent = [asker.make("faxes", {**request, "metadata": {"case": "4711"}}) for _ in range(2)]
    waiting = [asker.make("faxes", {**request, "send_at": LATER}) for _ in range(2 * OF_EACH)]
    canceled = waiting[:OF_EACH]
    for each in canceled:
        asker.ask("POST", f"faxes/{each}/cancel", {})
    for each in sent:
        _until_ended(asker, each)
    arrived = asker.ask("GET", "faxes?direction=inbound&limit=3")["data"]
    made.kept["fax"] = [*sent, waiting[-1], *(each["id"] for each in arrived[:2])]
    made.spare["fax"] = canceled
    made.kept["waiting"] = waiting[OF_EACH:]
    made.kept["sent"] = sent[:1]
    documents = asker.ask("GET", f"faxes/{sent[0]}/documents")["data"]
    made.kept["document"] = [each["id"] for each in documents]
    made.kept["batch"] = [asker.ask("GET", f"faxes/{sent[0]}")["batch_id"]]
    uploads = [asker.make("uploads", {"documents": LETTER}) for _ in range(OF_EACH)]
    made.add("upload", uploads)


def _own(asker: Asker, made: Seeds) -> None:
    """What an account has besides faxes."""
    made.add("cover", [asker.make("covers", {"name": f"Cover {n}"}) for n in range(OF_EACH)])
    token = {"name": "another", "scopes": ["faxes:read"]}
    made.add("token", [asker.make("tokens", token) for _ in range(OF_EACH)])
    nobody = asker.url.replace("localhost", "127.0.0.1")
    hook = {"url": f"{nobody}/health/live", "event_types": ["account.closed"]}
    hooks = [asker.make("webhooks", hook) for _ in range(4)]
    made.kept["hook"] = ["https://example.com/hooks/fax"]
    made.kept["billed"] = [str(UUID(int=1))]
    made.add("webhook", hooks)
    made.kept["message"] = [asker.make(f"webhooks/{hooks[0]}/test", {}) for _ in range(3)]


def _until_ended(asker: Asker, fax: str) -> None:
    deadline = time.monotonic() + 120
    while asker.ask("GET", f"faxes/{fax}")["finished_at"] is None:
        assert time.monotonic() < deadline, "a fax takes too long"
        time.sleep(1)


def cursors(asker: Asker, lists: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Where each list goes on."""
    for path in lists:
        try:
            told = asker.ask("GET", f"{path.removeprefix('/api/v1/')}?limit=1")
        except AssertionError:
            continue
        yield path, ["", *([told["next_cursor"]] if told["next_cursor"] else [])]
