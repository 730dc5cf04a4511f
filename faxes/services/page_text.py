"""Search in the pages of faxes: the words on them read, kept as digests, and erased again.

Pages are read in the background, a page at a time. Whoever reads holds a lease on the row of the
fax and writes the words of a page and how far it is in one transaction, so a worker that is killed
loses a page's time and nothing else. Whoever erases takes that row first, and the words then:
nothing is written for a row that is gone.
"""

import base64
import logging
import secrets
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import clock, sealing
from accounts.errors import AccountNotFound
from accounts.models import Account
from accounts.models.account import PAGE_TEXT_SEALED_FOR
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import jobs, vault
from faxes.documents import reading
from faxes.documents.outcome import SandboxBroken
from faxes.enums import DocumentRole
from faxes.errors import DocumentError
from faxes.models import Document, Fax, PageText, PageWord
from faxes.queries.page_words import digest
from faxes.services import erasure

log = logging.getLogger(__name__)

MOST_PAGES: Final = 100  # of a fax
MOST_SECONDS: Final = 300.0  # spent on a fax
_MOST_TRIES: Final = 3  # of a page that ends whoever reads it
_LEASE: Final = timedelta(minutes=3)  # longer than a page can take
_TROUBLE: Final = timedelta(minutes=10)
_PORTION_SECONDS: Final = 5.0  # of a job: faxes are to be sent, too
_KEY_BYTES: Final = 32
_FAXES_AT_ONCE: Final = 200  # erased, with their words, in one transaction
_PORTIONS_AT_ONCE: Final = 5
PAGES: Final = (DocumentRole.RENDERED, DocumentRole.RECEIVED)


def can_read() -> bool:
    """Whether this portal can read pages: Tesseract is installed and knows its languages."""
    return reading.can_read(tuple(settings.PAGE_LANGUAGES))


def switch(actor: Actor, *, on: bool) -> None:
    """Find faxes by the words on their pages from now on, or no more: then what was kept goes.

    With very many faxes some of it goes a moment later; nobody finds anything by it in between, as
    its key is gone.

    Raises:
        NotAllowed: the actor may not.

    """
    require(actor, Action.SHARING_MANAGE)
    with transaction.atomic():
        rows = Account.objects.filter(pk=actor.account_id)
        if bool(rows.select_for_update().get().page_text_key) == on:
            return
        if on:
            secret = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
            rows.update(page_text_key=sealing.seal(secret, purpose=PAGE_TEXT_SEALED_FOR))
        else:
            rows.update(page_text_key=None)
            _doom(actor.account_id)
        audit.record(
            actor,
            action="page_text.on" if on else "page_text.off",
            object_type="account",
            object_id=actor.account_id,
        )


def forget(fax: Fax) -> None:
    """Erase what is kept of a fax, in the transaction that removes its pages."""
    _erase(fax.account_id, [fax.pk])


def forget_words(account_id: UUID) -> None:
    """Erase what is doomed of an account, for as long as a job may take."""
    until = time.monotonic() + _PORTION_SECONDS
    while time.monotonic() < until:
        if not _erase_some(account_id):
            erasure.scrub()
            return
    jobs.enqueue("forget_words", account=account_id)


def attend(now: datetime) -> None:
    """Wake whoever is to read pages or to erase words; for the sweep."""
    rows = PageText.objects.across_tenants(why="the sweep looks at all")
    doomed = rows.filter(doomed=True).order_by().values_list("account_id", flat=True)
    for account_id in doomed.distinct()[:_FAXES_AT_ONCE]:
        jobs.enqueue("forget_words", account=account_id)
    if can_read() and _room(now) and _waiting(now).exists():
        jobs.enqueue("read_pages")


def read_pages() -> None:
    """Read pages for some seconds, unless enough others do; ask for another turn if more waits."""
    until = time.monotonic() + _PORTION_SECONDS
    if not can_read() or not _room(clock.now()):
        return
    while time.monotonic() < until:
        if not read_next(until=until):
            return
    if _waiting(clock.now()).exists():
        jobs.enqueue("read_pages")


def read_next(*, until: float, account_id: UUID | None = None) -> bool:
    """Read a fax that waits (of an account), until then; False if there is none to be had."""
    held = _claimed(clock.now(), account_id)
    if held is None:
        return False
    _Reader(held, until).read()
    return True


