"""Where carriers call, and fetch what is to be sent: only they, and only while there is need."""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pypdfium2
import pytest
import time_machine
from django.test import Client

from accounts import clock
from faxes.enums import FaxState
from faxes.models import Attempt, Carrier, CarrierKind, Fax, Number
from faxes.services import handed_out
from faxes.services.carrier_tools import hook_url
from faxes.wire.signalwire import signature_of
from tests import papers
from tests.upstreams.signalwire import SIGNING_KEY, SignalWire, arrived

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def vendor(receiver, settings):
    settings.CARRIER_SECONDS, settings.CARRIER_PACE = 1, 0.01
    with SignalWire().running() as running:
        yield running


@pytest.fixture
def carrier(world, vendor):
    """Northside's number is with the vendor, who signs."""
    told = vendor.settings()
    made = Carrier(kind=CarrierKind.SIGNALWIRE, name="SignalWire")
    made.secrets = {"token": told.pop("token"), "signing_key": SIGNING_KEY}
    made.options = told
    made.save()
    Number.rows.filter(e164=world.northside.number).update(carrier=made)
    return made


@pytest.fixture
def handed_over(world, carrier, work, send):
    """A fax of Northside's that the vendor has taken, and is to fetch."""
    fax = send(world.northside, "+12025550100", pages=3)
    work.run_jobs()
    assert Fax.rows.get(pk=fax.pk).state == FaxState.SENDING
    return fax


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def content(answer):
    """All that is streamed."""
    return b"".join(answer.streaming_content)


def refused(answer):
    """All that an answer says, but for its own id."""
    headers = {name: value for name, value in answer.items() if name != "X-Request-ID"}
    return answer.status_code, answer.content, headers


