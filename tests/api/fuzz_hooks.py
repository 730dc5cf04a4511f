"""What schemathesis does beside each request: counts it, and leaves the token in use alone."""

import atexit
import json
import os
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    IgnoredAuth,
    RejectedPositiveData,
)

from tests.api.fuzz_seeds import LETTER

_TALLY = Path(os.environ["FUZZ_TALLY"])
_OWN_TOKEN = os.environ["FUZZ_OWN_TOKEN"]
_BUSY = 503
_KEY = "Idempotency-Key"
_KEY_KEPT = 10  # one of so many keys is left as it is, and so may have been used before
_keys = count(1)
_statuses: Counter[int] = Counter()
_reached: Counter[str] = Counter()
_broken: list[str] = []


@schemathesis.hook
def map_case(_context: Any, case: Any) -> Any:
    """What may be left out, but not all of it, is put in: pages, and who gets them."""
    body = case.body
    if case.media_type != "application/json" or not isinstance(body, dict) or "message" in body:
        return case
    name = case.operation.path.rpartition("/")[2]
    if case.method == "POST" and name in {"faxes", "broadcasts", "estimate"}:
        body.setdefault("documents", LETTER)
        if name == "broadcasts" and "group" not in body:
            body.setdefault("recipients", ["+12025550123"])
    return case


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Two things would end all trying: the end of the token that asks, and keys used already."""
    if case.method == "DELETE" and (case.path_parameters or {}).get("token") == _OWN_TOKEN:
        case.path_parameters["token"] = str(UUID(int=0))
    key = (case.headers or {}).get(_KEY, "")
    if 0 < len(key) < 256 and key.isascii() and key.isprintable() and next(_keys) % _KEY_KEPT:
        case.headers[_KEY] = str(uuid4())


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Count the answer; remember what the server itself did wrong."""
    _statuses[response.status_code] += 1
    if response.status_code < 300:
        _reached[case.operation.label] += 1
    if response.status_code >= 500 and response.status_code != _BUSY:
        _broken.append(f"{response.status_code} {case.as_curl_command()}")


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, _case: Any, response: Any) -> bool:
    """Whether it is one.

    Wrong tokens may be refused because there were many of them; a cursor is to be one that was
    told; an id that was told within a list is looked for as that list; and parts of answers put
    into a right request may make it wrong by accident, as an object in place of a file.
    """
    if isinstance(failure, AcceptedNegativeData):
        return "positive test case" not in str(failure)
    if isinstance(failure, IgnoredAuth):
        return "429" not in str(failure)
    if isinstance(failure, RejectedPositiveData):
        return b'"code":"cursor_invalid"' not in response.content
    if isinstance(failure, EnsureResourceAvailability):
        return "%5B" not in str(response.request.url)
    return True


@atexit.register
def _tell() -> None:
    told = {"statuses": _statuses, "reached": _reached, "broken": _broken}
    _TALLY.write_text(json.dumps(told), encoding="utf-8")
