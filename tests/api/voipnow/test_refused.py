"""What is refused, and that every refusal has the one shape, whatever is sent."""

import pytest
from django.test import Client

from accounts.models import Account, Kind, Membership
from accounts.roles import Scope
from accounts.services import tenants
from faxes.api.voipnow.errors import OF_CODE
from faxes.enums import ErrorCode
from faxes.models import Fax, Faxbox
from faxes.services.extensions import full_extension
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox
from tests.accounts.money import actor_of, bill
from tests.api.voipnow.conftest import FAX, TO, a_file, body_of, to


def code(answer):
    assert answer["content-type"].startswith("application/json"), answer.content
    told = answer.json()
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"code", "message"}
    assert all(isinstance(each, str) and each for each in told["error"].values())
    assert not Fax.rows.exists()
    return answer.status_code, told["error"]["code"]


def test_every_code_of_ours_has_one_here():
    assert set(OF_CODE) == set(ErrorCode)


NO_TOKENS = ["", "Bearer", "Bearer nonsense", "Basic eDp5", "fxp_x.y", "a b c", "Bearer \u00e9"]


def test_401_without_a_right_token(voipnow, subtests):
    for shown in NO_TOKENS:
        with subtests.test(str(shown)[:80]):
            answer = voipnow().send(to(TO), a_file(), authorization=shown)
            assert code(answer) == (401, "unauthorized")
            assert answer["www-authenticate"].startswith("Bearer")


def test_403_a_token_that_may_not_send(voipnow):
    asks = voipnow(None, Scope.FAXES_READ)
    for path in (FAX, "/uapi/faxes/@me/0099*1"):
        assert code(asks.send(to(TO), a_file(), path=path)) == (403, "forbidden")


def test_403_who_only_looks(world, voipnow):
    asks = voipnow(world.northside.admin)
    Membership.objects.filter(user=world.northside.people["admin"]).update(role="viewer")
    assert code(asks.send(to(TO), a_file())) == (403, "forbidden")


def test_403_the_name_of_another_user_by_a_persons_token(world, voipnow):
    asks = voipnow(world.northside.member)
    people = world.northside.people
    for user in (people["admin"].pk, world.lakeside.people["admin"].pk, "1", "nobody"):
        answer = asks.send(to(TO), a_file(), path=f"/uapi/faxes/{user}/0003*210")
        assert code(answer) == (403, "forbidden")
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(owner=people["admin"])
    answer = asks.send(to(TO), a_file(), path="/uapi/faxes/@owner/0003*210")
    assert code(answer) == (403, "forbidden")
    own = asks.send(to(TO), a_file(), path=f"/uapi/faxes/{people['member'].pk.hex}/0003*210")
    assert own.status_code == 200


def test_403_a_machine_that_others_use(world, voipnow):
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(restricted=True)
    asks = voipnow(world.northside.member)
    assert code(asks.send(to(TO), a_file())) == (403, "forbidden")


def test_403_a_suspended_account_and_one_without_credit(world, voipnow):
    asks = voipnow()
    bill(world.northside.account, balance=1)
    answer = asks.send(to(TO), a_file())
    assert code(answer) == (403, "forbidden")
    assert "balance" in answer.json()["error"]["message"].lower()
    platform = actor_of(Account.objects.get(kind=Kind.PLATFORM))
    tenants.suspend(platform, account_id=world.northside.id)
    assert code(asks.send(to(TO), a_file())) == (403, "forbidden")


def test_403_a_machine_without_a_number_calls_nobody(world, voipnow):
    create_faxbox(world.northside.admin, terms=FaxboxTerms(name="New", extension="77"))
    answer = voipnow().send(to(TO), a_file(), path="/uapi/faxes/@me/77")
    assert code(answer) == (403, "forbidden")
    assert "number" in answer.json()["error"]["message"]


NO_EXTENSIONS = [
    "999",
    "@self",
    "0099*210",
    "3*210",
    "0003*",
    "*210",
    "0003*0003*210",
    "abc",
    "%E0%A4",
    "%00",
]


def test_404_an_extension_that_nobody_has(voipnow, subtests):
    for extension in NO_EXTENSIONS:
        with subtests.test(str(extension)[:80]):
            answer = voipnow().send(to(TO), a_file(), path=f"/uapi/faxes/@me/{extension}")
            assert code(answer) in {(404, "not_found"), (400, "bad_request")}
            assert answer.status_code == 404 or extension == "%00"


