"""Before a number answers, its account's program says in LaML whether to take the fax."""

from dataclasses import asdict
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection

from accounts import clock
from accounts.errors import NotAllowed
from accounts.ids import new_id
from accounts.models import WebhookMessage, WebhookTry
from accounts.roles import Role, Scope
from accounts.services import events
from accounts.tenancy import actor_below
from faxes.api.signalwire import callbacks, laml
from faxes.carriers.base import Arrival, ArrivalState
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.errors import FaxNotFound, RequestError
from faxes.models import Fax, Number
from faxes.services import answering, exchange, line, numbers, own_numbers, webhook_delivery
from faxes.standings import Progress, standing
from faxes.wire.signalwire import SIGNATURES, signature_of
from tests.accounts.money import provider_of

LAML = '<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>'
RECEIVE = LAML.format('<Receive action="/done?a=1" mediaType="image/tiff" pageSize="legal"/>')


def answer(body, kind="text/xml", status=200):
    """A program that says so about calls, and thanks for whatever else it is told."""

    def behave(server):
        calls = server.path.startswith("/fax")
        data = body.encode() if isinstance(body, str) else body
        server.answer(status, data if calls else b"thanks", Content_Type=kind)

    return behave


@pytest.fixture
def asked(world, receiver):
    """``asked("/fax")``: Lakeside's number asks the receiver."""

    def make(path="/fax", method="post"):
        number = Number.rows.get(e164=world.lakeside.number)
        return own_numbers.set_number_webhook(
            world.lakeside.admin, number_id=number.pk, url=receiver.url(path), method=method
        )

    return make


@pytest.fixture
def arrived(world, work, send):
    """``arrived()``: Northside faxes Lakeside; what became of it at either end."""

    def make(**request):
        sent = send(world.northside, world.lakeside.number, **{"retries": "0"} | request)
        work.run_to_end()
        sent.refresh_from_db()
        return sent, Fax.rows.get(account=world.lakeside.account, direction=Direction.INBOUND)

    return make


def form(seen):
    return dict(parse_qsl(seen.body.decode()))


def is_signed(seen, url, params, tenant):
    key = events.signing_endpoint(tenant.id, at=clock.now()).secret
    right = signature_of(url, params, key=key)
    return {seen.headers[name.lower()] for name in SIGNATURES} == {right}


def test_a_program_is_asked_takes_the_fax_and_hears_what_came(world, receiver, asked, arrived):
    states: list[str] = []

    def behave(server):
        states.extend(Fax.rows.filter(direction="inbound").values_list("state", flat=True))
        connection.close()
        answer(RECEIVE)(server)

    receiver.behave = behave
    asked()
    _, fax = arrived(pages=2)
    webhook_delivery.deliver_due()
    first, last = receiver.seen
    assert form(first) == {
        "FaxSid": str(fax.pk),
        "AccountSid": str(world.lakeside.id),
        "ApiVersion": "v1",
        "From": world.northside.number,
        "To": world.lakeside.number,
        "FaxStatus": "receiving",
    }
    assert states[0] == FaxState.RECEIVING
    assert is_signed(first, receiver.url("/fax"), form(first), world.lakeside)
    assert (fax.state, fax.pages, fax.paper) == (FaxState.RECEIVED, 2, Paper.LEGAL)
    told = form(last)
    assert last.path == "/done?a=1"
    assert is_signed(last, receiver.url("/done?a=1"), told, world.lakeside)
    assert (told["FaxStatus"], told["NumPages"], told["FaxSid"]) == ("received", "2", str(fax.pk))
    assert told["RemoteStationId"] == fax.remote_station_id
    assert told["MediaUrl"].endswith(f"/Faxes/{fax.pk}/Media/{told['MediaSid']}.tiff")


