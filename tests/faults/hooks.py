"""Adds a webhook and has so many things told to it; prints its secret, and the ids of messages."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from accounts.services import webhooks  # noqa: PLC0415 (after setup)
    from tests.hooks import happen  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    asked = json.load(sys.stdin)
    northside = make_world().northside
    made = webhooks.create(northside.admin, url=asked["url"])
    messages = happen(northside, asked["events"])
    told = {"secret": made.secret, "ids": [str(message.pk) for message in messages]}
    print(json.dumps(told))  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    main()