def note_stored(*, account_id: UUID, behind: UUID | None) -> tuple[int, UUID | None]:
    """Note the next portion of faxes that are there already to be read, the newest first.

    How many were noted, and behind which to go on; None if that were all.
    """
    faxes = Fax.objects.for_account(account_id).filter(
        finished_at__isnull=False, stripped_at__isnull=True, keep_documents=True
    )
    if behind is not None:
        faxes = faxes.filter(pk__lt=behind)
    ids = list(faxes.order_by("-pk").values_list("pk", flat=True)[:_FAXES_AT_ONCE])
    with transaction.atomic():
        # held against who switches it off meanwhile
        account = Account.objects.select_for_update().get(pk=account_id)
        if not account.page_text_key or not ids:
            return 0, None
        rows = PageText.objects.for_account(account_id).filter(fax_id__in=ids)
        _erase(account_id, list(rows.filter(doomed=True).values_list("fax_id", flat=True)))
        paged = Document.objects.for_account(account_id).filter(fax_id__in=ids, role__in=PAGES)
        wanted = set(paged.values_list("fax_id", flat=True))
        wanted -= set(rows.values_list("fax_id", flat=True))
        now = clock.now()
        noted = [PageText(account_id=account_id, fax_id=each, wake_at=now) for each in wanted]
        PageText.objects.bulk_create(noted, ignore_conflicts=True)
    return len(noted), ids[-1] if len(ids) == _FAXES_AT_ONCE else None


def searching_accounts(*, realm: str = "") -> dict[UUID, str]:
    """The accounts that find faxes by the words on their pages, and their domain names.

    Raises:
        AccountNotFound: none has this domain name.

    """
    accounts = Account.objects.filter(realm=realm) if realm else Account.objects.all()
    if realm and not accounts.exists():
        raise AccountNotFound
    rows = accounts.filter(page_text_key__isnull=False).order_by("pk")
    return dict(rows.values_list("pk", "realm"))


def left_to_read(*, account_id: UUID) -> int:
    """Faxes of an account that wait to be read, or are being read."""
    rows = PageText.objects.for_account(account_id)
    return rows.filter(wake_at__isnull=False, doomed=False).count()


def _doom(account_id: UUID) -> None:
    rows = PageText.objects.for_account(account_id)
    rows.update(doomed=True, wake_at=None, lease_until=None)
    for _ in range(_PORTIONS_AT_ONCE):
        if not _erase_some(account_id):
            transaction.on_commit(erasure.scrub, robust=True)
            return
    jobs.enqueue("forget_words", account=account_id)


def _erase_some(account_id: UUID) -> bool:
    rows = PageText.objects.for_account(account_id).filter(doomed=True)
    ids = list(rows.values_list("fax_id", flat=True)[:_FAXES_AT_ONCE])
    if ids:
        with transaction.atomic():
            _erase(account_id, ids)
    return len(ids) == _FAXES_AT_ONCE


def _erase(account_id: UUID, fax_ids: list[UUID]) -> None:
    """Erase rows of faxes, and their words only then: see the module's first words."""
    if fax_ids:
        PageText.objects.for_account(account_id).filter(fax_id__in=fax_ids).delete()
        PageWord.objects.for_account(account_id).filter(fax_id__in=fax_ids).delete()


def _waiting(now: datetime, account_id: UUID | None = None) -> QuerySet[PageText]:
    rows = PageText.objects.across_tenants(why="the portal's own work").filter(wake_at__lte=now)
    return rows if account_id is None else rows.filter(account_id=account_id)


