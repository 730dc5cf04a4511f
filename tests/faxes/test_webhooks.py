"""Webhooks are told of what happens, in a row and signed; of what is deleted, that alone."""

import json
from datetime import datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import clock
from accounts.errors import (
    EventTypeUnknown,
    NotAllowed,
    NotThere,
    TooManyWebhooks,
    WebhookUrlInvalid,
    WebhookUrlNotAllowed,
)
from accounts.models import (
    AuditEntry,
    EventType,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookTry,
)
from accounts.services import events, tenants, webhook_queue, webhooks
from faxes.carriers.base import SendStatus
from faxes.models import Attempt, Export, Fax, Number
from faxes.services import follow
from faxes.services.export_lists import lists_of
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox, lead_number
from faxes.services.numbers import assign, take_back
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.webhook_delivery import deliver_due
from tests.hooks import happen, told, tries
from tests.stored import planted

MARKER = "Zyxqvortihook"


def test_the_way_of_a_fax_is_told_in_a_row_and_signed(world, work, send, receiver, hook):
    sent = send(world.northside, "+12025550100", pages=2, subject=MARKER, message=MARKER)
    work.run_to_end()
    assert not receiver.seen, "nothing leaves with the work itself"
    deliver_due()
    types = [each["type"] for each in told(receiver)]
    assert [each for each in types if each != "fax.page_sent"] == [
        "fax.queued", "fax.sending", "fax.delivered",
    ]  # fmt: skip
    assert [each["sequence"] for each in told(receiver)] == list(range(1, len(types) + 1))
    for seen in receiver.seen:
        assert Webhook(hook.secret).verify(seen.body, seen.headers)["data"]["id"] == str(sent.pk)
        assert MARKER.encode() not in seen.body
    last = told(receiver)[-1]
    assert last["data"] == {
        "id": str(sent.pk), "object": "fax", "account_id": str(world.northside.id),
        "direction": "outbound", "status": "delivered", "outcome": "delivered",
        "from": world.northside.number, "to": "+12025550100",
        "faxbox_id": str(world.northside.faxbox.pk),
        "pages": 2, "pages_done": 2, "tries": 1, "metadata": {},
    }  # fmt: skip
    assert datetime.fromisoformat(last["timestamp"]) <= clock.now()
    assert last["timestamp"].endswith("Z")


