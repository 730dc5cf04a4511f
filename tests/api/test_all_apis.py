"""What every API does alike, whatever its words: asked for in all five, one test a behaviour."""

import re
from uuid import UUID

import pytest

from accounts.models import Account, Kind
from accounts.roles import Scope
from accounts.services import tenants
from faxes.enums import FaxState
from faxes.models import Fax
from faxes.services.privacy import delete_fax, strip_fax
from tests.accounts.money import actor_of, bill
from tests.api.speakers import SPEAKERS

FAR, NOWHERE = "+12025550100", "+12025550108"
UNKNOWN = UUID("01a20000-0000-7000-8000-000000000000")
ALL = pytest.mark.parametrize("api", SPEAKERS)


def serving(feature):
    """The APIs that have words for it, by name; the others are none of this test's."""
    return pytest.mark.parametrize(
        "api", [name for name, api in SPEAKERS.items() if hasattr(api, feature)]
    )


def by_itself_or_in_the_portal(feature):
    """Who does it: the API, where it has words for it, or somebody in the portal."""
    ways = [(name, "the portal") for name in SPEAKERS]
    ways += [(name, "itself") for name, api in SPEAKERS.items() if hasattr(api, feature)]
    return pytest.mark.parametrize(("api", "by"), ways)


# What each says, status and code, where something cannot be.
REFUSED = {
    "suspended": {
        "native": (403, "account_suspended"),
        "kazoo": (423, "locked"),
        "signalwire": (403, "20005"),
        "fax2": (403, "forbidden"),
        "voipnow": (403, "forbidden"),
    },
    "not allowed": {
        "native": (403, "not_allowed"),
        "kazoo": (403, "forbidden"),
        "signalwire": (401, "20003"),
        "fax2": (403, "forbidden"),
        "voipnow": (403, "forbidden"),
    },
    "token unknown": {
        "native": (401, "unauthenticated"),
        "kazoo": (401, "invalid_credentials"),
        "signalwire": (401, "20003"),
        "fax2": (401, "unauthorized"),
        "voipnow": (401, "unauthorized"),
    },
    "no credit": {
        "native": (402, "insufficient_credit"),
        "kazoo": (402, "no_credit"),
        "signalwire": (402, "30002"),
        "fax2": (402, "insufficient_credit"),
        "voipnow": (403, "forbidden"),
    },
    "bad number": {
        "native": (422, "number_invalid"),
        "kazoo": (400, "validation error"),
        "signalwire": (400, "21211"),
        "fax2": (400, "bad_parameter"),
        "voipnow": (400, "fx_recipients_invalid"),
    },
    "bad document": {
        "native": (422, "document_type_unsupported"),
        "kazoo": (400, "validation error"),
        "fax2": (415, "unsupported_document_type"),
        "voipnow": (400, "fx_file_invalid"),
    },
    "cancel too late": {
        "native": (409, "fax_finished"),
        "signalwire": (400, "10000"),
    },
}
EACH_TIME = ("request_id", "timestamp", "instance")
IDS = re.compile("[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def said(reply):
    return reply.status, reply.code


@ALL
def test_a_fax_is_sent_and_delivered(world, work, fetch, speaker, paper, api):
    reply = speaker(api).send(FAR, paper())
    assert reply.status in {200, 201}, reply
    fetch()
    work.run_to_end()
    fax = Fax.rows.get(account=world.northside.id)
    assert (fax.state, fax.pages, fax.to_number) == (FaxState.DELIVERED, 2, FAR)
    assert fax.from_number == world.northside.number
    assert reply.ids[0].replace("-", "") == fax.pk.hex


@ALL
def test_a_suspended_account_sends_nothing(world, speaker, paper, api):
    asks = speaker(api)
    tenants.suspend(
        actor_of(Account.objects.get(kind=Kind.PLATFORM)), account_id=world.northside.id
    )
    assert said(asks.send(FAR, paper())) == REFUSED["suspended"][api]
    assert not Fax.rows.exists()


@ALL
def test_a_token_does_what_it_is_for_and_no_more(speaker, paper, api):
    reads = speaker(api, scopes=(Scope.FAXES_READ,))
    assert said(reads.send(FAR, paper())) == REFUSED["not allowed"][api]
    assert not Fax.rows.exists()


@ALL
def test_who_shows_no_right_token_is_told_nothing(speaker, paper, api):
    asks = speaker(api)
    asks.token = f"{asks.token[:-4]}wxyz"
    assert said(asks.send(FAR, paper())) == REFUSED["token unknown"][api]
    assert not Fax.rows.exists()


@ALL
def test_nothing_goes_without_credit(world, speaker, paper, api):
    asks = speaker(api)
    bill(world.northside.account, balance=1)
    assert said(asks.send(FAR, paper())) == REFUSED["no credit"][api]
    assert not Fax.rows.exists()


@ALL
@pytest.mark.parametrize("number", ["12", "call me", "+1202555010012345678", ""])
def test_what_is_no_number_is_refused_and_named(speaker, paper, api, number):
    reply = speaker(api).send(number, paper())
    status, code = REFUSED["bad number"][api]
    missing = {"native": (422, "number_missing"), "signalwire": (400, "21211")}
    assert said(reply) in {(status, code), missing.get(api)}, reply
    assert not Fax.rows.exists()


@ALL
def test_what_is_no_document_is_refused_or_fails_the_fax(fetch, speaker, paper, api):
    asks = speaker(api)
    program = paper(b"MZ\x90\0" + bytes(200), "setup.exe", "application/octet-stream")
    reply = asks.send(FAR, program)
    if not asks.later:
        assert said(reply) == REFUSED["bad document"][api]
        assert not Fax.rows.exists()
        return
    assert reply.status == 201
    fetch()
    fax = Fax.rows.get()
    assert fax.state == FaxState.FAILED
    told = asks.read(fax.pk).body
    assert told["status"] == "failed"
    assert told["error_message"]


@ALL
def test_a_foreign_fax_and_none_at_all_look_alike(world, one_of_each, speaker, api):
    """Read, opened, stripped, deleted, sent on: nothing of it is there for a stranger."""
    sent, received = one_of_each
    stranger = speaker(api, world.lakeside)
    asked = ("read", "pages", "cancel", "resend", "forward", "strip", "delete")
    more = {"forward": [FAR]}
    before = list(Fax.rows.order_by("pk").values())
    for feature in (each for each in asked if hasattr(stranger, each)):
        ask, rest = getattr(stranger, feature), more.get(feature, [])
        for key in (sent, received):
            foreign, none = ask(key, *rest), ask(UNKNOWN, *rest)
            assert foreign.status == none.status == 404, (feature, foreign)
            assert masked(foreign) == masked(none), feature
    assert list(Fax.rows.order_by("pk").values()) == before


@pytest.mark.parametrize("api", ["kazoo", "signalwire", "voipnow"])
def test_a_foreign_account_is_nobodys_to_work_in(world, one_of_each, speaker, paper, api):
    """Where addresses name the account, that of a neighbour is no better than none."""
    stranger = speaker(api, world.lakeside, whose=world.northside)
    reply = stranger.send(FAR, paper()) if api == "voipnow" else stranger.list_sent()
    assert reply.status in {403, 404}, reply
    assert world.northside.account.name not in str(reply.body)


@serving("cancel")
def test_it_is_canceled_before_the_first_call_and_never_too_late(
    world, work, send, one_of_each, speaker, api
):
    asks = speaker(api)
    sent, _ = one_of_each
    waiting = send(world.northside, FAR, send_at="")
    assert asks.cancel(waiting.pk).status == 200
    assert Fax.rows.get(pk=waiting.pk).state == FaxState.CANCELED
    assert said(asks.cancel(sent)) == REFUSED["cancel too late"][api]
    assert Fax.rows.get(pk=sent).state == FaxState.DELIVERED


@by_itself_or_in_the_portal("strip")
def test_a_stripped_fax_keeps_its_record_and_no_page(world, one_of_each, speaker, api, by):
    asks = speaker(api)
    _, received = one_of_each
    if by == "the portal":
        strip_fax(world.northside.admin, fax_id=received)
    else:
        assert asks.strip(received).status in {200, 204}
    assert Fax.rows.get(pk=received).stripped_at is not None
    if hasattr(asks, "pages"):
        gone = asks.pages(received)
        assert gone.status in {404, 410}, gone
        assert b"%PDF" not in gone.content
    if hasattr(asks, "list_received"):
        assert asks.list_received().status == 200


@by_itself_or_in_the_portal("delete")
def test_a_deleted_fax_is_gone(world, one_of_each, speaker, api, by):
    asks = speaker(api)
    sent, received = one_of_each
    for key in (sent, received):
        if by == "the portal":
            delete_fax(world.northside.admin, fax_id=key)
        else:
            assert asks.delete(key).status in {200, 204}
    assert not Fax.rows.filter(account=world.northside.id).exists()
    if hasattr(asks, "read"):
        assert masked(asks.read(sent)) == masked(asks.read(UNKNOWN))
    if hasattr(asks, "pages"):
        assert masked(asks.pages(received)) == masked(asks.pages(UNKNOWN))


@serving("pages")
def test_what_came_in_can_be_read(one_of_each, speaker, api):
    _, received = one_of_each
    reply = speaker(api).pages(received)
    assert reply.status == 200, reply
    assert reply.content.startswith(b"%PDF-")


@serving("numbers")
def test_the_accounts_numbers_are_told(world, speaker, api):
    told = str(speaker(api).numbers().body)
    assert world.northside.number.lstrip("+") in told
    assert world.lakeside.number.lstrip("+") not in told


def masked(reply):
    """An answer without what differs from one request to the next."""
    body = reply.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in EACH_TIME}
    return reply.status, reply.code, IDS.sub("#", str(body))
