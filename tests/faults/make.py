"""Makes a database with the demonstration's accounts, and numbers enough for one per case."""

import os

import django
from django.core.management import call_command

MORE_NUMBERS = [f"+13125550{n}" for n in range(200, 280)]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from faxes.models import Carrier, Number  # noqa: PLC0415 (after setup)
    from tests.world import make_world  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    tenant = make_world().lakeside
    carrier = Number.rows.get(e164=tenant.number).carrier
    Carrier.objects.update(channels=200)  # tries left open by the dead must not stop the next
    Number.rows.bulk_create(
        Number(account=tenant.account, e164=e164, faxbox=tenant.faxbox, carrier=carrier)
        for e164 in MORE_NUMBERS
    )


if __name__ == "__main__":
    main()
