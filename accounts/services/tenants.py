"""The accounts below one's own: make, rename, move, suspend and close them.

Whoever provides does it to those it provides for, at whatever depth, never to itself; each act is
on record in both accounts. An account that has accounts below it is closed after those are.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts import clock
from accounts.errors import (
    AccountNotFound,
    CountryInvalid,
    KindInvalid,
    NameInvalid,
    PaperInvalid,
    RealmInvalid,
    RealmTaken,
    ShutFromAbove,
    TenantClosed,
    TenantErased,
    TenantsBelow,
    TimeZoneInvalid,
)
from accounts.ids import new_id
from accounts.models import GONE, Account, EventType, Kind, Status
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, leaving, tree
from accounts.services.paths import account_below, path_of
from accounts.services.tenant_events import tell
from accounts.tenancy import require

PAPERS: Final = ("letter", "legal", "a4")
KINDS: Final = Kind
_NAME_LENGTH: Final = 120
_REASON_LENGTH: Final = 200
_REALM_LENGTH: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LABEL_LENGTH: Final = 63


def create_tenant(
    actor: Actor,
    *,
    name: str,
    kind: Kind = Kind.CUSTOMER,
    parent_id: UUID | None = None,
    realm: str = "",
    time_zone: str = "",
    country: str = "",
    paper: str = "",
) -> Account:
    """Make an account below the actor's, or below ``parent_id``, a reseller of the actor's.

    Where a value is empty the parent's is taken; an empty realm is made of the name.

    Raises:
        NotAllowed
        AccountNotFound: the parent is neither the actor's account nor below it.
        TenantInvalid: as one of its kinds, which name the argument that is wrong.

    """
    require(actor, Action.TENANTS_MANAGE)
    if kind not in {Kind.RESELLER, Kind.CUSTOMER}:
        raise KindInvalid
    name = _clean_name(name)
    with transaction.atomic():
        tree.hold_tree(Account.objects.get(pk=actor.account_id))
        parent = _own_or_below(actor, parent_id)
        key = new_id()
        try:
            with transaction.atomic():
                account = tree.create_account(
                    account_id=key,
                    name=name,
                    kind=Kind(kind),
                    parent=parent,
                    realm=_realm(realm) if realm.strip() else _made_realm(name, parent, key),
                    time_zone=checked_time_zone(time_zone or parent.time_zone),
                    country=_country(country or parent.country),
                    paper=_paper(paper or parent.paper),
                )
        except IntegrityError:
            raise RealmTaken from None
        audit.record_below(actor, account_id=key, action="tenant.create", kind=account.kind)
        tell(account, EventType.ACCOUNT_CREATED)
    return account


def rename(actor: Actor, *, account_id: UUID, name: str) -> Account:
    """Give an account below another name.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        NameInvalid

    """
    require(actor, Action.TENANTS_MANAGE)
    name = _clean_name(name)
    with transaction.atomic():
        account = _held(actor, account_id)
        if account.name != name:
            _set(account, name=name)
            audit.record_below(actor, account_id=account_id, action="tenant.rename")
            tell(account, EventType.ACCOUNT_UPDATED)
    return account


def move(actor: Actor, *, account_id: UUID, parent_id: UUID) -> Account:
    """Put an account, with all that are below it, under another provider within the actor's branch.

    Raises:
        NotAllowed
        AccountNotFound: account or parent are not below the actor's account (which may be parent).
        ParentInvalid, TreeTooDeep, PlanNotOffered: it cannot be there.
        TenantClosed: the account is closed.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        tree.hold_tree(Account.objects.get(pk=actor.account_id))
        account = _held(actor, account_id)
        parent = _own_or_below(actor, parent_id)
        if account.parent_id == parent.pk:
            return account
        _require_open(account)
        before = account.parent_id
        tree.move_branch(account, parent=parent)
        audit.record_below(
            actor,
            account_id=account_id,
            action="tenant.move",
            before=str(before),
            after=str(parent.pk),
        )
        tell(account, EventType.ACCOUNT_UPDATED)
    return account


def suspend(actor: Actor, *, account_id: UUID, reason: str = "") -> Account:
    """Suspend an account below, and so all that are below it: nobody gets in, nothing is sent.

    Faxes still arrive. Who has no other account is signed out at once. What somebody further down
    suspended is from then on suspended from here.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        TenantClosed: it is closed.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        account = _held(actor, account_id)
        _require_open(account)
        if account.status == Status.SUSPENDED and not _is_below(actor, account.suspended_by):
            return account
        told = _clean(reason)[:_REASON_LENGTH]
        _set(
            account,
            status=Status.SUSPENDED,
            suspended_at=clock.now(),
            suspended_for=told,
            suspended_by=actor.account_id,
        )
        leaving.end_stranded_sessions(account)
        audit.record_below(actor, account_id=account_id, action="tenant.suspend", reason=told)
        tell(account, EventType.ACCOUNT_SUSPENDED)
    return account


def resume(actor: Actor, *, account_id: UUID) -> Account:
    """End the suspension of an account below; faxes that waited go on.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        TenantClosed: it is closed.
        ShutFromAbove: it was suspended by an account above the actor's.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        account = _held(actor, account_id)
        _require_open(account)
        if account.status == Status.SUSPENDED:
            _require_not_above(actor, account, account.suspended_by)
            _set(
                account,
                status=Status.ACTIVE,
                suspended_at=None,
                suspended_for=None,
                suspended_by=None,
            )
            audit.record_below(actor, account_id=account_id, action="tenant.resume")
            tell(account, EventType.ACCOUNT_RESUMED)
    return account


