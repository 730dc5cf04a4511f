"""This portal as the vendor: what it says of SignalWire as a server, it understands as a client."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from accounts import clock
from accounts.roles import Scope
from accounts.services import events
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.carriers.base import CarrierRefused, HookRequest
from faxes.documents import tiff
from faxes.enums import Direction, Outcome, Quality
from faxes.models import Fax
from faxes.services import couriers, webhook_delivery
from faxes.services.delivery_loop import carry_out_due
from tests.carriers.doors import Pages, fax_of, opened, sent
from tests.carriers.here import address_of, pages_of, stored

pytestmark = pytest.mark.parametrize("root", ["/api/laml/2010-04-01", "/v1"])


@pytest.fixture
def carrier_of(live_server, receiver):
    """``carrier_of(tenant, root)``: a tenant's account here, as a carrier elsewhere sees it."""

    def make(tenant, root):
        wanted = TokenRequest(name="carrier", kind=KINDS.API_TOKEN, scopes=tuple(Scope))
        told = {
            "base_url": address_of(live_server),
            "project": str(tenant.id),
            "token": create_token(tenant.admin, request=wanted).token,
            "signing_key": events.signing_endpoint(tenant.id, at=clock.now()).secret,
            "root": root,
        }
        vendor: Any = SimpleNamespace(kind="signalwire", settings=lambda: told)
        made = opened(vendor, seconds=30)
        made._tools = replace(made._tools, hook_url=receiver.url("/hooks/"))
        return made

    return make


def calls(receiver):
    """The calls that the receiver got, as a carrier hears them."""
    return [
        HookRequest(
            method=each.method,
            url=receiver.url(each.path),
            headers=each.headers,
            query=dict(parse_qsl(urlsplit(each.path).query)),
            body=each.body,
        )
        for each in receiver.seen
        if each.path.startswith("/hooks/")
    ]


def arrival_of(carrier):
    """The one fax that came in there."""
    (arrival,) = carrier.received_since(clock.now() - timedelta(minutes=5))
    return arrival


def test_a_fax_goes_out_and_comes_in_and_is_deleted(
    world, work, send, receiver, carrier_of, root, tmp_path
):
    ours, theirs = (carrier_of(each, root) for each in (world.northside, world.lakeside))
    mine = send(world.redwood, "+12025550100", pages=2)
    work.run()
    pages = pages_of(mine, tmp_path)
    receiver.behave = lambda at: at.answer(200, pages.as_pdf, Content_Type="application/pdf")
    numbers = {"to_number": world.lakeside.number, "from_number": world.northside.number}
    document = replace(pages, where=receiver.url("/pages.pdf"))
    fax = fax_of(document, pages=2, quality=Quality(mine.quality), **numbers)
    ref = ours.submit(fax)
    tried = sent(ref, key=fax.key, pages=2, at=clock.now() - timedelta(seconds=1), **numbers)
    assert ours.find(tried).result is None
    assert ours.find(replace(tried, ref="")).ref == ref, "it is in the list"
    work.run()
    while carry_out_due(couriers.FETCHES):
        work.run()
    webhook_delivery.deliver_due()
    status = ours.find(tried)
    assert (status.result.outcome, status.result.pages_sent) == (Outcome.DELIVERED, 2)
    went = stored(Fax.rows.get(account=world.lakeside.id), tmp_path)
    for page in (1, 2):  # the line's own header is above
        drawn = tiff.decoded(stored(mine, tmp_path), page).bits
        assert (tiff.decoded(went, page).bits[-len(drawn) :] == drawn).all()
    assert status.result.facts["line_seconds"] > 0
    heard = [ours.heard(each) for each in calls(receiver)]
    assert {each.keys for each in heard} == {(fax.key,)}
    assert ours._tools.memory.get(f"fax-of-{fax.key.hex}") == ref

    arrival = arrival_of(theirs)
    assert (arrival.called, arrival.caller) == (numbers["to_number"], numbers["from_number"])
    assert (arrival.state, arrival.pages, arrival.complete) == ("received", 2, True)
    assert theirs.arrival(arrival.ref) == arrival
    theirs.fetch(arrival.ref, tmp_path / "came")
    assert (tmp_path / "came").read_bytes().startswith(b"%PDF-")
    day = (clock.now() - timedelta(days=1), clock.now() + timedelta(minutes=1))
    (past,) = [each for each in theirs.history(*day) if each.ref == arrival.ref]
    assert (past.direction, past.pages, past.has_document) == (Direction.INBOUND, 2, True)
    (past,) = [each for each in ours.history(*day) if each.ref == ref]
    assert (past.outcome, past.has_document) == (Outcome.DELIVERED, False), "it was not to stay"

    assert (theirs.forget_arrival(arrival.ref), ours.forget_sent(ref)) == (True, True)
    assert (theirs.forget_arrival(arrival.ref), ours.forget_sent(ref)) == (False, False)
    assert list(Fax.rows.all()) == [mine]


def test_it_is_canceled_and_refused_and_tells_of_its_numbers(world, receiver, carrier_of, root):
    ours = carrier_of(world.northside, root)
    assert "Faxes can be read" in ours.check()
    document = Pages(b"", where=receiver.url("/pages.pdf"))
    fax = fax_of(document, to_number="+12025550100", from_number=world.northside.number)
    tried = sent(ours.submit(fax), to_number=fax.to_number, from_number=fax.from_number)
    ours.hang_up(tried)
    assert ours.find(tried).result.outcome == Outcome.CANCELED
    for number, outcome in (
        ("+1202", Outcome.DIAL_FAILED),
        ("sip:a@b.example", Outcome.DIAL_FAILED),
    ):
        with pytest.raises(CarrierRefused) as refused:
            ours.submit(replace(fax, to_number=number))
        assert refused.value.outcome == outcome
    if root != "/v1":
        assert [each.e164 for each in ours.numbers()] == [world.northside.number]
