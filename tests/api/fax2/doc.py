"""What the cases of the vendor's document are asked of: a clinic with faxes, and its programs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Kind
from accounts.roles import Scope
from accounts.services import tenants
from accounts.services.credentials import parted
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes.enums import Direction
from faxes.models import Fax
from tests.accounts.money import actor_of
from tests.api.fax2.conftest import Asker, basic
from tests.faxes.arrived import come_in

FAR = "+12025550100"
MOMENT = datetime(2021, 3, 10, 2, 21, 20, tzinfo=UTC)  # that of the document


class Doc:
    """The clinic's program, and what there is: a fax that went, one that came, and older ones."""

    def __init__(self, world: Any, asks: Callable[..., Asker], told: dict[str, str]) -> None:
        self.world, self.asks, self.clinic = world, asks, world.northside
        self.sent, self.received = told["sent"], told["received"]
        self.older = told["older"].split()
        self.program = asks()

    def entries(self, query: str = "", path: str = "received_faxes") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.program.told(f"{path}{query}")["data"]
        return found

    def ids(self, query: str = "") -> list[str]:
        return [each["id"] for each in self.entries(query)]

    def client(self) -> tuple[str, str]:
        wanted = TokenRequest("a client", KINDS.OAUTH_CLIENT, tuple(Scope))
        return parted(create_token(self.clinic.admin, request=wanted).token)

    def sign_in(self, name: str, password: str, grant: str = "client_credentials") -> Any:
        header = basic(name, password)
        return Client().post("/v1/oauth2/token", {"grant_type": grant}, headers=header)

    def suspend(self) -> None:
        platform = actor_of(Account.objects.get(kind=Kind.PLATFORM))
        tenants.suspend(platform, account_id=self.clinic.id)


@pytest.fixture
def doc(world: Any, work: Any, send: Any, once: Any, fax2: Any) -> Doc:
    def make() -> dict[str, str]:
        sent = send(world.northside, FAR, pages=2)
        send(world.lakeside, world.northside.number, pages=3)
        work.run_to_end()
        received = Fax.rows.get(account=world.northside.id, direction=Direction.INBOUND)
        times = [MOMENT + timedelta(minutes=each) for each in range(3)]
        older = come_in(world.northside, *times)
        told = " ".join(str(fax.pk) for fax in older)
        return {"sent": str(sent.pk), "received": str(received.pk), "older": told}

    return Doc(world, fax2, once("a clinic of Fax2", make))
