"""What every answer has, whatever was asked: the envelope, words for errors, doors for browsers."""

import hashlib
import json
import re
from base64 import b64encode

import pytest

from accounts.models import ProgramSession, RateCount
from accounts.roles import Scope

ENVELOPE = {"data", "status", "auth_token", "request_id", "node", "version", "timestamp"}


def is_told(answer):
    """Whether an answer is in its envelope, and open to pages of other origins."""
    told = answer.json()
    wanted = ENVELOPE | ({"revision"} if told["status"] == "success" else {"error", "message"})
    assert wanted <= set(told)
    assert answer["X-Request-ID"] == told["request_id"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "x-auth-token" in answer["Access-Control-Allow-Headers"]
    assert {"location", "etag"} <= set(answer["Access-Control-Expose-Headers"].split(", "))
    assert answer["Access-Control-Max-Age"] == "86400"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["timestamp"])
    if told["status"] == "error":
        assert told["error"] == str(answer.status_code)
    return told


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "message"),
    [
        ("GET", "faxes/outbox", None, {}, 200, None),
        ("GET", "faxes/outbox/", None, {}, 200, None),
        ("GET", "faxes/outbox", None, {"x-auth-token": "undefined"}, 401, "invalid_credentials"),
        ("GET", "faxes/outbox", None, {"x-auth-token": "fxp_a.b"}, 401, "invalid_credentials"),
        ("GET", "faxes/outbox", None, {"x-auth-token": "\x7f\xff"}, 401, "invalid_credentials"),
        ("GET", "faxes", None, {}, 405, "invalid_method"),
        ("GET", "faxes/nowhere", None, {}, 404, "not_found"),
        ("GET", "/v2", None, {}, 404, "not_found"),
        ("GET", "/v2/whitelabel/none", None, {}, 404, None),
        ("GET", "/v1/accounts/1/faxes", None, {}, 410, "gone"),
        ("PUT", "/v1/user_auth", {}, {}, 410, "gone"),
        ("GET", "faxes/outbox?page_size=0", None, {}, 404, "faulty_request"),
        ("GET", "faxes/outbox?start_key=a", None, {}, 400, "validation error"),
        ("GET", "faxes/outbox?a=%00", None, {}, 400, "bad_request"),
        ("PUT", "faxes", {}, {}, 400, "validation error"),
        ("PATCH", "faxes", {"data": {}}, {}, 405, "invalid_method"),
    ],
)
def test_every_answer_is_in_its_envelope(kazoo, method, path, body, headers, status, message):
    answer = kazoo().ask(method, path, body, **headers)
    told = is_told(answer)
    assert (answer.status_code, told.get("message")) == (status, message or told.get("message"))
    if status == 401:
        assert told["data"] == {"message": "invalid credentials"}
        assert told["auth_token"] == ""


def test_what_is_refused_at_the_door_is_in_its_envelope(kazoo, settings, monkeypatch):
    asker = kazoo()
    settings.MAX_UPLOAD_BYTES = 8_000_000
    address, sent = f"{asker.base}/faxes", {"x-auth-token": asker.token}
    large = asker.client.generic(
        "PUT", address, b"x" * 13_000_000, content_type="application/pdf", headers=sent
    )
    told = is_told(large)
    assert large.status_code == 413
    most = "Payload or Files must not be more than 8000000 bytes"
    assert told["data"] == {"file": {"maxSize": {"message": most, "target": 8_000_000}}}
    endless = asker.client.generic(
        "PUT", address, b"{}", headers={**sent, "transfer-encoding": "chunked"}
    )
    assert (is_told(endless)["message"], endless.status_code) == ("length_required", 411)
    strange = asker.client.generic("PUT", address, b"x", content_type="text/x", headers=sent)
    assert (is_told(strange)["message"], strange.status_code) == ("invalid_content_type", 415)

    def broken(*_args, **_more):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("faxes.api.kazoo.faxes.folder_page", broken)
    failed = asker.ask("GET", "faxes/outbox")
    assert (is_told(failed)["message"], failed.status_code) == ("unspecified_fault", 500)
    assert "secret" not in failed.content.decode()
    monkeypatch.setattr("accounts.auth.hosts.house_of", broken)
    failed = asker.ask("GET", "faxes/outbox", host="elsewhere.example")
    assert (is_told(failed)["message"], failed.status_code) == ("unspecified_fault", 500)


def test_browsers_ask_before_they_ask_and_are_let_in(kazoo):
    asker = kazoo()
    for path, verbs in (
        (f"{asker.base}/faxes", {"PUT", "POST", "OPTIONS"}),
        (f"{asker.base}/faxes/outbox", {"GET", "HEAD", "POST", "OPTIONS"}),
        (f"{asker.base}/faxes/outbox/x", {"GET", "HEAD", "PUT", "DELETE", "POST", "OPTIONS"}),
        ("/v2/anything", {"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"}),
    ):
        answer = asker.client.options(path, headers={"origin": "https://ui.example"})
        assert answer.status_code == 200
        assert set(answer["Access-Control-Allow-Methods"].split(", ")) == verbs


