"""The portal as its own Kazoo: what one side writes the other side understands, both ways."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.services.api_keys import key_of
from faxes.carriers.base import ArrivalState
from faxes.enums import Direction, Outcome
from faxes.models import Fax
from tests.carriers.doors import Pages, fax_of, fetched, opened, sent
from tests.papers import pdf
from tests.upstreams.kazoo import Kazoo

GOOD, BUSY = "+12025550100", "+12025550101"


@pytest.fixture
def here(world, live_server):
    """A carrier of this portal itself, for an account of it."""

    class Here(Kazoo):
        def settings(self):
            at = live_server.url.replace("localhost", "127.0.0.1")
            return {"base_url": f"{at}/v2", "api_key": key_of(world.northside.admin)}

    return opened(Here(), seconds=10.0)


def test_a_fax_is_sent_followed_received_and_deleted_by_our_own_dialect(
    world, here, send, work, tmp_path
):
    ours = world.northside.number
    tries = {}
    for to in (GOOD, BUSY):
        fax = fax_of(Pages(b"", pdf(2)), to_number=to, from_number=ours, pages=2)
        tries[to] = sent(here.submit(fax), key=fax.key, to_number=to, from_number=ours, pages=2)
    assert here.check()
    assert [each.e164 for each in here.numbers()] == [ours]
    for one in tries.values():
        assert here.find(one).result is None
        unheard = sent("", key=one.key, to_number=one.to_number, from_number=ours, pages=2)
        assert here.find(unheard).ref == one.ref
    send(world.lakeside, ours, pages=1)
    work.run_to_end()
    assert Fax.rows.filter(from_number=ours, tries=1).count() == 2  # busy was tried once
    good, busy = (here.find(tries[to]).result for to in (GOOD, BUSY))
    assert (good.outcome, good.pages_sent) == (Outcome.DELIVERED, 2)
    assert good.facts["bit_rate"] > 2400
    assert good.facts["resolution"] == "fine"
    assert (busy.outcome, busy.pages_sent) == (Outcome.BUSY, 0)
    found = here.find(sent("", key=tries[BUSY].key, to_number=BUSY, from_number=ours, pages=2))
    assert found.ref == tries[BUSY].ref
    (arrival,) = here.received_since(clock.now() - timedelta(minutes=5))
    assert arrival == here.arrival(arrival.ref)
    assert (arrival.called, arrival.caller) == (ours, world.lakeside.number)
    assert (arrival.state, arrival.pages) == (ArrivalState.RECEIVED, 1)
    assert fetched(here, arrival.ref, tmp_path)[:4] == b"II*\0"
    past = {each.ref: each for each in here.history(arrival.at - timedelta(hours=1), clock.now())}
    assert {each.direction for each in past.values()} == set(Direction)
    assert {*past} == {arrival.ref, *(one.ref for one in tries.values())}
    here.fetch_past(past[tries[GOOD].ref], tmp_path / "past")
    assert here.forget_arrival(arrival.ref) is True
    assert here.forget_sent(tries[GOOD].ref) is True
    assert here.arrival(arrival.ref) is None
    assert here.forget_arrival(arrival.ref) is False
    assert set(Fax.rows.values_list("to_number", flat=True)) == {BUSY, ours}