def test_where_nobody_listens_telling_costs_one_query(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        events.emit(
            world.northside.id, event=EventType.FAX_QUEUED, object_type="fax",
            object_id=world.northside.id, data={}, at=clock.now(), above=[world.harbor.id],
        )  # fmt: skip
    assert not WebhookMessage.rows.exists()


def test_a_signature_of_somebody_else_does_not_pass(world, receiver, hook):
    happen(world.northside)
    deliver_due()
    [seen] = receiver.seen
    with pytest.raises(WebhookVerificationError):
        Webhook(events.new_secret()).verify(seen.body, seen.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(hook.secret).verify(seen.body.replace(b"fax", b"tax"), seen.headers)


def test_who_received_is_told_and_nobody_else(world, work, send, receiver):
    webhooks.create(
        world.lakeside.admin, url=receiver.url("/lakeside"), event_types=["fax.received"]
    )
    webhooks.create(world.redwood.admin, url=receiver.url("/redwood"))
    webhooks.create(world.harbor.admin, url=receiver.url("/harbor"))
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    deliver_due()
    assert [(seen.path, json.loads(seen.body)["type"]) for seen in receiver.seen] == [
        ("/lakeside", "fax.received")
    ]


def test_pages_are_told_as_they_go(world, work, send, hook):
    sent = send(world.northside, "+12025550100", pages=3)
    work.run_jobs()

    attempt = Attempt.rows.select_related("fax").get(fax=sent)
    for done in (1, 1, 2):
        status = SendStatus(ref="1", phase="page", pages_done=done)
        follow._note(attempt, status, pause=timedelta(seconds=20))
    about = WebhookMessage.rows.filter(type="fax.page_sent").order_by("pk")
    assert [message.data["pages_done"] for message in about] == [1, 2]


def test_stripping_numbers_and_accounts_are_told(world, work, send, receiver):
    for house, path in (
        (world.northside, "/own"), (world.harbor, "/above"), (world.summit, "/stranger"),
    ):  # fmt: skip
        webhooks.create(house.admin, url=receiver.url(path))
    sent = send(world.northside, "+12025550100")
    work.run_to_end()
    strip_fax(world.northside.admin, fax_id=sent.pk)
    number = Number.rows.get(account=world.northside.account)
    other = create_faxbox(world.northside.admin, terms=FaxboxTerms(name="Other"))
    lead_number(world.northside.admin, number_id=number.pk, faxbox_id=other.pk)
    take_back(world.harbor.admin, number_ids=[number.pk])
    assign(
        world.harbor.admin, number_ids=[number.pk], account_id=world.northside.id,
        faxbox_id=other.pk,
    )  # fmt: skip
    tenants.rename(world.harbor.admin, account_id=world.northside.id, name=MARKER)
    tenants.suspend(world.harbor.admin, account_id=world.northside.id)
    tenants.resume(world.harbor.admin, account_id=world.northside.id)
    tenants.create_tenant(world.harbor.admin, name="New")
    deliver_due()
    by_path = {path: [json.loads(s.body) for s in receiver.seen if s.path == path] for path in (
        "/own", "/above", "/stranger")}  # fmt: skip
    accounts = ["account.updated", "account.suspended", "account.resumed"]
    assert [each["type"] for each in by_path["/own"]][-7:] == [
        "fax.stripped", "number.updated", "number.released", "number.assigned", *accounts,
    ]  # fmt: skip
    assert [each["type"] for each in by_path["/above"]] == [*accounts, "account.created"]
    assert by_path["/above"][1]["data"]["status"] == "suspended"
    assert not by_path["/stranger"]
    assert MARKER not in str(by_path)


def test_a_secret_is_nowhere_in_the_database(hook):
    assert planted(hook.endpoint.url) > 0, "the finder finds"
    assert planted(hook.secret) == planted(hook.secret.removeprefix("whsec_")) == 0


def test_a_deleted_fax_leaves_ids_alone_in_logs_and_on_the_way(world, work, send, receiver, hook):
    sent = send(world.northside, "+12025550108", metadata={"case": MARKER})
    receiver.behave = lambda at: at.answer(200, receiver.seen[-1].body)  # an echo
    work.run_to_end()
    deliver_due()
    echoed = len(tries())
    assert MARKER in tries()[0].response_body
    receiver.behave = lambda at: at.answer(500)
    webhooks.redeliver(world.northside.admin, message_id=WebhookMessage.rows.earliest("pk").pk)
    held = webhook_queue.claim_next(clock.now())
    assert held is not None
    assert MARKER in held.body
    delete_fax(world.northside.admin, fax_id=sent.pk)
    answer = webhook_queue.Answer(status=500, response_body=held.body)
    assert webhook_queue.settle(held, answer, now=clock.now())
    ids = events.ids_of(world.northside.id, object_type="fax", object_id=sent.pk)
    for message in WebhookMessage.rows.all():
        assert message.data == ids
    assert echoed + 1 == len(tries())
    assert not any(attempt.response_body for attempt in tries())
    receiver.seen.clear()
    work.pass_time(timedelta(minutes=1))
    deliver_due()
    assert [each["data"] for each in told(receiver)] == [ids, ids]
    assert "fax.deleted" in {each["type"] for each in told(receiver)}
    assert planted(MARKER) == 0


def test_a_fax_with_an_address_of_its_own_tells_that_one(world, work, send, receiver):
    sent = send(world.northside, "+12025550100")
    Fax.rows.filter(pk=sent.pk).update(webhook_url=receiver.url("/mine"))
    send(world.northside, "+12025550104")
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=sent.pk)
    [endpoint] = webhooks.endpoints_for(world.northside.admin)
    secret = webhooks.rotate_secret(world.northside.admin, endpoint_id=endpoint.pk).secret
    deliver_due()
    types = [each["type"] for each in told(receiver) if each["type"] != "fax.page_sent"]
    assert types == ["fax.queued", "fax.sending", "fax.delivered", "fax.deleted"]
    assert {seen.path for seen in receiver.seen} == {"/mine"}
    for seen in receiver.seen:
        assert Webhook(secret).verify(seen.body, seen.headers)["data"]["id"] == str(sent.pk)


def test_a_log_shows_what_was_sent_and_answered_page_by_page(world, receiver, hook):
    admin, key = world.northside.admin, hook.endpoint.pk
    receiver.behave = lambda at: at.answer(200, b"thanks\0", X_Request_Id="7")
    webhooks.send_test(admin, endpoint_id=key)
    happen(world.northside, 4)
    deliver_due()
    first = webhooks.messages_for(admin, endpoint_id=key, size=3)
    rest = webhooks.messages_for(admin, endpoint_id=key, size=3, below=first.older)
    assert (len(first.messages), len(rest.messages), rest.older) == (3, 2, None)
    assert not webhooks.messages_for(admin, endpoint_id=key, state=MessageState.FAILED).messages
    test = rest.messages[-1]
    assert test.type == "webhook.test"
    seen = webhooks.message_for(admin, message_id=test.pk)
    assert seen.body.encode() == receiver.seen[0].body
    [attempt] = seen.tries
    assert (attempt.status, attempt.response_body) == (200, "thanks\ufffd")
    assert attempt.response_headers["x-request-id"] == "7"
    assert attempt.request_headers["webhook-id"] == str(test.pk)


def test_only_administrators_and_only_their_own(world, receiver, hook):
    happen(world.northside)
    message = WebhookMessage.rows.get()
    for actor in (world.northside.member, world.northside.viewer):
        with pytest.raises(NotAllowed):
            webhooks.endpoints_for(actor)
        with pytest.raises(NotAllowed):
            webhooks.create(actor, url="https://example.com/")
    for stranger in (world.lakeside.admin, world.harbor.admin):
        _finds_nothing(stranger, hook.endpoint.pk, message.pk)


def _finds_nothing(stranger, endpoint_id, message_id):
    assert webhooks.endpoints_for(stranger) == []
    for act, names in (
        (webhooks.endpoint_for, {"endpoint_id": endpoint_id}),
        (webhooks.update, {"endpoint_id": endpoint_id, "enabled": False}),
        (webhooks.delete, {"endpoint_id": endpoint_id}),
        (webhooks.rotate_secret, {"endpoint_id": endpoint_id}),
        (webhooks.send_test, {"endpoint_id": endpoint_id}),
        (webhooks.messages_for, {"endpoint_id": endpoint_id}),
        (webhooks.redeliver_failed, {"endpoint_id": endpoint_id, "since": clock.now()}),
        (webhooks.message_for, {"message_id": message_id}),
        (webhooks.redeliver, {"message_id": message_id}),
    ):
        with pytest.raises(NotThere):
            act(stranger, **names)


@pytest.mark.parametrize(
    ("url", "error"),
    [("example.com", WebhookUrlInvalid), ("ftp://example.com/", WebhookUrlInvalid),
     ("https://a:b@example.com/", WebhookUrlInvalid), ("", WebhookUrlInvalid),
     ("http://localhost/", WebhookUrlNotAllowed), ("http://10.0.0.1/", WebhookUrlNotAllowed),
     ("https://example.com:25/", WebhookUrlNotAllowed)],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(world, settings, url, error):
    settings.FETCH_ALLOW = ()
    with pytest.raises(error):
        webhooks.create(world.northside.admin, url=url)
    assert not WebhookEndpoint.rows.exists()


def test_types_and_their_number_have_limits(world, monkeypatch):
    admin = world.northside.admin
    for types in (["fax.flown"], ["webhook.test"]):
        with pytest.raises(EventTypeUnknown):
            webhooks.create(admin, url="https://example.com/", event_types=types)
    monkeypatch.setattr(webhooks, "MOST", 1)
    webhooks.create(admin, url="https://example.com/")
    with pytest.raises(TooManyWebhooks):
        webhooks.create(admin, url="https://example.com/")
    webhooks.create(world.lakeside.admin, url="https://example.com/")


def test_a_deleted_webhook_goes_with_its_log(world, work, receiver, hook, monkeypatch):
    happen(world.northside, 2)
    assert deliver_due() == 2
    happen(world.northside)
    webhooks.delete(world.northside.admin, endpoint_id=hook.endpoint.pk)
    assert deliver_due() == 0
    assert webhooks.endpoints_for(world.northside.admin) == []
    work.pass_time(timedelta(hours=2))
    monkeypatch.setattr(webhook_queue, "_AT_ONCE", 1)
    webhook_queue.forget_old(clock.now())
    assert not WebhookEndpoint.rows.exists()
    assert not WebhookTry.rows.exists()
    acts = AuditEntry.objects.filter(object_id=hook.endpoint.pk).order_by("number")
    assert [act.action for act in acts] == ["webhook.create", "webhook.delete"]


def test_an_erased_account_takes_its_webhooks_along(world, work, receiver, hook):
    webhooks.create(world.harbor.admin, url=receiver.url("/harbor"))
    happen(world.northside)
    tenants.close(world.harbor.admin, account_id=world.northside.id)
    work.pass_time(timedelta(days=31))
    kept = WebhookMessage.rows.values_list("account_id", "type")
    assert set(kept) == {(world.harbor.id, "account.closed")}
    assert not WebhookEndpoint.rows.filter(account=world.northside.account).exists()


def test_an_export_lists_webhooks_without_their_secrets(world, receiver, hook):
    gone = webhooks.create(world.northside.admin, url=receiver.url("/gone")).endpoint
    webhooks.delete(world.northside.admin, endpoint_id=gone.pk)
    export = Export(account=world.northside.account, created_at=clock.now())
    lines = list(dict(lists_of(export))["webhooks.csv"])
    assert len(lines) == 2
    assert receiver.url("/hook") in lines[1]
    hook.endpoint.refresh_from_db()
    assert hook.secret not in lines[1]
    assert hook.endpoint.sealed_secret not in lines[1]
