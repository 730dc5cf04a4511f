"""Webhooks and callbacks tell as Kazoo does: in each verb and format, to whom it concerns."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction

from accounts import clock
from accounts.models import MessageState, Shared, WebhookMessage, WebhookTry
from accounts.services.hooks import HookTerms, change_hook, create_hook, delete_hook
from accounts.services.sharing import set_sharing
from accounts.tenancy import actor_below
from faxes import notices
from faxes.models import Fax, Faxbox, InboundMail
from faxes.models.inbound_mail import MailState
from faxes.services.faxboxes import edit_faxbox
from faxes.services.privacy import delete_fax
from faxes.services.webhook_delivery import deliver_due
from faxes.wire.kazoo import gregorian

ALL = ("inbound_fax", "inbound_fax_error", "outbound_fax", "outbound_fax_error")
FINE, BUSY, BREAKS = "+12025550100", "+12025550101", "+12025550104"


@pytest.fixture
def hook(receiver):
    def made(actor, *words, with_below=False, path="/hook", **options):
        options = {"hook": "notifications", "verb": "post", "format": "json", **options}
        terms = HookTerms(
            name="A hook", url=receiver.url(path), words=words or ALL, with_below=with_below,
            options=options,
        )  # fmt: skip
        return create_hook(actor, terms=terms)

    return made


def told(seen):
    """What a request tells, whatever it is written as."""
    if seen.method == "GET":
        return _of_form(urlsplit(seen.path).query)
    if seen.headers["content-type"] == "application/json":
        return json.loads(seen.body)
    return _of_form(seen.body.decode())


def _of_form(text):
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def as_said(terms):
    """The change of a webhook to these terms, whatever it was."""
    return lambda _held: terms


@pytest.mark.parametrize("form", ["json", "form-data"])
@pytest.mark.parametrize("verb", ["get", "post", "put"])
def test_a_fax_that_was_sent_is_told_in_every_verb_and_format(
    world, work, send, receiver, hook, verb, form
):
    made = hook(
        world.northside.admin, verb=verb, format=form, path="/hook?of=ours",
        custom_data={"customer": "4711", "type": "stripped", "fax_id": "ours"},
    )  # fmt: skip
    fax = send(world.northside, FINE)
    work.run_to_end()
    assert not receiver.seen, "nothing leaves with the work itself"
    deliver_due()
    [seen] = receiver.seen
    fax.refresh_from_db()
    assert seen.method == verb.upper()
    assert urlsplit(seen.path).query.startswith("of=ours")
    assert seen.headers["x-hook-id"] == made.pk.hex
    assert seen.headers["x-account-id"] == world.northside.id.hex
    assert not [name for name in seen.headers if "signature" in name]
    facts = told(seen)
    assert facts["event_name"] == "outbound_fax"
    assert facts["event_category"] == "notification"
    assert len(facts["cluster_id"]) == 32
    assert facts["account_id"] == world.northside.id.hex
    assert facts["fax_jobid"] == fax.pk.hex
    assert facts["faxbox_id"] == world.northside.faxbox.pk.hex
    assert facts["caller_id_number"] == world.northside.number
    assert facts["callee_id_number"] == FINE
    assert int(facts["fax_timestamp"]) == gregorian(fax.finished_at)
    assert (facts["customer"], facts["fax_id"]) == ("4711", "ours"), "what is custom comes last"
    assert "type" not in facts
    if verb == "get" or form == "form-data":
        assert facts["fax_info[success]"] == "true"
        assert facts["fax_info[transferred_pages]"] == "1"
    else:
        assert facts["fax_info"]["success"] is True
        assert facts["fax_info"]["result_text"] == "OK"


def test_both_ends_hear_what_concerns_them_and_only_the_words_they_asked_for(
    world, work, send, receiver, hook
):
    hook(world.northside.admin, "outbound_fax_error", path="/errors")
    hook(world.lakeside.admin, "inbound_fax", path="/in", hook="inbound_fax")
    send(world.northside, world.lakeside.number)
    send(world.northside, "+12025550108")
    work.run_to_end()
    deliver_due()
    by = {seen.path: told(seen) for seen in receiver.seen}
    assert len(receiver.seen) == 2
    assert by["/errors"]["event_name"] == "outbound_fax_error"
    assert by["/errors"]["fax_error"] == "UNALLOCATED_NUMBER"
    assert by["/errors"]["fax_result_code"] == 404
    arrived = Fax.objects.for_account(world.lakeside.id).get()
    assert by["/in"]["fax_id"] == f"{arrived.created_at:%Y%m}-{arrived.pk.hex}"
    assert by["/in"]["caller_id_number"] == world.northside.number
    assert by["/in"]["success"] is True, "hooks of before had the result beside the rest"


def test_an_account_above_hears_as_much_as_the_one_below_shares(world, work, send, receiver, hook):
    hook(world.harbor.admin, with_below=True, path="/above")
    hook(world.harbor.admin, path="/harbor-alone")
    hook(world.summit.admin, with_below=True, path="/stranger")
    said = []
    for shared in (Shared.MASKED, Shared.FULL, Shared.NONE):
        set_sharing(world.northside.admin, fax_records=shared)
        send(world.northside, FINE, to_name="Dr. Jones")
        work.run_to_end()
        deliver_due()
        said.append([(seen.path, told(seen)) for seen in receiver.seen])
        receiver.seen.clear()
    [(path, masked)], [(_, full)], nothing = said
    assert path == "/above"
    assert masked["account_id"] == world.northside.id.hex
    assert masked["callee_id_number"] != FINE
    assert FINE not in json.dumps(masked)
    assert "Jones" not in json.dumps(said), "names are not shared at all"
    assert full["callee_id_number"] == FINE
    assert nothing == []


def test_a_hook_that_a_provider_made_below_tells_no_more_than_providers_see(
    world, work, send, receiver, hook
):
    provider = actor_below(world.harbor.admin, world.northside.id)
    made = hook(provider)
    send(world.northside, FINE)
    work.run_to_end()
    deliver_due()
    assert FINE not in json.dumps(told(receiver.seen.pop()))
    for path, whole in (("/hook", False), ("/ours", True)):
        terms = HookTerms(
            name="Ours now", url=receiver.url(path), words=ALL, options={"format": "json"}
        )
        change_hook(world.northside.admin, hook_id=made.pk, change=as_said(terms))
        send(world.northside, FINE)
        work.run_to_end()
        deliver_due()
        said = json.dumps(told(receiver.seen.pop()))
        assert (FINE in said) == whole, "it is the provider's as long as they are told by it"


@pytest.mark.parametrize("closed", ["nothing is shared", "the machine is of certain people"])
def test_a_hook_that_a_provider_made_below_hears_of_nothing_that_is_kept_from_providers(
    world, work, send, receiver, hook, closed
):
    hook(actor_below(world.harbor.admin, world.northside.id))
    if closed == "nothing is shared":
        set_sharing(world.northside.admin, fax_records=Shared.NONE)
    else:
        Faxbox.objects.for_account(world.northside.id).update(restricted=True)
    send(world.northside, FINE)
    work.run_to_end()
    assert deliver_due() == 0


@pytest.mark.parametrize(
    ("verb", "status", "delivered"),
    [("post", 200, True), ("post", 201, False), ("put", 201, True), ("get", 204, False),
     ("post", 500, False), ("post", 410, False)],
)  # fmt: skip
def test_an_answer_ends_it_whatever_it_is(
    world, work, send, receiver, hook, verb, status, delivered
):
    made = hook(world.northside.admin, verb=verb, retries=4)
    receiver.behave = lambda at: at.answer(status)
    send(world.northside, FINE)
    work.run_to_end()
    assert deliver_due() == 1
    message = WebhookMessage.rows.get()
    assert (message.state == MessageState.DELIVERED) == delivered
    assert message.next_at is None
    made.refresh_from_db()
    assert made.enabled


@pytest.mark.parametrize("retries", [0, 2])
def test_who_does_not_answer_is_asked_again_as_often_as_it_wants(
    world, work, send, receiver, hook, retries
):
    hook(world.northside.admin, retries=retries)
    receiver.behave = lambda _: None
    send(world.northside, FINE)
    work.run_to_end()
    tries = 0
    for _ in range(6):
        tries += deliver_due()
        WebhookMessage.rows.filter(next_at__isnull=False).update(next_at="2020-01-01T00:00Z")
    assert tries == retries + 1
    assert WebhookMessage.rows.get().state == MessageState.FAILED
    assert WebhookTry.rows.count() == tries


def test_of_a_fax_that_is_deleted_before_it_is_told_only_its_id_is(
    world, work, send, receiver, hook
):
    hook(world.northside.admin)
    fax = send(world.northside, FINE)
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=fax.pk)
    deliver_due()
    facts = told(receiver.seen[0])
    assert facts["fax_id"].endswith(fax.pk.hex)
    assert not {"callee_id_number", "fax_info", "faxbox_id"} & set(facts)


def test_what_a_deleted_hook_was_to_hear_is_not_sent(world, work, send, receiver, hook):
    made = hook(world.northside.admin)
    send(world.northside, FINE)
    work.run_to_end()
    delete_hook(world.northside.admin, hook_id=made.pk)
    assert deliver_due() == 0


@pytest.mark.parametrize(
    ("way", "verb"), [("json", "post"), ("www-url-form-encoded", "put"), ("", "")]
)
def test_a_fax_machine_calls_back_for_what_comes_in_and_for_what_went_out(
    world, work, send, receiver, way, verb
):
    for tenant, side in ((world.northside, "outbound"), (world.lakeside, "inbound")):
        asked = {"url": receiver.url(f"/{side}")}
        asked |= {"type": way, "method": verb} if way else {}
        edit_faxbox(tenant.admin, faxbox_id=tenant.faxbox.pk, changes={f"{side}_callback": asked})
    fax = send(world.northside, world.lakeside.number)
    work.run_to_end()
    assert deliver_due() == 2
    by = {seen.path: seen for seen in receiver.seen}
    assert told(by["/outbound"])["fax_jobid"] == fax.pk.hex
    assert told(by["/inbound"])["event_name"] == "inbound_fax"
    kind = "form" if way.startswith("www") else "json"
    for seen in receiver.seen:
        assert seen.method == (verb or "post").upper()
        assert kind in seen.headers["content-type"]


def test_a_mail_that_became_no_fax_is_told_and_stands_in_the_log(world, receiver, hook, kazoo):
    hook(world.northside.admin, "outbound_smtp_fax_error")
    hook(world.harbor.admin, "outbound_smtp_fax_error", with_below=True, path="/above")
    mail = InboundMail.objects.create(
        account_id=world.northside.id, faxbox=world.northside.faxbox, state=MailState.REFUSED,
        sender="joe@acme.test", recipient="12025550100@box.fax.localhost",
        domain="box.fax.localhost", number="+12025550100", number_given="12025550100",
        errors=["no valid attachment"], filename="letter.zip", created_at=clock.now(),
    )  # fmt: skip
    with transaction.atomic():
        notices.tell_mail_refused(mail, now=clock.now())
    assert deliver_due() == 2
    facts = {seen.path: told(seen) for seen in receiver.seen}
    ours, above = facts["/hook"], facts["/above"]
    assert ours["event_name"] == "outbound_smtp_fax_error"
    assert ours["errors"] == ["no valid attachment"]
    assert (ours["fax_from_email"], ours["number"]) == ("joe@acme.test", "+12025550100")
    assert ours["faxbox_name"] == world.northside.faxbox.name
    assert not {"errors", "fax_from_email", "fax_to_email", "original_number"} & set(above)
    assert above["number"] != "+12025550100"

    own = kazoo()
    [row] = own.data("GET", "faxes/smtplog")
    assert row["id"] == f"{mail.created_at:%Y%m}-{mail.pk.hex}"
    assert (row["from"], row["to"], row["error"]) == (
        "joe@acme.test", "12025550100@box.fax.localhost", "no valid attachment",
    )  # fmt: skip
    whole = own.data("GET", f"faxes/smtplog/{row['id']}")
    assert (whole["errors"], whole["filename"]) == (["no valid attachment"], "letter.zip")
    box = f"faxboxes/{world.northside.faxbox.pk.hex}/faxes/smtplog"
    assert own.data("GET", box) == [row]
    assert own.data("GET", f"faxes/smtplog?created_to={gregorian(mail.created_at) - 60}") == []
    InboundMail.rows.filter(pk=mail.pk).update(errors=["letter.zip is locked.", mail.errors[0]])
    masked = kazoo(world.harbor.admin).data("GET", f"{own.base}/faxes/smtplog/{row['id']}")
    assert "joe@" not in json.dumps(masked)
    assert "2025550100" not in json.dumps(masked)
    assert masked["errors"] == ["refused", "no valid attachment"], "a sentence may name a document"


def test_what_goes_through_a_machine_of_certain_people_is_not_told_above(
    world, work, send, receiver, hook
):
    Faxbox.objects.for_account(world.northside.id).update(restricted=True)
    hook(world.harbor.admin, with_below=True)
    send(world.northside, FINE)
    work.run_to_end()
    assert deliver_due() == 0