def close(actor: Actor, *, account_id: UUID) -> Account:
    """Close an account below. It waits ``CLOSE_DAYS`` for its erasure, and may be reopened so long.

    Nobody gets in, but its administrators to fetch what is theirs; tokens and open invitations end;
    faxes that wait are canceled, and none arrive.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        TenantsBelow: there are accounts below it that are not closed.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        tree.hold_tree(Account.objects.get(pk=actor.account_id))  # nobody makes one below meanwhile
        account = _held(actor, account_id)
        if account.status == Status.CLOSED:
            return account
        if tree.below(account).exclude(status__in=GONE).exists():
            raise TenantsBelow
        now = clock.now()
        erase_at = now + timedelta(days=settings.CLOSE_DAYS)
        _set(
            account,
            status=Status.CLOSED,
            closed_at=now,
            erase_at=erase_at,
            closed_by=actor.account_id,
        )
        ended = leaving.end_ways_in(account)
        audit.record_below(
            actor,
            account_id=account_id,
            action="tenant.close",
            erased_at=erase_at.isoformat(timespec="seconds"),
            tokens=ended,
        )
        tell(account, EventType.ACCOUNT_CLOSED)
    return account


def reopen(actor: Actor, *, account_id: UUID) -> Account:
    """Reopen a closed account below whose time is not over, as it was: one suspended stays so.

    Its tokens and invitations remain ended, and its canceled faxes canceled.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.
        TenantErased: its time is over.
        TenantClosed: one above it is closed.
        ShutFromAbove: it was closed by an account above the actor's.

    """
    require(actor, Action.TENANTS_MANAGE)
    with transaction.atomic():
        tree.hold_tree(Account.objects.get(pk=actor.account_id))
        account = _held(actor, account_id)
        if account.status != Status.CLOSED:
            return account
        _require_not_above(actor, account, account.closed_by)
        if account.erase_at is not None and account.erase_at <= clock.now():
            raise TenantErased
        if account.parent is not None and account.parent.status in GONE:
            raise TenantClosed
        status = Status.SUSPENDED if account.suspended_at else Status.ACTIVE
        _set(account, status=status, closed_at=None, erase_at=None, closed_by=None)
        audit.record_below(actor, account_id=account_id, action="tenant.reopen")
        tell(account, EventType.ACCOUNT_UPDATED)
    return account


def _own_or_below(actor: Actor, account_id: UUID | None) -> Account:
    if account_id is None or account_id == actor.account_id:
        return Account.objects.get(pk=actor.account_id)
    return account_below(actor, account_id)


def _held(actor: Actor, account_id: UUID) -> Account:
    """An account below that is not erased, held until the transaction ends."""
    rows = Account.objects.select_for_update(no_key=True).filter(pk=account_id)
    list(rows.values_list("pk"))
    account = account_below(actor, account_id)
    if account.status == Status.ERASED:
        raise AccountNotFound
    return account


def _require_open(account: Account) -> None:
    if account.status in GONE:
        raise TenantClosed


def _require_not_above(actor: Actor, account: Account, by: UUID | None) -> None:
    """Let nobody undo what an account above the actor's did; once moved away it is above no more.

    Raises:
        ShutFromAbove

    """
    path = path_of(account)
    if by in path[: path.index(actor.account_id)]:
        raise ShutFromAbove


def _is_below(actor: Actor, by: UUID | None) -> bool:
    """Whether an account further down than the actor's did something."""
    other = Account.objects.filter(pk=by).first() if by else None
    return other is not None and actor.account_id in path_of(other)[:-1]


def _set(account: Account, **columns: object) -> None:
    for name, value in columns.items():
        setattr(account, name, value)
    account.save(update_fields=list(columns))


def _clean(written: str) -> str:
    """Text in one line, without characters that cannot be seen but steer how it is shown."""
    seen = "".join(
        " " if character.isspace() else character
        for character in written
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn"}
    )
    return " ".join(re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", seen).split())


def _clean_name(written: str) -> str:
    name = _clean(written)
    if not 0 < len(name) <= _NAME_LENGTH:
        raise NameInvalid
    return name


def _realm(written: str) -> str:
    realm = written.strip().lower().removesuffix(".")
    labels = realm.split(".")
    if len(realm) > _REALM_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise RealmInvalid
    if Account.objects.filter(realm=realm).exists():
        raise RealmTaken
    return realm


def _made_realm(name: str, parent: Account, key: UUID) -> str:
    """A realm that nobody has: the name, and the parent's realm."""
    stem = slugify(name).replace("_", "-").strip("-") or f"tenant-{key.hex[-8:]}"
    for label in _labels(re.sub("-+", "-", stem)):
        realm = f"{label}.{parent.realm}"
        if len(realm) > _REALM_LENGTH:
            realm = f"{label}-{key.hex}"[-_LABEL_LENGTH:].strip("-")
        if not Account.objects.filter(realm=realm).exists():
            return realm
    raise AssertionError("counting never ends")


def _labels(stem: str) -> Iterator[str]:
    """The stem, and then numbered."""
    room = _LABEL_LENGTH - len("-999999")
    yield stem[:room].strip("-")
    for number in count(2):
        yield f"{stem[:room].strip('-')}-{number}"


def checked_time_zone(written: str) -> str:
    """A time zone by its name, as the world's database has it.

    Raises:
        TimeZoneInvalid

    """
    if written not in available_timezones():
        raise TimeZoneInvalid
    return written


def _country(written: str) -> str:
    country = written.strip().upper()
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise CountryInvalid
    return country


def _paper(written: str) -> str:
    if written not in PAPERS:
        raise PaperInvalid
    return written
