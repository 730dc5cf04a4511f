"""What workers run: each job hands its ids to one service."""

import logging
from typing import Final
from uuid import UUID

from django.utils.module_loading import import_string

from accounts import at_work, clock, tracing
from accounts.services import low_balance
from faxes.mail import inbound
from faxes.services import (
    breaker,
    broadcasting,
    carrier_copies,
    closing,
    erasure,
    export_notice,
    number_sync,
    page_text,
    retention_runs,
)
from faxes.services import convert as conversion
from faxes.services import export as exports
from faxes.services import follow as following
from faxes.services import receive as arrivals
from faxes.services import sync as looks
from faxes.services import transmit as sending
from faxes.services import wrap_up as wrapping_up

log = logging.getLogger(__name__)
_NAMED: Final = {"key": "attempt"}  # what the log calls it


class JobFailed(Exception):
    """A job failed, which the log tells of: what is kept of it tells nothing that it held."""


def run(path: str, request: str, /, **ids: str) -> None:
    """Run a job, with its ids in every line of the log; ``request`` is what it came of.

    Raises:
        JobFailed: it did not come to its end.

    """
    named = {_NAMED.get(name, name): each for name, each in ids.items()}
    job = path.rpartition(".")[2]
    with at_work.working_on(request=request, **named), tracing.traced(job, "consumer") as traced:
        try:
            import_string(path)(**ids)
        except Exception as error:
            log.exception("the job %s failed", job)
            traced.fail()
            traced.tell({"error.type": type(error).__name__})
            failed = JobFailed(f"{path}: {type(error).__name__}")
        else:
            return
    raise failed


def convert(*, fax: str) -> None:
    """Turn the documents of a fax (and of its batch) into fax pages."""
    conversion.convert_batch(UUID(fax))


def transmit(*, fax: str) -> None:
    """Begin the next try of a fax, if it is due and its number free."""
    sending.transmit(UUID(fax))


def follow(*, key: str) -> None:
    """Ask the carrier how a try stands, and settle it when it has ended."""
    following.follow(UUID(key))


def probe(*, carrier: str) -> None:
    """Ask a carrier that is left alone whether it is back."""
    breaker.probe(UUID(carrier))


def receive(*, carrier: str, ref: str) -> None:
    """Look at one arrival, and store it when it is complete."""
    arrivals.receive(UUID(carrier), ref)


def sync(*, carrier: str) -> None:
    """Note whatever a carrier has received and is not here yet."""
    looks.sync(UUID(carrier))


def sync_numbers(*, carrier: str) -> None:
    """Bring the numbers of a carrier up to its list."""
    number_sync.sync_listed(UUID(carrier))


def forget_copy(*, copy: str) -> None:
    """Ask a carrier to delete its copy of a fax that was deleted here."""
    carrier_copies.forget(UUID(copy))


def broadcast(*, broadcast: str) -> None:
    """Make the next faxes of a broadcast."""
    broadcasting.carry_on(UUID(broadcast))


def export(*, export: str) -> None:
    """Pack a portion of what an account takes along."""
    exports.pack(UUID(export))


def tell_export(*, export: str) -> None:
    """Mail whoever asked for an export that it is ready."""
    export_notice.tell(UUID(export))


def wind_up(*, account: str) -> None:
    """Cancel what a closed account still has waiting; erase it when its time has come."""
    closing.wind_up(UUID(account))


def erase() -> None:
    """Destroy stored objects whose rows are gone."""
    erasure.erase_due()


def scrub() -> None:
    """Clear what deleted rows leave behind in write-ahead logs, once nobody reads there."""
    erasure.scrub_patiently()


def mail(*, mail: str) -> None:
    """Turn a mail into a fax."""
    inbound.become_fax(UUID(mail))


def wrap_up(*, fax: str) -> None:
    """Tell how a fax ended, and remove its documents, if that was asked for."""
    wrapping_up.wrap_up(UUID(fax))


def read_pages() -> None:
    """Read pages of faxes whose accounts find faxes by the words on them."""
    page_text.read_pages()


def forget_words(*, account: str) -> None:
    """Erase what an account had of the words on pages."""
    page_text.forget_words(UUID(account))


def retain(*, account: str) -> None:
    """Remove what an account has kept long enough."""
    retention_runs.run(UUID(account))


def tell_low(*, account: str) -> None:
    """Tell the people of an account that its balance is low."""
    low_balance.tell(UUID(account), now=clock.now())
