"""From one fax machine of the site to another: handed over without a call, once, or not at all."""

import pytest

from accounts.models import Account, Charge, Kind, LedgerEntry
from accounts.services import tenants
from accounts.services.codes import account_of, code_of
from faxes import lifecycle, phone, vault
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.errors import InvalidRequest
from faxes.models import Attempt, Document, Event, Fax, Faxbox, LineCall
from faxes.services import broadcasts, intake, within
from faxes.services.broadcasts import BroadcastRequest
from faxes.services.estimate import estimate
from faxes.services.extensions import full_extension
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox, delete_faxbox, edit_faxbox
from faxes.services.order import FaxRequest
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.recipients import RecipientRequest
from faxes.services.submit import forward_fax, resend_fax
from faxes.services.transmit import transmit
from faxes.vault import open_stored
from tests import papers
from tests.accounts.money import CENT, actor_of, bill, plan_by, standing
from tests.stored import stored_files


@pytest.fixture
def to(world):
    """Lakeside's machine, as everybody on the site may write it."""
    return full_extension(world.lakeside.faxbox)


def arrived(tenant):
    return Fax.rows.filter(account=tenant.account, direction=Direction.INBOUND)


def pages_of(fax, role):
    document = Document.rows.get(fax=fax, role=role)
    with open_stored(document.key) as file:
        return document, file.read()


def test_a_fax_goes_to_another_machine_of_the_site_without_a_call(world, work, send, to):
    fax = send(world.northside, to, pages=3)
    work.run()
    fax.refresh_from_db()
    own = full_extension(world.northside.faxbox)
    assert (fax.state, fax.outcome, fax.pages_done) == (FaxState.DELIVERED, Outcome.DELIVERED, 3)
    assert (fax.from_number, fax.to_number) == (own, to)
    assert fax.to_faxbox == world.lakeside.faxbox.pk
    assert Attempt.rows.get(fax=fax).carrier is None
    came = arrived(world.lakeside).get()
    assert (came.state, came.outcome, came.pages) == (FaxState.RECEIVED, Outcome.DELIVERED, 3)
    assert (came.from_number, came.to_number) == (own, to)
    assert (came.faxbox, came.copied_from, came.created_by) == (world.lakeside.faxbox, None, None)
    assert not LineCall.objects.exists()
    (sent, sent_bytes), (got, got_bytes) = pages_of(fax, "rendered"), pages_of(came, "received")
    assert sent_bytes == got_bytes
    assert sent.key != got.key
    assert got.key.startswith(f"t/{world.lakeside.id.hex}/")


def test_its_history_says_that_nobody_was_called(world, work, send, to):
    fax = send(world.northside, to)
    work.run()
    told = Event.rows.filter(fax=fax).order_by("id").values_list("to_state", "because")
    assert ("sending", "within") in list(told)
    assert Event.rows.filter(fax=arrived(world.lakeside).get(), because="within").exists()


def test_numbers_and_extensions_go_in_one_submission_each_its_own_way(world, work, send, to):
    send(world.northside, f"{to}, +12025550100, {to}")
    work.run_to_end()
    sent = Fax.rows.filter(account=world.northside.account).order_by("to_number")
    assert [(each.to_number, each.from_number, each.state) for each in sent] == [
        ("+12025550100", world.northside.number, FaxState.DELIVERED),
        (to, full_extension(world.northside.faxbox), FaxState.DELIVERED),
    ]


@pytest.mark.parametrize("written", ["0099*210", "0003*999", "9999*1", "00003*210"])
def test_an_extension_that_leads_nowhere_is_refused_at_once(world, send, written):
    with pytest.raises(InvalidRequest) as refused:
        send(world.northside, written)
    assert refused.value.errors[0].code == ErrorCode.EXTENSION_UNKNOWN
    assert not Fax.rows.exists()


def gone(world):
    delete_faxbox(world.lakeside.admin, faxbox_id=world.lakeside.faxbox.pk)


def suspended(world):
    platform = actor_of(Account.objects.get(kind=Kind.PLATFORM))
    tenants.suspend(platform, account_id=world.lakeside.id)


@pytest.mark.parametrize("happens", [gone, suspended])
def test_a_machine_that_is_out_of_use_when_the_turn_comes_cannot_be_reached(
    world, work, send, to, happens
):
    fax = send(world.northside, to, retries="3")
    world.lakeside.faxbox.numbers.all().update(faxbox=None)
    happens(world)
    stored = set(stored_files())
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.outcome, fax.tries) == (FaxState.FAILED, Outcome.DIAL_FAILED, 1)
    assert not arrived(world.lakeside).exists()
    assert not [each for each in set(stored_files()) - stored if world.lakeside.id.hex in str(each)]


