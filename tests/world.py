"""The cast: the demonstration's accounts and people, so that tests, demo and pages agree."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Account, User
from accounts.roles import Role
from accounts.scoping import Actor
from faxes.models import Faxbox
from faxes.services.demo import PASSWORD, seed_demo


@dataclass(frozen=True)
class House:
    """An account with its people as actors."""

    account: Account
    people: dict[str, User]

    @property
    def id(self) -> UUID:
        return self.account.pk

    def actor(self, role: Role = Role.ADMIN) -> Actor:
        user = self.people[role.value]
        return Actor(
            account_id=self.account.pk,
            role=role,
            name=user.email,
            via="test",
            user_id=user.pk,
            address="192.0.2.1",
        )

    @property
    def admin(self) -> Actor:
        return self.actor(Role.ADMIN)

    @property
    def member(self) -> Actor:
        return self.actor(Role.MEMBER)

    @property
    def viewer(self) -> Actor:
        return self.actor(Role.VIEWER)


@dataclass(frozen=True)
class Tenant(House):
    """A customer with its number and its fax machine."""

    number: str
    faxbox: Faxbox


@dataclass(frozen=True)
class World:
    """Two customers of one reseller and one of another."""

    northside: Tenant
    lakeside: Tenant
    redwood: Tenant
    harbor: House
    summit: House
    platform: House
    demo: dict[str, Any]
    password: str = PASSWORD

    @property
    def tenants(self) -> list[Tenant]:
        return [self.northside, self.lakeside, self.redwood]


def make_world() -> World:
    demo = seed_demo()
    houses: dict[str, Any] = {}
    for described in demo["accounts"]:
        account = Account.objects.get(pk=described["id"])
        people = {
            user["role"]: User.objects.get(email=user["email"]) for user in described["users"]
        }
        faxbox = Faxbox.objects.for_account(account.pk).first()
        slug = account.realm.split(".")[0]
        if described["numbers"] and faxbox is not None:
            houses[slug] = Tenant(account, people, described["numbers"][0], faxbox)
        else:
            houses[slug] = House(account, people)
    return World(**houses, demo=demo)
