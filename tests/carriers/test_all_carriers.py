"""Every carrier with a script fails in every way there is: a fax goes out once, or says so."""

import ssl
from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from time import sleep
from typing import Any

import pytest

from accounts import clock
from faxes import lifecycle
from faxes.enums import TERMINAL_STATES, ErrorCode, FaxState, Outcome
from faxes.models import Attempt, Carrier, CarrierRoute, Fax, Number
from faxes.services import breaker, follow, outgoing, settling, transmit
from faxes.services.control import cancel_fax
from faxes.services.route import capabilities_of
from tests.real.front import certify
from tests.upstreams.base import Fault, Upstream
from tests.upstreams.fax2 import Fax2Upstream
from tests.upstreams.kazoo import Kazoo
from tests.upstreams.signalwire import SignalWire
from tests.upstreams.voipnow import VoipNowUpstream

VENDORS = (Kazoo, SignalWire, Fax2Upstream, VoipNowUpstream)
MANY = 17  # more than are woken at once
# Nothing was taken, and the carrier says so, or can have heard nothing.
SURELY_NOT = {Fault.SAYS_429, Fault.SAYS_401, Fault.REDIRECTS}


@pytest.fixture(autouse=True)
def quick(settings):
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    settings.CARRIER_SECONDS = 0.5
    settings.CARRIER_PACE = 0.01


@dataclass
class Line:
    """A carrier of this site, and the vendor behind it."""

    row: Carrier
    vendor: Any

    @classmethod
    def to(cls, vendor: Upstream, *, priority: int = 1, **told: Any) -> "Line":
        """A carrier with a way to it for all."""
        name = f"{vendor.kind} {priority}"
        row = Carrier(account=None, kind=vendor.kind, name=name, options=vendor.settings(), **told)
        row.save()
        CarrierRoute.objects.create(carrier=row, priority=priority)
        return cls(row, vendor)

    def finish(self) -> None:
        """The vendor sends all that it took."""
        for taken in self.vendor.taken:
            if taken.state == "waiting":
                self.vendor.finish(taken.ref)


def until_ended(work, *lines, steps=12):
    """Time passes and the vendors do what they took, until every fax has ended."""
    work.run()
    for _ in range(steps):
        for line in lines:
            line.finish()
        if not Fax.rows.exclude(state__in=TERMINAL_STATES).exists():
            return
        work.pass_time(timedelta(minutes=4))
    raise AssertionError(list(Fax.rows.exclude(state__in=TERMINAL_STATES)))


def number(index: int) -> str:
    return f"+1312555{index:04d}"


@pytest.mark.parametrize("vendor_class", VENDORS)
def test_whatever_goes_wrong_a_fax_is_taken_once_or_its_doubt_is_seen(
    world, work, send, vendor_class
):
    vendor = vendor_class()
    with vendor.running():
        line = Line.to(vendor, channels=50)
        able = capabilities_of(line.row)
        for index, fault in enumerate(Fault):
            vendor.faults = deque([fault])
            send(world.northside, number(index))
            work.run()
            assert not vendor.faults, "nothing was handed over"
            breaker.let_in(line.row)
        until_ended(work, line)
    taken = Counter(each.to_number.removeprefix("+") for each in vendor.taken)
    done = Outcome.DELIVERED if able.confirms else Outcome.HANDED_OVER
    for index, fault in enumerate(Fault):
        fax = Fax.rows.get(to_number=number(index))
        told = (taken[number(index).removeprefix("+")], fax.state, fax.outcome)
        if fault is Fault.REFUSES:
            assert told[:2] == (0, FaxState.FAILED), fault
            assert told[2] not in {Outcome.UNKNOWN, Outcome.INTERNAL_ERROR}, fault
        elif able.finds_by_key or fault in SURELY_NOT:
            assert told == (1, FaxState.DELIVERED, done), fault
        else:
            accepted = int("AFTER" in fault.name)
            assert told == (accepted, FaxState.FAILED, Outcome.UNKNOWN), fault
        assert not Attempt.rows.filter(fax=fax, state="calling").exists()


@pytest.mark.parametrize("vendor", [Kazoo(echoes=False), SignalWire()], ids=lambda each: each.kind)
def test_of_two_alike_one_is_never_taken_for_the_other(world, work, send, vendor):
    with vendor.running():
        line = Line.to(vendor)
        send(world.northside, number(1))
        work.run()
        line.finish()
        work.pass_time(timedelta(seconds=2))
        work.run()
        vendor.faults = deque([Fault.HANGS])
        send(world.northside, number(1))
        until_ended(work, line)
    assert Counter(fax.state for fax in Fax.rows.all()) == {FaxState.DELIVERED: 2}
    assert len(vendor.taken) == 2


