"""Support access: granted for hours, told to everybody, each look on record, and its end."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts import clock
from accounts.errors import AccountNotFound, NotAllowed, NotThere, SupportHoursInvalid
from accounts.models import (
    Account,
    AuditEntry,
    Kind,
    Membership,
    SignInPolicy,
    Status,
    SupportGrant,
)
from accounts.roles import Action, Role
from accounts.services import audit, people, support
from accounts.services.tree import create_account
from accounts.tenancy import actor_in
from faxes.enums import Direction
from faxes.models import Fax, Faxbox
from faxes.queries.faxes import FaxFilter, faxboxes_for, list_faxes
from tests.portal.conftest import Visitor, part
from tests.signing_in import sign_in

BANNER = 'class="support-banner'


@pytest.fixture
def helper(world, arrived):
    """Harbor's administrator at Northside's addresses, where a fax has arrived."""
    return visitor(world, "harbor")


def visitor(world, place, role="admin"):
    coming = Visitor(world.northside, Role.ADMIN)
    sign_in(coming.client, getattr(world, place).people[role])
    return coming


def grant(world, hours=1, note=""):
    return support.grant(world.northside.admin, hours=hours, note=note)


def support_actor(world, place="harbor"):
    user = getattr(world, place).people["admin"]
    return actor_in(user, world.northside.id, address="192.0.2.9", via="portal")[0]


def log(account_id, *actions):
    rows = AuditEntry.objects.filter(account_id=account_id).order_by("number")
    return [each for each in rows if not actions or each.action in actions]


# --- Granting ------------------------------------------------------------------------------------
def test_administrators_grant_it_from_a_page_and_hear_of_it_by_mail(world, visit):
    at = Visitor(world.northside, Role.ADMIN)
    sign_in(at.client, world.northside.people["admin"])
    answer = at.post("support-grant", {"hours": "4", "note": "A fax did not arrive"})
    assert answer.status_code == 302
    given = SupportGrant.rows.get()
    assert given.until - given.granted_at == timedelta(hours=4)
    assert [each.to for each in mail.outbox] == [[world.northside.people["admin"].email]]
    for words in ("Harbor Communications", "A fax did not arrive", "/sharing/"):
        assert words in mail.outbox[0].body
    entry = log(world.northside.id, "support.grant")[0]
    assert entry.facts == {"hours": 4}, "the note stays out of the log"


@pytest.mark.parametrize("hours", [0, -1, 73])
def test_it_lasts_an_hour_to_three_days(world, hours):
    with pytest.raises(SupportHoursInvalid):
        grant(world, hours=hours)
    assert visitor(world, "northside").post("support-grant", {"hours": hours}).status_code == 422
    assert not SupportGrant.rows.exists()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_administrators_grant_and_end_it(world, role):
    for act in (lambda actor: support.grant(actor, hours=1), support.end):
        with pytest.raises(NotAllowed):
            act(world.northside.actor(role))


def test_the_platform_has_nobody_above_to_let_in(world):
    with pytest.raises(NotThere):
        support.grant(world.platform.admin, hours=1)


# --- Who comes in, and as what -------------------------------------------------------------------
def test_without_a_grant_nobody_from_above_is_in(world, helper):
    assert helper.get("inbox").status_code == 404


@pytest.mark.parametrize("place", ["harbor", "platform"])
def test_administrators_of_any_account_above_look_in_and_do_nothing(world, place):
    grant(world)
    actor = support_actor(world, place)
    assert (actor.role, actor.via) == (Role.SUPPORT, "support")
    assert actor.on_behalf == getattr(world, place).account.name
    looks = {Action.FAX_VIEW, Action.FAX_PAGES, Action.ACCOUNT_VIEW}
    assert {each for each in Action if actor.may(each)} == looks
    assert visitor(world, place).get("inbox").status_code == 200


@pytest.mark.parametrize("place", ["summit", "lakeside", "redwood"])
def test_nobody_else_is_let_in(world, place):
    grant(world)
    assert visitor(world, place).get("inbox").status_code == 404


def test_members_of_the_provider_who_administer_nothing_stay_out(world):
    grant(world)
    Membership.objects.filter(account=world.harbor.account).update(role=Role.MEMBER)
    assert visitor(world, "harbor").get("inbox").status_code == 404


def test_a_grant_opens_neither_neighbours_nor_accounts_below(world):
    support.grant(world.harbor.admin, hours=1)
    boss = world.platform.people["admin"]
    actor_in(boss, world.harbor.id, address="", via="portal")
    for place in (world.northside, world.summit, world.redwood):
        with pytest.raises(AccountNotFound):
            actor_in(boss, place.id, address="", via="portal")


def test_who_is_of_the_account_stays_what_they_are(world):
    user = world.harbor.people["admin"]
    Membership.objects.create(user=user, account=world.northside.account, role=Role.VIEWER)
    grant(world)
    assert support_actor(world).role == Role.VIEWER


def test_support_wants_the_second_step_that_those_above_want(world, helper):
    grant(world)
    SignInPolicy.objects.create(account=world.harbor.account, require_mfa=True)
    answer = helper.get("inbox")
    assert answer.status_code == 403
    assert b"second step" in answer.content
    assert not log(world.northside.id, "support.look"), "nothing was seen"


@pytest.mark.parametrize("place", ["northside", "harbor", "platform"])
def test_a_suspended_account_is_not_opened_by_support(world, helper, place):
    grant(world)
    Account.objects.filter(pk=getattr(world, place).id).update(status=Status.SUSPENDED)
    assert helper.get("inbox").status_code == 404


def test_coming_in_takes_few_queries(world, django_assert_num_queries):
    for number in range(4):  # however many above and however many grants there were
        grant(world)
        Membership.objects.create(
            user=world.platform.people["admin"],
            role=Role.ADMIN,
            account=create_account(
                name="R", kind=Kind.RESELLER, realm=f"r{number}.example",
                parent=world.platform.account,
            ),
        )  # fmt: skip
    with django_assert_num_queries(1):
        actor_in(world.northside.people["viewer"], world.northside.id, address="", via="portal")
    for place in ("harbor", "platform"):
        with django_assert_num_queries(3):
            support_actor(world, place)


# --- What they see -------------------------------------------------------------------------------
def test_a_fax_that_support_opens_stays_unread(world, arrived, helper):
    grant(world)
    page = helper.get("fax", fax=arrived.pk)
    assert page.status_code == 200
    assert helper.get("fax-page", fax=arrived.pk, page=1).status_code == 200
    assert Fax.rows.get(pk=arrived.pk).read_at is None
    for act in ("fax-read", "fax-delete", "fax-strip", "fax-resend", "fax-cancel", "fax-forward"):
        assert helper.post(act, {"to": "+12025550100"}, fax=arrived.pk).status_code == 403
    assert helper.get("compose").status_code == 403
    for button in (b"Delete this fax", b"Mark as unread", b"Forward", b"Reply"):
        assert button not in page.content


def test_fax_machines_of_a_few_stay_hidden_from_support(world, arrived, helper):
    grant(world)
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(restricted=True)
    actor = support_actor(world)
    assert not list_faxes(actor, FaxFilter(Direction.INBOUND)).faxes
    assert not faxboxes_for(actor)
    for route in ("fax", "fax-document-pdf", "fax-document-tiff", "fax-report-pdf"):
        assert helper.get(route, fax=arrived.pk).status_code == 404
    assert helper.get("fax-page", fax=arrived.pk, page=1).status_code == 404


def test_pages_do_not_ask_anew_by_themselves_as_support(world, arrived, helper):
    grant(world)
    page = helper.get("inbox").content.decode()
    for script in ("merge.js", "live.js"):
        assert script in visitor(world, "northside").get("inbox").content.decode()
        assert script not in page
    assert "/pages/1.png" not in page, "no page is shown before a fax is opened"


# --- Each look is on record ----------------------------------------------------------------------
def test_every_look_is_in_the_accounts_log_each_time(world, arrived, helper):
    grant(world)
    for _time in range(2):
        helper.get("inbox")
        helper.get("fax", fax=arrived.pk)
        helper.get("fax-page", fax=arrived.pk, page=1)
        b"".join(helper.get("fax-document-pdf", fax=arrived.pk).streaming_content)
    looks = log(world.northside.id, "support.look")
    assert [each.facts["page"] for each in looks] == 2 * [
        "inbox", "fax", "fax-page", "fax-document-pdf",
    ]  # fmt: skip
    assert {each.object_id for each in looks[1:4]} == {arrived.pk}
    assert len(log(world.northside.id, "fax.view")) == 1, "as for everybody"
    assert len(log(world.northside.id, "fax.download")) == 2
    who = {(each.actor, each.on_behalf, each.via) for each in looks}
    assert who == {(world.harbor.people["admin"].email, "Harbor Communications", "support")}
    assert audit.verify(world.northside.id) is None


def test_what_was_refused_is_no_look(world, helper):
    grant(world)
    helper.get("compose")
    helper.get("fax", fax=world.northside.id)
    assert not log(world.northside.id, "support.look")
    assert not log(world.harbor.id, "support.enter")


def test_the_provider_has_on_record_where_its_people_were(world, helper):
    grant(world)
    helper.get("inbox")
    helper.get("outbox")
    entered = log(world.harbor.id, "support.enter")
    assert [each.object_id for each in entered] == [world.northside.id], "once in a while"
    assert audit.verify(world.harbor.id) is None


def test_the_log_tells_it_in_plain_words(world, arrived, helper):
    grant(world)
    helper.get("fax", fax=arrived.pk)
    page = visitor(world, "northside").get("audit", "?action=support.look").content.decode()
    assert "Looked at a page with support access" in page
    assert "on behalf of Harbor Communications" in page


# --- The banner ----------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_everybody_is_told_on_every_page_while_it_lasts(world, arrived, role):
    at = visitor(world, "northside", role)
    assert BANNER not in at.get("inbox").content.decode()
    grant(world, note="Fax of Monday")
    for answer in (at.get("inbox"), at.get("outbox"), at.get("fax", fax=arrived.pk)):
        page = answer.content.decode()
        told = part(answer, "<aside", "</aside>")
        assert "Support may look at your faxes until" in told
        assert "Harbor Communications" in told
        assert "Fax of Monday" in told
        assert ("End it now" in page) == (role == "admin")
    support.end(world.northside.admin)
    assert BANNER not in at.get("inbox").content.decode()


def test_whoever_is_inside_as_support_is_told_so_and_how_to_leave(world, helper):
    grant(world)
    page = helper.get("inbox")
    told = part(page, "<aside", "</aside>")
    assert "You are inside Northside Clinic as support, for Harbor Communications." in told
    way_out = f"/a/{world.harbor.id}/tenants/{world.northside.id}/faxes/"
    assert way_out in part(page, '<header class="rail"', "</header>")
    assert way_out in told
    assert "End it now" not in told
    assert helper.client.get(way_out).status_code == 200


# --- The end -------------------------------------------------------------------------------------
def test_it_ends_by_itself(world):
    with time_machine.travel("2026-11-23T09:00+00:00", tick=False) as travel:
        grant(world, hours=1)
        helper = visitor(world, "harbor")
        travel.shift(timedelta(minutes=59, seconds=59))
        assert helper.get("inbox").status_code == 200
        travel.shift(timedelta(seconds=1))
        assert helper.get("inbox").status_code == 404
        assert BANNER not in visitor(world, "northside").get("inbox").content.decode()


def test_any_administrator_ends_it_at_once(world, helper):
    people.change_role(
        world.northside.admin, user_id=world.northside.people["member"].pk, role=Role.ADMIN
    )
    grant(world, hours=72)
    assert helper.get("inbox").status_code == 200
    assert visitor(world, "northside", "member").post("support-end").status_code == 302
    assert helper.get("inbox").status_code == 404
    assert [each.action for each in log(world.northside.id, "support.end")] == ["support.end"]
    visitor(world, "northside").post("support-end")
    assert len(log(world.northside.id, "support.end")) == 1, "there was none to end"


def test_a_new_grant_takes_the_place_of_the_one_before(world):
    grant(world, hours=24)
    shorter = grant(world, hours=1)
    assert support.lasting_at(world.northside.id) == shorter
    with time_machine.travel(clock.now() + timedelta(hours=2)), pytest.raises(AccountNotFound):
        support_actor(world)


@pytest.mark.parametrize("lost", ["membership", "role", "whole account"])
def test_who_is_no_administrator_above_any_more_is_out_at_the_next_request(world, helper, lost):
    grant(world)
    assert helper.get("inbox").status_code == 200
    of_harbor = Membership.objects.filter(account=world.harbor.account, role="admin")
    if lost == "membership":
        of_harbor.delete()
    elif lost == "role":
        of_harbor.update(role="viewer")
    else:
        Account.objects.filter(pk=world.harbor.id).update(status=Status.CLOSED)
    assert helper.get("inbox").status_code == 404


def test_once_an_account_moved_it_is_open_to_neither_its_old_provider_nor_the_new(world, helper):
    grant(world)
    assert helper.get("inbox").status_code == 200
    moved = world.northside.account
    path = f"{world.summit.account.path}{moved.pk.hex}/"
    Account.objects.filter(pk=moved.pk).update(parent=world.summit.account, path=path)
    assert helper.get("inbox").status_code == 404
    for place in ("summit", "platform"):
        assert visitor(world, place).get("inbox").status_code == 404
    assert BANNER not in visitor(world, "northside").get("inbox").content.decode()
    grant(world)
    assert visitor(world, "summit").get("inbox").status_code == 200


def test_nobody_is_ever_made_support(world):
    with pytest.raises(ValueError, match="nobody"):
        people.change_role(
            world.northside.admin, user_id=world.northside.people["viewer"].pk, role=Role.SUPPORT
        )
    assert Role.SUPPORT.value not in dict(Membership.ROLES)


def test_a_visitor_without_a_session_is_asked_to_sign_in_as_ever(world):
    grant(world)
    assert Client().get(f"/a/{world.northside.id}/inbox/")["Location"].startswith("/login/")
