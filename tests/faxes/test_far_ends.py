"""What a number was found to need is asked for at once the next time, and forgotten in time."""

from datetime import timedelta

from accounts import clock
from faxes import lifecycle
from faxes.enums import FaxState
from faxes.models import Carrier, FarEnd, LineCall
from faxes.services import far_ends, privacy, sweep

OLD, BREAKS, GOOD = "+12025550106", "+12025550104", "+12025550100"


def test_after_a_break_a_call_asks_for_less_and_what_succeeded_is_asked_for_next_time(
    world, work, send
):
    fax = send(world.northside, BREAKS, pages=3)
    work.run_to_end()
    asked = [each.asked for each in fax.attempts.order_by("number")]
    assert asked == [{}, {"most_bits": 9600}, {"ecm": False, "most_bits": 9600}]
    tries = fax.attempts.order_by("number").values_list("bit_rate", "ecm")
    assert list(tries) == [(14400, True), (9600, True), (9600, False)]
    again = send(world.northside, BREAKS)
    other = send(world.lakeside, BREAKS)
    work.run_to_end()
    assert again.attempts.get().asked == {"ecm": False, "most_bits": 9600}
    assert other.attempts.get().asked == {}


def test_a_machine_that_takes_standard_resolution_only_is_not_asked_for_more_again(
    world, work, send
):
    send(world.northside, OLD, quality="superfine")
    work.run_to_end()
    assert FarEnd.rows.get().quality == "standard"
    again = send(world.northside, OLD, quality="fine")
    work.run_jobs()
    assert LineCall.objects.get().quality == "standard"
    work.run_to_end()
    attempt = again.attempts.get()
    assert (attempt.outcome, attempt.resolution) == ("delivered", "standard")


def test_an_ordinary_fax_leaves_nothing_to_know(world, work, send):
    send(world.northside, GOOD)
    work.run_to_end()
    assert not FarEnd.rows.exists()


def test_it_is_forgotten_after_ninety_days_and_with_the_last_fax_to_the_number(world, work, send):
    faxes = [send(world.northside, OLD, quality="fine") for _ in range(2)]
    work.run_to_end()
    for fax, left in zip(faxes, (True, False), strict=True):
        privacy.delete_fax(world.northside.admin, fax_id=fax.pk)
        assert FarEnd.rows.exists() == left
    send(world.northside, OLD, quality="fine")
    work.run_to_end()
    work.pass_time(timedelta(days=91))
    assert far_ends.known(world.northside.id, OLD).quality == ""
    sweep.tidy()
    assert not FarEnd.rows.exists()


def test_a_try_that_no_carrier_took_counts_for_none_and_is_not_paid_for(world, work, send):
    fax = send(world.northside, GOOD, retries="0")
    work.run_jobs()
    attempt = fax.attempts.get()
    assert lifecycle.close_unsent(attempt, now=clock.now(), wait=timedelta())
    assert not lifecycle.close_unsent(attempt, now=clock.now(), wait=timedelta())
    LineCall.objects.all().delete()
    fax.refresh_from_db()
    assert (fax.state, fax.tries, fax.false_starts) == (FaxState.QUEUED, 0, 1)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.DELIVERED, 1)
    assert Carrier.objects.get().failures == 0