def test_it_costs_no_call_and_needs_no_rate_and_nobody_pays_for_what_comes_in(
    world, work, send, to
):
    bill(world.northside.account, balance=0)
    harbor = actor_of(Account.objects.get(pk=world.lakeside.account.parent_id))
    plan = plan_by(harbor, received_price=2 * CENT)
    bill(world.lakeside.account, balance=100 * CENT, plan=plan)
    fax = send(world.northside, to, pages=3)
    work.run()
    assert standing(world.northside.account) == (0, 0)
    assert standing(world.lakeside.account) == (100, 0)
    charge = Charge.objects.for_account(world.northside.id).get()
    assert (charge.billed, charge.cost, charge.settled_at is not None) == (False, 0, True)
    assert not LedgerEntry.objects.for_account(world.northside.id).filter(fax_id=fax.pk).exists()


def test_an_estimate_prices_the_call_and_not_the_extension(world, to):
    bill(world.northside.account, balance=100 * CENT)
    request = FaxRequest(to=f"{to}, +12025550100", documents=[papers.incoming(papers.pdf(2))])
    found = {each.e164: each for each in estimate(world.northside.admin, request=request).numbers}
    assert (found[to].price, found[to].refused, found[to].line_seconds) == (None, None, 0)
    assert found["+12025550100"].price == 20 * CENT


class _DiedError(BaseException):
    """The process is gone: nothing that comes behind is done."""


# Where a process may die: behind each of these. In the midst of the transaction, all but the last.
STEPS = [
    (within, "_machine_for"),
    (within, "_copy_for"),
    (lifecycle, "open_attempt"),
    (lifecycle, "close_attempt"),
    (within, "attach"),
    (within, "_taken"),
]


@pytest.mark.parametrize(("module", "name"), STEPS, ids=[name for _, name in STEPS])
def test_whoever_dies_has_handed_over_nothing_or_all_of_it(
    world, work, send, to, monkeypatch, module, name
):
    fax = send(world.northside, to)
    real = getattr(module, name)

    def dies(*args, **kwargs):
        real(*args, **kwargs)
        raise _DiedError

    with monkeypatch.context() as patch:
        patch.setattr(module, name, dies)
        patch.setattr(intake, "drop", lambda _kept: None)  # nor does it tidy up
        with pytest.raises(_DiedError):
            work.run()
    transmit(fax.pk)
    transmit(fax.pk)
    work.run()
    fax.refresh_from_db()
    assert (fax.state, fax.tries) == (FaxState.DELIVERED, 1)
    assert arrived(world.lakeside).get().state == FaxState.RECEIVED
    work.pass_time(2 * vault.UNNAMED_FOR)
    theirs = [each for each in stored_files() if world.lakeside.id.hex in str(each)]
    assert len(theirs) == 1


def test_who_comes_second_hands_over_nothing(world, work, send, to, monkeypatch):
    fax = send(world.northside, to)
    real = within._copy_for

    def both(machine, held):
        copy = real(machine, held)
        monkeypatch.setattr(within, "_copy_for", real)
        transmit(fax.pk)  # another worker, meanwhile
        return copy

    monkeypatch.setattr(within, "_copy_for", both)
    work.run()
    assert arrived(world.lakeside).count() == 1
    theirs = [each for each in stored_files() if world.lakeside.id.hex in str(each)]
    assert len(theirs) == 1


@pytest.mark.parametrize("remove", [strip_fax, delete_fax])
@pytest.mark.parametrize("end", ["sender", "receiver"])
def test_what_one_end_removes_stays_at_the_other(world, work, send, to, remove, end):
    sent = send(world.northside, to)
    work.run()
    came = arrived(world.lakeside).get()
    if end == "sender":
        remove(world.northside.admin, fax_id=sent.pk)
    else:
        remove(world.lakeside.admin, fax_id=came.pk)
    work.run()
    kept, role = (came, "received") if end == "sender" else (sent, "rendered")
    assert pages_of(kept, role)[1]
    assert Fax.rows.get(pk=kept.pk).stripped_at is None


