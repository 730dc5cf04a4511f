"""What a fax itself says of both ends: names, numbers, station id, header line, clock."""

import numpy as np
import pytest
from PIL import Image

from accounts import clock
from faxes.enums import ErrorCode, FaxState
from faxes.errors import InvalidRequest
from faxes.models import Fax, Faxbox, Number
from faxes.services.cover_pages import facts_of
from faxes.services.pages import fax_tiff
from faxes.services.privacy import strip_fax
from faxes.services.submit import FaxRequest, forward_fax, resend_fax, submit_fax
from tests import papers

TO, OTHER = "+12025550100", "+12025550106"
HEADER_ROWS = 32
MARKS = {
    "from_name": "Ward Seven",
    "to_name": "Dr Jones",
    "station_id": "+1 202 555 0177",
    "header": "Ward Seven",
    "time_zone": "Asia/Kolkata",
}


def sent(tenant, to=TO, **more):
    wanted = FaxRequest(to=to, documents=[papers.incoming(papers.pdf())], **more)
    return submit_fax(tenant.admin, request=wanted, origin="test")[0]


def refused(tenant, **more):
    with pytest.raises(InvalidRequest) as error:
        sent(tenant, **more)
    return {(each.field, each.code) for each in error.value.errors}


def another_machine(tenant, e164, **fields):
    machine = Faxbox.rows.create(account=tenant.account, name="Another", **fields)
    carrier = Number.rows.get(e164=tenant.number).carrier
    Number.rows.create(account=tenant.account, e164=e164, carrier=carrier, faxbox=machine)
    return machine


def header_received(tenant, work):
    """The rows above the page that came in last, and the station id that came with it."""
    work.run_to_end()
    fax = tenant.faxbox.faxes.filter(direction="inbound").order_by("-id").first()
    with fax_tiff(tenant.admin, fax_id=fax.pk) as tiff, Image.open(tiff) as picture:
        return np.asarray(picture.convert("1"))[:HEADER_ROWS], fax.remote_station_id


def test_header_clock_and_station_id_of_a_fax_go_before_those_of_its_machine(world, work):
    box, there = world.northside.faxbox, world.lakeside
    minutes = {"before": 0, "after": 1}
    while len(set(minutes.values())) > 1:  # which the header tells
        minutes["before"] = clock.now().minute
        for name in ("station_id", "header", "time_zone"):  # all of them stand in the header
            setattr(box, name, MARKS[name])
        box.save()
        sent(world.northside, to=there.number)
        by_machine, _ = header_received(there, work)
        box.station_id, box.header, box.time_zone = "", "Northside Clinic", "America/New_York"
        box.save()
        sent(world.northside, to=there.number, **MARKS)
        by_fax, station_id = header_received(there, work)
        minutes["after"] = clock.now().minute
    assert station_id == MARKS["station_id"]
    assert (by_fax == by_machine).all(), "the same words and the same time"
    sent(world.northside, to=there.number)
    others, station_id = header_received(there, work)
    assert station_id == world.northside.number
    assert (others != by_machine).any()


def test_names_stand_on_the_cover(world, work):
    told = facts_of(sent(world.northside, **MARKS), world.northside.account)
    assert told.to.splitlines() == ["Dr Jones", "(202) 555-0100"]
    assert told.sender.splitlines()[0] == "Ward Seven"
    assert told.date.endswith("IST")


def test_all_that_is_wrong_with_them_is_told_together(world, work):
    wrong = {
        "from_name": "x" * 129,
        "station_id": "x" * 21,
        "header": "x" * 51,
        "time_zone": "Mars/Olympus",
        "notify_sms": ["nobody"],
        "echo": {"much": "x" * 20_000},
    }
    assert refused(world.northside, **wrong) == {
        ("from_name", ErrorCode.TEXT_TOO_LONG),
        ("station_id", ErrorCode.FAXBOX_STATION_INVALID),
        ("header", ErrorCode.FAXBOX_HEADER_INVALID),
        ("time_zone", ErrorCode.TIME_ZONE_INVALID),
        ("notify_sms", ErrorCode.NUMBER_INVALID),
        ("echo", ErrorCode.ECHO_TOO_LARGE),
    }


