"""Numbers to look at: an account's own, and for those who provide, all of those below too."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import GONE, Account, AccountCode
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import tree
from accounts.services.paths import account_below
from accounts.tenancy import require
from faxes import paging, phone
from faxes.errors import FaxError, FaxNotFound
from faxes.models import Faxbox, Number

PAGE_SIZE: Final = 50
_DIGITS: Final = 15  # of E.164
_AT_ONCE: Final = 2000
_COUNTRY: Final = "US"  # whose numbers are written without a plus by whom we do not know yet
_NOT_DIGITS: Final = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """What a list shows. ``q``: the beginning (with +) or a part of a number, or of a name."""

    q: str = ""
    free: bool | None = None
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NumberPage:
    """One page, by number; ``after`` is where the next one goes on, empty on the last."""

    numbers: Sequence[Number]
    after: str


@dataclass(frozen=True, slots=True)
class FaxboxPage:
    """One page of fax machines, the oldest first; ``next_cursor`` is empty on the last."""

    faxboxes: Sequence[Faxbox]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class NumberCounts:
    """How many numbers an account and those below it have."""

    free: int
    in_use: int


def numbers_below(actor: Actor) -> QuerySet[Number]:
    """The numbers of the actor's account and of all below it."""
    rows = Number.objects.across_tenants(why="a provider sees the numbers that it gave out")
    return rows.filter(account__in=tree.branch(Account.objects.get(pk=actor.account_id)))


def list_numbers(
    actor: Actor, shown: NumberFilter, *, after: str = "", size: int = PAGE_SIZE
) -> NumberPage:
    """A page of the numbers of the account and of all below it.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    return _page(_told(_narrowed(actor, shown)), after, size)


def all_numbers(actor: Actor, shown: NumberFilter) -> Iterator[Number]:
    """All that a list shows, one after the other.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = _told(_narrowed(actor, shown))
    return rows.only("e164", "account__name", "faxbox__name", "carrier__name").iterator(_AT_ONCE)


def free_to_choose(actor: Actor, *, q: str = "", chosen: str = "", limit: int = 50) -> list[Number]:
    """Some numbers of the actor's pool in which ``q`` is, and the one that is chosen, by number.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    rows = Number.objects.visible_to(actor).filter(faxbox__isnull=True).order_by("e164")
    found = list((rows.filter(_matching(q.strip())) if q.strip() else rows)[:limit])
    with suppress(ValueError):  # none is chosen
        found += rows.filter(pk=UUID(chosen)).exclude(pk__in=[each.pk for each in found])
    return sorted(found, key=lambda each: each.e164)


def chosen_numbers(actor: Actor, number_ids: Sequence[UUID]) -> list[Number]:
    """Those of the numbers that the account or one below it has, by number.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    return list(_told(numbers_below(actor).filter(pk__in=number_ids)))


def count_numbers(actor: Actor) -> NumberCounts:
    """How many are free (in the account's own pool), and how many are not.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    free = Q(account_id=actor.account_id, faxbox__isnull=True)
    counted = numbers_below(actor).aggregate(free=Count("pk", filter=free), all=Count("pk"))
    return NumberCounts(counted["free"], counted["all"] - counted["free"])


def own_numbers(actor: Actor, *, q: str = "", limit: int = 200) -> list[Number]:
    """Numbers that lead to the actor's fax machines and in which ``q`` is, by number.

    Raises:
        NotAllowed

    """
    require(actor, Action.ACCOUNT_VIEW)
    rows = Number.objects.visible_to(actor).filter(faxbox__isnull=False)
    found = rows.filter(_matching(q.strip())) if q.strip() else rows
    return list(found.select_related("faxbox", "carrier").order_by("e164")[:limit])


def account_of_number(written: str) -> UUID | None:
    """Whose number this is, for whoever names an account by one; None if it is nobody's."""
    try:
        e164 = phone.parse_number(written, country=_COUNTRY)
    except FaxError:
        return None
    rows = Number.objects.across_tenants(why="who signs in may name the account by a number")
    return rows.filter(e164=e164).values_list("account_id", flat=True).first()


def own_number_page(
    actor: Actor, *, q: str = "", after: str = "", size: int = PAGE_SIZE, backwards: bool = False
) -> NumberPage:
    """A page of the numbers that lead to the actor's fax machines and in which ``q`` is.

    ``backwards`` it is in the opposite order, and so are ``after`` and what lies behind it.

    Raises:
        NotAllowed

    """
    require(actor, Action.ACCOUNT_VIEW)
    rows = Number.objects.visible_to(actor).filter(faxbox__isnull=False)
    beyond = "e164__lt" if backwards else "e164__gt"
    rows = _told(rows.filter(_matching(q.strip())) if q.strip() else rows)
    page = _page(rows.order_by("-e164") if backwards else rows, after, size, beyond=beyond)
    return NumberPage([_as_told(actor, each) for each in page.numbers], page.after)