def _room(now: datetime) -> bool:
    """Whether fewer read than may: at most every other worker, as faxes are to be sent, too."""
    rows = PageText.objects.across_tenants(why="the portal's own work")
    most = max(1, int(settings.Q_CLUSTER["workers"]) // 2)
    return rows.filter(lease_until__gt=now).count() < most


def _claimed(now: datetime, account_id: UUID | None) -> PageText | None:
    """The newest fax of an account that waits, each account as likely as the others; held now."""
    waiting = _waiting(now, account_id)
    accounts = list(waiting.order_by().values_list("account_id", flat=True).distinct())
    while accounts:
        chosen = secrets.choice(accounts)
        row = waiting.filter(account_id=chosen).order_by("-fax_id").first()
        if row is None:
            accounts.remove(chosen)
            continue
        row.lease_until = now + _LEASE
        if waiting.filter(pk=row.pk).update(lease_until=row.lease_until, wake_at=row.lease_until):
            return row
    return None


class _Reader:
    """Reads the pages of one fax, as long as it holds the lease on its row."""

    def __init__(self, held: PageText, until: float) -> None:
        self._row = held
        self._until = until
        self._account = Account.objects.only("page_text_key").get(pk=held.account_id)

    def read(self) -> None:
        """Read until all is done, time is up, or somebody has taken the row away."""
        if not self._account.page_text_key:  # switched off as it was noted
            _erase(self._row.account_id, [self._row.fax_id])
            return
        secret = self._account.page_text_secret
        if not secret:  # sealed with a key that is known no longer
            self._update(wake_at=clock.now() + _TROUBLE, lease_until=None)
            return
        documents = Document.objects.for_account(self._row.account_id)
        document = documents.filter(fax_id=self._row.fax_id, role__in=PAGES).first()
        if document is None or self._take_over(document):
            self._finish(0)
            return
        if not self._begin_page():
            return
        with tempfile.TemporaryDirectory(prefix="words-") as folder:
            tiff = Path(folder) / "fax.tiff"
            if self._copied(document, tiff):
                self._read_pages(tiff, document.pages, secret)

    def _copied(self, document: Document, tiff: Path) -> bool:
        """Copy the pages; if that cannot be, enter what comes of it: others wait for their turn."""
        try:
            vault.copy_out(document.key, tiff)
        except FileNotFoundError:
            self._finish(0)
        except vault.Damaged:
            log.exception("the pages of fax %s are damaged in storage", self._row.fax_id)
            self._finish(document.pages - self._row.next_page + 1)
        except Exception:  # storage has errors of many kinds; most are over after a while
            log.exception("the pages of fax %s cannot be had at present", self._row.fax_id)
            self._later()
        else:
            return True
        return False

    def _read_pages(self, tiff: Path, pages: int, secret: bytes) -> None:
        row, begun = self._row, True
        while row.next_page <= min(pages, MOST_PAGES) and row.seconds < MOST_SECONDS:
            if not begun and time.monotonic() > self._until:
                self._update(wake_at=clock.now(), lease_until=None)
                return
            if not begun and not self._begin_page():
                return
            begun = False
            began = time.monotonic()
            words: list[str] | None = None
            if row.tries <= _MOST_TRIES:
                try:
                    words = reading.words_on_page(
                        tiff, row.next_page, languages=settings.PAGE_LANGUAGES
                    )
                except DocumentError:
                    log.info("page %s of fax %s could not be read", row.next_page, row.fax_id)
                except SandboxBroken:
                    log.exception("pages of faxes cannot be read")
                    self._later()
                    return
            digests = {digest(secret, word) for word in words or ()}
            if not self._keep(digests, time.monotonic() - began, read=words is not None):
                return
        self._finish(pages - row.next_page + 1)

    def _later(self) -> None:
        """Try again after a while; it is not the page's fault, so the try does not count."""
        self._update(wake_at=clock.now() + _TROUBLE, lease_until=None, tries=self._row.tries - 1)

    def _begin_page(self) -> bool:
        """Count the try, lest a page that ends its reader is read for ever."""
        lease = clock.now() + _LEASE
        if not self._update(tries=F("tries") + 1, lease_until=lease, wake_at=lease):
            return False
        self._row.tries += 1
        self._row.lease_until = lease
        return True

    def _keep(self, digests: set[int], seconds: float, *, read: bool) -> bool:
        row = self._row
        row.next_page, row.tries = row.next_page + 1, 0
        row.seconds += seconds
        row.unread += not read
        with transaction.atomic():
            facts = {"seconds": row.seconds, "unread": row.unread}
            if not self._update(next_page=row.next_page, tries=0, **facts):
                return False
            self._write(digests)
        return True

    def _take_over(self, document: Document) -> bool:
        """Take the words of another fax that was sent with the very same pages, if one is read."""
        row = self._row
        if row.next_page > 1:
            return False
        same = Document.objects.for_account(row.account_id).filter(key=document.key)
        read = Q(fax__page_text__wake_at=None, fax__page_text__doomed=False)
        other = same.filter(read, fax__page_text__isnull=False).exclude(fax_id=row.fax_id).first()
        if other is None:
            return False
        words = PageWord.objects.for_account(row.account_id).filter(fax_id=other.fax_id)
        with transaction.atomic():
            taken = bool(self._update(next_page=document.pages + 1))
            if taken:
                self._write(set(words.values_list("digest", flat=True)))
        return taken

    def _write(self, digests: set[int]) -> None:
        row = self._row
        words = [
            PageWord(account_id=row.account_id, fax_id=row.fax_id, digest=each)
            for each in sorted(digests)
        ]
        PageWord.objects.bulk_create(words, ignore_conflicts=True, batch_size=500)

    def _finish(self, left_out: int) -> None:
        unread = self._row.unread + max(0, left_out)
        self._update(wake_at=None, lease_until=None, tries=0, unread=unread)

    def _update(self, **changes: object) -> int:
        rows = PageText.objects.for_account(self._row.account_id)
        return rows.filter(pk=self._row.pk, lease_until=self._row.lease_until).update(**changes)
