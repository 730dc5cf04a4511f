"""Resellers with tenants, as the tests of their pages need them."""

from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from accounts.ids import new_id
from accounts.models import Account, Balance, Billing, Kind
from accounts.services.tree import create_account
from faxes.models import Number
from faxes.services.carriers import embedded_carrier
from tests.accounts.money import plan_by
from tests.signing_in import sign_in
from tests.world import House


class Desk:
    """An administrator of a reseller, signed in a moment ago."""

    def __init__(self, house: House) -> None:
        self.house, self.client = house, Client()
        sign_in(self.client, house.people["admin"])

    def address(self, name: str, **more: object) -> str:
        return reverse(name, kwargs={"account": self.house.id, **more})

    def get(self, name: str, query: str = "", **more: object) -> Any:
        return self.client.get(self.address(name, **more) + query)

    def post(self, name: str, data: Any = None, query: str = "", **more: object) -> Any:
        return self.client.post(self.address(name, **more) + query, data or {})


def in_pool(house: House, *e164s: str) -> list[Number]:
    """Free numbers of a reseller."""
    carrier = embedded_carrier()
    return [
        Number.rows.create(account=house.account, e164=e164, faxbox=None, carrier=carrier)
        for e164 in e164s
    ]


def reseller_below(house: House, name: str) -> Account:
    """A reseller of a reseller."""
    realm = f"{name.lower().replace(' ', '-')}.example"
    return create_account(name=name, kind=Kind.RESELLER, realm=realm, parent=house.account)


def many_below(parent: Account, count: int, *, seller: House) -> list[Account]:
    """Tenants with terms, balances and numbers, named … ``T 0001``, ``T 0000``: later ids first."""
    plan, carrier = plan_by(seller.admin), embedded_carrier()
    accounts = []
    for number in range(count):
        key = new_id()
        accounts.append(
            Account(
                id=key,
                parent=parent,
                path=f"{parent.path}{key.hex}/",
                kind=Kind.CUSTOMER,
                name=f"T {count - 1 - number:04}",
                realm=f"t{number}-{key.hex}.example",
            )
        )
    Account.objects.bulk_create(accounts)
    Billing.rows.bulk_create(
        [Billing(account=each, plan=plan, currency="USD", low_balance=5) for each in accounts]
    )
    Balance.rows.bulk_create([Balance(account=each, posted=10) for each in accounts])
    first = Number.rows.count()
    Number.rows.bulk_create(
        [
            Number(account=each, e164=f"+1202556{first + place:04}", carrier=carrier)
            for place, each in enumerate(accounts)
        ]
    )
    return accounts


def names(response: Any) -> list[str]:
    """The tenants of a list, in its order."""
    return [row.account.name for row in response.context["page"].rows]


def ids(accounts: list[Account]) -> list[UUID]:
    return [each.pk for each in accounts]