def test_pages_are_handed_out_while_the_try_is_under_way(vendor, handed_over, work):
    one = vendor.taken[0]
    where, client = path_of(one.extra["MediaUrl"]), Client()
    assert re.fullmatch(r"/hooks/pages/[0-9a-f]{32}\.[\w-]+\.[\w-]{40,}\.pdf", where)
    whole = client.get(where)
    assert (whole.status_code, whole["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in whole["Cache-Control"]
    pdf = content(whole)
    assert len(pypdfium2.PdfDocument(io.BytesIO(pdf))) == 3
    assert content(client.get(where)) == pdf, "as often as it takes"
    head = client.head(where)
    assert (head["Content-Length"], head.content) == (str(len(pdf)), b"")
    part = client.get(where, headers={"range": "bytes=10-19"})
    assert (part.status_code, content(part)) == (206, pdf[10:20])
    beyond = client.get(where, headers={"range": f"bytes={len(pdf)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(pdf)}")
    assert client.post(where).status_code == 405
    vendor.finish(one.ref)
    client.post(**vendor.telling(one.extra["StatusCallback"], FaxSid=one.ref))
    work.run_jobs()
    assert Fax.rows.get(pk=handed_over.pk).state == FaxState.DELIVERED
    assert client.get(where).status_code == 404


def test_an_address_that_is_old_changed_or_of_no_try_leads_nowhere(vendor, handed_over, work):
    where, client = path_of(vendor.taken[0].extra["MediaUrl"]), Client()
    other = path_of(handed_out.address_of(uuid4()))
    token = where.removeprefix("/hooks/pages/")
    forged = other.removesuffix(other.split(".", 1)[1]) + token.split(".", 1)[1]
    for wrong in (other, forged, where[:-5] + ".pdf", "/hooks/pages/x.pdf", "/hooks/pages/..pdf"):
        assert client.get(wrong).status_code == 404
    key = Attempt.rows.get(fax=handed_over).key
    late = handed_out.LASTS + timedelta(seconds=1)
    with time_machine.travel(clock.now() + late, tick=False):
        assert client.get(where).status_code == 404
        assert client.get(path_of(handed_out.address_of(key))).status_code == 200


def test_who_calls_an_address_that_is_none_learns_nothing(vendor, carrier, caplog):
    client, right = Client(), path_of(hook_url(carrier.pk))
    unknown, known = uuid4(), str(carrier.pk)
    wrong = [
        right[:-3] + "00/",
        right.replace(known, str(unknown)),
        path_of(hook_url(unknown)),
    ]
    answers = [refused(client.post(each, {"FaxSid": "x"})) for each in wrong]
    assert answers[0][0] == 404
    assert all(each == answers[0] for each in answers)
    assert client.post(right, {"FaxSid": "x"}).status_code == 403, "it is not signed"
    assert client.put(right).status_code == 405
    large = client.post(right, b"x" * (256 * 1024 + 1), content_type=FORM)
    assert large.status_code == 413
    assert "0.25 MB" in large.content.decode()
    secret = right.rstrip("/").rpartition("/")[2]
    assert secret not in caplog.text


def test_what_fails_within_is_told_and_logged_without_the_address(
    vendor, carrier, caplog, monkeypatch
):
    def fail(*_):
        raise RuntimeError("something broke")

    monkeypatch.setattr("faxes.carriers.signalwire.SignalWireCarrier.heard", fail)
    right = path_of(hook_url(carrier.pk))
    assert Client().post(right, {"FaxSid": "x"}).status_code == 500
    assert "something broke" in caplog.text
    assert right.rstrip("/").rpartition("/")[2] not in caplog.text


def test_a_call_hastens_what_is_asked_and_is_not_believed(vendor, handed_over, work):
    one, client = vendor.taken[0], Client()
    callback = one.extra["StatusCallback"]
    told = vendor.telling(callback, FaxSid=one.ref, FaxStatus="delivered", NumPages="3")
    answer = client.post(**told)
    assert (answer.status_code, answer.content) == (200, b"")
    work.run_jobs()
    assert Fax.rows.get(pk=handed_over.pk).state == FaxState.SENDING, "the vendor says otherwise"
    vendor.finish(one.ref, "delivered")
    client.post(**told)
    work.run_jobs()
    fax = Fax.rows.get(pk=handed_over.pk)
    assert (fax.state, fax.pages_done) == (FaxState.DELIVERED, 3)
    attempt = Attempt.rows.get(fax=fax)
    assert (str(attempt.cost), attempt.cost_currency) == ("0.010500", "USD")
    before, asked = list(Attempt.rows.values()), len(vendor.calls)
    for _ in range(2):
        assert client.post(**told).status_code == 200
        work.run_jobs()
    assert (list(Attempt.rows.values()), len(vendor.calls)) == (before, asked), "too late"


def test_a_call_by_get_is_signed_by_its_address_and_others_tries_are_not_touched(
    vendor, carrier, handed_over, work
):
    key = Attempt.rows.get(fax=handed_over).key
    other = Carrier(kind=CarrierKind.SIGNALWIRE, name="another", options=carrier.options)
    other.secrets = {**carrier.secrets, "signing_key": ""}
    other.save()
    client = Client()
    assert client.get(path_of(f"{hook_url(other.pk)}?key={key.hex}")).status_code == 200
    assert not work.waiting
    url = f"{hook_url(carrier.pk)}?key={key.hex}&FaxStatus=sending"
    signed = {"x-signalwire-signature": signature_of(url, {}, key=SIGNING_KEY)}
    assert client.get(path_of(url), headers=signed).status_code == 200
    assert [ids for _, ids in work.waiting] == [{"key": str(key)}]
    assert client.get(path_of(f"{url}&a=b"), headers=signed).status_code == 403


def test_a_fax_that_calls_is_taken_and_fetched_once_it_is_there(world, vendor, carrier, work):
    client, where = Client(), hook_url(carrier.pk)
    came = arrived(world.northside.number, papers.pdf(2), pages=2)
    vendor.came, vendor.arriving = [came], {came.ref: "receiving"}
    numbers = {"From": came.caller, "To": came.called}
    answer = client.post(**vendor.telling(where, FaxSid=came.ref, FaxStatus="receiving", **numbers))
    assert answer["Content-Type"] == "text/xml"
    assert f'action="{where}"'.encode() in answer.content
    work.run_jobs()
    assert Fax.rows.get(carrier=carrier).state == FaxState.RECEIVING
    vendor.arriving = {}
    done = vendor.telling(where, FaxSid=came.ref, FaxStatus="received", **numbers)
    assert client.post(**done).status_code == 200
    work.run_jobs()
    fax = Fax.rows.get(carrier=carrier)
    assert (fax.state, fax.pages, fax.from_number) == (FaxState.RECEIVED, 2, came.caller)
    asked = len(vendor.calls)
    assert client.post(**done).status_code == 200
    work.run_jobs()
    assert (Fax.rows.filter(carrier=carrier).count(), len(vendor.calls)) == (1, asked)
