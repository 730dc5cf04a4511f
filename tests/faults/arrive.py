"""A worker whose faxes come in as badly as can be: late, in bursts, by a wrong clock, backwards.

What it is to do comes as JSON on standard input; what it wrote and deleted is printed.
"""

import json
import os
import random
import sys
import time
from datetime import timedelta

import django

STALLED = timedelta(hours=1)  # between the time that was taken and the commit


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from accounts import clock  # noqa: PLC0415 (after setup)
    from faxes.services.privacy import delete_fax  # noqa: PLC0415
    from tests.faxes.arrived import come_in  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    asked = json.load(sys.stdin)
    tenant = getattr(make_world(), asked["tenant"])
    dice, skew = random.Random(asked["seed"]), timedelta(seconds=asked["skew"])
    made: list[str] = []
    deleted: list[str] = []
    while len(made) < asked["count"]:
        now = clock.now() + skew
        many = min(dice.randint(1, 40), asked["count"] - len(made))
        times = [now + timedelta(milliseconds=each) for each in range(many)]
        match dice.choice(["burst", "stalled", "slow", "backwards"]):
            case "burst":
                wrote = come_in(tenant, *times)
            case "stalled":
                wrote = come_in(tenant, *(each - STALLED for each in times))
            case "slow":
                time.sleep(dice.random())
                wrote = come_in(tenant, *times)
            case _:
                wrote = [come_in(tenant, each)[0] for each in reversed(times)]
        made += [str(fax.pk) for fax in wrote]
        if dice.random() < asked["deletes"]:
            gone = dice.choice(wrote)
            time.sleep(dice.random() / 2)  # it may have been told by then
            delete_fax(tenant.admin, fax_id=gone.pk)
            deleted.append(str(gone.pk))
        time.sleep(asked["pause"] * dice.random())
    print(json.dumps({"made": made, "deleted": deleted}))  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    main()