def test_a_token_is_shown_in_any_of_their_ways(kazoo):
    asker = kazoo()
    token, ask, path = asker.token, asker.client.generic, f"{asker.base}/faxes/outbox"
    for answer in (
        ask("GET", path, headers={"x-auth-token": token}),
        ask("GET", f"{path}?auth_token={token}"),
        ask("GET", f"{path}?auth_token={token}", headers={"x-auth-token": "undefined"}),
        ask("GET", path, headers={"authorization": f"Bearer {token}"}),
        ask("POST", f"{path}?verb=GET", json.dumps({"auth_token": token})),
        ask("POST", path, json.dumps({"auth_token": token, "verb": "get"})),
        ask("GET", "/v2/account/faxes/outbox", headers={"x-auth-token": token}),
    ):
        told = is_told(answer)
        assert (answer.status_code, told["auth_token"]) == (200, token)
    assert ask("PUT", f"{asker.base}/faxes", b"x" * 8_000_001).status_code == 401


def test_account_and_digest_may_be_shown_each_time_and_sign_in_once(world, kazoo):
    asker = kazoo()
    email = world.northside.people["admin"].email
    right = hashlib.md5(f"{email}:{world.password}".encode()).hexdigest()  # noqa: S324
    basic = {name: b64encode(f"{world.northside.id.hex}:{digest}".encode()).decode()
             for name, digest in (("right", right), ("wrong", "0" * 32))}  # fmt: skip

    def ask(name):
        headers = {"authorization": f"Basic {basic[name]}"}
        return asker.client.get(f"{asker.base}/faxes/outbox", headers=headers)

    for _ in range(3):
        assert is_told(ask("right"))["auth_token"] == ""
    assert ProgramSession.objects.count() == 1
    assert ask("wrong").status_code == 401
    ProgramSession.objects.all().delete()
    assert ask("right").status_code == 200


def test_verbs_may_come_through_post(kazoo):
    asker = kazoo()
    job = {"to_number": "12025550100", "from_number": "12025550121"}
    body = {"data": job | {"document": {"url": "https://documents.example/a.pdf"}}}
    assert asker.ask("POST", "faxes?verb=PUT", body).status_code == 201
    assert asker.ask("POST", "faxes", body | {"verb": "PUT"}).status_code == 201
    assert asker.ask("POST", "faxes?verb=CONNECT", body).status_code == 405
    assert asker.ask("GET", "faxes?verb=PUT", body).status_code == 405


def test_answers_come_wide_or_as_a_call_and_requests_keep_their_id(kazoo):
    asker = kazoo()
    wide = asker.ask("GET", "faxes/outbox?pretty_print=true&_=1795", **{"x-request-id": "mine-1"})
    assert b'\n  "data": []' in wide.content
    assert wide["X-Request-ID"] == wide.json()["request_id"] == "mine-1"
    odd = asker.ask("GET", "faxes/outbox", **{"x-request-id": "<script>"})
    assert re.fullmatch("[0-9a-f]{32}", odd["X-Request-ID"])
    call = asker.ask("GET", "faxes/outbox?jsonp=app.take")
    assert call["Content-Type"] == "application/javascript"
    assert call["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(rb"app\.take\(\{.*\}\);", call.content)
    for unsafe in ("alert(1)//", "a b", "a" * 65, "é"):
        answer = asker.ask("GET", f"faxes/outbox?jsonp={unsafe}")
        assert answer["Content-Type"] == "application/json"
    within = asker.ask("GET", "faxes/outbox?jsonp=a", **{"sec-fetch-site": "same-origin"})
    assert within["Content-Type"] == "application/json", "no script for pages of the portal"


def test_who_asks_too_often_is_told_so(kazoo, settings, still):
    settings.API_RATE = 1
    asker = kazoo()
    answers = [asker.ask("GET", "faxes/outbox") for _ in range(3)]
    refused = answers[-1]
    assert (is_told(refused)["message"], refused.status_code) == ("too_many_requests", 429)
    assert int(refused["Retry-After"]) > 0
    assert RateCount.objects.exists()


def test_what_a_token_may_not_is_forbidden(world, kazoo):
    reader = kazoo(world.northside.admin, Scope.FAXES_READ)
    job = {"to_number": "12025550100", "from_number": "12025550121"}
    body = {"data": job | {"document": {"url": "https://documents.example/a.pdf"}}}
    writer = kazoo(world.northside.admin, Scope.FAXES_WRITE)
    assert writer.data("PUT", "faxes", body, status=201)["to_number"] == "+12025550100"
    assert writer.ask("GET", "faxes/outgoing").status_code == 403
    refused = reader.ask("PUT", "faxes", body)
    assert (is_told(refused)["message"], refused.status_code) == ("forbidden", 403)
    for stranger in (world.lakeside, world.harbor, world.summit):
        other = f"/v2/accounts/{stranger.id.hex}/faxes/outbox"
        refused = reader.ask("GET", other)
        assert (is_told(refused)["message"], refused.status_code) == ("forbidden", 403)
    assert reader.ask("GET", "/v2/accounts/none/faxes/outbox").status_code == 403
