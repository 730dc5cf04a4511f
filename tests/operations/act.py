"""Does one thing within a portal of a test's own, and prints what came of it as JSON."""

import hashlib
import json
import os
import sys
from uuid import UUID

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    what, *rest = sys.argv[1:]
    done = _delete(*rest) if what == "delete" else _read()
    print(json.dumps(done))  # noqa: T201 (its answer)


def _delete(fax_id: str) -> str:
    """Delete a fax as its sender does."""
    from faxes.services.erasure import erase_due  # noqa: PLC0415 (after setup)
    from faxes.services.privacy import delete_fax  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    delete_fax(make_world().northside.admin, fax_id=UUID(fax_id))
    erase_due()
    return fax_id


def _read() -> dict[str, object]:
    """All faxes and their states, and which of their documents open and are as they were stored."""
    from faxes.models import Document, Fax  # noqa: PLC0415 (after setup)
    from faxes.vault import open_stored  # noqa: PLC0415

    sound, broken = 0, []
    for document in Document.rows.all():
        try:
            with open_stored(document.key) as file:
                same = hashlib.sha256(file.read()).hexdigest() == document.sha256
        except FileNotFoundError:
            same = False
        if same:
            sound += 1
        else:
            broken.append([document.fax_id.hex, document.role])
    states = {pk.hex: state for pk, state in Fax.rows.values_list("pk", "state")}
    return {"faxes": states, "sound": sound, "broken": broken}


if __name__ == "__main__":
    main()
