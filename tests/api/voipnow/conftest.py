"""What tests of this dialect need: programs that ask as its clients do."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from django.test import Client

from accounts.roles import Role, Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from tests import papers
from tests.world import World

FAX: Final = "/uapi/faxes/@me/0003*210"
TO: Final = "+12025550100"
_BETWEEN: Final = b"----between"


def part(content: bytes, headers: str) -> tuple[str, bytes]:
    """A part with these headers."""
    return headers, content


def a_file(content: bytes = b"This is my fax", name: str = "fax.txt", field: str = "files") -> Any:
    """A part that is a file, as most clients write it."""
    told = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
    return part(content, f"{told}\r\nContent-Type: application/octet-stream")


def properties(**members: Any) -> Any:
    """The part that says the properties of a fax."""
    return part(json.dumps(members).encode(), 'Content-Disposition: form-data; name="request"')


def to(*recipients: Any) -> Any:
    """The properties of a fax to these."""
    return properties(recipients=list(recipients))


def body_of(*parts: tuple[str, bytes]) -> bytes:
    """A body of parts."""
    told = b"".join(
        b"--%s\r\n%s\r\n\r\n%s\r\n" % (_BETWEEN, headers.encode(), content)
        for headers, content in parts
    )
    return told + b"--%s--\r\n" % _BETWEEN


PDF: Final = papers.pdf(2)


@dataclass(frozen=True, slots=True)
class Asker:
    """A program with a token."""

    token: str
    client: Client

    def send(self, *parts: Any, path: str = FAX, **headers: str) -> Any:
        """Ask for parts to be faxed."""
        kind = f"multipart/form-data; boundary={_BETWEEN.decode()}"
        return self.raw(body_of(*parts), kind, path=path, **headers)

    def raw(self, body: bytes, kind: str, *, path: str = FAX, **headers: str) -> Any:
        """Ask with whatever body."""
        shown = {"authorization": f"Bearer {self.token}", **headers}
        return self.client.generic("POST", path, body, content_type=kind, headers=shown)


@pytest.fixture
def voipnow(world: World) -> Callable[..., Asker]:
    """``voipnow(actor)``: a program with a token that the actor made."""

    def made(actor: Actor | None = None, *scopes: Scope) -> Asker:
        by = actor or world.northside.admin
        wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=scopes or tuple(Scope))
        # A member's come from a yes to a program; who made one is asked for their role anew.
        token = create_token(replace(by, role=Role.ADMIN), request=wanted).token
        return Asker(token, Client(raise_request_exception=False))

    return made
