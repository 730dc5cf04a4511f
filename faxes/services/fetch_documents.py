"""Fetch the documents of faxes that lie at web addresses, after the faxes were handed in.

Faxes of one submission share what is fetched for them. Whoever fetches holds their rows by a lease,
and gives them the documents and removes the rows in one transaction. If a process dies in between,
the lease ends and another one fetches anew; what it stored meanwhile no row names, so it goes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from accounts import clock
from accounts.models import Account
from accounts.tenancy import is_in_use
from faxes import jobs, lifecycle
from faxes.enums import DocumentRole, ErrorCode, FaxState, Paper
from faxes.errors import DocumentError, FaxError
from faxes.models import Document, Fax, RemoteDocument
from faxes.services import intake
from faxes.services.admission import admit
from faxes.services.documents import fail, place_in_all
from faxes.services.intake import IncomingFile, KeptFile, SpooledFile
from faxes.services.remote_documents import DocumentUrl, fetched_one

SECONDS: Final = 20.0  # for one document
# Longer than it takes to fetch one document, and to look at all of them.
FETCH_LEASE: Final = timedelta(seconds=40)
LEASE: Final = timedelta(seconds=150)
# Submissions of one account that are fetched for at once; fewer if many are, so that a few whose
# servers hang never take every thread.
AT_ONCE_ACCOUNT: Final = 2
CROWDED: Final = 8
WAITS: Final = (timedelta(seconds=30), timedelta(minutes=2))
# Fetching is but waiting; looking at documents takes memory and time.
_looking: Final = BoundedSemaphore(4)
_PASSING: Final = frozenset({ErrorCode.URL_UNREACHABLE, ErrorCode.URL_TOO_SLOW})
_PASSING_STATUS: Final = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be fetched for the faxes of a submission, by its place among their sources.

    ``tries`` counts this one, and whoever fetches is known by it.
    """

    account_id: UUID
    batch_id: UUID
    paper: Paper
    documents: Mapping[int, DocumentUrl]
    tries: int


class _NotOurs(Exception):
    """The faxes were canceled, or the lease has ended."""


def fetch_later(
    faxes: Sequence[Fax], documents: Mapping[int, DocumentUrl], *, now: datetime
) -> None:
    """Note what is to be fetched for new faxes, by its place, in the caller's transaction."""
    RemoteDocument.rows.bulk_create(
        [
            RemoteDocument(
                account_id=fax.account_id,
                fax=fax,
                position=position,
                url=document.url,
                method=document.method,
                headers=document.stored_headers,
                body=document.body,
                next_at=now,
            )
            for fax in faxes
            for position, document in documents.items()
        ]
    )


def claim_next(now: datetime) -> Errand | None:
    """Claim what is due longest, of an account that has few others fetched; None without one."""
    due = _due(now).order_by("next_at", "id")
    while (found := due.first()) is not None:
        if not is_in_use(found.fax.account):
            due = due.exclude(account_id=found.account_id)
        elif errand := _claimed(found.fax, now):
            return errand
        else:  # somebody else was quicker
            due = due.exclude(fax__batch_id=found.fax.batch_id)
    return None


def deliver(errand: Errand) -> bool:
    """Fetch, give the faxes what was fetched, and set them on their way; whether that was done.

    What cannot be had ends them, at once or after some tries.
    """
    try:
        if errand.tries > len(WAITS) + 1:
            # Whoever tried before died of it, every time.
            raise DocumentError(ErrorCode.INTERNAL_ERROR)
        with _fetched(errand) as files:
            kept = intake.keep(errand.account_id, files)
            try:
                _give(errand, kept)
            except BaseException:
                intake.drop(kept)
                raise
    except _NotOurs:
        return False
    except FaxError as error:
        _failed(errand, error)
        return False
    return True


def _due(now: datetime) -> QuerySet[RemoteDocument]:
    """What may be claimed, of accounts that have not too many fetched already."""
    under_way = _rows().filter(lease_until__gt=now)
    batches = under_way.values_list("account_id", "fax__batch_id").distinct()
    busy = Counter(account_id for account_id, _ in batches)
    most = AT_ONCE_ACCOUNT if busy.total() < CROWDED else 1
    due = _free(_rows(), now).select_related("fax__account")
    return due.exclude(account_id__in=[key for key, number in busy.items() if number >= most])


def _rows() -> QuerySet[RemoteDocument]:
    return RemoteDocument.objects.across_tenants(why="whoever fetches does so for all")


def _free(rows: QuerySet[RemoteDocument], now: datetime) -> QuerySet[RemoteDocument]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return rows.filter(free, next_at__lte=now)


