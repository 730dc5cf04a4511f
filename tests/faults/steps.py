"""The steps of a fax at which a process may die: before or after which function, and what then."""

import enum
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.faults.make import MORE_NUMBERS


class When(enum.Enum):
    BEFORE = "before"
    AFTER = "after"
    DURING = "during"


class End(enum.Enum):
    """What has become of the fax in the end."""

    DELIVERED = "delivered"
    NEVER_WAS = "never was"  # whoever submitted it was never told that it was taken
    DELETED = "deleted"


@dataclass(frozen=True)
class Step:
    """One place to die at: a function of the portal, by name; ``which`` picks the call of it."""

    name: str
    target: str  # module:function or module:Class.function
    when: When
    which: Callable[..., bool] = lambda *_, **__: True
    end: End = End.DELIVERED
    locks: bool = False  # in a transaction: a process that merely sleeps there holds up everybody
    also_receive: bool = False  # the called side looks at the call while it is under way
    fetch_first: bool = False  # the called side is done before the calling side
    deletes: bool = False  # both sides delete the fax when it is done
    cover: str = ""  # that its fax goes with
    jobs_follow: bool = False  # jobs are put in after the commit, as where they are no rows

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def to(self) -> str:
        """The number that its fax goes to: each has its own."""
        return MORE_NUMBERS[STEPS.index(self)]


def _moves_to(state: str) -> Callable[..., bool]:
    return lambda _fax, to, **_: to == state


def _attaches(role: str) -> Callable[..., bool]:
    return lambda _fax, attached, _files: attached == role


def _puts(job: str) -> Callable[..., bool]:
    return lambda path, _ids: path.endswith(f".{job}")


def _tells_of_result(path: str, ids: dict[str, str]) -> bool:
    from faxes.models import LineCall  # noqa: PLC0415 (after setup)

    told = path.endswith(".follow")
    return told and LineCall.objects.filter(key=ids["key"], state="done").exists()


def _phase(wanted: str) -> Callable[..., bool]:
    return lambda _held, *, phase, **_: phase == wanted


def _deleting(*_: Any, **__: Any) -> bool:
    """Whether the victim has come to deleting its fax (it says so to itself)."""
    return "DELETING" in os.environ


def _nth(number: int) -> Callable[..., bool]:
    seen = 0

    def is_it(*_: Any, **__: Any) -> bool:
        nonlocal seen
        seen += 1
        return seen == number

    return is_it


_B, _A, _D = When.BEFORE, When.AFTER, When.DURING
_S: Final = "faxes.services"
STEPS: Final = (
    # submitting
    Step("submitted documents stored, no rows", f"{_S}.submit:create", _B, end=End.NEVER_WAS),
    Step("submitted, rows half written", f"{_S}.submit:attach", _B, end=End.NEVER_WAS, locks=True),
    Step("submitted, job not put in", "faxes.jobs:_put", _B, _puts("convert"), jobs_follow=True),
    Step("submitted", f"{_S}.submit:create", _A),
    # converting
    Step("conversion not claimed", f"{_S}.convert:_claim", _B),
    Step("conversion claimed", f"{_S}.convert:_claim", _A),
    Step("conversion under way", f"{_S}.convert:render_files", _D),
    Step("fax pages stored, no row", f"{_S}.convert:_finish", _B),
    Step("fax pages half attached", f"{_S}.convert:attach", _B, locks=True),
    Step("queued by halves", "faxes.jobs:_put", _B, _puts("transmit"), locks=True),
    Step("queued, job not put in", "faxes.jobs:_put", _B, _puts("transmit"), jobs_follow=True),
    Step("queued", f"{_S}.convert:_finish", _A),
    # converting, with a cover
    Step("shared pages stored, no row", f"{_S}.convert_covered:keep_body", _B, cover="plain"),
    Step("shared pages kept", f"{_S}.convert_covered:keep_body", _A, cover="plain"),
    Step("cover under way", "faxes.documents.cover:render", _D, _nth(2), cover="plain"),
    Step("covered pages stored, no row", f"{_S}.convert_covered:_finish", _B, cover="plain"),
    Step(
        "covered pages half attached",
        f"{_S}.convert_covered:attach",
        _B,
        _attaches("rendered"),
        cover="plain",
        locks=True,
    ),
    Step("covered and queued", f"{_S}.convert_covered:_finish", _A, cover="plain"),
    # sending
    Step("try not claimed", "faxes.lifecycle:open_attempt", _B),
    Step("try half claimed", "faxes.lifecycle:move", _B, _moves_to("sending"), locks=True),
    Step("try claimed, carrier not called", f"{_S}.transmit:hand_over", _B),
    # on the line
    Step("call taken by the line", f"{_S}.line:carry", _B),
    Step("call connected", f"{_S}.exchange:note", _A, _phase("connected")),
    Step("call under way", f"{_S}.exchange:note", _A, _phase("page")),
    Step(
        "call under way, arrival begun",
        f"{_S}.exchange:note",
        _A,
        _phase("page"),
        also_receive=True,
    ),
    Step("received pages stored, no result", f"{_S}.exchange:finish", _B),
    Step(
        "received pages stored, no result, arrival begun",
        f"{_S}.exchange:finish",
        _B,
        also_receive=True,
    ),
    Step("result half entered", f"{_S}.exchange:_nudge", _B, _nth(4), locks=True),
    Step("result entered, nobody told", "faxes.jobs:_put", _B, _tells_of_result, jobs_follow=True),
    Step("result entered", f"{_S}.exchange:finish", _A),
    # settling
    Step("result known, not settled", f"{_S}.follow:settle", _B),
    Step("result half settled", "faxes.lifecycle:move", _B, _moves_to("delivered"), locks=True),
    Step("settled, line not told", f"{_S}.follow:settle", _A),
    Step("settled, line told, not forgotten", f"{_S}.exchange:_forget", _B, locks=True),
    Step("settled last, line not told", f"{_S}.follow:settle", _A, fetch_first=True),
    Step(
        "settled last, line told, not forgotten",
        f"{_S}.exchange:_forget",
        _B,
        _nth(2),
        locks=True,
        fetch_first=True,
    ),
    # receiving
    Step("arrival not begun", f"{_S}.receive:begun", _B),
    Step("arrival begun", f"{_S}.receive:begun", _A),
    Step("arrival stored, no row", f"{_S}.intake:keep_one", _A, _nth(3)),
    Step("arrival half received", f"{_S}.receive:attach", _B, locks=True),
    Step("received, line not told", f"{_S}.exchange:Book.fetched", _B),
    Step("received, line told, not forgotten", f"{_S}.exchange:_forget", _B, _nth(2), locks=True),
    # forgetting and deleting
    Step("forgotten, objects not destroyed", f"{_S}.erasure:erase_due", _B),
    Step("deleted, half", f"{_S}.erasure:erase_later", _B, _deleting, locks=True, deletes=True),
    Step(
        "deleted, objects not destroyed",
        f"{_S}.erasure:erase_due",
        _B,
        _deleting,
        end=End.DELETED,
        deletes=True,
    ),
    Step(
        "deleted, objects half destroyed",
        "faxes.vault:destroy",
        _A,
        _deleting,
        end=End.DELETED,
        deletes=True,
    ),
    # last, as the calls that these leave lie open to whoever comes by
    Step("call placed, not noted", f"{_S}.exchange:Book.place", _A),
    Step("call noted", f"{_S}.transmit:hand_over", _A),
)
