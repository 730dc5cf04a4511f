"""Turn the documents of a fax into its fax TIFF: exactly what will go over the line."""

import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import F, Q, QuerySet

from accounts import clock, tallies
from faxes import vault
from faxes.documents import pipeline
from faxes.documents.outcome import JobKilled, SandboxBroken
from faxes.enums import DocumentRole, ErrorCode, FaxState, Paper, Quality
from faxes.errors import DocumentError
from faxes.lifecycle import PATIENCE
from faxes.models import Fax, RemoteDocument
from faxes.services import convert_covered, intake
from faxes.services.documents import attach, fail, files_by_role
from faxes.services.intake import KeptFile

log = logging.getLogger(__name__)
LEASE: Final = timedelta(seconds=150)
_MOST_TRIES: Final = 3
_PAUSE: Final = timedelta(seconds=10)


def convert_batch(fax_id: UUID) -> None:
    """Render the documents that the waiting faxes of a batch share, and queue the faxes.

    Does nothing if they are not waiting (any more) or somebody is at it.
    """
    until = time.monotonic() + convert_covered.PORTION_SECONDS
    fax = Fax.objects.across_tenants(why="a job names a fax").filter(pk=fax_id).first()
    now = clock.now()
    if fax is None or _is_fetched(fax) or not _claim(fax, now):
        return
    waiting = _waiting(fax).filter(lease_until=now + LEASE)
    faxes = list(waiting.select_related("faxbox").order_by("id"))
    if not faxes:
        return  # canceled since, or the lease is somebody else's by now
    if faxes[0].prepare_tries > _MOST_TRIES:
        # Whoever tried before died of it, every time.
        fail(faxes, DocumentError(ErrorCode.INTERNAL_ERROR), now)
        return
    try:
        _convert(faxes, now + LEASE, until)
    except DocumentError as error:
        if isinstance(error, JobKilled) and faxes[0].prepare_tries < _MOST_TRIES:
            _put_off(fax, now + LEASE, counts=True)
        else:
            fail(faxes, error, clock.now())
    except (OSError, DatabaseError, SandboxBroken) as error:
        log.exception("documents cannot be turned into fax pages now")
        comes_back = isinstance(error, OSError)
        gone = isinstance(error, FileNotFoundError)
        _put_off(fax, now + LEASE, counts=gone or not comes_back)


def _put_off(fax: Fax, lease_until: datetime, *, counts: bool) -> None:
    """Have it tried again soon: it was not the documents' fault.

    What is full or away counts as no try, as it may be for hours; not for ever, though.
    """
    now = clock.now()
    counts = counts or fax.created_at < now - PATIENCE
    close_old_connections()  # it may be the database that was away
    _waiting(fax).filter(lease_until=lease_until).update(
        lease_until=None,
        wake_at=now + _PAUSE,
        prepare_tries=F("prepare_tries") - (0 if counts else 1),
    )


def _convert(faxes: Sequence[Fax], lease_until: datetime, until: float) -> None:
    """Render what is not rendered yet, and queue the faxes with it, or with it behind a cover.

    Raises:
        DocumentError: a document cannot become fax pages.

    """
    files = files_by_role(faxes[0])
    cover = next(iter(files[DocumentRole.COVER]), None)
    if cover is not None and files[DocumentRole.BODY]:
        body = files[DocumentRole.BODY][0]
        convert_covered.require_room(faxes, body)
        convert_covered.cover_some(faxes, cover, body, until=until, lease_until=lease_until)
        return
    body = render_kept(
        faxes[0].account_id,
        files[DocumentRole.SOURCE] or files[DocumentRole.RECEIVED],
        quality=Quality(faxes[0].quality),
        paper=Paper(faxes[0].paper),
    )
    if cover is None:
        kept = _finish(faxes, body, clock.now())
    else:
        kept = convert_covered.keep_body(faxes, body, lease_until)
    if not kept:
        intake.drop([body])
    elif cover is not None:
        convert_covered.require_room(faxes, body)
        if time.monotonic() > until:
            convert_covered.leave_rest(faxes[0], lease_until)
        else:
            convert_covered.cover_some(faxes, cover, body, until=until, lease_until=lease_until)


def render_kept(
    owner: UUID, sources: Sequence[KeptFile], *, quality: Quality, paper: Paper
) -> KeptFile:
    """Make one stored fax TIFF of stored documents, in order.

    Raises:
        DocumentError: one of them cannot become fax pages.

    """
    with _timed(sources), tempfile.TemporaryDirectory(prefix="convert-") as name:
        folder = Path(name)
        named = []
        for position, source in enumerate(sources):
            path = folder / str(position)
            vault.copy_out(source.key, path)
            named.append(pipeline.NamedPath(path, source.name))
        return render_files(owner, named, folder, quality=quality, paper=paper)


@contextmanager
def _timed(sources: Sequence[KeptFile]) -> Iterator[None]:
    """Count how long it took, by the kind of the documents, and what came of it."""
    began, outcome = time.monotonic(), "fault"
    try:
        yield
        outcome = "done"
    except DocumentError as error:
        outcome = error.code.value
        raise
    finally:
        labels = (intake.kind_of(sources), outcome)
        tallies.tallies().add(tallies.CONVERSIONS, labels, time.monotonic() - began)


def render_files(
    owner: UUID,
    files: Sequence[pipeline.NamedPath],
    folder: Path,
    *,
    quality: Quality,
    paper: Paper,
) -> KeptFile:
    """Make one stored fax TIFF of files at hand, in order; ``folder`` is for the work.

    Raises:
        DocumentError: one of them cannot become fax pages.

    """
    out = folder / "fax.tiff"
    pages = pipeline.render(files, out, quality=quality, paper=paper, limits=intake.limits())
    return intake.keep_one(owner, out, "", intake.FAX_TIFF, len(pages.pages))


def _waiting(fax: Fax) -> QuerySet[Fax]:
    return Fax.objects.for_account(fax.account_id).filter(
        batch_id=fax.batch_id, state=FaxState.PREPARING
    )


def _is_fetched(fax: Fax) -> bool:
    """Whether documents of the fax are yet to be fetched: whoever does puts in another job."""
    return RemoteDocument.objects.for_account(fax.account_id).filter(fax=fax).exists()


def _claim(fax: Fax, now: datetime) -> bool:
    """Take the lease on the waiting faxes of the batch."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    claimed = (
        _waiting(fax)
        .filter(free)
        .update(
            lease_until=now + LEASE,
            wake_at=now + LEASE,
            prepare_tries=F("prepare_tries") + 1,
        )
    )
    return bool(claimed)


def _finish(faxes: Sequence[Fax], rendered: KeptFile, now: datetime) -> bool:
    """Attach the fax TIFF and queue the faxes; whether any was still waiting for it."""
    with transaction.atomic(durable=True):
        moved = [fax for fax in faxes if convert_covered.queue(fax, pages=rendered.pages, now=now)]
        for fax in moved:
            attach(fax, DocumentRole.RENDERED, [rendered])
    return bool(moved)