def own_number_for(actor: Actor, number_id: UUID) -> Number:
    """A number that leads to one of the actor's fax machines.

    Raises:
        NotAllowed
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.ACCOUNT_VIEW)
    rows = _told(Number.objects.visible_to(actor).filter(faxbox__isnull=False))
    found = rows.filter(pk=number_id).first()
    if found is None:
        raise FaxNotFound
    return _as_told(actor, found)


def faxbox_page(actor: Actor, *, cursor: str = "", size: int = PAGE_SIZE) -> FaxboxPage:
    """A page of the actor's fax machines with their numbers, the oldest first.

    Raises:
        NotAllowed
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.ACCOUNT_VIEW)
    rows = _with_numbers(actor)
    if cursor:
        rows = rows.filter(pk__gt=paging.decode(cursor))
    found = list(rows[: size + 1])
    return FaxboxPage(found[:size], paging.encode(found[size - 1].pk) if len(found) > size else "")


def faxbox_for(actor: Actor, faxbox_id: UUID) -> Faxbox:
    """One of the actor's fax machines, with its numbers.

    Raises:
        NotAllowed
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.ACCOUNT_VIEW)
    found = _with_numbers(actor).filter(pk=faxbox_id).first()
    if found is None:
        raise FaxNotFound
    return found


def own_faxboxes(actor: Actor) -> list[Faxbox]:
    """The actor's fax machines, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.ACCOUNT_VIEW)
    return list(Faxbox.objects.visible_to(actor).order_by("name", "id"))


def receivers(actor: Actor, *, find: str = "", limit: int = 200) -> list[Account]:
    """Accounts below that numbers can be given to, by name; ``find`` is a part of it.

    Raises:
        NotAllowed

    """
    require(actor, Action.TENANTS_MANAGE)
    below = tree.below(Account.objects.get(pk=actor.account_id))
    named = below.filter(name__icontains=find) if find else below
    return list(named.exclude(status__in=GONE).order_by("name", "pk")[:limit])


def faxboxes_of(actor: Actor, *, account_id: UUID) -> list[Faxbox]:
    """The fax machines of the actor's account, or of one below it, by name.

    Raises:
        NotAllowed
        AccountNotFound: it is neither.

    """
    require(actor, Action.TENANTS_MANAGE)
    if account_id != actor.account_id:
        account_below(actor, account_id)
    return list(Faxbox.objects.for_account(account_id).order_by("name", "id"))


def _with_numbers(actor: Actor) -> QuerySet[Faxbox]:
    codes = AccountCode.objects.filter(account=OuterRef("account")).values("number")
    found = Faxbox.objects.visible_to(actor).annotate(account_code=Subquery(codes))
    return found.prefetch_related("numbers").order_by("id")


def _page(rows: QuerySet[Number], after: str, size: int, *, beyond: str = "e164__gt") -> NumberPage:
    found = list((rows.filter(**{beyond: after}) if after else rows)[: size + 1])
    return NumberPage(found[:size], found[size - 1].e164 if len(found) > size else "")


def _as_told(actor: Actor, number: Number) -> Number:
    """A number as the actor is told it: which program is asked is the administrators' to know.

    Its address may hold a secret. It is the account's own, and no provider's.
    """
    if not actor.may(Action.FAXBOX_MANAGE) or actor.role == Role.PROVIDER:
        number.webhook_url = ""
    return number


def _told(rows: QuerySet[Number]) -> QuerySet[Number]:
    return rows.select_related("account", "faxbox", "carrier").order_by("e164")


def _narrowed(actor: Actor, shown: NumberFilter) -> QuerySet[Number]:
    rows = numbers_below(actor)
    free = Q(account_id=actor.account_id, faxbox__isnull=True)
    if shown.free is not None:
        rows = rows.filter(free) if shown.free else rows.exclude(free)
    if shown.account_id is not None:
        rows = rows.filter(account_id=shown.account_id)
    return rows.filter(_matching(shown.q.strip())) if shown.q.strip() else rows


def _matching(q: str) -> Q:
    digits = _NOT_DIGITS.sub("", q)[:_DIGITS]
    if q.startswith("+") and digits:
        # a range, which an index answers, and which every collation sees alike
        return Q(e164__gte=f"+{digits}", e164__lte=f"+{digits.ljust(_DIGITS + 1, '9')}")
    if digits and not any(char.isalpha() for char in q):
        return Q(e164__contains=digits)
    return Q(account__name__icontains=q) | Q(faxbox__name__icontains=q)
