"""Makes OAuth clients of two tenants in the data folder of a portal, and prints them."""

import json
import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from accounts.roles import Scope  # noqa: PLC0415 (after setup)
    from accounts.services.credentials import parted  # noqa: PLC0415
    from accounts.services.tokens import KINDS, TokenRequest, create_token  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    world, wanted = make_world(), TokenRequest("reads", KINDS.OAUTH_CLIENT, (Scope.FAXES_READ,))
    told = {
        name: parted(create_token(getattr(world, name).admin, request=wanted).token)
        for name in ("northside", "lakeside")
    }
    print(json.dumps(told))  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    main()
