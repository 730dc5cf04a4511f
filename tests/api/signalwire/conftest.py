"""What tests of this dialect need: programs that ask as its clients do."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts import clock
from accounts.roles import Scope
from accounts.scoping import Actor
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models import Fax
from tests.keys import key_at
from tests.world import Tenant, World

FORM = "application/x-www-form-urlencoded"
LETTER = "https://papers.example.com/letter.pdf"
ROOTS = ("/api/laml/2010-04-01/Accounts/{account}", "/2010-04-01/Accounts/{account}", "/v1")


@dataclass(frozen=True, slots=True)
class Asker:
    """A program with a token; ``base`` is where all of its account is."""

    account: str
    token: str
    base: str
    client: Client

    def ask(self, method: str, path: str, said: Any = None, **more: Any) -> Any:
        """Ask ``{base}/<path>``, or a whole address; with a form if something is said."""
        address = path if path.startswith("/") else f"{self.base}/{path}"
        headers = {"authorization": basic(self.account, self.token)} | more.pop("headers", {})
        if said is not None:
            more |= {"data": urlencode(said, doseq=True), "content_type": FORM}
        return self.client.generic(method, address, headers=headers, **more)

    def told(self, method: str, path: str, said: Any = None, *, status: int = 200) -> Any:
        """What an answer of this status says."""
        answer = self.ask(method, path, said)
        assert answer.status_code == status, answer.content
        return answer.json()

    def send(self, **said: Any) -> Any:
        """Hand in a fax as the Python library does."""
        wanted = {"To": "+12025550100", "From": "+12025550121", "MediaUrl": LETTER} | said
        return self.told("POST", "Faxes", wanted, status=201)


def basic(name: str, password: str) -> str:
    """The header that shows them."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def make(tenant: Tenant, *, ago: timedelta = timedelta(0), **fields: Any) -> Fax:
    """A fax, delivered unless ``fields`` say otherwise; ``ago`` is when, and its id tells it."""
    moment = clock.now() - ago
    usual = {
        "id": key_at(moment), "account": tenant.account, "faxbox": tenant.faxbox,
        "direction": Direction.OUTBOUND, "state": FaxState.DELIVERED,
        "outcome": Outcome.DELIVERED, "from_number": tenant.number, "to_number": "+12025550100",
        "quality": Quality.FINE, "paper": Paper.LETTER, "pages": 1, "created_at": moment,
    }  # fmt: skip
    return Fax.objects.create(**(usual | fields))


def asker_of(by: Actor, *scopes: Scope, root: str = ROOTS[0]) -> Asker:
    """A program with a token that the actor made."""
    wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=scopes or tuple(Scope))
    token = create_token(by, request=wanted).token
    account = str(by.account_id)
    client = Client(raise_request_exception=False)
    return Asker(account, token, root.format(account=account), client)


@pytest.fixture
def laml(world: World) -> Callable[..., Asker]:
    """``laml(actor)``: a program with a token that the actor made; ``root`` is one of ROOTS."""

    def made(actor: Actor | None = None, *scopes: Scope, root: str = ROOTS[0]) -> Asker:
        return asker_of(actor or world.northside.admin, *scopes, root=root)

    return made
