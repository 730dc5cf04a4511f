"""Turns mails that wait into faxes, one after the other, until none is left.

Messages are read in this very process, and pages taken for counted: none of that is tested here.
"""

import os
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from faxes.documents.sandbox import Sandbox  # noqa: PLC0415 (after setup)
    from faxes.mail import message  # noqa: PLC0415
    from faxes.mail.inbound import become_fax  # noqa: PLC0415
    from faxes.models import InboundMail  # noqa: PLC0415

    def run(_sandbox: Any, operation: str, given: dict[str, Any], **_: Any) -> Any:
        if operation == "faxes.mail.message:read":
            return message.read(None, **given)  # type: ignore[arg-type]
        return [1 for _ in given["paths"]]

    Sandbox.run = run  # type: ignore[method-assign,assignment]
    waiting = InboundMail.rows.filter(state="spooled", lease_until=None)
    while ids := list(waiting.order_by("?").values_list("pk", flat=True)[:5]):
        for mail_id in ids:
            become_fax(mail_id)


if __name__ == "__main__":
    main()
