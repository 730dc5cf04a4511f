"""Fills a database with the demonstration's accounts, and numbers enough for one per case."""

import os

import django

MORE_NUMBERS = [f"+13125550{n}" for n in range(200, 280)]  # of the law firm
CARRIED_NUMBERS = [f"+12025550{n}" for n in range(131, 135)]  # of the clinic


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from faxes.models import Carrier, Number  # noqa: PLC0415 (after setup)
    from tests.world import make_world  # noqa: PLC0415

    world = make_world()
    carrier = Number.rows.get(e164=world.lakeside.number).carrier
    Carrier.objects.update(channels=200)  # tries left open by the dead must not stop the next
    Number.rows.bulk_create(
        Number(account=tenant.account, e164=e164, faxbox=tenant.faxbox, carrier=carrier)
        for tenant, numbers in ((world.lakeside, MORE_NUMBERS), (world.northside, CARRIED_NUMBERS))
        for e164 in numbers
    )


if __name__ == "__main__":
    main()
