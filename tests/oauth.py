"""A program that speaks OAuth 2 to the portal: its client, what it asks, who says yes."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from accounts.models import User
from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.credentials import NewCredential
from accounts.services.tokens import KINDS, TokenRequest, create_token
from tests.signing_in import sign_in

HERE = "192.0.2.1"
BACK = "https://records.example/back"
VERIFIER = "a-verifier-that-has-at-least-forty-three-letters"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


@dataclass
class Program:
    """One OAuth client, and what it does."""

    made: NewCredential

    @property
    def id(self) -> str:
        return self.made.credential.prefix

    @property
    def secret(self) -> str:
        return self.made.secret

    def basic(self) -> dict[str, str]:
        pair = base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def ask(self, *, path: str = "/oauth/token", address: str = HERE, **form: str) -> Any:
        """Ask for tokens, with the secret in the body."""
        form = {"client_id": self.id, "client_secret": self.secret, **form}
        asking = Client(REMOTE_ADDR=address)
        return asking.post(path, urlencode(form), "application/x-www-form-urlencoded")

    def query(self, **more: str | None) -> dict[str, str]:
        """What it sends people with."""
        asked = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": BACK,
            "state": "a state",
            **more,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def code_of(self, user: User, **more: Any) -> str:
        """A code that somebody's yes gave it."""
        where = str(self.yes_of(user, **more)["Location"])
        return dict(parse_qsl(urlsplit(where).query))["code"]

    def yes_of(self, user: User, *, answer: str = "allow", **more: Any) -> Any:
        """What somebody is answered who says yes in their only account."""
        browser = Client()
        sign_in(browser, user)
        led = browser.get("/oauth/authorize", self.query(**more))
        assert led.status_code == 302, led.content
        assert browser.get(led["Location"]).status_code == 200
        return browser.post(led["Location"], {"answer": answer})

    def tokens_for(self, code: str, **more: str) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **more}
        return self.ask(**form)

    def renew(self, token: str, **more: str) -> Any:
        return self.ask(grant_type="refresh_token", refresh_token=token, **more)


def program(actor: Actor, *scopes: Scope, redirects: str = BACK, **more: Any) -> Program:
    """A client that somebody registers."""
    wanted = TokenRequest(
        name="Records",
        kind=KINDS.OAUTH_CLIENT,
        scopes=scopes or tuple(Scope),
        redirect_uris=redirects,
        **more,
    )
    return Program(create_token(actor, request=wanted))
