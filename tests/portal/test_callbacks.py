"""The pages about programs that are asked about faxes, and the key that signs."""

import re

import pytest

from accounts.models import AuditEntry
from faxes.models import Number
from faxes.services import answering
from tests.api.signalwire.test_inbound import LAML, answer, new_arrival
from tests.portal.test_numbers import Person, said


@pytest.fixture
def lakeside(world):
    return Person(world.lakeside)


def key_in(response):
    found = re.search(r"PSK_[0-9a-f]{64}", said(response))
    return found[0] if found else None


def test_the_key_is_shown_when_it_is_asked_for_and_can_be_made_anew(world, lakeside):
    assert key_in(lakeside.get("callbacks")) is None
    first = key_in(lakeside.post("callback-key", {"act": "show"}))
    assert first == key_in(lakeside.post("callback-key", {"act": "show"}))
    second = key_in(lakeside.post("callback-key", {"act": "new"}))
    assert second not in {None, first}
    assert key_in(lakeside.post("callback-key", {"act": "show"})) == second
    entries = AuditEntry.objects.filter(account_id=world.lakeside.id)
    seen = entries.order_by("pk").values_list("action", flat=True)
    assert {"webhook.signing_key", "webhook.rotate"} <= set(seen)
    assert first not in str(list(entries.values()))


def test_an_administrator_names_the_program_that_is_asked(world, lakeside, receiver):
    number = Number.rows.get(e164=world.lakeside.number)
    wrong = lakeside.post("number-program", {"url": "ftp://x", "method": "get"}, number=number.pk)
    assert wrong.status_code == 422
    typed = {"url": receiver.url("/fax"), "method": "get"}
    assert lakeside.post("number-program", typed, number=number.pk).status_code == 302
    number.refresh_from_db()
    assert (number.webhook_url, number.webhook_method) == (receiver.url("/fax"), "get")
    assert "A program is asked first" in said(lakeside.get("numbers"))
    assert receiver.url("/fax") in said(lakeside.get("number-program", number=number.pk))
    receiver.behave = answer(LAML.format("<Reject/>"))
    answering.verdict_on(number, new_arrival(number))
    log = said(lakeside.get("callbacks"))
    assert "A fax was about to come in" in log
    assert "Answered 200" in log
    lakeside.post("number-program", {"url": "", "method": "post"}, number=number.pk)
    assert "Ask a program first" in said(lakeside.get("numbers"))