def test_by_get_the_question_is_in_the_query(world, receiver, asked, arrived):
    receiver.behave = answer(LAML.format('<Receive action="done" method="GET"/>'))
    asked("/fax/in?of=them", method="get")
    _, fax = arrived()
    webhook_delivery.deliver_due()
    first, last = receiver.seen
    assert (first.method, first.body) == ("GET", b"")
    query = dict(parse_qsl(urlsplit(first.path).query))
    assert (query["of"], query["FaxStatus"]) == ("them", "receiving")
    assert is_signed(first, receiver.url(first.path), {}, world.lakeside)
    assert (last.method, urlsplit(last.path).path) == ("GET", "/fax/done")
    assert dict(parse_qsl(urlsplit(last.path).query))["FaxSid"] == str(fax.pk)


@pytest.mark.parametrize(
    ("verb", "heard"),
    [
        ("<Reject/>", Outcome.DIAL_FAILED),
        ('<Reject reason="rejected"/>', Outcome.DIAL_FAILED),
        ('<Reject reason="busy"/>', Outcome.BUSY),
    ],
)
def test_a_fax_that_is_turned_away_is_on_record_and_troubles_nobody(
    world, receiver, asked, arrived, mailoutbox, verb, heard
):
    receiver.behave = answer(LAML.format(verb))
    world.lakeside.faxbox.inbound_emails = ["records@lakeside.example"]
    world.lakeside.faxbox.save()
    asked()
    sent, fax = arrived()
    webhook_delivery.deliver_due()
    assert (sent.state, sent.outcome) == (FaxState.FAILED, heard)
    assert (fax.state, fax.outcome, fax.pages) == (FaxState.FAILED, Outcome.CANCELED, 0)
    known = Progress(Direction.INBOUND, FaxState.FAILED, Outcome.CANCELED, 0, 0, 0, "", None)
    assert "Turned away" in standing(known, clock.now()).text
    assert len(receiver.seen) == 1, "nothing is told of it"
    assert not mailoutbox


def test_a_call_that_is_dialled_again_asks_nobody_twice(world, work, send, receiver, asked):
    receiver.behave = answer(LAML.format('<Reject reason="busy"/>'))
    asked()
    send(world.northside, world.lakeside.number, retries="0")
    work.run_jobs()
    held = exchange.claim_next()
    assert held is not None
    heard = [line.behaviour_of(held).dial for _ in range(2)]
    assert (heard, len(receiver.seen)) == (["busy", "busy"], 1)
    line.carry(held)
    work.run_to_end()
    assert Fax.rows.filter(direction="inbound").count() == 1


def test_each_further_try_asks_anew(world, work, send, receiver, asked):
    receiver.behave = answer(LAML.format('<Reject reason="busy"/>'))
    asked()
    send(world.northside, world.lakeside.number)
    work.run()
    receiver.behave = answer(RECEIVE)
    work.run_to_end()
    came = Fax.rows.filter(direction="inbound").order_by("pk").values_list("state", flat=True)
    assert list(came) == [FaxState.FAILED, FaxState.RECEIVED]


def test_pages_that_are_not_to_be_stored_stay_for_an_hour(world, work, receiver, asked, arrived):
    receiver.behave = answer(LAML.format('<Receive action="/done" storeMedia="false"/>'))
    asked()
    _, fax = arrived()
    work.pass_time(timedelta(minutes=30))
    webhook_delivery.deliver_due()
    assert "MediaUrl" in form(receiver.seen[-1])
    assert fax.documents.exists()
    for _ in range(3):
        work.pass_time(timedelta(minutes=40))
    assert not fax.documents.exists()
    assert Fax.rows.get(pk=fax.pk).stripped_at is not None


