"""The ten test numbers, through the whole stack: from submitting to the final state."""

from itertools import pairwise

import pytest

from faxes.enums import FaxState, Outcome
from faxes.models import Attempt, Document, LineCall


@pytest.mark.parametrize(
    ("number", "state", "outcome", "tries"),
    [
        ("+12025550100", FaxState.DELIVERED, Outcome.DELIVERED, 1),
        ("+12025550101", FaxState.FAILED, Outcome.BUSY, 4),
        ("+12025550102", FaxState.FAILED, Outcome.NO_ANSWER, 3),
        ("+12025550103", FaxState.FAILED, Outcome.NO_CARRIER, 1),
        ("+12025550104", FaxState.DELIVERED, Outcome.DELIVERED, 2),
        ("+12025550105", FaxState.DELIVERED, Outcome.DELIVERED, 1),
        ("+12025550106", FaxState.DELIVERED, Outcome.DELIVERED, 1),
        ("+12025550107", FaxState.DELIVERED, Outcome.DELIVERED, 3),
        ("+12025550108", FaxState.FAILED, Outcome.DIAL_FAILED, 1),
    ],
)
def test_a_test_number_behaves_as_listed(world, work, send, number, state, outcome, tries):
    fax = send(world.northside, number, pages=2)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome, fax.tries) == (state, outcome, tries)
    assert fax.attempts.count() == tries
    assert not LineCall.objects.exists(), "the line forgets calls that both ends are done with"


def test_the_number_that_hangs_up_takes_a_one_page_fax(world, work, send):
    fax = send(world.northside, "+12025550104", pages=1)
    work.run_to_end()
    fax.refresh_from_db()
    assert fax.state == FaxState.DELIVERED


def test_each_call_goes_on_behind_the_pages_that_the_number_that_hangs_up_confirmed(
    world, work, send
):
    fax = send(world.northside, "+12025550104", pages=3)
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.pages_done) == (FaxState.QUEUED, 1)
    work.run_to_end()
    fax.refresh_from_db()
    tries = list(fax.attempts.order_by("number").values_list("first_page", "pages_sent"))
    assert tries == [(1, 1), (2, 1), (3, 1)]
    assert (fax.state, fax.outcome, fax.pages_done) == ("delivered", "delivered", 3)


def test_a_fax_with_more_pages_than_tries_fails_at_the_number_that_hangs_up(world, work, send):
    fax = send(world.northside, "+12025550104", pages=4)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.TRANSMIT_ERROR)
    assert (fax.tries, fax.pages_done) == (3, 3)


def test_the_noisy_number_tells_of_bad_rows(world, work, send):
    fax = send(world.northside, "+12025550105", pages=2)
    work.run_to_end()
    attempt = fax.attempts.get()
    assert attempt.ecm is False
    assert attempt.bad_rows


def test_the_old_machine_gets_standard_resolution_within_the_same_try(world, work, send):
    fax = send(world.northside, "+12025550106", pages=2, quality="fine")
    work.run_to_end()
    attempt = fax.attempts.get()
    assert (attempt.resolution, attempt.bit_rate, attempt.ecm) == ("standard", 2400, False)
    assert attempt.pages_sent == 2


def test_the_busy_number_is_tried_again_after_five_ten_and_twenty_minutes(
    world, work, send, settings
):
    settings.RETRY_SCALE = 1.0
    fax = send(world.northside, "+12025550101")
    work.run_to_end()
    tries = Attempt.rows.filter(fax=fax).order_by("number")
    starts = list(tries.values_list("started_at", flat=True))
    waits = [(after - before).total_seconds() / 60 for before, after in pairwise(starts)]
    # the test's clock goes in steps of five minutes
    assert all(least <= wait <= least + 6 for least, wait in zip((5, 10, 20), waits, strict=True))


def test_a_tenants_number_receives_what_another_tenant_sends(world, work, send):
    send(world.northside, world.lakeside.number, pages=3)
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    assert arrival.state == FaxState.RECEIVED
    assert arrival.pages == 3
    assert arrival.from_number == world.northside.number
    assert arrival.remote_station_id == world.northside.number
    assert Document.rows.filter(fax=arrival).get().pages == 3


def test_any_other_number_is_not_in_service(world, work, send):
    fax = send(world.northside, "+12025550199")
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.DIAL_FAILED)
