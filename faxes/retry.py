"""Whether there is another try, and when: by how the tries so far came out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from faxes.enums import Outcome

# Minutes before each further try. A busy machine is free soon; nobody at home takes longer.
WAITS: Final[dict[Outcome, tuple[float, ...]]] = {
    Outcome.BUSY: (5, 10, 20),
    Outcome.NO_ANSWER: (5, 15),
    Outcome.TRANSMIT_ERROR: (1, 5),
    Outcome.INTERNAL_ERROR: (0, 1),  # our own trouble, not the far end's
}
# Where a faxbox or a request says how many, these may be tried again at all.
_CAN_CHANGE: Final = frozenset({*WAITS, Outcome.NO_CARRIER, Outcome.DIAL_FAILED})
_DEFAULT_WAITS: Final = (5.0, 10.0, 20.0)

_FIRST_PAUSE: Final = 5.0  # seconds, doubled each time
_LONGEST_PAUSE: Final = 900.0
_MOST_DOUBLINGS: Final = 10


def next_wait(
    outcomes: Sequence[Outcome], *, retries: int | None, scale: float = 1.0
) -> timedelta | None:
    """How long to wait for the next try after tries that came out so; None if there is none.

    ``retries`` is how many further tries there may be in all, if a faxbox or request said so;
    ``scale`` shortens the waits for demonstrations.
    """
    last = outcomes[-1]
    if last not in _CAN_CHANGE:
        return None
    waits = WAITS.get(last, _DEFAULT_WAITS)
    seen = sum(outcome == last for outcome in outcomes)
    if retries is None:
        if last not in WAITS or seen > len(waits):
            return None
    elif len(outcomes) > retries:
        return None
    minutes = waits[min(seen, len(waits)) - 1]
    return timedelta(minutes=minutes * scale)


def pause_after(false_starts: int, *, pace: float = 1.0) -> timedelta:
    """How long a fax waits that carriers did not take so often, where no other is left to ask."""
    seconds = _FIRST_PAUSE * 2 ** min(false_starts - 1, _MOST_DOUBLINGS)
    return timedelta(seconds=min(seconds, _LONGEST_PAUSE) * pace)


def most_tries(retries: int | None) -> int:
    """The most tries that a fax can ever get."""
    if retries is not None:
        return retries + 1
    return 1 + sum(len(waits) for waits in WAITS.values())
