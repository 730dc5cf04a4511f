"""Gives numbers to carriers, as standard input says: a kind, its settings, and the number each."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from faxes.carriers.settings import OptionKind, options_of  # noqa: PLC0415 (after setup)
    from faxes.models import Carrier, Number  # noqa: PLC0415
    from faxes.services.carrier_tools import class_of  # noqa: PLC0415

    for asked in json.load(sys.stdin):
        options = options_of(class_of(asked["kind"]).settings_class)
        secret = {name for name, each in options.items() if each.kind == OptionKind.SECRET}
        told = asked["settings"]
        carrier = Carrier(kind=asked["kind"], name=f"Over {asked['kind']}", channels=200)
        carrier.options = {name: value for name, value in told.items() if name not in secret}
        carrier.secrets = {name: value for name, value in told.items() if name in secret}
        carrier.save()
        assert Number.rows.filter(e164=asked["number"]).update(carrier=carrier)


if __name__ == "__main__":
    main()
