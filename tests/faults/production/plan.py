"""What befalls a portal and in which order: all of it comes from a seed alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.production.strikes import Kind

_TOGETHER: Final = 0.25  # of all faults come while another lasts
_MOST_TOGETHER: Final = 3


@dataclass(frozen=True)
class Fault:
    """One fault: for how many seconds, after how many, and what it chooses by."""

    kind: Kind
    seconds: float
    pause: float
    seed: int


def plan(seed: int, kinds: Sequence[Kind], groups: int) -> list[list[Fault]]:
    """So many groups of faults, each of one or of some together. Each kind comes early once."""
    dice = random.Random(seed)
    first = list(kinds)
    dice.shuffle(first)
    planned = []
    for _ in range(groups):
        group = [_fault(dice, first.pop() if first else _any(dice, kinds))]
        while dice.random() < _TOGETHER and len(group) < _MOST_TOGETHER:
            also = _any(dice, kinds)
            if also.name not in {each.kind.name for each in group}:
                group.append(_fault(dice, also))
        planned.append(group)
    return planned


def _any(dice: random.Random, kinds: Sequence[Kind]) -> Kind:
    return dice.choices(kinds, [kind.often for kind in kinds])[0]


def _fault(dice: random.Random, kind: Kind) -> Fault:
    seconds = kind.longest * dice.random() ** 2  # mostly short
    return Fault(kind, seconds, dice.random(), dice.randrange(10**9))
