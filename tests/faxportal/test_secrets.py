"""Secrets that people and programs show are nowhere afterwards: in no log, table, file or page."""

import base64
import hashlib
import json
import logging
import re
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.roles import Scope
from accounts.services import webhooks
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.mail import sign_in as mail_sign_in
from faxportal.logs import LineFormatter
from tests.accounts.test_sign_in import set_up_codes
from tests.isolation.walk import everything
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def lines(monkeypatch):
    """All that is logged, as it is written."""
    told: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.setFormatter(LineFormatter(masked=True))
    monkeypatch.setattr(handler, "emit", lambda record: told.append(handler.format(record)))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    cache.clear()
    yield told
    root.setLevel(level)
    root.removeHandler(handler)
    cache.clear()


def forms_of(secret):
    """How a secret may be written."""
    plain = secret.encode()
    pair = f"name:{secret}".encode()
    return {
        plain, quote(secret, safe="").encode(), base64.b64encode(plain).rstrip(b"="),
        plain.hex().encode(), json.dumps(secret).encode(), base64.b64encode(pair)[8:-4],
        plain.decode().encode("utf-16-le"),
    }  # fmt: skip


def found(secrets, lines):
    """Where secrets are: by what they are of."""
    texts = {f"log: {line[:200]}": line.encode() for line in lines}
    for table, rows in everything().items():
        texts[f"table {table}"] = repr(rows).encode()
    for path in Path(settings.DATA).rglob("*"):
        if path.is_file() and path.stat().st_size < 20_000_000:
            texts[str(path)] = path.read_bytes()
    return [
        f"{name} is in {where}"
        for name, secret in secrets.items()
        for each in forms_of(secret)
        for where, text in texts.items()
        if each in text
    ]


def ask(path, method="GET", body=None, kind="application/json", **headers):
    data = json.dumps(body) if isinstance(body, dict) and kind != FORM else body
    data = urlencode(body) if isinstance(body, dict) and kind == FORM else data
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(raise_request_exception=False)
    return client.generic(method, path, data or "", kind, headers=named)


def test_what_people_show_is_nowhere(world, lines):
    person = world.northside.people["admin"]
    secrets = {"a wrong password": "Wr0ng-Zebra-4411", "a new password": "N3w-Okapi-Meadow-77"}
    client = Client()
    client.post("/login/", {"login": person.email, "password": secrets["a wrong password"]})
    sign_in(client, person)
    client.post("/second-step/codes/", {"code": "000000"})
    secrets["a seed of codes"] = set_up_codes(client)
    stranger = Client()
    stranger.post("/password/reset/", {"email": person.email})
    (link,) = (
        link
        for each in mail.outbox
        for link in re.findall(r"https?://[^/]+(/password/reset/key/\S+)", str(each.body))
    )
    new = secrets["a new password"]
    page = stranger.get(link, follow=True)
    done = stranger.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert done.status_code == 302
    secrets["a key of a reset"] = link.rstrip("/").rpartition("/")[2]
    assert found(secrets, lines) == []


def test_what_programs_show_is_nowhere(world, lines):
    tenant = world.northside
    every = tuple(Scope)
    token = create_token(tenant.admin, request=TokenRequest("a", KINDS.API_TOKEN, every)).token
    oauth = create_token(tenant.admin, request=TokenRequest("b", KINDS.OAUTH_CLIENT, every))
    client_secret = oauth.token.partition(".")[2] or oauth.token
    wrong = "fxp_0123456789.Wr0ngOkapiToken" + "Meadow4411Lynx"
    secrets = {"a token": token.partition(".")[2], "a client's secret": client_secret,
               "a wrong token": wrong.partition(".")[2]}  # fmt: skip
    for shown in (token, wrong):
        pair = base64.b64encode(f"{tenant.id}:{shown}".encode()).decode()
        ask("/api/v1/faxes", authorization=f"Bearer {shown}")
        ask(f"/api/v1/faxes?token={shown}", authorization=f"Bearer {shown}")
        ask(f"/nothing/{shown}")
        ask(f"/api/laml/2010-04-01/Accounts/{tenant.id}/Faxes", authorization=f"Basic {pair}")
        ask("/v1/sent_faxes", authorization=f"Bearer {shown}")
        ask("/uapi/faxes/@me/1*2", "POST", authorization=f"Bearer {shown}")
        ask(f"/v2/accounts/{tenant.id.hex}/faxes/inbox", x_auth_token=shown)
        ask("/v2/api_auth", "PUT", {"data": {"api_key": shown}})
        mail_sign_in.actor_of(shown, address="192.0.2.9")
    digest = hashlib.md5(b"Okapi-of-programs:1234", usedforsecurity=False).hexdigest()
    ask("/v2/user_auth", "PUT", {"data": {"credentials": digest, "account_name": "Northside"}})
    secrets["a digest of a log-in"] = digest
    basic = base64.b64encode(oauth.token.replace(".", ":", 1).encode()).decode()
    grant = {"grant_type": "client_credentials"}
    for path in ("/oauth/token", "/v1/oauth2/token"):
        answer = ask(path, "POST", grant, FORM, authorization=f"Basic {basic}")
        form = {**grant, "client_id": oauth.credential.prefix, "client_secret": client_secret}
        more = ask(path, "POST", form, FORM)
        for each in (answer, more):
            if each.status_code == 200:
                got = each.json()["access_token"]
                secrets[f"a token from {path}"] = got.partition(".")[2] or got
                ask("/api/v1/faxes", authorization=f"Bearer {got}")
    assert any(name.startswith("a token from") for name in secrets)
    assert found(secrets, lines) == []


def test_what_the_portal_shows_others_is_nowhere(world, lines):
    tenant = world.northside
    made = webhooks.create(tenant.admin, url="https://example.com/hook", description="x")
    secret = made.secret
    webhooks.send_test(tenant.admin, endpoint_id=made.endpoint.pk)
    secrets, kinds = {"a webhook's secret": secret.removeprefix("whsec_")}, []
    harbor = world.harbor
    client = Client()
    client.force_login(harbor.people["admin"])
    address = f"/a/{harbor.id}/carriers/new/"
    for kind in ("kazoo", "signalwire", "fax2", "voipnow", "hylafax"):
        page = client.get(address, {"kind": kind}).content.decode()
        form = {"kind": kind, "name": f"By {kind}", "channels": "2"}
        for field in re.findall(r'<input[^>]*name="set_\w+"[^>]*>', page):
            (name,) = re.findall(r'name="(set_\w+)"', field)
            form[name] = "".join(re.findall(r'value="([^"]*)"', field)) or uuid4().hex
            if "url" in name:
                form[name] = f"https://{kind}.example/"
            if "password" in field:
                form[name] = secrets[f"{name} of {kind}"] = f"Okapi-{kind}-{name}-4411"
        answer = client.post(address, form)
        if answer.status_code == 302:
            shown = client.get(answer["Location"]).content.decode()
            assert "Okapi-" not in shown
            client.post(f"{answer['Location']}test/")
            kinds.append(kind)
    assert len(kinds) >= 4, kinds
    assert len(secrets) > len(kinds)
    assert found(secrets, lines) == []
