"""What tests of the APIs need: programs that ask with a token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.enums import Direction
from faxes.models import Fax
from faxes.services import couriers
from faxes.services.delivery_loop import carry_out_due
from tests import papers
from tests.api.speakers import SPEAKERS, Paper, Speaker
from tests.outside import Outside
from tests.work import Work
from tests.world import World


class _Client(Client):
    def generic_json(self, method: str, path: str, **more: Any) -> Any:
        call = getattr(self, method.lower())
        return call(path, **more)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a token, that asks as integrators' programs do."""

    token: str
    client: _Client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask ``/api/v1/<path>``, with a body as JSON if there is one."""
        sent = {"authorization": f"Bearer {self.token}", **headers}
        more: dict[str, Any] = {"headers": sent}
        if body is not None:
            more |= {"data": body, "content_type": "application/json"}
        return self.client.generic_json(method, f"/api/v1/{path}", **more)

    def get(self, path: str, **headers: str) -> Any:
        """Ask for something."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Have something done."""
        return self.ask("POST", path, {} if body is None else body, **headers)


@pytest.fixture
def program(world: World) -> Callable[..., Program]:
    """``program(actor, *scopes)``: a program with a token that the actor made."""

    def made(actor: Actor | None = None, *scopes: Scope) -> Program:
        wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=scopes or tuple(Scope))
        token = create_token(actor or world.northside.admin, request=wanted).token
        return Program(token, _Client(raise_request_exception=False))

    return made


@pytest.fixture
def speaker(world: World) -> Callable[..., Speaker]:
    """``speaker(api, tenant)``: a program of a tenant that speaks one of the APIs."""

    def made(
        api: str,
        tenant: Any = None,
        *,
        whose: Any = None,
        scopes: tuple[Scope, ...] = tuple(Scope),
    ) -> Speaker:
        tenant = tenant or world.northside
        return SPEAKERS[api](tenant, tenant.admin, whose or tenant, scopes)

    return made


@pytest.fixture
def paper(receiver: Outside) -> Callable[..., Paper]:
    """``paper(content)``: a document, which lies at a web address as well."""

    def made(
        content: bytes = b"", name: str = "letter.pdf", media_type: str = "application/pdf"
    ) -> Paper:
        content = content or papers.pdf(2)
        receiver.behave = lambda at: at.answer(200, content, Content_Type=media_type)
        return Paper(content, name, media_type, receiver.url(f"/{name}"))

    return made


@pytest.fixture
def fetch(work: Work) -> Callable[[], None]:
    """Do the work, and fetch what lies at web addresses."""

    def all_of_it() -> None:
        work.run()
        while carry_out_due(couriers.FETCHES):
            work.run()

    return all_of_it


@pytest.fixture
def one_of_each(
    world: World, work: Work, send: Callable[..., Fax], once: Callable[..., Any]
) -> tuple[UUID, UUID]:
    """A fax that northside sent, and one that it received."""

    def make() -> tuple[str, str]:
        sent = send(world.northside, "+12025550100")
        send(world.redwood, world.northside.number)
        work.run()
        own = Fax.rows.filter(account=world.northside.id)
        return str(sent.pk), str(own.get(direction=Direction.INBOUND).pk)

    sent, received = once("one of each", make)
    return UUID(sent), UUID(received)
