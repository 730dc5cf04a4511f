"""The town that is walked: built once, signed in once, and left as it was by every call."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import Account, Membership, Status, User
from accounts.roles import Role
from tests.isolation.secrets import no_tokens, token_of
from tests.isolation.things import MARKER, lets_in, things_of
from tests.isolation.walk import (
    Answer,
    Request,
    Row,
    Snapshot,
    address,
    answer_to,
    everything,
    rows_of,
    undone,
)
from tests.signing_in import sign_in
from tests.work import Work
from tests.world import World, make_world

# Who asks, by the columns of the table; of some there are several, who all get the same answers.
WHO = {
    "viewer": [("northside", "viewer")],
    "member": [("northside", "member")],
    "admin": [("northside", "admin")],
    "stranger": [("lakeside", "admin"), ("redwood", "admin")],
    "clerk": [("harbor", "member")],
    "parent": [("harbor", "admin")],
    "other": [("summit", "admin")],
    "platform": [("platform", "admin")],
    "support": [("harbor", "admin")],
    "anybody": [("northside", "member")],
    "neighbour": [("lakeside", "admin")],
}
WITHIN = {"support", "viewer", "member", "admin", "anybody"}  # may read what is Northside's
OUTSIDE = {
    "neighbour": "lakeside",
    "other": "summit",
    "platform": "platform",
    "parent": "harbor",
}  # and the account where each is at home


@dataclass
class Town:
    """The world with everything in it that addresses name; ``things`` by those names.

    ``own_things`` are those of which everybody has their own, ``of_others`` what others have.
    ``sessions`` are by person of WHO, and ``tokens`` alike; ``settled`` is how everything is before
    anybody asks.
    """

    world: World
    things: dict[str, Any]
    own_things: dict[str, dict[str, Any]]
    of_others: dict[str, Any]
    sessions: dict[str, list[str]]
    tokens: dict[str, list[str]]
    settled: Snapshot
    _unknown: dict[str, list[Answer]] = field(default_factory=dict)

    def account(self, name: str) -> Any:
        """The id of an account by its name; there is none for pages that are no account's."""
        return getattr(self.world, name).id if name else None

    def things_for(self, who: str) -> dict[str, Any]:
        """What stands in an address that this person asks for."""
        return self.things | self.own_things.get(who, {})

    def ask(
        self,
        row: Row,
        who: str,
        *,
        at: Any = None,
        things: dict[str, Any] | None = None,
        method: str = "",
        data: Any = None,
    ) -> list[Answer]:
        """Ask for the row's address as somebody; an answer for each who counts as that."""
        things = things or self.things_for(who)
        url = address(row, at or self.account(row.at), things)
        sent = row.data(things) if data is None else data
        request = Request(method or row.method, url, sent, row.by_token)
        answers = []
        for secret in (self.tokens if row.by_token else self.sessions)[who]:
            with undone():
                before = self.settled
                if who in {"support", "shut"} or row.closed:
                    self._prepare(row, who)
                    before = everything()
                answers.append(answer_to(request, secret=secret, before=before))
        return answers

    def told(self, url: str, who: str) -> Answer:
        """What somebody with a token is told at an address as it stands."""
        request = Request("get", url, {}, by_token=True)
        with undone():
            return answer_to(request, secret=self.tokens[who][0], before=self.settled)

    def unknown(self, who: str) -> list[Answer]:
        """What somebody is answered at the address of an account that nobody has."""
        if who not in self._unknown:
            row = rows_of("northside", "route method names sends\ninbox get - -")[0]
            self._unknown[who] = self.ask(row, who, at=uuid4())
        return self._unknown[who]

    def _prepare(self, row: Row, who: str) -> None:
        """What is so only for this one question."""
        if who == "support":
            lets_in(self.world.northside.account)
        if who == "shut":
            Account.objects.filter(pk=self.account(row.at)).update(status=Status.SUSPENDED)
        if row.closed:
            Account.objects.filter(pk=self.account(row.at)).update(status=Status.CLOSED)


@pytest.fixture(scope="module")
def town(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Northside and its neighbours, with a fax of each sort and one of everything else."""
    stored = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path_factory.mktemp("documents"), "base_url": None},
    }
    with ExitStack() as until_done:
        until_done.enter_context(django_db_blocker.unblock())
        until_done.enter_context(
            override_settings(
                STORAGES={**settings.STORAGES, "default": stored}, API_RATE=0, API_ACCOUNT_RATE=0
            )
        )
        patch = until_done.enter_context(pytest.MonkeyPatch.context())
        until_done.callback(_emptied)
        world = make_world()
        work = Work(patch)
        things, own_things, of_others = things_of(world, work)
        work.stop_travelling()
        _clerk(world)
        sessions = {
            who: [_session(getattr(world, place).people[role]) for place, role in people]
            for who, people in WHO.items()
        }
        sessions["nobody"] = [""]
        tokens = {
            who: [token_of(getattr(world, place), role) for place, role in people]
            for who, people in WHO.items()
        } | no_tokens(world)
        yield Town(world, things, own_things, of_others, sessions, tokens, everything())


def _session(user: User) -> str:
    client = Client()
    sign_in(client, user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def _clerk(world: World) -> None:
    """Somebody of Harbor who administers nothing."""
    house = world.harbor
    if Role.MEMBER.value not in house.people:
        user = User.objects.create_user("member@harbor.example", name=f"{MARKER} clerk")
        Membership.objects.create(user=user, account=house.account, role=Role.MEMBER)
        house.people[Role.MEMBER.value] = user


def _emptied() -> None:
    Account.objects.update(status=Status.CLOSED)  # the ledger lets nobody else's entries go
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
