"""Submits the faxes that standard input asks for, as JSON, and prints their ids."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from faxes.services.submit import FaxRequest, submit_fax  # noqa: PLC0415 (after setup)
    from tests import papers  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    world = make_world()
    ids = []
    for order in json.load(sys.stdin):
        tenant = getattr(world, order["tenant"])
        for _ in range(order.get("times", 1)):
            document = papers.incoming(papers.pdf(order.get("pages", 1)))
            request = FaxRequest(
                to=order["to"], documents=[document], from_number=order.get("from", "")
            )
            faxes = submit_fax(tenant.admin, request=request, origin="test")
            ids += [fax.pk.hex for fax in faxes]
    print(json.dumps(ids))  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    main()
