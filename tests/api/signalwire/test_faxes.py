"""Faxes: from being handed in to being deleted."""

import base64
import json
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pypdfium2
import pytest
from PIL import Image, ImageSequence

from faxes import lifecycle
from faxes.enums import FaxState, Outcome
from faxes.models import Document, Event, Fax, RemoteDocument
from faxes.services import couriers
from faxes.services.delivery_loop import carry_out_due
from tests.accounts.money import CENT, bill
from tests.api.signalwire.conftest import LETTER, ROOTS, make
from tests.papers import pdf

CANCEL = {"Status": "canceled"}


def test_a_fax_goes_from_being_handed_in_to_being_delivered(laml, work, receiver, world):
    receiver.behave = lambda at: at.answer(200, pdf(2), Content_Type="application/pdf")
    bill(world.northside.account, balance=100 * CENT)
    clinic = laml()
    made = clinic.send(MediaUrl=receiver.url("/letter.pdf"))
    assert clinic.told("GET", f"Faxes/{made['sid']}") == made
    assert clinic.told("GET", "Faxes")["faxes"] == [made]
    assert made == {
        "account_sid": clinic.account, "api_version": "v1", "direction": "outbound",
        "date_created": made["date_created"], "date_updated": made["date_created"],
        "from": "+12025550121", "to": "+12025550100", "media_url": None,
        "media_sid": made["media_sid"], "num_pages": None, "price": None, "price_unit": "USD",
        "quality": "fine", "sid": made["sid"], "status": "queued", "duration": 0,
        "links": {"media": f"{clinic.base}/Faxes/{made['sid']}/Media"},
        "url": f"{clinic.base}/Faxes/{made['sid']}", "error_code": None, "error_message": None,
    }  # fmt: skip
    carry_out_due(couriers.FETCHES)
    work.run_to_end()
    done = clinic.told("GET", made["url"])
    assert (done["status"], done["num_pages"], done["error_code"]) == ("delivered", "2", None)
    assert done["duration"] > 10
    assert done["price"] == "0.20"  # two pages at ten cents
    assert done["date_updated"] >= done["date_created"]


def test_what_is_said_of_a_fax_is_done(laml):
    made = laml().send(
        MediaUrl=[LETTER, LETTER + "?2"], Quality="superfine", StoreMedia="False", Ttl="30",
        StatusCallback="https://me.example.com/told", StatusCallbackMethod="get",
        StatusCallbackEvent=["Queued", "sending"],
    )  # fmt: skip
    assert made["quality"] == "superfine"
    fax = Fax.rows.get(pk=made["sid"])
    assert not fax.keep_documents
    assert fax.try_until == fax.created_at + timedelta(minutes=30)
    assert fax.callback == {
        "kind": "laml", "url": "https://me.example.com/told", "method": "GET",
        "steps": ["waiting", "connected"], "original_media_url": LETTER,
    }  # fmt: skip
    assert fax.origin == "signalwire"
    urls = RemoteDocument.rows.order_by("position").values_list("url", flat=True)
    assert list(urls) == [LETTER, LETTER + "?2"]


def test_without_more_said_a_fax_is_tried_for_an_hour_fine_and_kept(laml):
    fax = Fax.rows.get(pk=laml().send()["sid"])
    assert fax.try_until == fax.created_at + timedelta(hours=1)
    assert (fax.quality, fax.keep_documents, fax.callback) == ("fine", True, {})


