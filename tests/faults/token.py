"""Makes a token of Northside's with all scopes in the data folder of a portal, and prints it."""

import json
import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from accounts.roles import Scope  # noqa: PLC0415 (after setup)
    from accounts.services.tokens import KINDS, TokenRequest, create_token  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    wanted = TokenRequest(name="a program", kind=KINDS.API_TOKEN, scopes=tuple(Scope))
    print(json.dumps(create_token(make_world().northside.admin, request=wanted).token))  # noqa: T201


if __name__ == "__main__":
    main()
