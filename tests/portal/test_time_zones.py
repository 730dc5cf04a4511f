"""Everybody is told of times in the zone that they chose, else in the account's."""

from datetime import UTC, datetime

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.services import support
from faxes.models import Fax
from tests import papers

NOON = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # in New York, where Northside is


def live_in(person, zone):
    User.objects.filter(pk=person.pk).update(time_zone=zone)


def test_pages_tell_times_in_the_zone_that_the_person_chose(world, visit, arrived):
    at = visit(world.northside)
    Fax.objects.for_account(world.northside.id).update(created_at=NOON, finished_at=NOON)
    page = at.address("fax", fax=arrived.pk)
    assert "12:00:00 EDT" in at.client.get(page).content.decode()
    first = at.get("inbox", fragment=True)
    saved = at.client.post("/profile/time-zone/", {"time_zone": "Asia/Tokyo"}, follow=True)
    assert "Your time zone is saved." in saved.content.decode()
    assert '<option value="Asia/Tokyo" selected>' in saved.content.decode()
    told = at.client.get(page).content.decode()
    assert "01:00:00 JST" in told, "which is the next day"
    asked = {"X-Fragment": "1", "If-None-Match": first.headers["ETag"]}
    again = at.client.get(at.address("inbox"), headers=asked)
    assert again.status_code == 200, "a list asked for again is drawn anew"
    assert len(at.get("inbox", "?from=2026-07-02").context["rows"]) == 1, "days are theirs, too"
    at.client.post("/profile/time-zone/", {"time_zone": ""})
    assert "12:00:00 EDT" in at.client.get(page).content.decode()


def test_what_is_no_time_zone_changes_nothing(world, visit):
    at = visit(world.northside)
    live_in(world.northside.people["admin"], "Asia/Tokyo")
    told = at.client.post("/profile/time-zone/", {"time_zone": "Mars/Olympus"}, follow=True)
    assert "There is no such time zone." in told.content.decode()
    assert User.objects.get(pk=world.northside.people["admin"].pk).time_zone == "Asia/Tokyo"


def test_a_time_that_is_typed_is_one_of_the_persons_zone(world, visit):
    at = visit(world.northside)
    live_in(world.northside.people["admin"], "Asia/Tokyo")
    assert "Tokyo time." in at.get("compose").content.decode()
    typed = {"to": "+12025550100", "when": "later", "send_at": "2026-12-24T08:00"}
    letter = SimpleUploadedFile("letter.pdf", papers.pdf(), "application/pdf")
    with_time = at.post("compose", {**typed, "documents": letter})
    assert with_time.status_code == 302, with_time.context["errors"]
    [fax] = Fax.objects.for_account(world.northside.id).filter(direction="outbound")
    assert fax.send_at == datetime(2026, 12, 23, 23, 0, tzinfo=UTC)


def test_mails_tell_times_in_the_zone_of_whom_they_go_to(world):
    live_in(world.northside.people["admin"], "Asia/Tokyo")
    support.grant(world.northside.admin, hours=2)
    [message] = [each for each in mail.outbox if "JST" in each.body]
    assert message.to == [world.northside.people["admin"].email]
