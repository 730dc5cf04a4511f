"""What no carrier on the way can do is refused when a fax is handed in; the rest goes."""

import pytest

from accounts.roles import Role
from faxes.carriers.base import Capabilities
from faxes.carriers.embedded import EmbeddedCarrier
from faxes.carriers.registry import CLASSES
from faxes.enums import ErrorCode, Quality
from faxes.errors import InvalidRequest
from faxes.models import Carrier, CarrierRoute, Fax, Number
from faxes.services.carriers import embedded_carrier
from faxes.services.route import routes_to
from faxes.services.submit import FaxRequest, resend_fax, submit_fax
from tests import papers
from tests.portal.conftest import Visitor, letter


class Plain(EmbeddedCarrier):
    kind = "plain"
    capabilities = Capabilities(
        qualities=frozenset({Quality.STANDARD, Quality.FINE}), caller_id=False, station=False
    )


@pytest.fixture
def plain(world, monkeypatch):
    monkeypatch.setitem(CLASSES, "plain", Plain)
    return Carrier.objects.create(kind="plain", name="Plain")


def asked(world, **more):
    return FaxRequest(
        **{
            "to": world.lakeside.number,
            "documents": [papers.incoming(b"Dear Ms Jones", "letter.txt")],
        }
        | more
    )


def refused(world, **more):
    with pytest.raises(InvalidRequest) as told:
        submit_fax(world.northside.admin, request=asked(world, **more), origin="test")
    return [(each.code, each.field) for each in told.value.errors]


@pytest.mark.parametrize(
    ("field", "value"),
    [("quality", "superfine"), ("station_id", "OFFICE"), ("header", "Northside")],
)
def test_an_option_that_the_carrier_of_the_number_cannot_do(world, plain, field, value):
    Number.rows.filter(e164=world.northside.number).update(carrier=plain)
    assert refused(world, **{field: value}) == [(ErrorCode.OPTION_UNSUPPORTED, field)]
    assert not Fax.rows.exists()
    submit_fax(world.northside.admin, request=asked(world), origin="test")
    CarrierRoute.objects.create(carrier=embedded_carrier(), prefix=world.lakeside.number[:4])
    submit_fax(world.northside.admin, request=asked(world, **{field: value}), origin="test")
    CarrierRoute.objects.update(enabled=False)
    assert refused(world, **{field: value})


def test_a_number_to_send_from_is_taken_by_its_own_carrier_alone_if_others_take_none(world, plain):
    named = {"from_number": world.northside.number}
    submit_fax(world.northside.admin, request=asked(world, **named), origin="test")
    CarrierRoute.objects.create(carrier=plain, prefix="")
    assert refused(world, **named) == [(ErrorCode.OPTION_UNSUPPORTED, "from")]
    Number.rows.filter(e164=world.northside.number).update(carrier=plain)
    submit_fax(world.northside.admin, request=asked(world, **named), origin="test")


def test_all_that_is_wrong_is_told_at_once_with_the_option_in_words(world, plain):
    Number.rows.filter(e164=world.northside.number).update(carrier=plain)
    wrong = refused(world, quality="superfine", retries="99")
    assert {code for code, _ in wrong} == {
        ErrorCode.OPTION_UNSUPPORTED, ErrorCode.RETRIES_INVALID,
    }  # fmt: skip
    visitor = Visitor(world.northside, Role.ADMIN)
    answer = visitor.post(
        "compose",
        {"to": world.lakeside.number, "documents": letter(), "quality": "superfine"},
    )
    assert answer.status_code == 422
    assert "cannot do that: superfine quality" in answer.content.decode()


def test_a_number_that_no_carrier_reaches(world, plain, send, work):
    sent = send(world.northside, world.lakeside.number)
    work.run_to_end()
    Carrier.objects.update(enabled=False)
    assert refused(world) == [(ErrorCode.NO_CARRIER_FOR_NUMBER, "to")]
    with pytest.raises(InvalidRequest):
        resend_fax(world.northside.admin, fax_id=sent.pk)
    CarrierRoute.objects.create(carrier=plain, prefix="")
    assert refused(world) == [(ErrorCode.NO_CARRIER_FOR_NUMBER, "to")]
    Carrier.objects.filter(pk=plain.pk).update(enabled=True)
    submit_fax(world.northside.admin, request=asked(world), origin="test")


@pytest.mark.parametrize("many", [1, 400])
def test_of_a_long_table_of_routes_only_those_are_read_that_lead_there(world, plain, many):
    prefixes = ["", "+1312", "+1313", *(f"+44{number}" for number in range(300))]
    CarrierRoute.objects.bulk_create(
        CarrierRoute(carrier=plain, prefix=prefix) for prefix in prefixes
    )
    numbers = [f"+1312555{number:04}" for number in range(many)]
    found = routes_to(world.northside.account, numbers)
    assert {each.prefix for each in found} == {"", "+1312"}
    assert len(found) == 2
