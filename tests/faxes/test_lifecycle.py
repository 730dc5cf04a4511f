"""No sequence of moves breaks an invariant."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import TestCase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faxes import lifecycle
from faxes.enums import TERMINAL_STATES, Direction, FaxState, Outcome, Paper, Quality
from faxes.lifecycle import MOVES, IllegalMove
from faxes.models import Attempt, AttemptState, Carrier, Event, Fax
from faxes.retry import most_tries
from tests.world import make_world

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)
READERS = (1, 2)


def new_fax(tenant, *, direction=Direction.OUTBOUND, retries=None, to="+12025550100"):
    return Fax(
        account=tenant.account,
        direction=direction,
        faxbox=tenant.faxbox,
        from_number=tenant.number,
        to_number=to,
        quality=Quality.FINE,
        paper=Paper.LETTER,
        pages=1,
        retries=retries,
    )


class Moves(RuleBasedStateMachine):
    """Any worker may try any move at any time, with a row that it read at any time before."""

    def __init__(self):
        super().__init__()
        self.now = START
        self.faxes = []
        self.read = {}  # what each reader read, at some time before
        self.last_terminal = {}
        self.world = make_world()
        for model in (Event, Attempt, Fax):  # of the example before
            model.rows.all().delete()
        self.carrier = Carrier.objects.get()

    @initialize(
        directions=st.lists(st.sampled_from(Direction), min_size=1, max_size=3),
        retries=st.one_of(st.none(), st.integers(0, 3)),
    )
    def begin(self, directions, retries):
        for position, direction in enumerate(directions):
            # two faxes share a number, so that calls get in each other's way
            fax = new_fax(
                self.world.northside,
                direction=direction,
                retries=retries,
                to=f"+1202555010{position // 2}",
            )
            lifecycle.begin([fax], because="submitted", now=self.now)
            self.faxes.append(fax.pk)
            for reader in READERS:
                self.read[fax.pk, reader] = Fax.rows.get(pk=fax.pk)

    @rule(seconds=st.integers(1, 3600))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(data=st.data())
    def somebody_reads(self, data):
        pk, reader = data.draw(st.sampled_from(sorted(self.read)))
        self.read[pk, reader] = Fax.rows.get(pk=pk)

    @rule(data=st.data(), to=st.sampled_from(FaxState))
    def somebody_moves(self, data, to):
        fax = self.read[data.draw(st.sampled_from(sorted(self.read)))]
        if to == FaxState.SENDING:
            return  # only an attempt does that
        if fax.state == FaxState.SENDING:
            return  # only the end of the attempt does that
        before = Fax.rows.get(pk=fax.pk).state
        try:
            moved = lifecycle.move(fax, to, because="test", now=self.now)
        except IllegalMove:
            assert to not in MOVES[FaxState(fax.state)] or (to == FaxState.CANCELED and fax.tries)
            assert Fax.rows.get(pk=fax.pk).state == before
        else:
            assert Fax.rows.get(pk=fax.pk).state == (to if moved else before)

    @rule(data=st.data())
    def somebody_claims(self, data):
        fax = self.read[data.draw(st.sampled_from(sorted(self.read)))]
        if fax.state != FaxState.QUEUED:
            return
        try:
            lifecycle.open_attempt(fax, carrier=self.carrier, now=self.now, lease=LEASE)
        except IllegalMove:
            assert fax.tries >= most_tries(fax.retries)

    @precondition(lambda _: Attempt.rows.filter(state=AttemptState.CALLING).exists())
    @rule(data=st.data(), outcome=st.sampled_from(Outcome), twice=st.booleans())
    def a_try_ends(self, data, outcome, twice):
        calling = list(Attempt.rows.filter(state=AttemptState.CALLING).order_by("id"))
        attempt = data.draw(st.sampled_from(calling))
        assert lifecycle.close_attempt(attempt, outcome=outcome, now=self.now, scale=1.0)
        if twice:
            assert not lifecycle.close_attempt(
                attempt, outcome=Outcome.DELIVERED, now=self.now, scale=1.0
            )

    @rule(data=st.data())
    def somebody_cancels(self, data):
        fax = self.read[data.draw(st.sampled_from(sorted(self.read)))]
        if fax.state in {FaxState.PREPARING, FaxState.QUEUED}:
            lifecycle.cancel(fax, now=self.now)

    @invariant()
    def a_terminal_state_never_changes(self):
        for fax in Fax.rows.filter(pk__in=self.faxes):
            if fax.pk in self.last_terminal:
                assert fax.state == self.last_terminal[fax.pk]
            elif fax.state in TERMINAL_STATES:
                self.last_terminal[fax.pk] = fax.state
                assert fax.finished_at is not None
                assert fax.wake_at is None

    @invariant()
    def whatever_is_open_will_be_looked_at(self):
        open_faxes = Fax.rows.exclude(state__in=TERMINAL_STATES)
        assert not open_faxes.filter(wake_at__isnull=True).exists()

    @invariant()
    def tries_never_exceed_what_retries_allow(self):
        for fax in Fax.rows.filter(pk__in=self.faxes):
            numbers = sorted(fax.attempts.values_list("number", flat=True))
            assert numbers == list(range(1, fax.tries + 1))
            assert fax.tries <= most_tries(fax.retries)

    @invariant()
    def nothing_is_sent_again_after_delivery(self):
        for fax in Fax.rows.filter(pk__in=self.faxes):
            outcomes = list(fax.attempts.order_by("number").values_list("outcome", flat=True))
            assert outcomes.count(Outcome.DELIVERED) <= 1
            if Outcome.DELIVERED in outcomes:
                assert outcomes[-1] == Outcome.DELIVERED
                assert fax.state == FaxState.DELIVERED

    @invariant()
    def every_move_has_its_event(self):
        for fax in Fax.rows.filter(pk__in=self.faxes):
            states = [""]
            for event in Event.rows.filter(fax=fax).order_by("id"):
                assert event.from_state == states[-1]
                if event.from_state:
                    assert event.to_state in MOVES[FaxState(event.from_state)]
                states.append(event.to_state)
            assert states[-1] == fax.state

    @invariant()
    def sending_is_having_exactly_one_call(self):
        for fax in Fax.rows.filter(pk__in=self.faxes):
            calling = fax.attempts.filter(state=AttemptState.CALLING).count()
            assert calling == (1 if fax.state == FaxState.SENDING else 0)

    @invariant()
    def a_number_is_called_once_at_a_time(self):
        calling = Attempt.rows.filter(state=AttemptState.CALLING)
        numbers = list(calling.values_list("to_number", flat=True))
        assert len(numbers) == len(set(numbers))

    @invariant()
    def a_canceled_fax_was_never_dialled(self):
        assert not Fax.rows.filter(state=FaxState.CANCELED, tries__gt=0).exists()


class TestMoves(TestCase):
    def test_no_sequence_of_moves_breaks_an_invariant(self):
        settings = hypothesis_settings(max_examples=40, stateful_step_count=25)
        run_state_machine_as_test(Moves, settings=settings)


@pytest.mark.parametrize("origin", FaxState)
def test_every_state_is_in_the_table(origin):
    assert origin in MOVES
    assert (not MOVES[origin]) == (origin in TERMINAL_STATES)
    assert origin not in MOVES[origin]


def test_whoever_comes_second_changes_nothing(world):
    fax = new_fax(world.northside)
    lifecycle.begin([fax], because="submitted", now=START)
    first, second = Fax.rows.get(pk=fax.pk), Fax.rows.get(pk=fax.pk)
    assert lifecycle.move(first, FaxState.QUEUED, because="prepared", now=START)
    assert not lifecycle.move(second, FaxState.FAILED, because="documents", now=START)
    assert Fax.rows.get(pk=fax.pk).state == FaxState.QUEUED
    assert Event.rows.filter(fax=fax).count() == 2
