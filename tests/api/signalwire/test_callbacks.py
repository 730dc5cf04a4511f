"""Clients' servers are told how their faxes go on: each step, in order, signed, as it was then."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid5

import pytest

from accounts import clock
from accounts.models import Brand, EndpointKind, WebhookEndpoint, WebhookMessage
from accounts.services import events
from faxes.enums import FaxState
from faxes.models import Fax
from faxes.services import (
    control,
    couriers,
    dialects,
    exchange,
    line,
    privacy,
    webhook_delivery,
)
from faxes.services.delivery_loop import carry_out_due
from faxes.wire.signalwire import SIGNATURES, signature_of, signature_of_body
from tests.papers import pdf

ANSWERS, BUSY, SILENT, NOBODY = (f"+1202555010{digit}" for digit in "0128")
KEY = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


def test_a_signature_is_that_of_the_vendors_validators():
    assert signature_of(URL, PARAMS, key=KEY) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    shuffled = dict(reversed(PARAMS.items()))
    assert signature_of(URL, shuffled, key=KEY) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    plain = signature_of(URL + "{}", {}, key=KEY)
    assert b64encode(bytes.fromhex(signature_of_body(URL, b"{}", key=KEY))).decode() == plain


@pytest.fixture
def called(receiver, send):
    """``called(tenant, to)``: a fax that tells the receiver."""

    def make(tenant, to=ANSWERS, *, path="/status?of=it", method="POST", **request):
        asked = {"kind": "laml", "url": receiver.url(path), "method": method}
        asked["original_media_url"] = "https://example.com/a.pdf"
        return send(tenant, to, callback=asked, **request)

    return make


def told(receiver):
    """What was told by forms, in the order in which it came."""
    return [dict(parse_qsl(seen.body.decode())) for seen in receiver.seen]


def statuses(receiver):
    return [each["FaxStatus"] for each in told(receiver)]


def key_of(tenant):
    return events.signing_endpoint(tenant.id, at=clock.now()).secret


def test_its_pages_are_where_the_brand_of_the_account_has_the_portal(
    world, work, called, receiver, settings
):
    Brand.rows.filter(account_id=world.summit.id).update(domain="")
    host = "fax.harbor.localhost"
    Brand.rows.filter(account_id=world.harbor.id).update(domain=host, domain_proven_at=clock.now())
    for tenant in (world.northside, world.redwood):
        called(tenant)
    work.run_to_end()
    webhook_delivery.deliver_due()
    roots = {each["AccountSid"]: each["MediaUrl"].partition("/api/")[0] for each in told(receiver)}
    assert urlsplit(roots[str(world.northside.id)]).hostname == host
    assert roots[str(world.redwood.id)] == settings.BASE_URL


def test_a_fax_that_arrives_tells_its_steps_with_all_that_is_known(world, work, called, receiver):
    fax = called(world.northside, pages=2)
    work.run_to_end()
    webhook_delivery.deliver_due()
    assert statuses(receiver) == ["queued", "processing", "delivered"], "as it was at each moment"
    seen, last = receiver.seen[-1], told(receiver)[-1]
    fax.refresh_from_db()
    media = uuid5(fax.pk, "media")
    assert last.pop("Timestamp") == f"{fax.finished_at:%Y-%m-%dT%H:%M:%SZ}"
    assert last.pop("MediaUrl").endswith(
        f"/api/laml/2010-04-01/Accounts/{world.northside.id}/Faxes/{fax.pk}/Media/{media}.pdf"
    )
    assert last == {
        "FaxSid": str(fax.pk),
        "AccountSid": str(world.northside.id),
        "ApiVersion": "v1",
        "From": world.northside.number,
        "To": ANSWERS,
        "FaxStatus": "delivered",
        "MediaSid": str(media),
        "OriginalMediaUrl": "https://example.com/a.pdf",
        "NumPages": "2",
        "RemoteStationId": ANSWERS,
    }
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    key = key_of(world.northside)
    assert key.startswith("PSK_")
    told_all = dict(parse_qsl(seen.body.decode()))
    right = signature_of(receiver.url("/status?of=it"), told_all, key=key)
    assert {seen.headers[name.lower()] for name in SIGNATURES} == {right}


def test_by_get_all_is_in_the_query_and_the_signature_of_the_address_alone(
    world, work, called, receiver
):
    called(world.northside, BUSY, method="GET", retries="0")
    work.run_to_end()
    webhook_delivery.deliver_due()
    last = receiver.seen[-1]
    query = dict(parse_qsl(urlsplit(last.path).query))
    assert (last.method, last.body, query["of"]) == ("GET", b"", "it")
    assert (query["FaxStatus"], query["ErrorCode"]) == ("busy", "34002")
    right = signature_of(receiver.url(last.path), {}, key=key_of(world.northside))
    assert last.headers["x-twilio-signature"] == right


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [(SILENT, "no-answer", "34003"), (NOBODY, "failed", "21217"), (BUSY, "busy", "34002")],
)
def test_every_end_has_its_word_and_code(world, work, called, receiver, to, status, code):
    called(world.northside, to, retries="0")
    work.run_to_end()
    webhook_delivery.deliver_due()
    last = told(receiver)[-1]
    assert statuses(receiver) == ["queued", "processing", status]
    assert (last["ErrorCode"], bool(last["ErrorMessage"])) == (code, True)


def test_further_tries_are_no_new_step(world, work, called, receiver):
    called(world.northside, "+12025550107")
    work.run_to_end()
    webhook_delivery.deliver_due()
    assert statuses(receiver) == ["queued", "processing", "delivered"]


@pytest.mark.parametrize(
    ("named", "heard"),
    [
        (["queued"], ["queued", "delivered"]),
        (["processing", "failed"], ["processing", "delivered"]),
        (["delivered"], ["delivered"]),
        (["fax-sent"], ["queued", "processing", "delivered"]),
        ([], ["queued", "processing", "delivered"]),
    ],
)
def test_only_the_changes_that_are_named_are_told_and_the_end(work, laml, receiver, named, heard):
    receiver.behave = lambda at: at.answer(200, pdf(1), Content_Type="application/pdf")
    laml().send(
        MediaUrl=receiver.url("/letter.pdf"),
        StatusCallback=receiver.url("/told"),
        StatusCallbackEvent=named,
    )
    carry_out_due(couriers.FETCHES)
    receiver.seen.clear()
    work.run_to_end()
    webhook_delivery.deliver_due()
    assert statuses(receiver) == heard


def test_a_fax_that_is_canceled_says_so(world, work, called, receiver):
    fax = called(world.northside)
    control.cancel_fax(world.northside.admin, fax_id=fax.pk)
    webhook_delivery.deliver_due()
    assert statuses(receiver) == ["canceled"]
    assert "ErrorCode" not in told(receiver)[0]


def test_it_is_sending_once_the_other_machine_was_heard(world, work, called, receiver, monkeypatch):
    note = exchange.note

    def work_meanwhile(*told, **facts):
        note(*told, **facts)
        work.run_jobs()

    monkeypatch.setattr(exchange, "note", work_meanwhile)
    monkeypatch.setattr(line, "_NOTE_EVERY", 0.0)
    called(world.northside)
    work.run_jobs()
    held = exchange.claim_next()
    assert held
    line.carry(held)
    work.run_to_end()
    webhook_delivery.deliver_due()
    assert statuses(receiver) == ["queued", "processing", "sending", "delivered"]


def test_a_server_that_fails_is_asked_three_times_and_the_next_step_waits(
    world, work, called, receiver
):
    receiver.behave = lambda server: server.answer(503, Retry_After="7200")
    called(world.northside)
    work.run_to_end()
    for _ in range(2):
        webhook_delivery.deliver_due()
        work.pass_time(timedelta(seconds=40))
    assert statuses(receiver) == ["queued", "queued"]
    webhook_delivery.deliver_due()
    assert statuses(receiver)[2:] == ["queued", "processing"]
    receiver.behave = type(receiver).behave
    work.pass_time(timedelta(seconds=40))
    webhook_delivery.deliver_due()
    assert statuses(receiver)[4:] == ["processing", "delivered"]


def test_a_step_that_cannot_be_written_is_given_up_and_holds_no_other(
    world, work, called, receiver, monkeypatch
):
    write = dialects._WRITERS[EndpointKind.LAML]

    def written(news):
        if news.fax.state == FaxState.QUEUED:
            raise RuntimeError
        return write(news)

    monkeypatch.setitem(dialects._WRITERS, EndpointKind.LAML, written)
    called(world.northside)
    work.run_to_end()
    for _ in range(3):
        webhook_delivery.deliver_due()
        work.pass_time(timedelta(seconds=40))
    assert statuses(receiver) == ["processing", "delivered"]


def test_an_answer_that_refuses_ends_it(world, work, called, receiver):
    receiver.behave = lambda server: server.answer(404)
    called(world.northside)
    work.run_to_end()
    webhook_delivery.deliver_due()
    work.pass_time(timedelta(minutes=5))
    webhook_delivery.deliver_due()
    assert statuses(receiver) == ["queued", "processing", "delivered"]
    assert set(WebhookMessage.rows.values_list("state", flat=True)) == {"failed"}


def test_a_deleted_fax_tells_its_ids_alone(world, work, called, receiver):
    fax = called(world.northside)
    work.run_to_end()
    privacy.delete_fax(world.northside.admin, fax_id=fax.pk)
    webhook_delivery.deliver_due()
    ids = {"FaxSid": str(fax.pk), "AccountSid": str(world.northside.id), "ApiVersion": "v1"}
    assert told(receiver) == [ids] * 3
    assert "example.com" not in str(list(WebhookMessage.rows.values_list("data", "options")))


def test_pages_that_were_not_kept_have_no_address(world, work, called, receiver):
    called(world.northside, keep_documents=False)
    work.run_to_end()
    webhook_delivery.deliver_due()
    assert not [each for each in told(receiver) if "MediaUrl" in each or "MediaSid" in each]


def test_each_account_has_a_key_of_its_own(world, work, called, receiver):
    for tenant in (world.northside, world.lakeside):
        called(tenant, NOBODY)
    work.run_to_end()
    webhook_delivery.deliver_due()
    endpoints = WebhookEndpoint.rows.filter(kind=EndpointKind.LAML)
    assert endpoints.count() == 2
    assert key_of(world.northside) != key_of(world.lakeside)
    assert set(Fax.rows.values_list("state", flat=True)) == {FaxState.FAILED}


def test_who_sends_by_twilios_addresses_is_told_the_ids_that_those_tell(laml, receiver):
    clinic = laml(root="/v1")
    made = clinic.send(StatusCallback=receiver.url("/told"))
    clinic.told("POST", f"Faxes/{made['sid']}", {"Status": "canceled"})
    webhook_delivery.deliver_due()
    ids = {(each["FaxSid"], each["AccountSid"]) for each in told(receiver)}
    assert ids == {(made["sid"], made["account_sid"])}
    assert made["sid"].startswith("FX")
