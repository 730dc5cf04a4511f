"""What clients of all five APIs have in common, and what they get back."""

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.test import Client

from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from tests.world import Tenant

_BETWEEN = b"between"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: ``code`` is the dialect's own of an error, ``ids`` of what was made."""

    status: int
    code: str = ""
    ids: tuple[str, ...] = ()
    body: Any = None
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document, and where it lies for those who can only be told an address."""

    content: bytes
    name: str = "letter.pdf"
    media_type: str = "application/pdf"
    url: str = ""


@dataclass
class Speaker:
    """A program of a tenant. ``whose`` is the tenant whose things it asks for, if not its own."""

    tenant: Tenant
    actor: Actor
    whose: Tenant
    scopes: tuple[Scope, ...] = tuple(Scope)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    token: str = ""
    name: ClassVar[str] = ""
    says: ClassVar[frozenset[str]] = frozenset()  # what can be said of a fax that is sent
    later: ClassVar[bool] = False  # a document that is no good fails the fax, not the request

    def __post_init__(self) -> None:
        wanted = TokenRequest(name=self.name, kind=KINDS.API_TOKEN, scopes=self.scopes)
        self.token = create_token(self.actor, request=wanted).token

    def ask(self, method: str, path: str, data: bytes = b"", media_type: str = "") -> Any:
        """Ask as its kind of program does, with the token where that has it."""
        more: Any = {"content_type": media_type} if media_type else {}
        return self.client.generic(method, path, data, headers=self.shown(), **more)

    def shown(self) -> dict[str, str]:
        """The headers by which it says who it is."""
        return {"authorization": f"Bearer {self.token}"}

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        """Send to one number, or to several where that ``says``; ``how`` is of what it says."""
        raise NotImplementedError


def json_of(answer: Any) -> tuple[Any, bytes]:
    """An answer as JSON, or None, and as it came."""
    content = answer.getvalue()
    try:
        return json.loads(content), content
    except ValueError:
        return None, content


def multipart(kind: str, *parts: tuple[str, bytes]) -> tuple[bytes, str]:
    """A body of parts, each with its headers, and the media type that says so."""
    body = b"".join(
        b"--%b\r\n%b\r\n\r\n%b\r\n" % (_BETWEEN, headers.encode(), content)
        for headers, content in parts
    )
    return body + b"--%b--\r\n" % _BETWEEN, f"multipart/{kind}; boundary={_BETWEEN.decode()}"