def _claimed(fax: Fax, now: datetime) -> Errand | None:
    """Claim what is to be fetched for the faxes of a submission, if nobody else has."""
    faxes = Fax.objects.for_account(fax.account_id).filter(batch_id=fax.batch_id)
    theirs = _rows().filter(fax__in=list(faxes.values_list("pk", flat=True)))
    with transaction.atomic():
        rows = list(_free(theirs, now).select_for_update().order_by("pk"))
        if not rows:
            return None
        _rows().filter(pk__in=[row.pk for row in rows]).update(
            lease_until=now + FETCH_LEASE, tries=F("tries") + 1
        )
    return Errand(
        account_id=fax.account_id,
        batch_id=fax.batch_id,
        paper=Paper(fax.paper),
        documents={row.position: DocumentUrl.of(row) for row in rows},
        tries=rows[0].tries + 1,
    )


def _held(errand: Errand) -> QuerySet[RemoteDocument]:
    """The rows that are ours still; those of faxes that ended are gone."""
    return _rows().filter(
        account_id=errand.account_id,
        fax__batch_id=errand.batch_id,
        tries=errand.tries,
        lease_until__isnull=False,
    )


def _faxes(errand: Errand) -> QuerySet[Fax]:
    """The faxes that wait for what we fetch."""
    return Fax.objects.for_account(errand.account_id).filter(
        batch_id=errand.batch_id,
        state=FaxState.PREPARING,
        pk__in=_held(errand).values("fax_id"),
    )


@contextmanager
def _fetched(errand: Errand) -> Iterator[list[SpooledFile]]:
    """The documents, looked at, for as long as needed.

    Raises:
        FaxError: the first that cannot be had or faxed, or they are too many pages together.
        _NotOurs: nobody waits for them any more.

    """
    with ExitStack() as opened:
        files: list[IncomingFile] = []
        for position in sorted(errand.documents):
            _renew(errand, FETCH_LEASE)
            document = errand.documents[position]
            files.append(fetched_one(document, seconds=SECONDS, opened=opened))
        yield _looked_at(errand, files, opened)


def _looked_at(
    errand: Errand, files: Sequence[IncomingFile], opened: ExitStack
) -> list[SpooledFile]:
    """The documents, each inspected, for as long as ``opened`` lasts.

    Raises:
        DocumentError: the first of them that cannot be faxed, or too many pages.
        _NotOurs

    """
    while not _looking.acquire(timeout=FETCH_LEASE.total_seconds() / 4):
        _renew(errand, FETCH_LEASE)
    try:
        _renew(errand, LEASE)
        return opened.enter_context(intake.spooled(files, paper=errand.paper))
    finally:
        _looking.release()


def _renew(errand: Errand, lease: timedelta) -> None:
    """Hold what is ours for the time of a lease from now on.

    Raises:
        _NotOurs

    """
    if not _held(errand).update(lease_until=clock.now() + lease):
        raise _NotOurs


def _give(errand: Errand, kept: Sequence[KeptFile]) -> None:
    """Give what was fetched to the faxes that wait for it, and have them prepared.

    Only now their pages are known, so they are counted and what they cost is set aside.

    Raises:
        NotAffordable, DocumentError: they are too many; nothing was given.
        _NotOurs: nobody waits for it any more.

    """
    now = clock.now()
    with transaction.atomic(durable=True):
        # Before any balance: whoever cancels one of them holds it, and waits for that.
        faxes = list(_faxes(errand).select_for_update().order_by("pk"))
        if not faxes:
            raise _NotOurs
        places = sorted(errand.documents)
        place_in_all(faxes, DocumentRole.SOURCE, dict(zip(places, kept, strict=True)))
        pages = _pages(faxes[0])
        for fax in faxes:
            fax.pages = pages
        keys = [fax.pk for fax in faxes]
        Fax.rows.filter(pk__in=keys).update(pages=pages, wake_at=now + lifecycle.GRACE)
        RemoteDocument.rows.filter(fax__in=keys).delete()
        admit(Account.objects.get(pk=errand.account_id), faxes=faxes, now=now)
        jobs.enqueue("convert", fax=faxes[0].pk)


def _pages(fax: Fax) -> int:
    """How many pages the documents of a fax have, its cover among them.

    Raises:
        DocumentError: too many.

    """
    documents = Document.objects.for_account(fax.account_id).filter(fax=fax)
    sums = documents.order_by().values("role").annotate(pages=Sum("pages"))
    pages = {row["role"]: row["pages"] for row in sums}
    if pages[DocumentRole.SOURCE] > settings.MAX_PAGES:
        sources = documents.filter(role=DocumentRole.SOURCE).order_by("-position")
        raise DocumentError(
            ErrorCode.DOCUMENT_TOO_MANY_PAGES,
            field="documents",
            name=sources[0].name,
            limit=settings.MAX_PAGES,
        )
    return sum(pages.values())


def _failed(errand: Errand, error: FaxError) -> None:
    """Try again later what may be had then, unless that was done enough; else end the faxes."""
    now = clock.now()
    passing = error.code in _PASSING or error.params.get("status") in _PASSING_STATUS
    if passing and errand.tries <= len(WAITS):
        wait = WAITS[errand.tries - 1] * settings.RETRY_SCALE
        _held(errand).update(lease_until=None, next_at=now + wait)
    else:
        fail(list(_faxes(errand)), error, now)
