"""Write the record of who did what, read it, and prove that it is whole."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import clock
from accounts.models import Account, AuditEntry, AuditHead, Membership, User
from accounts.prepared import Prepared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import idempotency, sheets
from accounts.services.audit_chain import Break, first_break, link
from accounts.tenancy import require

PAGE_SIZE: Final = 50
_LOOKS_AS_ONE: Final = timedelta(minutes=15)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list of entries shows; what is None or empty does not narrow it. From ≤ t < until."""

    user_id: UUID | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of entries, newest first; ``older`` is the number to go on below, 0 on the last."""

    entries: Sequence[AuditEntry]
    older: int


def record(
    actor: Actor, *, action: str, object_type: str, object_id: UUID | None, **facts: Any
) -> None:
    """Add one line to the account's chain, in the caller's transaction.

    ``facts`` are plain values without content: counts, sizes, reasons; never a name, a number,
    a subject or a word of a page.
    """
    entry = AuditEntry(
        account_id=actor.account_id,
        at=clock.now(),
        user_id=actor.user_id,
        actor=actor.name,
        on_behalf=actor.on_behalf,
        via=actor.via,
        address=actor.address,
        action=action,
        object_type=object_type,
        object_id=object_id,
        facts=facts,
    )
    with transaction.atomic(savepoint=False):  # no act goes without its line
        head = _locked(actor.account_id)
        entry.number = head.number + 1
        entry.digest = link(entry, previous=head.digest)
        entry.save(force_insert=True)
        AuditHead.objects.filter(pk=head.pk).update(number=entry.number, digest=entry.digest)
        if actor.request_key is not None:
            idempotency.note(actor.request_key, object_type=object_type, object_id=object_id)


def record_below(
    actor: Actor,
    *,
    account_id: UUID,
    action: str,
    object_type: str = "account",
    object_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Put on record what the actor did to an account below: in its own chain and in that account's.

    There ``on_behalf`` names the account that it was done for. The object is the account below
    unless another is named. In the caller's transaction.
    """
    object_id = object_id or account_id
    provider = Account.objects.filter(pk=actor.account_id).values_list("name", flat=True).first()
    there = replace(actor, account_id=account_id, on_behalf=provider or "")
    # always in the same order, so that two who write both chains never wait for each other
    for each in sorted((actor, there), key=lambda one: one.account_id):
        record(each, action=action, object_type=object_type, object_id=object_id, **facts)


def hold_chains(account_ids: Iterable[UUID]) -> None:
    """Hold the chains of several accounts, for a transaction that adds to more than two of them.

    Always in the same order, so that two who do so never wait for each other.
    """
    for account_id in sorted(set(account_ids)):
        _lock(account_id)


def record_look(actor: Actor, *, action: str, object_type: str, object_id: UUID) -> None:
    """Add a line that somebody looked at something, unless one says so of the last 15 minutes."""
    lately = AuditEntry.objects.filter(
        account_id=actor.account_id,
        user_id=actor.user_id,
        actor=actor.name,
        action=action,
        object_id=object_id,
        at__gt=clock.now() - _LOOKS_AS_ONE,
    )
    if lately.exists():
        return
    with transaction.atomic():
        _lock(actor.account_id)  # pages of one fax are fetched at the same time
        if not lately.exists():
            record(actor, action=action, object_type=object_type, object_id=object_id)


def entries_for(
    actor: Actor, shown: AuditFilter, *, below: int = 0, size: int = PAGE_SIZE
) -> AuditPage:
    """A page of the account's entries, newest first.

    Raises:
        NotAllowed: the actor may not read the log.

    """
    require(actor, Action.AUDIT_VIEW)
    rows = _narrowed(actor, shown)
    if below:
        rows = rows.filter(number__lt=below)
    found = list(rows.order_by("-number")[: size + 1])
    return AuditPage(found[:size], found[size - 1].number if len(found) > size else 0)


