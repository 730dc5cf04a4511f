"""What was seen from outside, held against a portal's rows: answers, and messages that came."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from tests.faults.books import FINAL
from tests.faults.production.load import Told
from tests.faults.sources import Source
from tests.outside import Seen


def answers_kept(source: Source, told: Told) -> Iterator[str]:
    """Whatever the portal has answered is so."""
    yield from told.wrong
    faxes = {fax["id"]: fax for fax in source.table("faxes_fax")}
    owner: dict[str, str] = {}
    for key, ids in told.faxes.items():
        if len(ids) != 1:
            yield f"key {key} was answered with {sorted(ids)}"
        for fax in (each.replace("-", "") for each in ids):
            if owner.setdefault(fax, key) != key:
                yield f"fax {fax} was told under two keys"
            if fax not in faxes and fax not in told.deleted:
                yield f"fax {fax} was taken and is lost"
    sent = {key for key, fax in faxes.items() if fax["direction"] == "outbound"}
    if len(sent - owner.keys()) > len(told.unanswered):
        yield f"{len(sent - owner.keys())} faxes that nobody was told of"
    for fax in sorted(told.gone & faxes.keys()):
        yield f"fax {fax} was deleted and is there"
    for fax in sorted(told.stripped & faxes.keys()):
        if faxes[fax]["stripped_at"] is None:
            yield f"fax {fax} was stripped and has its pages"


def messages_arrived(
    source: Source, seen: Iterable[Seen], secrets: Mapping[str, str]
) -> Iterator[str]:
    """Each message came at least once, as it is, signed; ``secrets`` are those of accounts."""
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for each in seen:
        if len(each.body) != int(each.headers.get("content-length", 0)):
            continue  # who died while it sent has sent a part
        if not _is_signed(each, secrets[each.path.strip("/")]):
            yield f"a message came with a wrong signature: {each.headers}"
        bodies[each.headers["webhook-id"].replace("-", "")].add(each.body)
    for key, different in bodies.items():
        whole = different - {_without_content(each) for each in different}
        if len(whole) > 1 or len({_without_content(each) for each in different}) > 1:
            yield f"message {key} came in {len(different)} versions"
    messages = source.table("accounts_webhookmessage")
    for message in messages:
        if message["state"] != "delivered":
            yield f"message {message['id']} ({message['type']}) is {message['state']}"
        elif message["id"] not in bodies:
            yield f"message {message['id']} ({message['type']}) never came"
    yield from _numbered(messages)
    yield from _told_of_each(messages, source.table("faxes_fax"))


def _is_signed(message: Seen, secret: str) -> bool:
    """Whether its sender knew the secret; when, does not matter, as clocks were wrong."""
    at = datetime.fromtimestamp(int(message.headers["webhook-timestamp"]), UTC)
    right = Webhook(secret).sign(message.headers["webhook-id"], at, message.body.decode())
    return right in message.headers["webhook-signature"].split()


def _without_content(body: bytes) -> bytes:
    """The message as it is told again once its fax was deleted."""
    told = json.loads(body)
    data = {name: told["data"][name] for name in ("id", "object", "account_id")}
    written = json.dumps(told | {"data": data}, ensure_ascii=False, separators=(",", ":"))
    return written.encode()


def _numbered(messages: Iterable[dict[str, Any]]) -> Iterator[str]:
    numbers = defaultdict(list)
    for message in messages:
        numbers[message["endpoint_id"]].append(message["sequence"] or 0)
    for endpoint, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"endpoint {endpoint}: its messages are not numbered without a gap"


def _told_of_each(
    messages: Iterable[dict[str, Any]], faxes: Iterable[dict[str, Any]]
) -> Iterator[str]:
    told = Counter((message["object_id"], message["type"]) for message in messages)
    for fax in faxes:
        if fax["state"] in FINAL and (times := told[fax["id"], f"fax.{fax['state']}"]) != 1:
            yield f"fax {fax['id']}: that it is {fax['state']} was told by {times} messages"
