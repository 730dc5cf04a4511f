"""Fills a database: the demonstration's accounts, their tokens, webhooks, money, more numbers.

Prints what a program of each tenant needs to know, in JSON; standard input says where webhooks go.
"""

import json
import os
import sys
from typing import Any

import django

TENANTS = {"northside": 1, "lakeside": 2, "redwood": 3}
NUMBERS = 40  # each, besides its own
FORTUNE = 10**15  # micro-units: nobody runs out of money here


def numbers_of(tenant: str) -> list[str]:
    """What a tenant can be reached at."""
    return [f"+1202555{TENANTS[tenant]}{n:03}" for n in range(NUMBERS)]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.production.settings")
    django.setup()
    from faxes.models import Carrier, Number  # noqa: PLC0415 (after setup)
    from tests.accounts.money import CENT, bill, plan_by, provider_of  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    asked, world, told = json.load(sys.stdin), make_world(), {}
    carrier = Number.rows.get(e164=world.lakeside.number).carrier
    Carrier.objects.update(channels=200)  # tries left open by the dead must not stop the next
    for name in TENANTS:
        tenant = getattr(world, name)
        Number.rows.bulk_create(
            Number(account=tenant.account, e164=e164, faxbox=tenant.faxbox, carrier=carrier)
            for e164 in numbers_of(name)
        )
        told[name] = _program(tenant, asked["url"])
        plan = plan_by(provider_of(tenant.account), received_price=CENT)
        bill(tenant.account, plan=plan, balance=FORTUNE)
    for house in (world.harbor, world.summit):
        bill(house.account, plan=plan_by(provider_of(house.account)), balance=FORTUNE)
    print(json.dumps(told))  # noqa: T201 (this is its answer)


def _program(tenant: Any, url: str) -> dict[str, str]:
    """The token of a program of a tenant, and the secret of the webhook that tells it."""
    from accounts.roles import Scope  # noqa: PLC0415 (after setup)
    from accounts.services import webhooks  # noqa: PLC0415
    from accounts.services.tokens import KINDS, TokenRequest, create_token  # noqa: PLC0415

    wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=tuple(Scope))
    hook = webhooks.create(tenant.admin, url=f"{url}/{tenant.account.pk.hex}")
    return {
        "account": tenant.account.pk.hex,
        "token": create_token(tenant.admin, request=wanted).token,
        "secret": hook.secret,
    }


if __name__ == "__main__":
    main()
