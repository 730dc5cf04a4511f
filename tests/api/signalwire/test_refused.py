"""Bodies and addresses that nobody should send: each has a clear answer, and changes nothing."""

import json
from typing import Any

import pytest

from faxes.models import Fax
from tests.api.signalwire.conftest import FORM, LETTER, ROOTS

GOOD = {"To": "+12025550100", "From": "+12025550121", "MediaUrl": LETTER}
WORST = ["\0", "\ud800", "a\0b", "x" * 5000, 10**30, 1e308, -1, [], {}, [[]], [{}], {"a": 1}, None]
BODIES = [
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"Status"', "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"a":' * 50_000, "application/json"),
    (b'{"To": NaN}', "application/json"),
    (b'{"To": ' + b"9" * 5000 + b"}", "application/json"),
    (b'{"To": "\xff\xfe"}', "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b'{"To": "\\ud800"}', "application/json; charset=utf-8"),
    (b"To=\xff\xfe", FORM),
    (b"To=%00&From=%00", FORM),
    (b"To=%ff%fe", FORM),
    (b"&".join(b"a%d=1" % number for number in range(5000)), FORM),
    (b"To=+12025550100", "text/plain"),
    (b"", ""),
    (b"\x00" * 100, "application/octet-stream"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data"),
    (b"garbage", "multipart/form-data; boundary="),
    (b'--x\r\nContent-Disposition: form-data; name="To"\r\n\r\n\0\r\n--x--\r\n',
     "multipart/form-data; boundary=x"),
    (b"To=1", f"{FORM}; charset=utf-16"),
    (b"To=1", f"{FORM}; charset=nonsense"),
    (b"<To>1</To>", "application/xml"),
]  # fmt: skip


def refused(answer):
    """Whether it was told as this dialect tells a client's mistake."""
    told = answer.json()
    assert 400 <= answer.status_code < 500, (answer.status_code, told)
    assert told.keys() == {"code", "message", "more_info", "status"}
    assert told["status"] == answer.status_code
    return True


def test_bodies_that_cannot_be_read_are_refused(laml):
    clinic = laml()
    for root in ROOTS:
        for body, content_type in BODIES:
            answer = clinic.client.generic(
                "POST", f"{root.format(account=clinic.account)}/Faxes", body,
                content_type=content_type,
                headers={"authorization": "Bearer " + clinic.token},
            )  # fmt: skip
            assert refused(answer), (body[:40], content_type)
    assert not Fax.rows.exists()


# By name, what says nothing of it and so is no mistake.
HARMLESS: dict[str, list[Any]] = {
    "To": [], "From": [], "MediaUrl": [], "Quality": [None], "StatusCallback": [None],
    "StatusCallbackMethod": [None], "StatusCallbackEvent": [None, []], "StoreMedia": [None],
    "Ttl": [None],
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_an_argument_that_is_nonsense_is_refused(laml, name):
    clinic = laml()
    for value in WORST:
        said = json.dumps(GOOD | {name: value})
        answer = clinic.ask("POST", "Faxes", data=said, content_type="application/json")
        harmless = value in HARMLESS[name]
        assert answer.status_code == 201 if harmless else refused(answer), (name, value)
    assert Fax.rows.count() == len(HARMLESS[name])


def test_addresses_that_nobody_means_are_refused(laml):
    clinic = laml()
    sid = clinic.send()["sid"]
    for path in (
        "Faxes/%00", "Faxes/%ff", "Faxes/..", "Faxes/" + "a" * 3000, f"Faxes/{sid}%0a",
        f"Faxes/{sid}/Media/%ff", f"Faxes/{sid}/Media/.pdf", f"Faxes/{sid}/Media/{sid}.pdf",
        "Faxes?PageToken=PA" + "9" * 400, "Faxes?PageToken=%ff", "Faxes?PageToken=%00",
        "Faxes?Page=" + "9" * 400, "Faxes?PageSize=%D9%A1", "Faxes?PageSize=1e3",
        "Faxes?DateCreatedAfter=0000-00-00T00:00:00Z",
        "Faxes?DateCreatedAfter=9999-12-31T23:59:59Z",
        "Faxes?DateCreatedOnOrBefore=0001-01-01T00:00:00%2B23:59", "IncomingPhoneNumbers/x",
        "IncomingPhoneNumbers?PageToken=PAé", "é",
    ):  # fmt: skip
        assert refused(clinic.ask("GET", path)), path
    assert Fax.rows.count() == 1


def test_unknown_arguments_are_ignored_and_secrets_of_a_sip_address_are_not_kept(laml):
    clinic = laml()
    made = clinic.send(SipAuthUsername="me", SipAuthPassword="hush-hush", Nonsense="1", sid="x")
    row = Fax.rows.values().get(pk=made["sid"])
    assert "hush" not in str(row)
