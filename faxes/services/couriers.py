"""Whatever waits for the outside, in one process: a server that hangs holds up nobody in here.

Each kind of deliveries has a loop and threads of its own, so that none waits for another kind.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from faxes.services import fetch_documents, notifying, webhook_delivery
from faxes.services.delivery_loop import Kind, carry_out

FETCHES: Final = Kind(
    "fetches",
    threads=16,
    claim_next=fetch_documents.claim_next,
    deliver=fetch_documents.deliver,
)
TOLD: Final = Kind(
    "mails and text messages",
    threads=8,
    claim_next=notifying.claim_next,
    deliver=notifying.deliver,
)
# What runs each kind until it is told to stop; a further kind gets its line here.
_LOOPS: Final[tuple[Callable[..., None], ...]] = (
    webhook_delivery.run,
    partial(carry_out, FETCHES),
    partial(carry_out, TOLD),
)


def run(*, stopping: threading.Event) -> None:
    """Deliver whatever comes to be due, until told to stop; then let deliveries end."""
    threads = [threading.Thread(target=loop, kwargs={"stopping": stopping}) for loop in _LOOPS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
