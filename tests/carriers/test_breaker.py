"""A carrier in trouble is left alone for longer and longer, and asked whether it is back."""

from datetime import timedelta

import pytest

from accounts import clock
from faxes.models import Carrier
from faxes.services import breaker
from tests.upstreams.kazoo import Kazoo

PAUSES = [5, 10, 20, 40, 80, 160, 300, 300]


@pytest.fixture
def vendor(world, settings, receiver):
    settings.CARRIER_SECONDS = 0.5
    upstream = Kazoo()
    with upstream.running():
        yield upstream


@pytest.fixture
def carrier(vendor):
    return Carrier.objects.create(kind="kazoo", name="Kazoo", options=vendor.settings())


def read(carrier):
    carrier.refresh_from_db()
    return carrier


def is_shut(carrier):
    return breaker.is_shut(read(carrier), clock.now())


def shut_for(carrier):
    return round((read(carrier).shut_until - clock.now()).total_seconds())


def test_three_troubles_in_a_row_shut_a_carrier_and_an_answer_in_between_does_not(carrier):
    for _ in range(2):
        breaker.note_failure(carrier, "no answer")
    breaker.note_answer(carrier)
    for _ in range(2):
        breaker.note_failure(carrier, "no answer")
    assert not is_shut(carrier)
    breaker.note_failure(carrier, "no answer")
    assert is_shut(carrier)
    assert shut_for(carrier) == PAUSES[0]
    breaker.note_failure(carrier, "one that was under way")
    assert shut_for(carrier) == PAUSES[0]
    assert (carrier.last_failure, carrier.failures) == ("one that was under way", 4)


def test_each_time_that_it_is_asked_in_vain_it_is_left_alone_for_longer(carrier, vendor):
    for _ in range(3):
        breaker.note_failure(carrier, "no answer")
    for pause in PAUSES[1:]:
        vendor.server.behave = lambda handler: handler.answer(503)
        Carrier.objects.update(shut_until=clock.now())
        breaker.probe(carrier.pk)
        assert shut_for(carrier) == pause


def test_one_that_answers_is_let_in_again_and_shut_by_one_more_trouble(carrier):
    for _ in range(3):
        breaker.note_failure(carrier, "no answer")
    Carrier.objects.filter(pk=carrier.pk).update(shut_until=clock.now())
    breaker.probe(carrier.pk)
    assert not is_shut(carrier)
    breaker.note_failure(carrier, "no answer")
    assert shut_for(carrier) == PAUSES[1]
    Carrier.objects.filter(pk=carrier.pk).update(shut_until=clock.now())
    breaker.probe(carrier.pk)
    breaker.note_answer(carrier)
    assert (read(carrier).failures, carrier.trips, carrier.shut_until) == (0, 0, None)


def test_one_process_asks(carrier, work):
    for _ in range(3):
        breaker.note_failure(carrier, "no answer")
    later = clock.now() + timedelta(seconds=PAUSES[0])
    for _ in range(3):
        breaker.attend(later)
    assert [path for path, _ in work.waiting] == ["faxes.tasks.probe"]


def test_a_carrier_that_says_for_how_long_is_left_alone_so_long_at_once(carrier):
    breaker.note_failure(carrier, "too many requests", retry_after=90)
    assert shut_for(carrier) == 90
    breaker.note_answer(carrier)
    assert is_shut(carrier)


def test_the_embedded_line_is_never_shut(world):
    embedded = Carrier.objects.get(kind="embedded")
    for _ in range(9):
        breaker.note_failure(embedded, "it crashed", retry_after=60)
    assert not is_shut(embedded)
    assert embedded.last_failure == "it crashed"
