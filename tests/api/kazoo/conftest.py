"""What tests of this dialect need: programs that ask as its clients do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.models import Fax
from tests.world import World


@dataclass(frozen=True, slots=True)
class Asker:
    """A program with a token; ``base`` is its account's address."""

    token: str
    base: str
    client: Client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask ``/v2/accounts/{own}/<path>``, or a whole address; with a body as JSON."""
        address = path if path.startswith("/") else f"{self.base}/{path}"
        sent = {"x-auth-token": self.token, **headers}
        more: dict[str, Any] = {} if body is None else {"data": json.dumps(body)}
        return self.client.generic(
            method, address, content_type="application/json", headers=sent, **more
        )

    def data(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The ``data`` of an answer of this status."""
        answer = self.ask(method, path, body)
        assert answer.status_code == status, answer.content
        return answer.json()["data"]


@pytest.fixture
def kazoo(world: World) -> Callable[..., Asker]:
    """``kazoo(actor)``: a program with a token that the actor made."""

    def made(actor: Actor | None = None, *scopes: Scope) -> Asker:
        by = actor or world.northside.admin
        wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=scopes or tuple(Scope))
        token = create_token(by, request=wanted).token
        client = Client(raise_request_exception=False)
        return Asker(token, f"/v2/accounts/{by.account_id.hex}", client)

    return made


def month_id(fax: Fax) -> str:
    """The id of a fax that has ended."""
    return f"{fax.created_at:%Y%m}-{fax.pk.hex}"