@pytest.mark.parametrize("written", ["+15125550199", "the front desk, second floor"])
def test_a_number_of_somebody_else_fails_the_fax_when_its_turn_comes(world, work, written):
    assert refused(world.northside, from_number=written) == {
        ("from", ErrorCode.FROM_NUMBER_NOT_YOURS)
    }
    fax = sent(world.northside, from_number=written, check_sender_later=True)
    assert (fax.from_number, fax.faxbox) == (written[:20], world.northside.faxbox)
    work.run_to_end()
    fax = Fax.rows.get(pk=fax.pk)
    assert (fax.state, fax.error_code) == (FaxState.FAILED, ErrorCode.FROM_NUMBER_GONE)
    assert fax.error_params == {"number": written[:20]}
    assert not fax.attempts.exists()


def test_a_number_of_another_tenant_is_no_more_than_words(world, work):
    fax = sent(world.northside, from_number=world.lakeside.number, check_sender_later=True)
    work.run_to_end()
    fax = Fax.rows.get(pk=fax.pk)
    assert (fax.state, fax.account_id) == (FaxState.FAILED, world.northside.id)
    assert not fax.attempts.exists()


def test_a_number_that_leads_to_a_machine_of_others_is_refused_at_once(world, work):
    shut = another_machine(world.northside, "+12025550123", restricted=True)
    for faxbox in ("", str(world.northside.faxbox.pk)):
        wanted = FaxRequest(
            to=TO,
            documents=[papers.incoming(papers.pdf())],
            from_number="+12025550123",
            faxbox=faxbox,
            check_sender_later=True,
        )
        with pytest.raises(InvalidRequest) as error:
            submit_fax(world.northside.member, request=wanted, origin="test")
        assert [each.code for each in error.value.errors] == [ErrorCode.FROM_NUMBER_NOT_YOURS]
    fax = sent(world.northside, from_number="+12025550123", check_sender_later=True)
    assert fax.faxbox == shut
    work.run_to_end()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.DELIVERED


def test_a_machine_sends_from_a_number_of_another_where_it_is_said(world, work):
    another_machine(world.northside, "+12025550123")
    named = str(world.northside.faxbox.pk)
    assert refused(world.northside, from_number="+12025550123", faxbox=named)
    fax = sent(world.northside, from_number="+12025550123", faxbox=named, check_sender_later=True)
    assert (fax.faxbox, fax.from_number) == (world.northside.faxbox, "+12025550123")
    work.run_to_end()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.DELIVERED


def test_resent_and_forwarded_it_says_the_same_but_to_whom_and_where_from(world, work):
    echo = {"document": {"url": "https://example.com/secret"}, "flags": ["a"]}
    fax = sent(world.northside, **MARKS, notify_sms=["(202) 555-0150"], echo=echo)
    work.run_to_end()
    admin = world.northside.admin
    again = resend_fax(admin, fax_id=fax.pk)
    (on,) = forward_fax(admin, fax_id=fax.pk, to=OTHER)
    for each, to_name in ((again, MARKS["to_name"]), (on, "")):
        told = Fax.rows.get(pk=each.pk)
        assert {name: getattr(told, name) for name in MARKS} == {**MARKS, "to_name": to_name}
        assert told.notify_sms == ["+12025550150"]
        assert told.echo == {"flags": ["a"]}
    assert Fax.rows.get(pk=fax.pk).echo == echo
    strip_fax(admin, fax_id=fax.pk)
    assert Fax.rows.get(pk=fax.pk).echo == {"flags": ["a"]}


def test_who_forwards_an_arrival_does_not_speak_for_its_sender(world, work):
    sent(world.northside, to=world.lakeside.number, **MARKS)
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    (on,) = forward_fax(world.lakeside.admin, fax_id=arrival.pk, to=OTHER)
    assert [getattr(on, name) for name in MARKS] == ["", "", "", "", ""]
