"""The portal as its own Fax2: what one side writes the other side understands, both ways."""

from datetime import timedelta

import pytest

from accounts import clock
from faxes.carriers.base import ArrivalState
from faxes.enums import Outcome
from faxes.models import Fax
from tests.carriers.doors import fax_of, fetched, opened, sent
from tests.carriers.here import address_of, client_of, pages_of, same_pixels, stored
from tests.faxes.arrived import come_in
from tests.upstreams.fax2 import Fax2Upstream

GOOD, BUSY = "+12025550100", "+12025550101"


@pytest.fixture
def here(world, live_server):
    """A carrier of this portal itself, for an account of it."""
    name, secret = client_of(world, world.lakeside)

    class Here(Fax2Upstream):
        def settings(self):
            base_url = f"{address_of(live_server)}/v1"
            return {"base_url": base_url, "username": name, "password": secret}

    return opened(Here(), seconds=10.0)


def test_faxes_go_out_and_come_in_by_our_own_dialect(world, here, send, work, tmp_path):
    mine = send(world.northside, world.lakeside.number, pages=2)
    work.run_jobs()
    pages = pages_of(mine, tmp_path)
    refs = {to: here.submit(fax_of(pages, to_number=to, pages=2)) for to in (GOOD, BUSY)}
    assert {here.find(sent(ref)).phase for ref in refs.values()} == {""}
    work.run_to_end()
    good, busy = (here.find(sent(refs[to])).result for to in (GOOD, BUSY))
    assert (good.outcome, good.pages_sent, good.facts) == (
        Outcome.DELIVERED,
        2,
        {"carrier_tries": 1},
    )
    assert (busy.outcome, busy.pages_sent, busy.facts) == (Outcome.BUSY, 0, {"carrier_tries": 3})
    assert same_pixels(
        stored(mine, tmp_path), stored(Fax.rows.get(pk=refs[GOOD]), tmp_path), pages=2
    )

    assert [each.e164 for each in here.numbers()] == [world.lakeside.number]
    assert world.lakeside.number in here.check()
    (arrival,) = here.received_since(clock.now() - timedelta(days=1))
    assert arrival == here.arrival(arrival.ref)
    assert (arrival.called, arrival.pages, arrival.state) == (
        world.lakeside.number,
        2,
        ArrivalState.RECEIVED,
    )
    assert fetched(here, arrival.ref, tmp_path).startswith(b"%PDF-")
    (past,) = here.history(arrival.at, clock.now() + timedelta(minutes=1))
    assert (past.ref, past.at) == (arrival.ref, arrival.at)
    assert here.arrival("00000000-0000-0000-0000-000000000000") is None


def test_lists_are_followed_over_all_their_pages(world, here, monkeypatch):
    now = clock.now()
    made = come_in(world.lakeside, *(now - timedelta(minutes=each) for each in range(7)))
    monkeypatch.setattr("faxes.carriers.fax2._MOST_LISTED", 3)
    assert {each.ref for each in here.received_since(None)} == {str(fax.pk) for fax in made}