# Whatever is wrong, the fax is taken.
BOMB = "<!DOCTYPE r [" + "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(9)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
WRONG = {
    "an error": answer("sorry", status=500),
    "nothing there": answer(LAML.format("<Reject/>"), status=404),
    "empty": answer(""),
    "a page": answer("<html>hello</html>", kind="text/html"),
    "LaML as text": answer(LAML.format("<Reject/>"), kind="text/plain"),
    "no verb": answer(LAML.format("")),
    "another verb": answer(LAML.format("<Say>hello</Say><Reject/>")),
    "another root": answer("<Answer><Reject/></Answer>"),
    "broken off": answer("<Response><Reject/>"),
    "small letters": answer(LAML.format("<reject/>")),
    "entities": answer(BOMB + "<Response><Reject>&e8;</Reject></Response>"),
    "a file": answer(OUTSIDE + "<Response><Reject>&x;</Reject></Response>"),
    "a bare type": answer("<!DOCTYPE Response><Response><Reject/></Response>"),
    "deep": answer("<Response>" + "<a>" * 9000 + "</a>" * 9000 + "</Response>"),
    "10 MB": answer(LAML.format("<Reject/>" + " " * 10_000_000)),
    "65 kB": answer(LAML.format("<Reject/>" + " " * 65_600)),
    "no such charset": answer(LAML.format("<Reject/>"), kind="text/xml; charset=wat"),
    "another charset": answer(LAML.format("<Reject/>"), kind="text/xml; charset=utf-16"),
    "not of its charset": answer(LAML.format("<Reject a='\xff'/>").encode("latin-1")),
    "NUL": answer(LAML.format("<Reject/>\0")),
    "packed": lambda server: server.answer(
        200, b"\x1f\x8b", Content_Type="text/xml", Content_Encoding="gzip"
    ),
    "no HTTP": lambda server: server.raw(b"220 mail ready\r\n"),
    "inwards": lambda server: server.answer(302, b"", Location="http://10.0.0.1/laml"),
    "to itself": lambda server: server.answer(302, b"", Location=server.path),
}


@pytest.mark.parametrize("way", ["post", "get"])
def test_whatever_else_is_answered_the_fax_is_taken_and_that_is_noted(world, receiver, asked, way):
    number = asked(method=way)
    Fax.rows.all().delete()
    for name, behave in WRONG.items():
        receiver.behave = behave
        fax = new_arrival(number)
        assert answering.verdict_on(number, fax) == answering.TAKEN, name
        assert WebhookTry.rows.latest("pk").message.state == "failed", name
    assert set(Fax.rows.values_list("state", flat=True)) == {FaxState.RECEIVING}
    receiver.behave = answer(LAML.format("<Reject/>"))
    assert not answering.verdict_on(number, new_arrival(number)).take
    assert WebhookMessage.rows.latest("pk").state == "delivered"


def test_what_cannot_be_noted_of_an_answer_stands_in_no_faxs_way(receiver, asked):
    number, said = asked(), b"<Response><Reject/></Response>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; a=\0\r\nContent-Length: %d\r\n\r\n"
    receiver.behave = lambda server: server.raw(head % len(said) + said)
    assert not answering.verdict_on(number, new_arrival(number)).take


def test_a_fax_is_taken_though_asking_fails_here(receiver, asked, monkeypatch):
    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr(answering, "_answered", fail)
    number = asked()
    arrival = new_arrival(number)
    assert [answering.verdict_on(number, arrival) for _ in range(2)] == [answering.TAKEN] * 2


def test_of_two_who_ask_at_once_the_first_answer_counts(receiver, asked):
    number = asked()
    kept = {"kind": "laml", "verdict": asdict(answering.TAKEN)}

    def behave(server):
        Fax.rows.filter(direction="inbound").update(callback=kept)
        connection.close()
        answer(LAML.format("<Reject/>"))(server)

    receiver.behave = behave
    assert answering.verdict_on(number, new_arrival(number)) == answering.TAKEN
    assert Fax.rows.get(direction="inbound").state == FaxState.RECEIVING


def new_arrival(number):
    """A call to a number, before its machine answers."""
    return Arrival(
        ref=str(new_id()),
        called=number.e164,
        caller="+12025550121",
        state=ArrivalState.RECEIVING,
        at=clock.now(),
        pages=0,
        complete=False,
        station_id="",
        quality=Quality.FINE,
    )


