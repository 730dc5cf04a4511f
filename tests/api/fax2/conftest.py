"""What tests of this dialect need: programs that ask as its clients do."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from tests import papers
from tests.world import World

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asker:
    """A program with a token."""

    token: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        """Ask ``/v1/<path>``, or a whole address."""
        return self.ask("GET", path, b"", FORM, **headers)

    def post(self, path: str, parameters: Any = (), **headers: str) -> Any:
        """Ask with parameters as a form."""
        return self.ask("POST", path, urlencode(parameters, doseq=True).encode(), **headers)

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = FORM, **headers: str
    ) -> Any:
        """Ask with a body of some kind."""
        sent = {"authorization": f"bearer {self.token}", **headers}
        where = path if path.startswith(("/", "http")) else f"/v1/{path}"
        return self.client.generic(method, where, body, content_type=kind, headers=sent)

    def told(self, path: str) -> Any:
        """The body of a good answer."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def upload(self, content: bytes = b"", kind: str = "application/pdf") -> Any:
        """Bring a document ahead; the answer."""
        return self.ask("POST", "upload_document", content or papers.pdf(), kind)

    def send(self, to: str = "12025550100", *documents: str) -> Any:
        """Send documents, one page if none are named; the answer."""
        brought = documents or (self.upload().json()["document_id"],)
        return self.post(
            "send_fax", [*(("documents[]", one) for one in brought), ("dest_number", to)]
        )


@pytest.fixture
def fax2(world: World) -> Callable[..., Asker]:
    """``fax2(actor)``: a program with a token that the actor made."""

    def made(actor: Actor | None = None, *scopes: Scope) -> Asker:
        by = actor or world.northside.admin
        wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=scopes or tuple(Scope))
        token = create_token(by, request=wanted).token
        return Asker(token, Client(raise_request_exception=False))

    return made


def basic(name: str, password: str) -> dict[str, str]:
    """The header that shows a name and a password."""
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def said(answer: Any) -> tuple[int, str, str]:
    """Status, code and the parameter at fault of what was refused, which has all that it must."""
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    told = json.loads(answer.content)
    assert set(told) - {"parameter"} == {"error", "error_description", "more_info"}
    assert told["error_description"]
    assert told["more_info"].endswith(f"/api/docs/errors/fax2/#{told['error']}")
    return answer.status_code, told["error"], told.get("parameter", "")
