"""A carrier that lists as badly as it may, processes that die at any step, people who delete."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from accounts.scoping import Actor
from faxes.carriers import base
from faxes.enums import FaxState
from faxes.models import Carrier, Fax
from faxes.services import privacy, sync
from faxes.services import receive as receiving
from tests.faxes.carried import Vendor

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROMISE = timedelta(minutes=5)


class Killed(BaseException):
    """The process is no more: nothing of it runs, not even what it would do at its end."""


class Upstream(Vendor):
    """Lists late, in any order, some twice, and breaks off; but for five minutes at most."""

    def __init__(self) -> None:
        super().__init__(pages=b"II*\0")
        self.hidden: list[base.Arrival] = []
        self.newest: datetime | None = None  # that any answer told of
        self.order = random.Random(0)

    def listing(self, since: datetime | None) -> Iterator[base.Arrival]:
        """One answer, page by page."""
        self.keep_promise()
        found = [each for each in self.arrivals if since is None or each.at >= since]
        found += self.order.sample(found, len(found) // 3)
        if self.order.random() < 0.5:  # the newest first, as most lists go
            found.sort(key=lambda each: each.at, reverse=True)
        else:
            self.order.shuffle(found)
        for place, each in enumerate(found):
            if place == self.breaks_after:
                raise base.CarrierInDoubt("the list broke off")
            self.newest = max(self.newest or each.at, each.at)
            yield each

    def keep_promise(self) -> None:
        """What is five minutes older than anything that is listed is listed with it."""
        listed = [each.at for each in self.arrivals]
        for each in sorted(self.hidden, key=lambda one: one.at, reverse=True):
            if listed and each.at < max(listed) - PROMISE:
                self.show(each)

    def show(self, arrival: base.Arrival) -> None:
        self.hidden.remove(arrival)
        self.arrivals.append(arrival)


class Steps:
    """Counts what a process does, and strikes at one of these steps: it dies, or others act."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.dead = False
        self.meanwhile: Callable[[], None] | None = None
        self.depth = 0

    def step(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 (Django's)
        if sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")):
            return execute(sql, params, many, context)
        self.strike()
        return execute(sql, params, many, context)

    def strike(self) -> None:
        if self.dead:
            raise Killed
        if self.left is None:
            return
        self.left -= 1
        if self.left > 0:
            return
        if self.meanwhile is None:
            self.dead = True
            raise Killed
        if len(connection.savepoint_ids) == self.depth:  # else the others wait
            act, self.left, self.meanwhile = self.meanwhile, None, None
            act()

    @contextmanager
    def process(self, at: int | None, meanwhile: Callable[[], None] | None) -> Iterator[None]:
        """What one process does."""
        self.left, self.meanwhile, self.dead = at, meanwhile, False
        self.depth = len(connection.savepoint_ids)
        try:
            with connection.execute_wrapper(self.step):
                yield
        except Killed:
            assert connection.needs_rollback is False
        finally:
            self.left, self.meanwhile, self.dead = None, None, False


STEP = st.none() | st.integers(1, 40)


class Histories(RuleBasedStateMachine):
    """One carrier, the process that looks, those that fetch, and a person who deletes."""

    carrier: Carrier
    called: str
    actor: Actor
    hands: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer._from_testcase = True  # type: ignore[attr-defined]  # what is durable is so within
        self.outer.__enter__()
        self.now = NOON
        self.upstream = Upstream()
        self.hands |= {"now": lambda: self.now, "upstream": self.upstream}
        self.waiting: list[dict[str, str]] = []
        self.hands["put"] = self.waiting.append
        self.steps = self.hands["steps"] = Steps()
        self.count = 0
        self.deleted: set[str] = set()
        self.vanished: set[str] = set()
        self.rows: dict[str, Any] = {}

    # --- the carrier ---

    @rule(age=st.integers(0, 300), hidden=st.booleans())
    def arrives(self, age: int, hidden: bool) -> None:  # noqa: FBT001
        at = self.now - timedelta(seconds=age)
        if self.upstream.newest is not None:
            at = max(at, self.upstream.newest - PROMISE)
        ref = f"a{self.count}"
        self.count += 1
        arrival = self.upstream.comes(ref, self.called, at)
        if hidden:
            self.upstream.arrivals.remove(arrival)
            self.upstream.hidden.append(arrival)

    @precondition(lambda self: self.upstream.hidden)
    @rule(which=st.integers(0, 99))
    def shows_up(self, which: int) -> None:
        self.upstream.show(self.upstream.hidden[which % len(self.upstream.hidden)])

    @precondition(lambda self: self.upstream.arrivals)
    @rule(which=st.integers(0, 99), times=st.integers(1, 3))
    def fails(self, which: int, times: int) -> None:
        arrival = self.upstream.arrivals[which % len(self.upstream.arrivals)]
        self.upstream.fails[arrival.ref] = times

    @precondition(lambda self: self.upstream.arrivals)
    @rule(which=st.integers(0, 99))
    def vanishes(self, which: int) -> None:
        gone = self.upstream.arrivals.pop(which % len(self.upstream.arrivals))
        self.vanished.add(gone.ref)

    # --- the portal ---

    @rule(
        at=STEP, breaks=st.none() | st.integers(0, 4), seed=st.integers(0, 9), others=st.booleans()
    )
    def looks(self, at: int | None, breaks: int | None, seed: int, others: bool) -> None:  # noqa: FBT001
        self.upstream.breaks_after, self.upstream.order = breaks, random.Random(seed)
        with self.steps.process(at, self.others_act if others else None):
            sync.sync(self.carrier.pk)
        self.upstream.breaks_after = None
        self.note()

    @precondition(lambda self: self.waiting)
    @rule(at=STEP, others=st.booleans())
    def works(self, at: int | None, others: bool) -> None:  # noqa: FBT001
        with self.steps.process(at, self.others_act if others else None):
            self.do_jobs()
        self.note()

    @precondition(lambda self: self.waiting)
    @rule()
    def loses_its_jobs(self) -> None:
        self.waiting.clear()

    @rule(seconds=st.sampled_from([1, 40, 250, 700]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweeps(self) -> None:
        due = Fax.rows.filter(state=FaxState.RECEIVING, wake_at__lte=self.now)
        for ref in due.values_list("carrier_ref", flat=True):
            self.waiting.append({"carrier": str(self.carrier.pk), "ref": str(ref)})

    @rule(which=st.integers(0, 99))
    def a_person_deletes(self, which: int) -> None:
        done = list(Fax.rows.filter(state=FaxState.RECEIVED).order_by("carrier_ref"))
        if done:
            fax = done[which % len(done)]
            with transaction.atomic():
                privacy.remove(self.actor, fax=fax)
            self.deleted.add(str(fax.carrier_ref))

    def do_jobs(self) -> None:
        while self.waiting:
            job = self.waiting.pop()
            receiving.receive(self.carrier.pk, job["ref"])

    def others_act(self) -> None:
        """Other processes do all that there is to do, and somebody deletes the first of it."""
        self.upstream.breaks_after = None
        Carrier.objects.filter(pk=self.carrier.pk).update(sync_lease_until=None)
        sync.sync(self.carrier.pk)
        self.do_jobs()
        self.note()
        self.a_person_deletes(0)

    def note(self) -> None:
        """A fax that was seen is that one row for ever."""
        for ref, pk in Fax.rows.filter(carrier=self.carrier).values_list("carrier_ref", "pk"):
            assert ref not in self.deleted, f"{ref} came back"
            assert self.rows.setdefault(str(ref), pk) == pk, f"{ref} came twice"

    def teardown(self) -> None:
        """All is well again for an hour; then the books are compared."""
        try:
            self.compare()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def compare(self) -> None:
        self.upstream.fails.clear()
        for arrival in list(self.upstream.hidden):
            self.upstream.show(arrival)
        self.now += timedelta(hours=1)
        sync.sync(self.carrier.pk)
        self.sweeps()
        self.do_jobs()
        self.note()
        stored = Fax.rows.filter(carrier=self.carrier)
        found = dict(stored.values_list("carrier_ref", "state"))
        for ref in (f"a{number}" for number in range(self.count)):
            if ref in self.deleted:
                assert ref not in found, f"{ref} came back"
            elif ref in self.vanished:
                assert found.get(ref) != FaxState.RECEIVING, f"{ref} is waited for for ever"
            else:
                assert found.get(ref) == FaxState.RECEIVED, f"{ref} was missed"
        whole = stored.filter(state=FaxState.RECEIVED)
        for fax in whole.prefetch_related("documents"):
            assert [each.sha256 for each in fax.documents.all()] == [fax.carrier_ref]