def test_nobody_waits_for_a_program_that_dribbles(world, receiver, asked, monkeypatch):
    monkeypatch.setattr(callbacks, "_SECONDS", 0.4)

    def dribble(server):
        server.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 64\r\n\r\n")
        for _ in range(64):
            if receiver.ended.wait(0.1):
                return
            server.raw(b" ")

    receiver.behave = dribble
    number = asked()
    begun = clock.now()
    assert answering.verdict_on(number, new_arrival(number)) == answering.TAKEN
    assert clock.now() - begun < timedelta(seconds=1.5)
    assert WebhookTry.rows.get().error_code == "url_too_slow"


SAID = {
    "<Receive/>": answering.Verdict(media_type="application/pdf"),
    '<Receive method="get" mediaType="image/tiff" storeMedia="FALSE" pageSize="A4"/>': (
        answering.Verdict(method="GET", media_type="image/tiff", keep=False, paper=Paper.A4)
    ),
    '<Receive action="http://user@host/" mediaType="text/html" pageSize="a0"/>': (
        answering.Verdict(media_type="application/pdf")
    ),
    "<!-- first --><Receive action='../b?c=1&amp;d=2'>\n</Receive><Reject/>": (
        answering.Verdict(action="https://example.com/b?c=1&d=2", media_type="application/pdf")
    ),
    '<Reject reason="BUSY"/>': answering.Verdict(take=False, busy=True),
}  # fmt: skip


@pytest.mark.parametrize("verb", SAID)
@pytest.mark.parametrize("written", ["utf-8", "utf-16", "iso-8859-1"])
def test_what_a_verb_says_is_understood_in_any_usual_writing(verb, written):
    text = f'<?xml version="1.0" encoding="{written}"?><Response>{verb}</Response>'
    found = laml.read("application/xml", text.encode(written), "https://example.com/a/x")
    assert found == SAID[verb]


def test_only_its_own_people_say_which_program_is_asked(world, receiver):
    number = Number.rows.get(e164=world.lakeside.number)

    def told(actor, url="https://example.com/fax"):
        own_numbers.set_number_webhook(actor, number_id=number.pk, url=url)

    above = actor_below(provider_of(world.lakeside.account), world.lakeside.id)
    assert above.role == Role.PROVIDER
    for actor, refused in (
        (above, NotAllowed),
        (world.lakeside.member, NotAllowed),
        (world.northside.admin, FaxNotFound),
    ):
        with pytest.raises(refused):
            told(actor)
    for url in ("ftp://example.com/", "http://10.1.2.3/", "https://a:b@example.com/", "fax"):
        with pytest.raises(RequestError):
            told(world.lakeside.admin, url)
    told(world.lakeside.admin)
    number.refresh_from_db()
    assert number.webhook_url == "https://example.com/fax"


def test_a_number_that_changes_hands_forgets_the_program(world, asked):
    number = asked()
    provider = provider_of(world.lakeside.account)
    numbers.take_back(provider, number_ids=[number.pk])
    assert Number.rows.get(pk=number.pk).webhook_url == ""


def test_programs_name_it_too_and_only_administrators_are_told(world, program):
    path = f"numbers/{Number.rows.get(e164=world.lakeside.number).pk}"
    asked = program(world.lakeside.admin)
    wanted = {"webhook_url": "https://example.com/fax?key=1", "webhook_method": "get"}
    told = asked.ask("PATCH", path, wanted)
    assert told.status_code == 200, told.content
    assert {name: told.json()[name] for name in wanted} == wanted
    assert program(world.lakeside.admin, Scope.ACCOUNT_READ).get(path).json()["webhook_url"] is None
    assert asked.ask("PATCH", path, {"webhook_url": "http://10.0.0.1/"}).status_code == 422
    faxbox = {"faxbox_id": str(world.northside.faxbox.pk), "webhook_url": ""}
    assert asked.ask("PATCH", path, faxbox).status_code == 404
    assert asked.get(path).json()["webhook_url"] == wanted["webhook_url"], "nothing was changed"
