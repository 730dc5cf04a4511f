"""The portal as its own VoipNow: what one side writes the other side understands."""

from uuid import UUID

import pytest

from faxes.carriers.base import CarrierRefused, CarrierUnavailable
from faxes.enums import Outcome
from faxes.models import Fax
from faxes.services.extensions import full_extension
from tests.carriers.doors import fax_of, opened, sent
from tests.carriers.here import address_of, client_of, pages_of, same_pixels, stored
from tests.upstreams.voipnow import VoipNowUpstream

GOOD = "+12025550100"


@pytest.fixture
def here(world, live_server):
    """A carrier of this portal itself, for an extension of it."""
    name, secret = client_of(world, world.lakeside)
    extension = full_extension(world.lakeside.faxbox)

    class Here(VoipNowUpstream):
        def settings(self):
            at = address_of(live_server)
            app = {"client_id": name, "client_secret": secret}
            return {"base_url": at, "extension": extension, **app}

    return lambda **settings: opened(Here(), seconds=10.0, **settings)


def test_faxes_go_out_by_our_own_dialect(world, here, send, work, tmp_path):
    mine = send(world.northside, "+12025550107", pages=2)
    work.run_jobs()
    fax = fax_of(pages_of(mine, tmp_path), to_number=GOOD, pages=2)
    for legacy in (False, True):
        carrier = here(legacy=legacy)
        assert carrier.check()
        number, _, uid = carrier.submit(fax).partition("/")
        made = Fax.rows.get(pk=UUID(uid))
        assert (int(number), made.to_number) == (made.pk.int, GOOD)
        assert made.from_number == world.lakeside.number
    work.run_to_end()
    made.refresh_from_db()
    assert made.outcome == Outcome.DELIVERED
    assert same_pixels(stored(mine, tmp_path), stored(made, tmp_path), pages=2)
    told = carrier.find(sent(f"{number}/{uid}", pages=2)).result
    assert told.outcome == Outcome.HANDED_OVER
    with pytest.raises(CarrierRefused) as refused:
        carrier.submit(fax_of(pages_of(mine, tmp_path), to_number="+1", pages=2))
    assert refused.value.outcome == Outcome.DIAL_FAILED
    with pytest.raises(CarrierUnavailable, match="not_found"):
        here(extension="0099*1").submit(fax)
