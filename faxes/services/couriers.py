"""Whatever waits for the outside, in one process: a server that hangs holds up nobody in here.

Each kind of deliveries has a loop and threads of its own, so that none waits for another kind.
"""

import threading
from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from faxes.queues import MAIL, QUEUES, WEBHOOKS
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
# What runs each kind until it is told to stop, by its queue; a further kind gets its line here.
_LOOPS: Final[tuple[tuple[str, Callable[..., None]], ...]] = (
    (WEBHOOKS, webhook_delivery.run),
    (WEBHOOKS, partial(carry_out, FETCHES)),
    (MAIL, partial(carry_out, TOLD)),
)
WITH_COURIERS: Final = frozenset(queue for queue, _ in _LOOPS)


def run(*, stopping: threading.Event, queues: Collection[str] = QUEUES) -> None:
    """Deliver whatever comes to be due, until told to stop; then let deliveries end."""
    loops = [loop for queue, loop in _LOOPS if queue in queues]
    threads = [threading.Thread(target=loop, kwargs={"stopping": stopping}) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
