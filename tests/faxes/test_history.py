"""Past faxes are brought over from a carrier, once however often it is begun; nobody is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts import clock
from accounts.models import Account, AuditEntry, Charge, WebhookMessage
from accounts.services import webhooks
from faxes.carriers.base import CarrierUnavailable, PastFax
from faxes.enums import Direction, FaxState, Outcome
from faxes.models import Attempt, Event, Fax, HistoryImport, Number
from faxes.services import history, history_rows
from faxes.services.arrivals import place
from faxes.services.documents import attach
from faxes.services.history import HistoryOrder, bring_over
from faxes.services.pages import fax_tiff
from faxes.services.privacy import delete_fax
from tests.faxes.carried import CALLER, carried, carrier_row, whole

DAYS = timedelta(days=1)
REALM = "lakeside.example"


@pytest.fixture
def carrier(world, vendor, monkeypatch):
    carried(monkeypatch, vendor, lists_sent=True)
    return carrier_row(world.lakeside)


@pytest.fixture
def since():
    return whole(clock.now()) - 10 * DAYS


@pytest.fixture
def past(world, vendor, since):
    """Four faxes of four days: came in, came in torn, went out, was busy."""
    ours = world.lakeside.number

    def one(ref, day, direction, outcome, **more):
        at = since + day * DAYS + timedelta(hours=1)
        numbers = {"from_number": ours, "to_number": CALLER}
        if direction == Direction.INBOUND:
            numbers = {"from_number": CALLER, "to_number": ours}
        told = {"pages": 1, "pages_done": 1, "ended_at": at + timedelta(minutes=2)}
        vendor.past.append(
            PastFax(ref=ref, direction=direction, at=at, outcome=outcome, **numbers, **told | more)
        )

    one("in", 0, Direction.INBOUND, Outcome.DELIVERED)
    one("torn", 1, Direction.INBOUND, Outcome.TRANSMIT_ERROR)
    one("out", 2, Direction.OUTBOUND, Outcome.DELIVERED)
    one("busy", 3, Direction.OUTBOUND, Outcome.BUSY, pages_done=0)
    return vendor.past


def order(carrier, since, **more):
    return HistoryOrder(realm=REALM, carrier=carrier.name, since=since, **more)


def states(world):
    rows = Fax.rows.filter(account=world.lakeside.account).order_by("id")
    return [(fax.direction, fax.state, fax.outcome) for fax in rows]


def test_past_faxes_come_as_they_ended_with_their_pages(world, carrier, past, since):
    webhooks.create(world.lakeside.admin, url="https://example.com/hook")
    last = list(bring_over(order(carrier, since)))[-1]
    assert (last.brought, last.left_out, last.reached) == (4, 0, last.until)
    assert states(world) == [
        ("inbound", FaxState.RECEIVED, Outcome.DELIVERED),
        ("inbound", FaxState.RECEIVED, Outcome.TRANSMIT_ERROR),
        ("outbound", FaxState.DELIVERED, Outcome.DELIVERED),
        ("outbound", FaxState.FAILED, Outcome.BUSY),
    ]
    for fax, told in zip(Fax.rows.order_by("id"), past, strict=True):
        assert (fax.created_at, fax.finished_at) == (told.at, told.ended_at)
        assert fax.imported_at is not None
        assert fax.wake_at is None
        with fax_tiff(world.lakeside.admin, fax_id=fax.pk) as pages:
            assert pages.read(4) == b"II*\0"
        assert [each.because for each in Event.rows.filter(fax=fax)] == ["imported"]
    sent = Attempt.rows.get(fax__direction="outbound", outcome=Outcome.BUSY)
    assert (sent.carrier, sent.carrier_ref, sent.number) == (carrier, "busy", 1)


def test_nobody_is_told_and_nothing_is_charged(world, carrier, past, since):
    webhooks.create(world.lakeside.admin, url="https://example.com/hook")
    list(bring_over(order(carrier, since)))
    assert not WebhookMessage.rows.exists()
    assert not Charge.rows.exists()
    assert not Fax.rows.filter(direction="inbound", read_at__isnull=True).exists()
    before = set(Fax.rows.values_list("pk", "received_at"))
    place(world.lakeside.id)  # programs ask for what is new
    assert set(Fax.rows.values_list("pk", "received_at")) == before
    (entry,) = AuditEntry.objects.filter(action="fax.import")
    assert (entry.facts, entry.actor) == ({"faxes": 4}, "operator")


@pytest.mark.parametrize("at", range(1, 6))
def test_one_that_was_killed_goes_on_and_nothing_comes_twice(
    world, carrier, past, since, monkeypatch, at
):
    class Killed(BaseException):
        pass

    steps = iter(range(1, 100))

    def dying(real):
        def step(*told, **named):
            if next(steps) == at:
                raise Killed
            return real(*told, **named)

        return step

    with monkeypatch.context() as killing:
        killing.setattr(history_rows, "attach", dying(attach))
        killing.setattr(history, "_reach", dying(history._reach))
        with pytest.raises(Killed):
            list(bring_over(order(carrier, since)))
    last = list(bring_over(order(carrier, since)))[-1]
    assert (last.brought, Fax.rows.count(), HistoryImport.objects.count()) == (4, 4, 1)
    again = list(bring_over(order(carrier, since)))
    assert (again[-1].brought, sum(each.here for each in again)) == (0, 4)
    assert Fax.rows.count() == 4


def test_what_is_here_already_or_was_deleted_is_not_brought(world, work, carrier, past, since):
    list(bring_over(order(carrier, since, until=since + 3 * DAYS)))
    for fax in Fax.rows.all():
        delete_fax(world.lakeside.admin, fax_id=fax.pk)
    list(bring_over(order(carrier, since)))
    assert states(world) == [
        ("outbound", FaxState.FAILED, Outcome.BUSY),
    ]


def test_faxes_of_numbers_that_others_have_are_never_brought(world, carrier, past, since):
    Number.rows.filter(e164=world.lakeside.number).update(account=world.redwood.account)
    last = list(bring_over(order(carrier, since, faxbox=world.lakeside.faxbox.name)))[-1]
    assert (last.brought, last.left_out) == (0, 4)


@pytest.mark.parametrize("lost", [True, False])
def test_what_a_number_sent_or_got_before_the_account_had_it_is_never_brought(
    world, carrier, past, since, lost
):
    """Nor what it did after the account was closed; in both directions."""
    moment = since + DAYS + timedelta(hours=2)
    past[3] = replace(past[3], at=since + timedelta(minutes=30))
    if lost:
        Number.rows.filter(e164=world.lakeside.number).update(held_since=moment)
        brought = ["out"]
    else:
        Account.objects.filter(pk=world.lakeside.id).update(closed_at=moment)
        brought = ["busy", "in", "torn"]
    last = list(bring_over(order(carrier, since, faxbox=world.lakeside.faxbox.name)))[-1]
    assert (last.brought, last.left_out) == (len(brought), 4 - len(brought))
    refs = [fax.carrier_ref or fax.attempts.get().carrier_ref for fax in Fax.rows.order_by("id")]
    assert refs == brought


def test_what_was_the_accounts_own_elsewhere_is_brought_if_the_operator_says_so(
    world, carrier, past, since
):
    Number.rows.filter(e164=world.lakeside.number).update(held_since=clock.now())
    assert list(bring_over(order(carrier, since)))[-1].brought == 0
    assert list(bring_over(order(carrier, since, earlier=True)))[-1].brought == 4


def test_faxes_of_numbers_that_nobody_has_go_where_that_is_said(world, carrier, past, since):
    Number.rows.filter(e164=world.lakeside.number).delete()
    last = list(bring_over(order(carrier, since)))[-1]
    assert (last.brought, last.left_out) == (0, 4)
    last = list(bring_over(order(carrier, since, faxbox=world.lakeside.faxbox.name)))[-1]
    assert last.brought == 4
    assert set(Fax.rows.values_list("faxbox", flat=True)) == {world.lakeside.faxbox.pk}


def test_pages_that_cannot_be_had_hold_it_up_until_it_shall_go_on_without(
    world, carrier, vendor, past, since
):
    vendor.fails["torn"] = 1000
    last = list(bring_over(order(carrier, since)))[-1]
    assert (last.brought, last.missing) == (1, 1)
    assert last.reached == since + DAYS
    last = list(bring_over(order(carrier, since, without_pages=True)))[-1]
    assert (last.brought, last.reached) == (4, last.until)
    torn = Fax.rows.get(carrier_ref="torn")
    assert (torn.state, torn.documents.count()) == (FaxState.FAILED, 0)
    assert torn.stripped_at == torn.imported_at


def test_a_fax_is_brought_as_well_if_its_pages_were_late(world, carrier, vendor, past, since):
    vendor.fails["in"] = 2
    assert list(bring_over(order(carrier, since)))[-1].brought == 4


def run(*more):
    call_command("import_history", "--account", REALM, *more)


def test_the_command_tells_how_far_it_is(world, carrier, vendor, past, since, capsys):
    told = ("--carrier", str(carrier.pk), "--since", since.isoformat(), "--days-at-once", "5")
    run(*told)
    assert "4 brought, 0 left out" in capsys.readouterr().out.splitlines()[-1]
    for wrong in (("--carrier", "x", "--since", "2026-01-01"), (*told, "--faxbox", "nowhere")):
        with pytest.raises(CommandError):
            run(*wrong)
    vendor.trouble = CarrierUnavailable("closed")
    with pytest.raises(CommandError, match="run this again"):
        run(*told)
