"""Put before the pages of each fax of a batch the cover page that names its own recipient.

The pages that all share are rendered once and kept with every waiting fax as its body. A job does
as many faxes as it has time for and leaves the rest to the next: whichever job dies, each fax is
either queued with its own pages, or still waits with the body.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.models import Account
from faxes import jobs, lifecycle, vault
from faxes.documents import cover, pipeline
from faxes.enums import DocumentRole, ErrorCode, FaxState, Paper, Quality
from faxes.errors import DocumentError
from faxes.models import Document, Fax
from faxes.services import cover_pages, erasure, intake
from faxes.services.documents import attach, fail
from faxes.services.intake import KeptFile

# A job may take two minutes, and one cover page half a minute at the very worst.
PORTION_SECONDS: Final = 20.0
# Of all faxes of a batch together: each is stored with its own cover, so with all of its pages.
MOST_BATCH_BYTES: Final = 8_000_000_000


def require_room(faxes: Sequence[Fax], body: KeptFile) -> None:
    """Let pass what can be stored for all of the faxes, each with all of its pages.

    Raises:
        DocumentError: they are too large together.

    """
    if body.size * len(faxes) > MOST_BATCH_BYTES:
        raise DocumentError(ErrorCode.COVERED_TOO_LARGE, field="cover")


def keep_body(faxes: Sequence[Fax], body: KeptFile, lease_until: datetime) -> bool:
    """Give the pages that they share to the faxes that still wait under this lease, if any do."""
    with transaction.atomic(durable=True):
        waiting = list(_leased(faxes[0], lease_until).select_for_update())
        for fax in waiting:
            attach(fax, DocumentRole.BODY, [body])
    return bool(waiting)


def cover_some(
    faxes: Sequence[Fax],
    template: KeptFile,
    body: KeptFile,
    *,
    until: float,
    lease_until: datetime,
) -> None:
    """Cover and queue faxes until ``until`` of the monotonic clock, and one at least.

    Another job does the rest.
    """
    account = Account.objects.get(pk=faxes[0].account_id)
    with tempfile.TemporaryDirectory(prefix="convert-") as name:
        folder = Path(name)
        work = _Work(account, template, body, folder)
        for number, fax in enumerate(faxes):
            if number and time.monotonic() > until:
                break
            _cover(fax, work)
    leave_rest(faxes[0], lease_until)


class _Work:
    """What all covers of a batch need, in files."""

    def __init__(self, account: Account, template: KeptFile, body: KeptFile, folder: Path) -> None:
        self.account = account
        self.body = body
        self.body_path = folder / "body.tiff"
        self.cover_path = folder / "cover.tiff"
        self.out = folder / "fax.tiff"
        vault.copy_out(body.key, self.body_path)
        source = folder / "cover.html"
        vault.copy_out(template.key, source)
        self.template = source.read_text(encoding="utf-8")


def _cover(fax: Fax, work: _Work) -> None:
    try:
        made = cover.render(
            work.template,
            cover_pages.facts_of(fax, work.account),
            work.cover_path,
            body_pages=work.body.pages,
            quality=Quality(fax.quality),
            paper=Paper(fax.paper),
        )
    except DocumentError as error:
        fail([fax], error, clock.now())
        return
    pipeline.join([work.cover_path, work.body_path], work.out)
    own = len(made.pages)
    rendered = intake.keep_one(fax.account_id, work.out, "", intake.FAX_TIFF, own + work.body.pages)
    if not _finish(fax, rendered, work.body, own):
        intake.drop([rendered])  # canceled since


def _finish(fax: Fax, rendered: KeptFile, body: KeptFile, own_pages: int) -> bool:
    with transaction.atomic(durable=True):
        moved = queue(fax, pages=rendered.pages, now=clock.now())
        if moved:
            documents = Document.objects.for_account(fax.account_id).filter(fax=fax)
            documents.filter(role=DocumentRole.BODY).delete()
            documents.filter(role=DocumentRole.COVER).update(pages=own_pages)
            attach(fax, DocumentRole.RENDERED, [rendered])
            erasure.erase_later([body.key])  # spared as long as another fax needs it
    return moved


def queue(fax: Fax, *, pages: int, now: datetime) -> bool:
    """Queue a fax whose pages are made, if it still waits for them; whether it did.

    Approved since it was read, it waits for them all the same: it goes as it stands now.
    """
    while not lifecycle.move(fax, FaxState.QUEUED, because="prepared", now=now, pages=pages):
        fax.refresh_from_db()
        if fax.state != FaxState.PREPARING:
            return False
    return True


def leave_rest(fax: Fax, lease_until: datetime) -> None:
    """Let go of a batch's faxes not done; a portion that ended well counts as no try."""
    now = clock.now()
    with transaction.atomic(durable=True):
        left = _leased(fax, lease_until)
        first = left.order_by("id").first()
        if first is None:
            return
        left.update(lease_until=None, wake_at=now + lifecycle.GRACE, prepare_tries=0)
        jobs.enqueue("convert", fax=first.pk)


def _leased(fax: Fax, lease_until: datetime) -> QuerySet[Fax]:
    return Fax.objects.for_account(fax.account_id).filter(
        batch_id=fax.batch_id, state=FaxState.PREPARING, lease_until=lease_until
    )
