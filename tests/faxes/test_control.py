"""Cancel, hang up, mark read, resend, forward."""

import threading
from datetime import timedelta

import pytest

from faxes.enums import Direction, DocumentRole, ErrorCode, FaxState, Outcome
from faxes.errors import FaxNotFound, InvalidRequest, MoveNotAllowed
from faxes.models import Fax
from faxes.queries.faxes import unread_count
from faxes.services import exchange, line, submit
from faxes.services.control import cancel_fax, mark_read
from faxes.services.pages import fax_tiff
from faxes.services.privacy import strip_fax
from faxes.services.submit import forward_fax, resend_fax

BUSY, GOOD, SLOW = "+12025550101", "+12025550100", "+12025550109"


def test_a_fax_that_was_never_dialled_is_canceled_at_once(world, work, send):
    fax = send(world.northside, GOOD)
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.CANCELED, 0)


def test_a_fax_between_two_tries_ends_and_is_not_tried_again(world, work, send):
    fax = send(world.northside, BUSY)
    work.run()
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    work.pass_time(timedelta(hours=3))
    fax.refresh_from_db()
    assert (fax.state, fax.outcome, fax.tries) == (FaxState.FAILED, Outcome.CANCELED, 1)


def test_a_finished_fax_cannot_be_canceled(world, work, send):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    with pytest.raises(MoveNotAllowed) as refused:
        cancel_fax(world.northside.admin, fax_id=fax.pk)
    assert refused.value.code == ErrorCode.FAX_FINISHED


def test_a_call_under_way_is_hung_up_and_not_tried_again(world, work, send, monkeypatch):
    monkeypatch.setattr(line, "_KEEP_EVERY", 0.2)
    fax = send(world.northside, SLOW)
    work.run_jobs()
    carrying = threading.Thread(target=line.carry, args=[exchange.claim_next()])
    carrying.start()
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    carrying.join(20)
    assert not carrying.is_alive()
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome, fax.tries) == (FaxState.FAILED, Outcome.CANCELED, 1)


def test_an_arrival_is_unread_until_it_is_read(world, work, send):
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    actor = world.lakeside.admin
    fax = world.lakeside.faxbox.faxes.get()
    assert unread_count(actor) == 1
    mark_read(actor, fax_id=fax.pk, read=True)
    assert unread_count(actor) == 0
    mark_read(actor, fax_id=fax.pk, read=False)
    assert unread_count(actor) == 1


def test_resending_makes_a_new_fax_of_the_same_pages(world, work, send):
    fax = send(world.northside, "+12025550108")
    work.run_to_end()
    again = resend_fax(world.northside.admin, fax_id=fax.pk)
    assert again.copied_from == fax.pk
    work.run_to_end()
    assert Fax.rows.get(pk=again.pk).to_number == fax.to_number
    assert pages_of(world.northside.admin, again) == pages_of(world.northside.admin, fax)


def test_forwarding_an_arrival_sends_the_pages_as_they_came(world, work, send):
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    (forwarded,) = forward_fax(world.lakeside.admin, fax_id=arrival.pk, to=world.redwood.number)
    work.run_to_end()
    assert Fax.rows.get(pk=forwarded.pk).state == FaxState.DELIVERED
    received = world.redwood.faxbox.faxes.get(direction=Direction.INBOUND)
    assert (received.pages, received.from_number) == (2, world.lakeside.number)


def test_forwarding_to_no_number_is_refused(world, work, send):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    with pytest.raises(InvalidRequest):
        forward_fax(world.northside.admin, fax_id=fax.pk, to="abc")


@pytest.mark.parametrize(
    "again", [resend_fax, lambda actor, fax_id: forward_fax(actor, fax_id=fax_id, to=GOOD)]
)
def test_a_stripped_fax_cannot_be_sent_again(world, work, send, again):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    strip_fax(world.northside.admin, fax_id=fax.pk)
    with pytest.raises(MoveNotAllowed) as refused:
        again(world.northside.admin, fax_id=fax.pk)
    assert refused.value.code == ErrorCode.DOCUMENTS_GONE


@pytest.mark.parametrize("act", [cancel_fax, resend_fax])
def test_a_stranger_finds_no_such_fax(world, work, send, act):
    fax = send(world.northside, GOOD)
    with pytest.raises(FaxNotFound):
        act(world.lakeside.admin, fax_id=fax.pk)


def pages_of(actor, fax):
    with fax_tiff(actor, fax_id=fax.pk) as tiff:
        return tiff.read()


def test_the_source_documents_go_along(world, work, send):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    again = resend_fax(world.northside.admin, fax_id=fax.pk)
    assert again.documents.get(role=DocumentRole.SOURCE).name == "letter.pdf"


def test_pages_stripped_at_the_moment_of_forwarding_are_not_lost_to_a_new_fax(world, work, send):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    actor = world.northside.admin
    create = submit.create

    def strip_first(*args, **more):
        strip_fax(actor, fax_id=fax.pk)
        return create(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submit, "create", strip_first)
        with pytest.raises(MoveNotAllowed) as refused:
            forward_fax(actor, fax_id=fax.pk, to=BUSY)
    assert refused.value.code == ErrorCode.DOCUMENTS_GONE
    assert Fax.rows.count() == 1


def test_canceling_twice_is_as_good_as_once(world, work, send):
    fax = send(world.northside, GOOD)
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    assert cancel_fax(world.northside.admin, fax_id=fax.pk).state == FaxState.CANCELED


def test_an_arrival_is_forwarded_not_resent(world, work, send):
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    arrival = world.lakeside.faxbox.faxes.get()
    with pytest.raises(MoveNotAllowed) as refused:
        resend_fax(world.lakeside.admin, fax_id=arrival.pk)
    assert refused.value.code == ErrorCode.FAX_CAME_IN
