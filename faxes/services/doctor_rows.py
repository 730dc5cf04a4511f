"""What the doctor looks for among rows: faxes that nobody wakes, leases, money, uploads, jobs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import clock
from accounts.models import Charge
from accounts.services import charges, ledger_audit
from faxes import jobs
from faxes.enums import FaxState
from faxes.models import Broadcast, Document, Fax, LineCall, PageText, Upload
from faxes.queries.held import held_back
from faxes.services import page_text, uploads

_AT_ONCE: Final = 500
_LONG: Final = timedelta(hours=1)
_WHY: Final = "the doctor looks at all"
_AT_WORK: Final = (FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING)


def faxes_nobody_wakes() -> Iterator[list[Fax]]:
    """Faxes that have not ended, and that the sweep does not look at or should have long ago."""
    rows = Fax.objects.across_tenants(why=_WHY)
    late = rows.filter(wake_at__lte=clock.now() - _LONG)
    late = late.exclude(state=FaxState.RECEIVED).exclude(held_back(late))
    yield from _portions(late.only("pk"))
    yield from _portions(rows.filter(state__in=_AT_WORK, wake_at=None).only("pk"))


def wake(faxes: list[Fax]) -> None:
    """Have the sweep look at them at once."""
    ids = [each.pk for each in faxes]
    rows = Fax.objects.across_tenants(why=_WHY).filter(pk__in=ids)
    rows.filter(Q(wake_at=None, state__in=_AT_WORK) | Q(wake_at__lte=clock.now())).update(
        wake_at=clock.now()
    )


def leases_expired() -> Iterator[list[Any]]:
    """Leases that ran out an hour ago and that nobody took over: their holder died."""
    past = {"lease_until__lte": clock.now() - _LONG}
    yield from _portions(Fax.objects.across_tenants(why=_WHY).filter(**past))
    yield from _portions(Broadcast.objects.across_tenants(why=_WHY).filter(**past))
    yield from _portions(PageText.objects.across_tenants(why=_WHY).filter(**past))
    yield from _portions(LineCall.objects.filter(**past).exclude(state="done"))


def free(held: list[Any]) -> None:
    """Let anybody take them, unless somebody has."""
    for each in held:
        rows = type(each)._base_manager.filter(pk=each.pk)  # noqa: SLF001 (Django's own way)
        rows.filter(lease_until=each.lease_until).update(lease_until=None)


def holds_without_faxes() -> Iterator[list[Charge]]:
    """What is set aside for faxes that are gone, or that ended an hour ago."""
    rows = Charge.objects.across_tenants(why=_WHY).filter(settled_at=None)
    faxes = Fax.objects.across_tenants(why=_WHY).filter(pk=OuterRef("fax_id"))
    yield from _portions(rows.filter(~Exists(faxes)))


def release(held: list[Charge]) -> None:
    """Release what is set aside for them: they are gone without a try on record."""
    for fax_id in {each.fax_id for each in held}:
        charges.settle(fax_id, tries=[], now=clock.now())


def ledger_wrong() -> Iterator[list[str]]:
    """Whether the books add up; what does not, they say themselves."""
    if count := sum(1 for _ in ledger_audit.discrepancies()):
        yield [f"discrepancy {number}" for number in range(1, count + 1)]


def uploads_expired() -> Iterator[list[Upload]]:
    """Uploads whose day was over an hour ago, and that no draft keeps."""
    rows = Upload.objects.across_tenants(why=_WHY).filter(expires_at__lte=clock.now() - _LONG)
    yield from _portions(rows.filter(Q(draft=None) | ~Q(undo_of=None)).only("pk"))


def drop_uploads(expired: list[Upload]) -> None:
    """Remove them, as the sweep does."""
    for each in Upload.objects.across_tenants(why=_WHY).filter(pk__in=[one.pk for one in expired]):
        uploads.discard(each)


def jobs_left_behind() -> Iterator[list[int]]:
    """Jobs as rows that nobody has taken for an hour: of a broker that is in use no longer."""
    if left := jobs.left_behind(clock.now() - _LONG):
        yield left


def drop_jobs(left: list[int]) -> None:
    """Remove them: a job only wakes, and the rows are woken all the same."""
    jobs.forget(left)


def search_gaps() -> Iterator[list[Fax]]:
    """Faxes of accounts that search in pages, whose pages are not noted to be read."""
    for account_id in page_text.searching_accounts():
        rows = Fax.objects.for_account(account_id).filter(
            finished_at__lte=clock.now() - _LONG, stripped_at=None, keep_documents=True
        )
        paged = Document.objects.for_account(account_id).filter(
            fax=OuterRef("pk"), role__in=page_text.PAGES
        )
        yield from _portions(rows.filter(Exists(paged), page_text=None).only("pk", "account_id"))


def note_for_search(faxes: list[Fax]) -> None:
    """Note them to be read."""
    now = clock.now()
    PageText.objects.bulk_create(
        [PageText(account_id=each.account_id, fax_id=each.pk, wake_at=now) for each in faxes],
        ignore_conflicts=True,
    )


def _portions(rows: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    """Rows by their ids, never many in memory, whatever becomes of those before meanwhile."""
    rows, after = rows.order_by("pk"), None
    while True:
        portion = list((rows if after is None else rows.filter(pk__gt=after))[:_AT_ONCE])
        if portion:
            yield portion
        if len(portion) < _AT_ONCE:
            return
        after = portion[-1].pk
