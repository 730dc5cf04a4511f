"""After the end: it is noted whom to tell, once, and documents that are not kept go."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from faxes import jobs
from faxes.enums import FaxState
from faxes.models import Document, Notification
from faxes.services.control import cancel_fax
from faxes.services.wrap_up import wrap_up
from tests.stored import stored_files

TO = "+12025550100"
PEOPLE = ["ward@example.com", "front@example.com"]


def told():
    return sorted(Notification.rows.values_list("kind", "channel", "to"))


def test_each_address_is_noted_once_whoever_asked_and_however_often(world, work, send):
    box = world.northside.faxbox
    box.outbound_emails, box.outbound_sms = ["Front@example.com", "boss@example.com"], ["+1 555"]
    box.save()
    fax = send(world.northside, TO, notify=PEOPLE)
    work.run_to_end()
    wrap_up(fax.pk)
    work.pass_time(timedelta(hours=2))
    emails = ["Front@example.com", "boss@example.com", "ward@example.com"]
    assert told() == [*(("ended", "email", each) for each in emails), ("ended", "sms", "+1 555")]
    fax.refresh_from_db()
    assert fax.wake_at is None


def test_a_fax_that_came_in_is_told_to_the_machines_people_and_to_its_owner(world, work, send):
    box = world.lakeside.faxbox
    box.inbound_emails, box.outbound_emails = ["desk@example.com"], ["never@example.com"]
    box.owner = world.lakeside.people["member"]
    box.save()
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    owner = world.lakeside.people["member"].email
    assert told() == [("received", "email", each) for each in sorted(["desk@example.com", owner])]


def test_a_fax_that_nobody_asked_about_is_told_to_nobody(world, work, send):
    fax = send(world.northside, world.lakeside.number)
    work.run_to_end()
    fax.refresh_from_db()
    assert told() == []
    assert fax.wake_at is None


def test_who_canceled_a_fax_is_told_of_that(world, work, send):
    fax = send(world.northside, TO, notify=PEOPLE[:1])
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    work.pass_time(timedelta(minutes=1))
    assert told() == [("ended", "email", PEOPLE[0])]


def test_documents_that_are_not_kept_go_when_the_fax_has_ended_and_that_is_on_record(
    world, work, send
):
    fax = send(world.northside, TO, keep_documents=False, notify=PEOPLE[:1])
    assert stored_files()
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.pages) == (FaxState.DELIVERED, 1)
    assert fax.stripped_at is not None
    assert not Document.rows.filter(fax=fax).exists()
    assert not stored_files() - {f"{key}" for key in Document.rows.values_list("key", flat=True)}
    entry = AuditEntry.objects.get(object_id=fax.pk, action="fax.strip")
    assert (entry.actor, entry.via) == ("portal", "system")
    assert len(told()) == 1


@pytest.mark.parametrize("extras", [{"notify": PEOPLE[:1]}, {"keep_documents": False}])
def test_what_a_lost_job_left_undone_is_found_by_the_sweep(world, work, send, monkeypatch, extras):
    put = jobs._put
    kept = ("convert", "transmit", "follow")
    with monkeypatch.context() as lossy:
        lossy.setattr(jobs, "_put", lambda path, ids: path.endswith(kept) and put(path, ids))
        fax = send(world.northside, TO, **extras)
        work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.notified_at, fax.stripped_at) == (FaxState.DELIVERED, None, None)
    work.pass_time(timedelta(minutes=2))
    fax.refresh_from_db()
    assert fax.wake_at is None
    done = (len(told()) > 0, fax.stripped_at is not None)
    assert done == ("notify" in extras, "keep_documents" in extras)