def test_404_an_extension_of_others_is_as_if_there_were_none(world, voipnow):
    foreign = full_extension(world.lakeside.faxbox)
    asks = voipnow()
    answers = [
        asks.send(to(TO), a_file(), path=f"/uapi/faxes/@me/{each}")
        for each in (foreign, "0099*210", "0001*210", "0004*999")
    ]
    assert {code(each) for each in answers} == {(404, "not_found")}
    assert len({each.content for each in answers}) == 1


def test_404_a_user_that_nobody_is_in_the_account(world, voipnow):
    asks = voipnow()
    for user in (world.lakeside.people["admin"].pk, "7", "@nobody", "9" * 60, "x" * 500):
        answer = asks.send(to(TO), a_file(), path=f"/uapi/faxes/{user}/0003*210")
        assert code(answer) == (404, "not_found")


@pytest.mark.parametrize("path", [FAX, "/unifiedapi/faxes/@me/210"])
def test_405_another_method(voipnow, subtests, path):
    asks = voipnow()
    shown = {"authorization": f"Bearer {asks.token}"}
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        with subtests.test(method):
            answer = asks.client.generic(method, path, headers=shown)
            assert (answer.status_code, answer["allow"]) == (405, "POST")
            if method != "HEAD":
                assert code(answer) == (405, "method_not_allowed")


def test_404_another_address(world, subtests):
    client = Client(raise_request_exception=False)
    for path in ("", "/", "/phoneCalls/@me/simple", "/faxes", "/faxes/@me/210/2"):
        for method in ("GET", "POST", "DELETE"):
            for prefix in ("/uapi", "/unifiedapi"):
                with subtests.test(f"{method} {prefix}{path}"):
                    answer = client.generic(method, prefix + path)
                    assert code(answer) == (404, "not_found")


def test_411_and_413_what_does_not_say_its_length_or_is_too_large(voipnow, settings):
    asks = voipnow()
    assert code(asks.send(to(TO), a_file(), **{"transfer-encoding": "chunked"}))[0] == 411
    settings.MAX_UPLOAD_BYTES = 1000
    assert code(asks.send(to(TO), a_file(bytes(5000)))) == (413, "request_too_large")
    assert code(asks.send(to(TO), a_file(b"x" * 2000))) == (400, "fx_file_invalid")


def test_429_too_many_requests(voipnow, settings, still):
    settings.API_RATE = 1
    asks = voipnow()
    asks.raw(b"", "text/plain")
    answer = next(
        each for each in (asks.raw(b"", "text/plain") for _ in range(50)) if each.status_code != 400
    )
    assert code(answer) == (429, "too_many_requests")
    assert int(answer["retry-after"]) > 0


WRONG = {
    "nothing": (b"", "multipart/form-data; boundary=x"),
    "no boundary": (b"hello", "multipart/form-data"),
    "another boundary": (body_of(to(TO), a_file()), "multipart/form-data; boundary=other"),
    "cut off": (body_of(to(TO))[:40], "multipart/form-data; boundary=----between"),
    "no type": (b"{}", ""),
    "a list": (b"[1]", "application/json"),
    "deep": (b'{"recipients":' + b"[" * 100_000, "application/json"),
    "bad UTF-8": (b'{"recipients":["\xff"]}', "application/json"),
    "half a character": (b'{"recipients":["\\ud800"]}', "application/json"),
    "not a number": (b'{"recipients":[NaN]}', "application/json"),
    "a form": (b"recipients=1", "application/x-www-form-urlencoded"),
    "a strange type": (b"x", "application/\xff; a=\x01".encode("latin-1").decode("latin-1")),
    "headers without end": (b"--x\r\n" + b"a: b\r\n" * 9000, "multipart/form-data; boundary=x"),
    "one line": (b"--x" + b"y" * 50_000, "multipart/form-data; boundary=x"),
}


def test_what_cannot_be_read_has_no_recipients(voipnow, subtests):
    for name, (body, kind) in WRONG.items():
        with subtests.test(name):
            assert code(voipnow().raw(body, kind)) == (400, "fx_recipients_invalid")


STRANGE_HEADERS = [
    'Content-Disposition: form-data; name="\ufffd\x07"; filename="\x01.txt"',
    "Content-Disposition: form-data; filename*=nonsense''%FF%FE.txt",
    "Content-Disposition: form-data; name=" + "x" * 4000,
    "Content-Disposition",
    ":",
]


def test_headers_that_nobody_can_read_are_no_harm(voipnow, subtests):
    for headers in STRANGE_HEADERS:
        with subtests.test(headers[:60]):
            answer = voipnow().send(to(TO), (headers, b"text"))
            assert answer.status_code == 200, answer.content
