"""The portal of a measurement at scale: its accounts, and who asks."""

from typing import Any

BOXES = 4  # fax machines of an account
_ADMIN = "scale@c.example"


def build(accounts: int) -> tuple[list[tuple[Any, list[Any]]], dict[str, Any]]:
    """So many accounts with fax machines and numbers; their ids, and who asks for the first."""
    from accounts import clock  # noqa: PLC0415 (only here are we a portal)
    from accounts.models import Account, Kind, Membership, User  # noqa: PLC0415
    from accounts.roles import Role  # noqa: PLC0415
    from accounts.services.tree import create_account  # noqa: PLC0415
    from faxes.models import Faxbox  # noqa: PLC0415
    from faxes.services.demo import seed_demo  # noqa: PLC0415

    seeded = seed_demo()
    first = Account.objects.get(name="Northside Clinic")
    admin = User.objects.create_user(_ADMIN, "a long enough password", name="Admin")
    Membership.objects.create(user=admin, account=first, role=Role.ADMIN)
    reseller = create_account(
        name="Reseller",
        kind=Kind.RESELLER,
        realm="scale.example",
        parent=Account.objects.get(parent=None),
    )
    made = [
        Account(
            parent=reseller,
            kind=Kind.CUSTOMER,
            name=f"Practice {number:05}",
            realm=f"t{number}.scale.example",
            created_at=clock.now(),
        )
        for number in range(1, accounts)
    ]
    for each in made:
        each.path = f"{reseller.path}{each.pk.hex}/"
    Account.objects.bulk_create(made, batch_size=2000)
    told = []
    boxes = []
    for account in (first, *made):
        own = [Faxbox(account=account, name=f"Desk {number}") for number in range(BOXES)]
        boxes += own
        told.append((account.pk, [each.pk for each in own]))
    Faxbox.objects.bulk_create(boxes, batch_size=2000)
    token = next(
        each["api_token"] for each in seeded["accounts"] if each["name"] == "Northside Clinic"
    )
    return told, {"token": token}


def who(told: dict[str, Any]) -> dict[str, Any]:
    """Who asks: a person, a program's token, and an actor of the account with most faxes."""
    from accounts.models import Account, User  # noqa: PLC0415
    from accounts.roles import Role  # noqa: PLC0415
    from accounts.scoping import Actor  # noqa: PLC0415

    admin = User.objects.get(email=_ADMIN)
    account = Account.objects.get(name="Northside Clinic")
    actor = Actor(account.pk, Role.ADMIN, admin.email, "bench", admin.pk)
    return {"token": told["token"], "user": admin, "actor": actor}
