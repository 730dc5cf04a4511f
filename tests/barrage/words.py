"""What hostile requests are made of: words that fields have, values that they should not."""

import json
import random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

NOBODY = str(UUID(int=7))
_TEXTS = (
    "", " ", "\0", "a\0b", "\r\nX-Evil: 1", "\u202egnp.exe", "\ud800", "\U0001f4e0" * 40,
    "A" * 5000, "../../etc/passwd", "' OR 1=1 --", '"><script>alert(1)</script>', "{{7*7}}",
    "${jndi:ldap://x}", "%00", "%s%n", "null", "true", "NaN", "-0", "1e999", "٣٤٥", "+", "+1",
    "+12025550100", "+1 (202) 555-0100;ext=9", "tel:+12025550100", "+999999999999999999999",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "2026-02-30", "P1Y",
    "http://[::1]:9/", "http://169.254.169.254/", "file:///etc/passwd", "http://\r\nx/", "//x",
    "a@b", "a@b\r\nBcc: c@d", ".*(.+)+$", "(" * 50, "Europe/Nowhere", "xx-XX-x", "\ufeff", "K",
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**40, 0.1, 1e308, float("inf"),
    float("nan"), [], {}, [[]], [None], {"": ""}, {"data": {}}, [{}] * 30,
)  # fmt: skip
FIELDS = (
    "to", "from", "documents", "faxbox", "send_at", "quality", "paper", "metadata", "retries",
    "subject", "message", "cover", "number", "name", "recipients", "url", "event_types", "data",
    "to_number", "from_number", "faxbox_id", "document", "attempts", "retries", "id", "verb",
    "To", "From", "MediaUrl", "StatusCallback", "Quality", "Ttl", "StoreMedia", "Status", "Page",
    "PageToken", "PageSize", "dest_number", "documents[]", "caller_id", "limit", "cursor", "start",
    "grant_type", "client_id", "client_secret", "username", "password", "refresh_token", "scope",
    "code", "credentials", "account_name", "method", "key", "request", "files", "country", "note",
    "contact_ids", "group", "content_base64", "filename", "page", "page_size", "created_from",
    "created_to", "filter_to", "has_key", "q", "state", "direction", "month", "width", "since",
)  # fmt: skip


def text(chance: random.Random, ids: list[str]) -> str:
    """Some text, often an id of a thing."""
    if ids and chance.random() < 0.3:
        return chance.choice(ids)
    return chance.choice(_TEXTS)


def value(chance: random.Random, ids: list[str], depth: int = 0) -> Any:
    """Some value of JSON."""
    dice = chance.random()
    if dice < 0.5:
        return text(chance, ids)
    if dice < 0.8 or depth > 3:
        return chance.choice(_OTHERS)
    if dice < 0.9:
        return [value(chance, ids, depth + 1) for _ in range(chance.randrange(4))]
    return thing(chance, ids, depth + 1)


def thing(chance: random.Random, ids: list[str], depth: int = 0) -> dict[str, Any]:
    """Some object of JSON."""
    names = (chance.choice(FIELDS) for _ in range(chance.randrange(6)))
    return {name: value(chance, ids, depth) for name in names}


def changed(chance: random.Random, right: Any, ids: list[str]) -> Any:
    """A right object with something wrong in one place."""
    if isinstance(right, Mapping) and right and chance.random() < 0.85:
        name = chance.choice([*right])
        dice = chance.random()
        if dice < 0.1:
            return {each: right[each] for each in right if each != name}
        if dice < 0.2:
            return {**right, chance.choice(FIELDS): value(chance, ids)}
        return {**right, name: changed(chance, right[name], ids)}
    if isinstance(right, list) and right and chance.random() < 0.7:
        at = chance.randrange(len(right))
        return [*right[:at], changed(chance, right[at], ids), *right[at + 1 :]]
    return value(chance, ids)


def written(chance: random.Random, told: Any) -> bytes:
    """JSON, at times not quite."""
    data = json.dumps(told).encode("utf-8", "surrogatepass")
    dice = chance.random()
    if dice < 0.85:
        return data
    if dice < 0.88:
        return data[: chance.randrange(len(data) + 1)]
    if dice < 0.91:
        return b"[" * chance.choice((50, 5000, 100_000))
    if dice < 0.94:
        return data.replace(b'"', b"'")
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(3) + data[at:]
