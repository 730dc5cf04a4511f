"""A run: a portal in production under load, faults by plan, and what its books say in the end."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from shutil import copyfile
from typing import Final

from tests.faults.books import Books
from tests.faults.portal import wait_until
from tests.faults.production.column import Column, column
from tests.faults.production.load import Load, Program, Told, wait_state
from tests.faults.production.make import numbers_of
from tests.faults.production.money import money_faults
from tests.faults.production.plan import Fault, plan
from tests.faults.production.strikes import possible, struck
from tests.faults.production.witness import answers_kept, messages_arrived
from tests.outside import Handler, Outside, outside

Say = Callable[[str], None]
WORK_GOES_ON: Final = 600.0  # seconds in which it must, on a machine that others slow
_AT_REST: Final = 600.0
_HURRY: Final = 60.0  # seconds that are let pass in the rows at a time, once all is healed
_REFUSED: Final = 40  # one message in so many is refused at first


@dataclass(frozen=True)
class Recovered:
    """Faults that came together, and how long after their end a new fax was delivered."""

    names: tuple[str, ...]
    what: str
    seconds: float
    asked: float  # of these until the portal took it


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    seconds: float = 0
    recovered: list[Recovered] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    faxes: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    messages: int = 0
    objects: int = 0
    rest: float = 0  # seconds until nothing was under way any more
    hurried: float = 0  # seconds that were let pass for that

    @property
    def faults(self) -> int:
        """How many were injected."""
        return sum(len(each.names) for each in self.recovered)


@dataclass(frozen=True)
class Ran:
    """A run that is over: what came of it, and where its books can be read still."""

    outcome: Outcome
    portal: Column
    told: Told
    receiver: Outside
    secrets: dict[str, str]  # by the path that an account's messages come to


@contextmanager
def ran(
    *, seed: int, minutes: float, say: Say, patience: float = _AT_REST, log: Path | None = None
) -> Iterator[Ran]:
    """Strike a portal for so long, and look at its books; ``log`` keeps what it logged."""
    with outside() as receiver, column() as portal, ExitStack() as stack:
        if log:
            stack.callback(copyfile, portal.log_path, log)
        receiver.behave = _receiver(receiver, random.Random(seed))
        asked = {"url": receiver.url("/hook")}
        programs = portal.run("-m", "tests.faults.production.make", given=asked, within=300)
        secrets = {f"hook/{each['account']}": each["secret"] for each in programs.values()}
        portal.start_all()
        say(f"all nodes are up; small disks: {sorted(portal.backing.disks) or 'none, a quota'}")
        load = _load(portal, programs, seed)
        told = Ran(Outcome(seed), portal, load.told, receiver, secrets)
        load.start()
        _strike(portal, load, told.outcome, minutes, say)
        load.stop()
        _settle(portal, told.outcome, say, patience)
        _examine(told)
        yield told


def _load(portal: Column, told: dict[str, dict[str, str]], seed: int) -> Load:
    load = Load({}, Told(), portal.rows, seed)
    for name, each in told.items():
        load.programs[name] = Program(name, each["token"], portal.ports, load.told, load.stopping)
    return load


def _receiver(told: Outside, dice: random.Random) -> Callable[[Handler], None]:
    """Takes messages; a few only when they come again."""
    refused: set[str] = set()

    def behave(handler: Handler) -> None:
        with told.lock:
            key = handler.asked.headers["webhook-id"]
            refuses = key not in refused and not dice.randrange(_REFUSED)
            refused.add(key)
        handler.answer(500 if refuses else 200)

    return behave


def _strike(portal: Column, load: Load, outcome: Outcome, minutes: float, say: Say) -> None:
    probes = cycle(numbers_of("lakeside"))
    began = time.monotonic()
    dice = random.Random(outcome.seed)
    for group in plan(outcome.seed, possible(portal), groups=10_000):
        time.sleep(dice.random() * 2)
        recovered = _befall(portal, load.programs["northside"], next(probes), group)
        outcome.recovered.append(recovered)
        outcome.seconds = time.monotonic() - began
        say(
            f"{outcome.seconds:5.0f} s  {outcome.faults:3}  {recovered.what}:"
            f" taken after {recovered.asked:.1f} s, delivered after {recovered.seconds:.1f} s"
            f" ({load.open} under way)"
        )
        if recovered.seconds >= WORK_GOES_ON:
            outcome.wrong.append(f"no work was done after {recovered.what}\n{portal.log()}")
        if outcome.seconds > minutes * 60:
            return


def _befall(portal: Column, program: Program, probe: str, group: list[Fault]) -> Recovered:
    """Let faults befall it; each begins while the one before lasts, and all end together."""
    told = []
    with ExitStack() as stack:
        for fault in group:
            time.sleep(fault.pause)
            what, _ = stack.enter_context(
                struck(fault.kind, portal, random.Random(fault.seed), fault.seconds)
            )
            told.append(f"{fault.kind.name} ({what})")
        time.sleep(max(fault.seconds for fault in group))
    began = time.monotonic()
    fax = program.send(probe) or program.send(probe)  # of what is deleted at once nothing is told
    taken = time.monotonic() - began
    delivered = bool(fax) and wait_state(program, fax, "delivered", WORK_GOES_ON)
    seconds = time.monotonic() - began if delivered else WORK_GOES_ON
    names = tuple(fault.kind.name for fault in group)
    return Recovered(names, ", ".join(told), seconds, taken)


def _settle(portal: Column, outcome: Outcome, say: Say, patience: float) -> None:
    """Wait until nothing is under way; then destroy what was noted for later, and stop all."""
    began = time.monotonic()
    wait_until(portal.is_ready, WORK_GOES_ON, lambda: f"it is not well\n{portal.log()}")
    while time.monotonic() - began < patience and _open(portal):
        time.sleep(1)
    while time.monotonic() - began < patience + _AT_REST and (left := _open(portal)):
        say(f"still open after {time.monotonic() - began:.0f} s: {left}")
        portal.hurry(_HURRY)
        outcome.hurried += _HURRY
        time.sleep(10)
    outcome.rest = time.monotonic() - began
    deadline = time.monotonic() + _AT_REST
    portal.rows("UPDATE faxes_erasure SET due_at = now()")
    while (left := _open(portal)) and time.monotonic() < deadline:
        portal.hurry(_HURRY)  # for what was noted for later, and jobs that the dead hold
        time.sleep(2)
    if left:
        outcome.wrong.append(f"not at rest: {left}\n{portal.log()}")
    if not portal.is_ready():
        outcome.wrong.append("at rest, and yet it says that it is not well")
    say(f"at rest after {outcome.rest:.0f} s")
    portal.end_all()
    portal.assert_all_gone(within=60)


def _open(portal: Column) -> dict[str, int]:
    try:
        return portal.open_work()
    except Exception as error:  # noqa: BLE001 (of many kinds)
        return {repr(error): 1}


def _examine(run: Ran) -> None:
    source, told, outcome = run.portal.source, run.told, run.outcome
    books = Books.read(source, parted=told.parted)
    outcome.wrong += books.faults()
    outcome.wrong += [f"object {key}: no row needs it" for key in books.orphans()]
    outcome.wrong += money_faults(source)
    outcome.wrong += answers_kept(source, told)
    outcome.wrong += messages_arrived(source, run.receiver.seen, run.secrets)
    states = [fax["state"] for fax in books.faxes.values()]
    outcome.faxes = {state: states.count(state) for state in sorted(set(states))}
    outcome.faxes["deleted"] = len(told.gone)
    outcome.statuses = dict(sorted(told.statuses.items()))
    outcome.messages = len(run.receiver.seen)
    outcome.objects = len(books.objects)