def test_faxes_go_round_a_carrier_that_is_down_and_back_once_it_is_not(world, work, send):
    first, second = Kazoo(), Fax2Upstream()
    with first.running(), second.running():
        first_line = Line.to(first, channels=50)
        second_line = Line.to(second, priority=2, channels=50)
        first.black_hole = True
        send(world.northside, ", ".join(number(index) for index in range(MANY)))
        work.run()
        delivered = Fax.rows.filter(state=FaxState.DELIVERED)
        for _ in range(12):  # a minute
            if delivered.count() < MANY:
                second_line.finish()
                work.pass_time(timedelta(seconds=5))
        assert (delivered.count(), len(first.taken), len(second.taken)) == (MANY, 0, MANY)
        assert breaker.is_shut(Carrier.objects.get(pk=first_line.row.pk), clock.now())
        first.black_hole = False
        work.pass_time(timedelta(minutes=2))
        send(world.northside, number(MANY))
        until_ended(work, first_line, second_line)
        assert len(first.taken) == 1


def test_a_fax_waits_for_its_carriers_for_a_day_and_then_was_never_sent(world, work, send):
    vendor = Kazoo()
    with vendor.running():
        Line.to(vendor)
    fax = send(world.northside, number(0))
    work.run()
    for _ in range(8):
        work.pass_time(timedelta(hours=2))
    fax.refresh_from_db()
    assert (fax.state, fax.tries, fax.waits_for.kind) == (FaxState.QUEUED, 0, "kazoo")
    for _ in range(6):
        work.pass_time(timedelta(hours=2))
    fax.refresh_from_db()
    assert (fax.state, fax.error_code, fax.outcome) == ("failed", ErrorCode.CARRIERS_DOWN, "")


def test_what_waits_for_a_carrier_can_be_taken_back_as_never_dialled(world, work, send):
    vendor = Kazoo()
    with vendor.running():
        Line.to(vendor)
        vendor.black_hole = True
        fax = send(world.northside, number(0))
        work.run()
        assert all(fax.attempts.values_list("never_left", flat=True))
        assert cancel_fax(world.northside.admin, fax_id=fax.pk).state == FaxState.CANCELED


def test_busy_is_no_reason_to_go_round_a_carrier(world, work, send):
    first, second = Kazoo(), Fax2Upstream()
    with first.running(), second.running():
        Line.to(first)
        Line.to(second, priority=2)
        fax = send(world.northside, number(0))
        for _ in range(4):
            work.run()
            first.finish(first.taken[-1].ref, "busy")
            work.pass_time(timedelta(minutes=1))
            work.pass_time(timedelta(minutes=25))
        fax.refresh_from_db()
        assert (fax.state, fax.outcome, fax.tries) == ("failed", Outcome.BUSY, 4)
        assert (len(first.taken), len(second.taken)) == (4, 0)


def test_a_call_by_one_carrier_keeps_nobody_from_calling_the_number_by_another(world, work, send):
    theirs, others = Kazoo(), SignalWire()
    with theirs.running(), others.running():
        line = Line.to(theirs)
        CarrierRoute.objects.update(account=world.northside.account)
        Carrier.objects.filter(pk=line.row.pk).update(account=world.northside.account)
        Line.to(others)
        Number.rows.filter(e164=world.northside.number).update(carrier=line.row)
        for tenant in (world.northside, world.redwood):
            send(tenant, number(0))
            work.run()
        assert (len(theirs.taken), len(others.taken)) == (1, 1)


def test_a_number_that_a_tenant_brought_along_is_shown_by_the_tenants_carriers_alone(
    world, work, send
):
    theirs, sites = Kazoo(), SignalWire()
    with theirs.running(), sites.running():
        line = Line.to(theirs)
        CarrierRoute.objects.all().delete()
        Carrier.objects.filter(pk=line.row.pk).update(account=world.northside.account)
        Line.to(sites)
        Number.rows.filter(e164=world.northside.number).update(carrier=line.row)
        send(world.northside, number(0))
        send(world.redwood, number(1))
        work.run()
        assert [each.to_number for each in theirs.taken] == [number(0)]
        assert [each.to_number for each in sites.taken] == [number(1)]


def test_a_carrier_that_tries_by_itself_is_not_made_to_try_again(world, work, send):
    vendor = Fax2Upstream()
    with vendor.running():
        Line.to(vendor)
        fax = send(world.northside, number(0))
        work.run()
        vendor.finish(vendor.taken[0].ref, "busy")
        work.pass_time(timedelta(minutes=5))
        fax.refresh_from_db()
        assert (fax.state, fax.outcome, len(vendor.taken)) == ("failed", Outcome.BUSY, 1)