def acts_upon(
    actor: Actor, *, object_id: UUID, actions: Collection[str], only_own: bool
) -> list[AuditEntry]:
    """What was done to an object of the account, oldest first; by others too, or ``only_own``."""
    rows = AuditEntry.objects.filter(
        account_id=actor.account_id, object_id=object_id, action__in=actions
    )
    if only_own:
        rows = rows.filter(user_id=actor.user_id, user_id__isnull=False)
    return list(rows.order_by("number"))


def people_in_log(actor: Actor) -> list[tuple[UUID, str]]:
    """Who to filter by: the people of the account, and those who were, by email.

    Raises:
        NotAllowed: the actor may not read the log.

    """
    require(actor, Action.AUDIT_VIEW)
    here = Membership.objects.filter(account_id=actor.account_id).values("user_id")
    gone = AuditEntry.objects.filter(account_id=actor.account_id, action="team.remove")
    people = User.objects.filter(Q(pk__in=here) | Q(pk__in=gone.values("object_id")))
    return list(people.order_by("email").values_list("pk", "email"))


def as_csv(actor: Actor, shown: AuditFilter) -> Iterator[str]:
    """The entries as lines of CSV, oldest first; the export itself goes on record.

    Raises:
        NotAllowed: the actor may not read the log.

    """
    require(actor, Action.AUDIT_VIEW)
    record(actor, action="audit.export", object_type="audit", object_id=None)
    return _lines(_narrowed(actor, shown).order_by("number"))


def verify(account_id: UUID) -> Break | None:
    """Where the account's chain is broken, or None."""
    head = AuditHead.objects.filter(pk=account_id).first()
    number, digest = (head.number, head.digest) if head else (0, "")
    entries = AuditEntry.objects.filter(account_id=account_id).order_by("number")
    return first_break(entries.iterator(_AT_ONCE), number=number, digest=digest)


def length(account_id: UUID) -> int:
    """How many entries the account's log should have; worth noting down outside of the portal."""
    head = AuditHead.objects.filter(pk=account_id).first()
    return head.number if head else 0


def chains() -> list[tuple[UUID, str]]:
    """The accounts that have entries or a head, with the names of those that still are."""
    ids = set(AuditHead.objects.values_list("account_id", flat=True))
    ids |= set(AuditEntry.objects.values_list("account_id", flat=True).distinct())
    names = dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))
    return sorted((each, names.get(each, "")) for each in ids)


def _locked(account_id: UUID) -> AuditHead:
    """The head: number and digest of the entry before.

    The row is held until the transaction ends (SQLite has one writer at a time), so writers of one
    account take turns and the chain cannot fork.
    """
    head = _HEAD.first(key=account_id)
    if head is None:
        AuditHead.objects.get_or_create(pk=account_id)
        head = _HEAD.first(key=account_id)
    if head is None:
        raise AuditHead.DoesNotExist
    return head


_HEAD: Final = Prepared(
    lambda key: AuditHead.objects.filter(pk=key).select_for_update(),
)


def _lock(account_id: UUID) -> None:
    if not AuditHead.objects.filter(pk=account_id).update(number=F("number")):
        AuditHead.objects.get_or_create(pk=account_id)


def _narrowed(actor: Actor, shown: AuditFilter) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(account_id=actor.account_id)
    if shown.user_id is not None:
        rows = rows.filter(user_id=shown.user_id)
    if shown.action:
        rows = rows.filter(action=shown.action)
    if shown.since is not None:
        rows = rows.filter(at__gte=shown.since)
    if shown.until is not None:
        rows = rows.filter(at__lt=shown.until)
    return rows


def _lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    columns = (
        "number", "at", "actor", "on_behalf", "via", "address", "action", "object_type",
        "object_id", "facts", "digest",
    )  # fmt: skip
    yield _line(columns)
    for entry in rows.iterator(_AT_ONCE):
        told = [getattr(entry, column) for column in columns]
        told[columns.index("at")] = entry.at.isoformat()
        told[columns.index("facts")] = "; ".join(f"{k}={v}" for k, v in entry.facts.items())
        yield _line(told)


def _line(cells: Sequence[object]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is quoted as text."""
    return sheets.line(sheets.harmless("" if cell is None else str(cell)) for cell in cells)