def test_a_body_in_json_says_the_same_with_types_of_its_own(laml):
    said = {
        "To": "(202) 555-0100", "From": "+12025550121", "MediaUrl": [LETTER], "StoreMedia": False,
        "Ttl": 5, "Unknown": {"a": 1},
    }  # fmt: skip
    body = json.dumps(said)
    answer = laml().ask("POST", "Faxes", data=body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    fax = Fax.rows.get(pk=answer.json()["sid"])
    assert (fax.to_number, fax.keep_documents) == ("+12025550100", False)


def test_a_name_and_password_in_the_address_of_a_document_are_shown_to_it_alone(laml, receiver):
    receiver.behave = lambda at: at.answer(200, pdf(1), Content_Type="application/pdf")
    clinic = laml()
    url = receiver.url("/letter.pdf").replace("http://", "http://me:p%40ss@")
    made = clinic.send(MediaUrl=url, StatusCallback="https://me.example.com/")
    (row,) = RemoteDocument.rows.values()
    shown = base64.b64encode(b"me:p@ss").decode()
    assert "@" not in row["url"]
    assert shown not in str(row)
    assert "p%40ss" not in str(Fax.rows.values().get(pk=made["sid"]))
    carry_out_due(couriers.FETCHES)
    (seen,) = receiver.seen
    assert seen.headers["authorization"] == f"Basic {shown}"
    assert Document.rows.count() == 1


def test_a_document_that_cannot_be_had_fails_its_fax_and_says_so(laml, receiver, work):
    receiver.behave = lambda at: at.answer(404)
    clinic = laml()
    made = clinic.send(MediaUrl=receiver.url("/gone.pdf"))
    carry_out_due(couriers.FETCHES)
    told = clinic.told("GET", made["url"])
    assert (told["status"], told["error_code"]) == ("failed", "11200")
    assert told["error_message"]


@pytest.mark.parametrize("root", ROOTS)
def test_only_what_was_never_dialled_is_canceled(laml, world, root):
    clinic = laml(root=root)
    sid = clinic.send()["sid"]
    assert clinic.told("POST", f"Faxes/{sid}", CANCEL)["status"] == "canceled"
    again = clinic.told("POST", f"Faxes/{sid}", CANCEL, status=400)
    assert again["code"] == 10000
    waiting = make(world.northside, state=FaxState.QUEUED, outcome="")
    assert clinic.told("POST", f"Faxes/{waiting.pk}", CANCEL)["status"] == "canceled"
    tried = make(world.northside, state=FaxState.QUEUED, outcome=Outcome.BUSY, tries=1)
    assert clinic.told("POST", f"Faxes/{tried.pk}", CANCEL, status=400)["code"] == 10000
    assert Fax.rows.get(pk=tried.pk).state == FaxState.QUEUED


def test_a_call_that_begins_while_its_fax_is_canceled_goes_on(laml, world, monkeypatch):
    clinic = laml()
    fax = make(world.northside, state=FaxState.QUEUED, outcome="")

    def dialled(found, *, now):
        Fax.rows.filter(pk=fax.pk).update(state=FaxState.SENDING, tries=1)
        return cancel(found, now=now)

    cancel = lifecycle.cancel
    monkeypatch.setattr(lifecycle, "cancel", dialled)
    assert clinic.told("POST", f"Faxes/{fax.pk}", CANCEL, status=400)["code"] == 10000
    assert clinic.told("DELETE", f"Faxes/{fax.pk}", status=409)["code"] == 20009
    assert Fax.rows.get(pk=fax.pk).state == FaxState.SENDING


@pytest.mark.parametrize(
    ("meanwhile", "status"), [(FaxState.SENDING, 409), (FaxState.CANCELED, 204)]
)
def test_what_happens_while_a_fax_is_deleted_is_told_as_of_a_deletion(
    laml, world, monkeypatch, meanwhile, status
):
    clinic = laml()
    fax = make(world.northside, state=FaxState.QUEUED, outcome="")

    def moved(found, *, now):
        Fax.rows.filter(pk=fax.pk).update(state=meanwhile, tries=1)
        return cancel(found, now=now)

    cancel = lifecycle.cancel
    monkeypatch.setattr(lifecycle, "cancel", moved)
    answer = clinic.ask("DELETE", f"Faxes/{fax.pk}")
    assert answer.status_code == status
    assert status == 204 or answer.json()["code"] == 20009


def test_a_queued_fax_is_canceled_and_deleted_in_one_go(laml):
    clinic = laml()
    sid = clinic.send()["sid"]
    answer = clinic.ask("DELETE", f"Faxes/{sid}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not Fax.rows.exists()
    assert not RemoteDocument.rows.exists()
    assert not Event.rows.exists()
    assert clinic.ask("DELETE", f"Faxes/{sid}").status_code == 404


@pytest.mark.parametrize("root", ROOTS)
def test_the_pages_are_the_medium_of_a_fax_until_it_is_deleted(laml, world, work, send, root):
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    firm = laml(world.lakeside.admin, root=root)
    (fax,) = firm.told("GET", "Faxes")["faxes"]
    assert (fax["direction"], fax["status"]) == ("inbound", "received")
    key = "media" if root == "/v1" else "fax_media"
    (medium,) = firm.told("GET", f"Faxes/{fax['sid']}/Media")[key]
    assert (medium["sid"], medium["fax_sid"]) == (fax["media_sid"], fax["sid"])
    assert medium["content_type"] == "application/pdf"
    assert firm.told("GET", urlsplit(medium["url"]).path) == medium
    with closing(firm.ask("GET", urlsplit(fax["media_url"]).path)) as file:
        assert file["Content-Type"] == "application/pdf"
        assert len(pypdfium2.PdfDocument(file.getvalue())) == 2
    where = f"Faxes/{fax['sid']}/Media/{medium['sid']}"
    for path, accept in ((f"{where}.tiff", "*/*"), (where, "image/tiff")):
        with closing(firm.ask("GET", path, headers={"accept": accept})) as file:
            pages = ImageSequence.all_frames(Image.open(BytesIO(file.getvalue())))
            assert len(pages) == 2
    with closing(firm.ask("GET", f"{where}.pdf", headers={"range": "bytes=0-3"})) as part:
        assert (part.status_code, part.getvalue()) == (206, b"%PDF")
    assert firm.told("GET", f"Faxes/{fax['sid']}/Media?Page=1")[key] == []
    assert firm.ask("DELETE", where).status_code == 204
    assert firm.told("GET", f"Faxes/{fax['sid']}/Media")[key] == []
    assert firm.told("GET", f"Faxes/{fax['sid']}")["media_url"] is None
    for method, path in (("GET", where), ("GET", f"{where}.pdf"), ("DELETE", where)):
        assert firm.told(method, path, status=404)["code"] == 20404


def test_accounts_below_are_served_by_their_own_id_with_a_token_from_above(laml, world):
    reseller = laml(world.harbor.admin)
    there = f"/api/laml/2010-04-01/Accounts/{world.northside.id}/Faxes"
    wanted = {"To": "+12025550100", "From": "+12025550121", "MediaUrl": LETTER}
    made = reseller.told("POST", there, wanted, status=201)
    assert made["account_sid"] == str(world.northside.id)
    assert made["url"].startswith(there)
    as_subproject = laml(world.harbor.admin, root="/v1")
    below = type(reseller)(
        f"AC{world.northside.id.hex}", as_subproject.token, "/v1", as_subproject.client
    )
    (fax,) = below.told("GET", "Faxes")["faxes"]
    assert fax["account_sid"] == below.account
    assert fax["sid"] == "FX" + made["sid"].replace("-", "")
    for account in (world.redwood.id, world.summit.id, world.platform.id):
        path = f"/api/laml/2010-04-01/Accounts/{account}/Faxes"
        assert reseller.told("GET", path, status=404)["code"] == 20404
    beside = type(reseller)(str(world.northside.id), reseller.token, reseller.base, reseller.client)
    path = f"/api/laml/2010-04-01/Accounts/{world.lakeside.id}/Faxes"
    assert beside.told("GET", path, status=404)["code"] == 20404


def test_twilios_clients_need_not_say_who_sends(laml, world):
    twilio = laml(root="/v1")
    made = twilio.told("POST", "Faxes", {"To": "+12025550100", "MediaUrl": LETTER}, status=201)
    assert made["from"] == world.northside.number
    assert made["url"] == f"http://testserver/v1/Faxes/{made['sid']}"
    assert made["sid"].startswith("FX")


def test_a_number_says_which_program_is_asked(laml, world):
    clinic = laml()
    (number,) = clinic.told("GET", "IncomingPhoneNumbers")["incoming_phone_numbers"]
    there = number["uri"]
    said = {"VoiceUrl": "https://me.example.com/in", "VoiceMethod": "GET", "SmsUrl": "ignored"}
    told = clinic.told("POST", there, said)
    assert (told["voice_url"], told["voice_method"]) == ("https://me.example.com/in", "GET")
    assert clinic.told("POST", there, {"VoiceReceiveMode": "fax"}) == told
    for wrong, code in (
        ({"VoiceUrl": "me"}, 21408),
        ({"VoiceUrl": "http://10.0.0.1/"}, 21456),
        ({"VoiceMethod": "PUT"}, 10000),
        ({"VoiceReceiveMode": "voice"}, 10000),
    ):
        assert clinic.told("POST", there, wrong, status=400)["code"] == code
    assert clinic.told("GET", there) == told
    assert clinic.told("POST", there, {"VoiceUrl": ""})["voice_url"] is None
    other = laml(world.lakeside.admin)
    (theirs,) = other.told("GET", "IncomingPhoneNumbers")["incoming_phone_numbers"]
    foreign = f"{clinic.base}/IncomingPhoneNumbers/{theirs['sid']}"
    assert clinic.told("POST", foreign, said, status=404)["code"] == 20404