def test_it_is_sent_again_and_answered_by_forwarding(world, work, send, to):
    fax = send(world.northside, to)
    work.run()
    again = resend_fax(world.northside.admin, fax_id=fax.pk)
    back = full_extension(world.northside.faxbox)
    (answer,) = forward_fax(world.lakeside.admin, fax_id=arrived(world.lakeside).get().pk, to=back)
    work.run()
    assert Fax.rows.get(pk=again.pk).state == FaxState.DELIVERED
    assert arrived(world.lakeside).count() == 2
    assert Fax.rows.get(pk=answer.pk).state == FaxState.DELIVERED
    assert arrived(world.northside).get().from_number == to
    gone_to = world.lakeside.faxbox
    gone_to.numbers.all().update(faxbox=None)
    delete_faxbox(world.lakeside.admin, faxbox_id=gone_to.pk)
    with pytest.raises(InvalidRequest) as refused:
        resend_fax(world.northside.admin, fax_id=fax.pk)
    assert refused.value.errors[0].code == ErrorCode.EXTENSION_UNKNOWN


def test_a_machine_without_a_number_sends_to_extensions_and_calls_nobody(world, work, send, to):
    box = create_faxbox(world.northside.admin, terms=FaxboxTerms(name="Radiology"))
    fax = send(world.northside, to, faxbox=str(box.pk))
    work.run()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.DELIVERED
    assert arrived(world.lakeside).get().from_number == full_extension(box)
    with pytest.raises(InvalidRequest) as refused:
        send(world.northside, f"{to}, +12025550100", faxbox=str(box.pk))
    assert refused.value.errors[0].code == ErrorCode.FROM_NUMBER_MISSING


def test_a_broadcast_reaches_extensions_too(world, work, to):
    broadcast = broadcasts.create_broadcast(
        world.northside.admin,
        request=BroadcastRequest(
            fax=FaxRequest(to="", documents=[papers.incoming(papers.pdf())]),
            recipients=[RecipientRequest(to), RecipientRequest("+12025550100")],
        ),
        origin="test",
    )
    work.run_to_end()
    sent = Fax.rows.filter(broadcast_id=broadcast.pk)
    assert {each.state for each in sent} == {FaxState.DELIVERED}
    assert arrived(world.lakeside).get().from_number == full_extension(world.northside.faxbox)


# Extensions and codes themselves.


def test_a_new_machine_gets_the_next_extension_and_may_be_given_another(world):
    admin = world.northside.admin
    boxes = [create_faxbox(admin, terms=FaxboxTerms(name=name)) for name in ("A", "B")]
    assert [each.extension for each in boxes] == ["100", "101"]
    changed = edit_faxbox(admin, faxbox_id=boxes[0].pk, changes={"extension": "77"})
    assert Faxbox.rows.get(pk=changed.pk).extension == "77"
    kept = edit_faxbox(admin, faxbox_id=boxes[0].pk, changes={"name": "C", "extension": ""})
    assert Faxbox.rows.get(pk=kept.pk).extension == "77"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("210", ErrorCode.EXTENSION_TAKEN),
        ("12a", ErrorCode.EXTENSION_INVALID),
        ("12345678901", ErrorCode.EXTENSION_INVALID),
        ("*1", ErrorCode.EXTENSION_INVALID),
        ("²", ErrorCode.EXTENSION_INVALID),
    ],
)
def test_an_extension_is_digits_that_no_other_machine_has(world, written, code):
    with pytest.raises(InvalidRequest) as refused:
        create_faxbox(world.northside.admin, terms=FaxboxTerms(name="X", extension=written))
    assert [each.code for each in refused.value.errors] == [code]


def test_an_extension_is_free_again_once_its_machine_is_deleted(world):
    admin = world.northside.admin
    box = create_faxbox(admin, terms=FaxboxTerms(name="A", extension="77"))
    delete_faxbox(admin, faxbox_id=box.pk)
    assert create_faxbox(admin, terms=FaxboxTerms(name="B", extension="77")).extension == "77"


def test_codes_are_counted_up_and_lead_to_their_account(world):
    codes = [code_of(house.id) for house in (world.harbor, world.northside, world.lakeside)]
    assert codes == ["0001", "0003", "0004"]
    assert account_of("0003") == world.northside.id
    assert [account_of(each) for each in ("3", "003", "00003", "0099", "", "٠٠٠٣")] == [None] * 6


def test_an_extension_is_shown_where_numbers_are():
    assert phone.readable("0003*210", country="US") == "0003*210"
    assert phone.whole("0003*210") == "0003*210"
    assert phone.masked("0003*210") == "•••*210"
    assert phone.country_of("0003*210") == ""
