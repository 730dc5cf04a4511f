"""Messages get there: once at least, under one id, and nobody waits for whoever hangs."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from django.core import mail
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import clock
from accounts.errors import (
    WebhookOff,
)
from accounts.models import (
    Disabled,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
)
from accounts.services import webhook_queue, webhooks
from accounts.services.webhook_notices import tell_switched_off
from faxes.services import delivery_loop, webhook_delivery
from faxes.services.webhook_delivery import deliver_due
from tests.hooks import happen, tries
from tests.outside import Handler, outside


def forever(at: Handler) -> None:
    at.server.outside.ended.wait(5)


def drip(at: Handler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
        if at.server.outside.ended.wait(0.05):
            return
        at.raw(bytes([byte]))


def drip_body(at: Handler) -> None:
    at.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not at.server.outside.ended.wait(0.05):
        at.raw(b"x")


SOON, HOUR, DAY = timedelta(seconds=5), timedelta(hours=1), timedelta(days=1)
ANSWERS = {
    "no content": (lambda at: at.answer(204, b""), 204, "", None),
    "a body that drips": (drip_body, 200, "", None),
    "a long body": (lambda at: at.answer(200, b"x" * 100_000), 200, "", None),
    "a failure": (lambda at: at.answer(500), 500, "", SOON),
    "a refusal": (lambda at: at.answer(404), 404, "", SOON),
    "nothing at all": (forever, None, "url_too_slow", SOON),
    "a byte now and then": (drip, None, "url_too_slow", SOON),
    "the end": (lambda _: None, None, "url_unreachable", SOON),
    "half an answer": (lambda at: at.raw(b"HTTP/1.1 200 OK\r\nX"), None, "url_unreachable", SOON),
    "go inside": (
        lambda at: at.answer(302, Location="http://169.254.169.254/"), 302, "", SOON,
    ),
    "go elsewhere": (lambda at: at.answer(308, Location="/elsewhere"), 308, "", SOON),
    "not so fast": (lambda at: at.answer(429, Retry_After="3600"), 429, "", HOUR),
    "not before a time": (
        lambda at: at.answer(
            503, Retry_After=format_datetime(datetime.now(UTC) + HOUR, usegmt=True)
        ), 503, "", HOUR,
    ),
    "not for years": (lambda at: at.answer(503, Retry_After="999999999999"), 503, "", DAY),
    "not before a time of no zone": (
        lambda at: at.answer(429, Retry_After=f"Fri, 01 Jan 2027 00:00:00 +{9 * 10**19}"),
        429, "", SOON,
    ),
    "not before the past": (lambda at: at.answer(429, Retry_After="-5"), 429, "", SOON),
    "failed, do not ask soon": (lambda at: at.answer(500, Retry_After="3600"), 500, "", SOON),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_leads_where_it_should(world, receiver, hook, monkeypatch, answer):
    monkeypatch.setattr(webhook_delivery, "_SECONDS", 0.4)
    receiver.behave, status, code, wait = ANSWERS[answer]
    happen(world.northside)
    begun = clock.now()
    assert deliver_due() == 1
    assert clock.now() - begun < timedelta(seconds=1.5)
    [attempt] = tries()
    assert (attempt.status, attempt.error_code) == (status, code)
    assert len(attempt.response_body) <= 4096
    assert len(receiver.seen) == 1, "nobody is led elsewhere"
    message = WebhookMessage.rows.get()
    if wait is None:
        assert (message.state, message.next_at) == (MessageState.DELIVERED, None)
    else:
        assert message.state == MessageState.PENDING
        slack = timedelta(seconds=2)
        assert message.next_at is not None
        assert begun + wait - slack <= message.next_at <= begun + wait * 1.1 + slack
    hook.endpoint.refresh_from_db()
    assert (hook.endpoint.failing_since is None) == (wait is None)
    assert hook.endpoint.enabled


def test_who_says_gone_is_switched_off_at_once_and_its_people_are_told(world, receiver, hook):
    receiver.behave = lambda at: at.answer(410)
    happen(world.northside, 3)
    assert deliver_due() == 1
    assert set(WebhookMessage.rows.values_list("state", flat=True)) == {MessageState.FAILED}
    hook.endpoint.refresh_from_db()
    assert (hook.endpoint.enabled, hook.endpoint.disabled_because) == (False, Disabled.GONE)

    assert tell_switched_off(clock.now()) == 1
    assert tell_switched_off(clock.now()) == 0
    [letter] = mail.outbox
    assert letter.to == ["admin@northside.example"]
    assert f"/a/{world.northside.id}/webhooks/{hook.endpoint.pk}/" in letter.body
    assert "410" in letter.body
    assert not happen(world.northside)[0].next_at, "who is off hears nothing"


def test_who_dies_while_it_tells_of_a_webhook_leaves_that_to_the_next(
    world, receiver, hook, monkeypatch
):
    receiver.behave = lambda at: at.answer(410)
    happen(world.northside)
    deliver_due()
    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.mail.send", lambda *_, **__: pytest.fail("dead"))
        with pytest.raises(BaseException, match="dead"):
            tell_switched_off(clock.now())
    assert tell_switched_off(clock.now()) == 1
    assert len(mail.outbox) == 1


def test_webhooks_are_delivered_while_a_mail_server_hangs(world, receiver, hook, monkeypatch):
    stopping = threading.Event()
    monkeypatch.setattr(webhook_delivery, "_TELL_EVERY", 0.01)
    monkeypatch.setattr(
        "accounts.services.webhook_notices.tell_switched_off", lambda _: stopping.wait(60)
    )
    runner = threading.Thread(target=webhook_delivery.run, kwargs={"stopping": stopping})
    runner.start()
    time.sleep(0.1)
    happen(world.northside)
    begun = time.monotonic()
    while not receiver.seen and time.monotonic() - begun < 20:
        time.sleep(0.02)
    stopping.set()
    runner.join()
    assert receiver.seen


def test_who_fails_for_three_days_is_given_up(world, work, receiver, hook):
    receiver.behave = lambda at: at.answer(500)
    [message] = happen(world.northside)
    begun = clock.now()
    times = []
    while deliver_due():
        message.refresh_from_db()
        times.append(clock.now() - begun)
        if message.next_at:
            work.pass_time(message.next_at - clock.now())
    waits = [later - earlier for earlier, later in pairwise(times)]
    slack = timedelta(seconds=5)
    assert len(waits) == len(webhook_queue.WAITS) == 9
    for waited, planned in zip(waits, webhook_queue.WAITS, strict=True):
        assert planned <= waited <= planned * 1.1 + slack
    assert timedelta(days=3) < times[-1] < timedelta(days=4)
    assert message.state == MessageState.FAILED
    hook.endpoint.refresh_from_db()
    assert (hook.endpoint.enabled, hook.endpoint.disabled_because) == (False, Disabled.FAILING)
    bodies = {(seen.headers["webhook-id"], seen.body) for seen in receiver.seen}
    assert len(receiver.seen) == 10
    assert len(bodies) == 1, "the same id and bytes at every try"


def test_one_success_in_between_and_nobody_is_given_up(world, work, receiver, hook):
    receiver.behave = lambda at: at.answer(500)
    happen(world.northside)
    deliver_due()
    receiver.behave = Handler.answer
    work.pass_time(timedelta(minutes=1))
    assert deliver_due() == 1
    hook.endpoint.refresh_from_db()
    assert hook.endpoint.failing_since is None
    assert [each.status for each in tries()] == [500, 200]


def test_what_a_dead_process_held_is_delivered_by_another(world, work, receiver, hook):
    [message] = happen(world.northside)
    held = webhook_queue.claim_next(clock.now())
    assert held is not None
    assert deliver_due() == 0
    work.pass_time(webhook_queue.LEASE + timedelta(seconds=1))
    assert deliver_due() == 1
    late = webhook_queue.Answer(status=500)
    assert not webhook_queue.settle(held, late, now=clock.now()), "who comes back too late"
    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED


def test_whoever_hangs_waits_alone(world, receiver, hook):
    with outside() as slow:
        slow.behave = forever
        webhooks.create(world.lakeside.admin, url=slow.url())
        happen(world.lakeside, 10)
        happen(world.northside, 20)
        stopping = threading.Event()
        runner = threading.Thread(
            target=webhook_delivery.run, kwargs={"stopping": stopping, "threads": 4}
        )
        begun = time.monotonic()
        runner.start()
        while len(receiver.seen) < 20 and time.monotonic() - begun < 20:
            time.sleep(0.02)
        assert len(receiver.seen) == 20
        assert len(slow.seen) == webhook_queue.AT_ONCE_EACH
        stopping.set()
        slow.ended.set()
        runner.join()


def test_a_few_accounts_whose_endpoints_hang_leave_room_for_the_others(world):
    for house in (world.northside, world.lakeside, world.harbor):
        for _ in range(3):
            webhooks.create(house.admin, url="https://example.com/")
        happen(house, 3)
    claimed = []
    while (parcel := webhook_queue.claim_next(clock.now())) is not None:
        claimed.append(parcel)
    assert len(claimed) <= webhook_delivery.THREADS / 2
    webhooks.create(world.redwood.admin, url="https://example.com/")
    happen(world.redwood, 2)
    parcel = webhook_queue.claim_next(clock.now())
    assert parcel is not None
    assert parcel.account_id == world.redwood.id


def test_a_message_whose_endpoint_was_erased_meanwhile_stops_nobody(world, receiver, hook):
    [message] = happen(world.northside)
    WebhookEndpoint.rows.all().delete()
    assert webhook_queue._claimed(message, clock.now()) is None


def test_those_of_one_account_who_hang_leave_places_for_the_others(world, receiver, hook):
    with outside() as slow:
        slow.behave = forever
        for number in range(3):
            webhooks.create(world.northside.admin, url=slow.url(f"/{number}"))
        happen(world.northside, 10)
        stopping = threading.Event()
        runner = threading.Thread(target=webhook_delivery.run, kwargs={"stopping": stopping})
        begun = time.monotonic()
        runner.start()
        while len(receiver.seen) < 10 and time.monotonic() - begun < 20:
            time.sleep(0.02)
        stopping.set()
        slow.ended.set()
        runner.join()
        assert len(receiver.seen) == 10
        assert {seen.path for seen in slow.seen} == {"/0", "/1", "/2"}


def test_the_next_goes_as_soon_as_one_is_there(world, receiver, hook, monkeypatch):
    monkeypatch.setattr(delivery_loop, "_LOOK_EVERY", 5.0)
    happen(world.northside, 8)
    stopping = threading.Event()
    runner = threading.Thread(target=webhook_delivery.run, kwargs={"stopping": stopping})
    begun = time.monotonic()
    runner.start()
    while len(receiver.seen) < 8 and time.monotonic() - begun < 10:
        time.sleep(0.02)
    seen = len(receiver.seen)
    stopping.set()
    monkeypatch.setattr(delivery_loop, "_LOOK_EVERY", 0.1)
    runner.join()
    assert seen == 8


def test_a_new_secret_signs_beside_the_old_one_for_a_while(world, work, receiver, hook):
    new = webhooks.rotate_secret(world.northside.admin, endpoint_id=hook.endpoint.pk)
    assert new.secret != hook.secret
    happen(world.northside)
    deliver_due()
    for secret in (hook.secret, new.secret):
        assert Webhook(secret).verify(receiver.seen[0].body, receiver.seen[0].headers)
    work.pass_time(timedelta(hours=25))
    happen(world.northside)
    deliver_due()
    assert Webhook(new.secret).verify(receiver.seen[1].body, receiver.seen[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(hook.secret).verify(receiver.seen[1].body, receiver.seen[1].headers)


def test_what_failed_is_sent_again_under_its_id(world, receiver, hook):
    admin, key = world.northside.admin, hook.endpoint.pk
    since = clock.now()
    happen(world.northside, 3)
    webhooks.update(admin, endpoint_id=key, enabled=False)
    assert deliver_due() == 0
    with pytest.raises(WebhookOff):
        webhooks.redeliver_failed(admin, endpoint_id=key, since=since)
    webhooks.update(admin, endpoint_id=key, enabled=True)
    assert webhooks.redeliver_failed(admin, endpoint_id=key, since=clock.now()) == 0
    assert webhooks.redeliver_failed(admin, endpoint_id=key, since=since) == 3
    assert deliver_due() == 3
    again = webhooks.redeliver(admin, message_id=WebhookMessage.rows.earliest("pk").pk)
    assert deliver_due() == 1
    assert receiver.seen[3].headers["webhook-id"] == str(again.pk)
    assert receiver.seen[3].body in {seen.body for seen in receiver.seen[:3]}