def test_a_carrier_that_broke_off_is_followed_by_one_that_goes_on_with_the_next_page(
    world, work, send
):
    vendor = Kazoo()
    with vendor.running():
        line = Line.to(vendor)
        fax = send(world.northside, number(0), pages=3)
        work.run()
        vendor.finish(vendor.taken[0].ref, "transmit_error", pages_sent=2)
        work.pass_time(timedelta(minutes=1))
        work.pass_time(timedelta(minutes=5))
        assert [each.pages for each in vendor.taken] == [3, 1]
        until_ended(work, line)
        fax.refresh_from_db()
        assert (fax.state, fax.pages_done) == (FaxState.DELIVERED, 3)
        assert [each.first_page for each in fax.attempts.order_by("number")] == [1, 3]


def test_a_late_word_of_an_earlier_try_changes_nothing(world, work, send):
    vendor = SignalWire()
    with vendor.running():
        line = Line.to(vendor)
        vendor.faults = deque([Fault.SAYS_429])
        fax = send(world.northside, number(0))
        work.run()
        early = fax.attempts.get()
        until_ended(work, line)
        before = list(fax.events.values_list("pk", flat=True))
        follow.follow(early.key)
        settling.settle_unsent(early, "late")
        fax.refresh_from_db()
        assert fax.state == FaxState.DELIVERED
        assert list(fax.events.values_list("pk", flat=True)) == before


class Killed(BaseException):
    """The end of the process, in a place of the test's choosing."""


STEPS = {
    "claimed, carrier not called": (transmit, "outgoing", False),
    "called, not noted": (transmit, "_taken", False),
    "noted": (transmit, "_taken", True),
    "asked, not settled": (follow, "settle", False),
    "settled": (follow, "settle", True),
    "settled, by halves": (lifecycle, "_ended", True),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_a_fax_goes_out_once(world, work, send, monkeypatch, step):
    module, name, after = STEPS[step]
    whole = getattr(module, name)

    def killed(*args, **rest):
        if after:
            whole(*args, **rest)
        raise Killed

    vendor = SignalWire()
    with vendor.running():
        line = Line.to(vendor)
        fax = send(world.northside, number(0))
        with monkeypatch.context() as patch:
            patch.setattr(module, name, killed)
            with pytest.raises(Killed):
                until_ended(work, line)
        work.waiting.clear()
        until_ended(work, line)
        fax.refresh_from_db()
        assert (fax.state, len(vendor.taken)) == (FaxState.DELIVERED, 1)


def test_who_was_stopped_before_the_carrier_was_called_hands_nothing_over(
    world, work, send, monkeypatch
):
    vendor = SignalWire()
    with vendor.running():
        line = Line.to(vendor)
        fax = send(world.northside, number(0))
        whole = outgoing.outgoing

        def stopped(*args):
            sleep(0.6)  # longer than a carrier may take
            return whole(*args)

        with monkeypatch.context() as patch:
            patch.setattr(transmit, "outgoing", stopped)
            work.run()
        assert not vendor.taken
        assert fax.attempts.get().never_left
        until_ended(work, line)
        assert len(vendor.taken) == 1


def test_a_carrier_with_a_certificate_of_its_own_making_gets_nothing(
    world, work, send, settings, tmp_path
):
    settings.CARRIER_PACE = 1.0  # no second try while this one is looked at
    vendor = SignalWire()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certify(tmp_path)[1])
    with vendor.running(tls=context):
        Line.to(vendor)
        fax = send(world.northside, number(0))
        work.run()
        fax.refresh_from_db()
        assert (fax.state, fax.false_starts) == (FaxState.QUEUED, 1)
        assert not vendor.calls


def test_settings_that_cannot_be_read_leave_no_doubt_and_are_told(world, work, send, settings):
    settings.CARRIER_PACE = 1.0  # no second try while this one is looked at
    vendor = Kazoo()
    with vendor.running():
        line = Line.to(vendor)
        Carrier.objects.filter(pk=line.row.pk).update(options={"of_before": "1"})
        fax = send(world.northside, number(0))
        work.run()
        fax.refresh_from_db()
        assert (fax.state, fax.false_starts) == (FaxState.QUEUED, 1)
        line.row.refresh_from_db()
        assert "settings cannot be read" in line.row.last_failure
        line.row.options = vendor.settings()
        line.row.save()
        until_ended(work, line)
        assert len(vendor.taken) == 1


def test_after_a_week_a_try_is_unknown_also_where_its_carrier_is_left_alone(world, work, send):
    vendor = Kazoo()
    with vendor.running():
        line = Line.to(vendor)
        vendor.faults = deque([Fault.HANGS])
        fax = send(world.northside, number(0))
        work.run()
        early = clock.now() - follow.ASKED_FOR
        Attempt.rows.update(started_at=early)
        Carrier.objects.filter(pk=line.row.pk).update(shut_until=clock.now() + timedelta(minutes=5))
        follow.follow(fax.attempts.get().key)
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.UNKNOWN)
