"""The vendor's document of updating a fax, and what is known of its other calls, case by case.

All is asked once; each case looks at what was answered to it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from accounts.models import Account, Status
from accounts.services.domains import forget_hosts
from accounts.services.rate_limits import IN_THIS_PROCESS
from faxes.api.signalwire.errors import OF_CODE
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.models import Fax
from tests.api.signalwire.conftest import LETTER, asker_of, make
from tests.world import World, make_world

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MOMENT = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
E164 = r"\+[1-9][0-9]{7,14}"
LINK = f"/api/laml/2010-04-01/Accounts/{UUID}/Faxes/{UUID}"
PAGES = f"http://testserver{LINK}/Media/{UUID}.pdf"
# Every property of FaxResponse: its pattern where it is a text, and whether it may be null.
PROPERTIES: dict[str, tuple[Any, bool]] = {
    "account_sid": (UUID, False),
    "api_version": ("v1", False),
    "date_created": (MOMENT, False),
    "date_updated": (MOMENT, False),
    "direction": ("inbound|outbound", False),
    "from": (E164, False),
    "media_url": (PAGES, True),
    "media_sid": (UUID, False),
    "num_pages": ("[0-9]+", True),
    "price": (r"-?[0-9]+\.[0-9]+", True),
    "price_unit": ("[A-Z]{3}", False),
    "quality": ("standard|fine|superfine", False),
    "sid": (UUID, False),
    "status": (
        "queued|processing|sending|delivered|receiving|received|no-answer|busy|failed|canceled",
        False,
    ),
    "to": (E164, False),
    "duration": (int, False),
    "links": ({"media": f"{LINK}/Media"}, False),
    "url": (LINK, False),
    "error_code": ("[0-9]{5}", True),
    "error_message": (".+", True),
}
# Every status of FaxStatus, by how a fax that has it stands.
STATUSES: dict[str, dict[str, Any]] = {
    "queued": {"state": FaxState.QUEUED, "outcome": ""},
    "queued while preparing": {"state": FaxState.PREPARING, "outcome": ""},
    "processing": {"state": FaxState.SENDING, "outcome": "", "tries": 1},
    "processing between tries": {"state": FaxState.QUEUED, "outcome": Outcome.BUSY, "tries": 1},
    "delivered": {"pages": 3},
    "receiving": {"direction": Direction.INBOUND, "state": FaxState.RECEIVING, "outcome": ""},
    "received": {"direction": Direction.INBOUND, "state": FaxState.RECEIVED},
    "no-answer": {"state": FaxState.FAILED, "outcome": Outcome.NO_ANSWER},
    "busy": {"state": FaxState.FAILED, "outcome": Outcome.BUSY},
    "failed": {"state": FaxState.FAILED, "outcome": Outcome.TRANSMIT_ERROR},
    "failed without a call": {
        "state": FaxState.FAILED, "outcome": "", "error_code": ErrorCode.URL_REFUSED,
    },
    "canceled": {"state": FaxState.CANCELED, "outcome": Outcome.CANCELED},
    "canceled on arrival": {
        "direction": Direction.INBOUND, "state": FaxState.FAILED, "outcome": Outcome.CANCELED,
    },
}  # fmt: skip
SENT = {"To": "+12025550100", "From": "+12025550121", "MediaUrl": LETTER}
FAX, NOBODY = "Faxes/{done}", "Faxes/00000000-0000-4000-8000-000000000000"
CANCEL = {"Status": "canceled"}
# What is refused: method, address, what is said, status and code.
REFUSED: dict[str, tuple[str, str, Any, int, int]] = {
    "update: 400 not in queued status": ("POST", FAX, CANCEL, 400, 10000),
    "update: 400 Status is required": ("POST", FAX, {}, 400, 10000),
    "update: 400 as in the samples, payload empty": ("POST", "Faxes/{queued}", {}, 400, 10000),
    "update: 422 Status, only 'canceled' is allowed": (
        "POST", "Faxes/{queued}", {"Status": "delivered"}, 422, 10000,
    ),
    "update: 404 Sid": ("POST", NOBODY, CANCEL, 404, 20404),
    "update: 404 Sid no UUID": ("POST", "Faxes/nothing", CANCEL, 404, 20404),
    "update: 404 AccountSid": (
        "POST", "/api/laml/2010-04-01/Accounts/{other}/Faxes/{done}", CANCEL, 404, 20404,
    ),
    "update: 404 AccountSid no UUID": (
        "POST", "/api/laml/2010-04-01/Accounts/me/Faxes/{done}", CANCEL, 404, 20404,
    ),
    "update: 400 between tries": ("POST", "Faxes/{tried}", CANCEL, 400, 10000),
    "update: 400 an inbound fax": ("POST", "Faxes/{came}", CANCEL, 400, 10000),
    "fetch: 404": ("GET", NOBODY, None, 404, 20404),
    "delete: 404": ("DELETE", NOBODY, None, 404, 20404),
    "delete: 409 processing": ("DELETE", "Faxes/{tried}", None, 409, 20009),
    "delete: 409 receiving": ("DELETE", "Faxes/{coming}", None, 409, 20009),
    "media list: 404": ("GET", f"{NOBODY}/Media", None, 404, 20404),
    "media fetch: 404": ("GET", f"{FAX}/Media/{{done}}", None, 404, 20404),
    "media fetch: 404 no pages": ("GET", "Faxes/{queued}/Media/{media}", None, 404, 20404),
    "media delete: 409 in progress": (
        "DELETE", "Faxes/{queued}/Media/{media}", None, 409, 20009,
    ),
    "list: 400 bad PageToken": ("GET", "Faxes?PageToken=nonsense", None, 400, 21481),
    "list: 400 PageToken of no fax": ("GET", "Faxes?PageToken=PA12", None, 400, 21481),
    "list: 400 PageSize 0": ("GET", "Faxes?PageSize=0", None, 400, 10000),
    "list: 400 PageSize above 1000": ("GET", "Faxes?PageSize=1001", None, 400, 10000),
    "list: 400 Page negative": ("GET", "Faxes?Page=-1", None, 400, 10000),
    "list: 400 Page too far without PageToken": ("GET", "Faxes?Page=90000", None, 400, 21481),
    "list: 400 DateCreatedAfter": ("GET", "Faxes?DateCreatedAfter=soon", None, 400, 10000),
    "list: 400 DateCreatedOnOrBefore": (
        "GET", "Faxes?DateCreatedOnOrBefore=2026-13-01T00:00:00Z", None, 400, 10000,
    ),
    "create: 21211 To missing": ("POST", "Faxes", SENT | {"To": ""}, 400, 21211),
    "create: 21211 To invalid": ("POST", "Faxes", SENT | {"To": "home"}, 400, 21211),
    "create: 21211 To of no plan": ("POST", "Faxes", SENT | {"To": "+1202555"}, 400, 21211),
    "create: 21211 To several": (
        "POST", "Faxes", SENT | {"To": "+12025550100,+12025550101"}, 400, 21211,
    ),
    "create: 21217 To SIP URI": ("POST", "Faxes", SENT | {"To": "sip:a@b.example"}, 400, 21217),
    "create: 21213 From missing": ("POST", "Faxes", SENT | {"From": ""}, 400, 21213),
    "create: 21212 From malformed": ("POST", "Faxes", SENT | {"From": "clinic"}, 400, 21212),
    "create: 21210 From not owned": (
        "POST", "Faxes", SENT | {"From": "+13125550122"}, 400, 21210,
    ),
    "create: 21402 MediaUrl missing": ("POST", "Faxes", SENT | {"MediaUrl": ""}, 400, 21402),
    "create: 21620 MediaUrl not http(s)": (
        "POST", "Faxes", SENT | {"MediaUrl": "ftp://a.example/b"}, 400, 21620,
    ),
    "create: 21620 MediaUrl within": (
        "POST", "Faxes", SENT | {"MediaUrl": "http://10.0.0.1/a.pdf"}, 400, 21620,
    ),
    "create: 21623 MediaUrl too many": (
        "POST", "Faxes", SENT | {"MediaUrl": [LETTER] * 99}, 400, 21623,
    ),
    "create: 10000 Quality": ("POST", "Faxes", SENT | {"Quality": "best"}, 400, 10000),
    "create: 21408 StatusCallback": ("POST", "Faxes", SENT | {"StatusCallback": "me"}, 400, 21408),
    "create: 21456 StatusCallback within": (
        "POST", "Faxes", SENT | {"StatusCallback": "http://127.0.0.1/"}, 400, 21456,
    ),
    "create: 10000 StatusCallbackMethod": (
        "POST", "Faxes", SENT | {"StatusCallbackMethod": "PUT"}, 400, 10000,
    ),
    "create: 10000 StatusCallbackEvent": (
        "POST", "Faxes", SENT | {"StatusCallbackEvent": ["e"] * 21}, 400, 10000,
    ),
    "create: 10000 StoreMedia": ("POST", "Faxes", SENT | {"StoreMedia": "maybe"}, 400, 10000),
    "create: 10000 Ttl below 5": ("POST", "Faxes", SENT | {"Ttl": 4}, 400, 10000),
    "create: 10000 Ttl above 300": ("POST", "Faxes", SENT | {"Ttl": 301}, 400, 10000),
    "create: 10000 Ttl no number": ("POST", "Faxes", SENT | {"Ttl": "an hour"}, 400, 10000),
    "20004 a method that is not served": ("PUT", "Faxes", None, 405, 20004),
    "20004 OPTIONS": ("OPTIONS", "Faxes", None, 405, 20004),
    "20404 a resource that is not served": ("GET", "Calls", None, 404, 20404),
    "20404 nothing below the version": ("GET", "/2010-04-01", None, 404, 20404),
    "20404 nothing below a fax of Twilio's": ("GET", "/v1/Faxes/a/b/c", None, 404, 20404),
    "numbers: 404": ("GET", NOBODY.replace("Faxes", "IncomingPhoneNumbers"), None, 404, 20404),
}  # fmt: skip


@dataclass
class Told:
    """What was answered to everything, once for all cases."""

    canceled: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    by_status: dict[str, Any] = field(default_factory=dict)
    changed: bool = False


@pytest.fixture(scope="module")
def told(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    """Ask everything, and leave no rows."""
    stored = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path_factory.mktemp("documents"), "base_url": None},
    }
    storages = {**settings.STORAGES, "default": stored}
    with django_db_blocker.unblock(), override_settings(STORAGES=storages):
        forget_hosts()
        IN_THIS_PROCESS.forget()
        try:
            return _ask_all(make_world())
        finally:
            Account.objects.update(status=Status.CLOSED)  # the ledger lets nobody else's go
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def _ask_all(world: World) -> Told:
    clinic, found = asker_of(world.northside.admin), Told()
    made = clinic.send()
    found.canceled = clinic.told("POST", f"Faxes/{made['sid']}", CANCEL)
    keys = {name: str(make(world.northside, **fields).pk) for name, fields in STATUSES.items()}
    found.by_status = {name: clinic.told("GET", f"Faxes/{key}") for name, key in keys.items()}
    queued = found.by_status["queued"]
    names = {
        "done": keys["delivered"], "queued": keys["queued"], "came": keys["received"],
        "tried": keys["processing between tries"], "coming": keys["receiving"],
        "media": queued["media_sid"], "other": world.lakeside.id,
    }  # fmt: skip
    before = list(Fax.rows.order_by("pk").values())
    for name, (method, path, said, _, _) in REFUSED.items():
        answer = clinic.ask(method, path.format(**names), said)
        found.answers[name] = (answer.status_code, answer.json())
    found.changed = list(Fax.rows.order_by("pk").values()) != before
    return found


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_fax_has_the_property(told, name):
    pattern, nullable = PROPERTIES[name]
    for fax in (told.canceled, *told.by_status.values()):
        value = fax[name]
        if value is None:
            assert nullable
        elif isinstance(pattern, str):
            assert isinstance(value, str)
            assert re.fullmatch(pattern, value)
        elif pattern is int:
            assert type(value) is int
        else:
            assert value.keys() == pattern.keys()
            assert re.fullmatch(pattern["media"], value["media"])
    assert told.canceled.keys() == PROPERTIES.keys()


@pytest.mark.parametrize("name", STATUSES)
def test_a_fax_has_the_status(told, name):
    assert told.by_status[name]["status"] == name.split()[0]


def test_what_went_wrong_has_its_known_code_and_text(told):
    fax = told.by_status["failed"]
    assert (fax["error_code"], fax["error_message"]) == ("34004", "The call dropped prematurely")
    assert told.by_status["failed without a call"]["error_code"] == "11200"
    assert told.by_status["delivered"]["error_code"] is None


def test_updating_cancels_a_queued_fax(told):
    assert told.canceled["status"] == "canceled"


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(told, name):
    status, body = told.answers[name]
    assert (status, body["code"]) == REFUSED[name][3:]
    assert body.keys() == {"code", "message", "more_info", "status"}
    assert (type(body["code"]), type(body["status"]), body["status"]) == (int, int, status)
    assert body["message"]
    assert body["more_info"].endswith(f"/docs/errors/{body['code']}")


def test_nothing_changes_where_something_is_refused(told):
    assert told.answers
    assert not told.changed


def test_every_error_of_the_portal_has_a_code_here():
    assert set(OF_CODE) == set(ErrorCode)
