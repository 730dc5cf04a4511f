"""Bounds on how long faxes are kept: set by providers, each within those of who is above.

Pages and the record have a range of days each. Going down the tree every range is narrowed within
the one above; where two contradict each other, the upper one counts.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from django.db import transaction

from accounts import clock
from accounts.errors import TermsInvalid
from accounts.models import Account, RetentionBounds
from accounts.models.retention import BOUNDS
from accounts.prepared import Prepared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paths import account_below, path_of
from accounts.tenancy import require, require_provider

MOST_DAYS: Final = 36_500  # a hundred years: whoever means more means for ever
_EVER: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Days that pages and records are kept at least and at most; None is no bound."""

    pages_least: int | None = None
    pages_most: int | None = None
    record_least: int | None = None
    record_most: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self != Bounds()


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days after its end a fax keeps its pages, and its record; None is for ever."""

    pages: int | None = None
    record: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything goes."""
        return self != Kept()


def narrowed(several: Iterable[Bounds]) -> Bounds:
    """What bounds are together, from the top down."""
    pages, record = (0, _EVER), (0, _EVER)
    for each in several:
        pages = _within(pages, each.pages_least, each.pages_most)
        record = _within(record, each.record_least, each.record_most)
        # a record is there as long as its pages
        record = (max(record[0], pages[0]), max(record[1], pages[0]))
        pages = (pages[0], min(pages[1], record[1]))
    return Bounds(
        pages_least=pages[0] or None,
        pages_most=_days(pages[1]),
        record_least=record[0] or None,
        record_most=_days(record[1]),
    )


def kept_within(bounds: Bounds, chosen: Kept) -> Kept:
    """How long faxes are kept by whoever chose this, within bounds."""
    pages = _clamped(chosen.pages, bounds.pages_least, bounds.pages_most)
    record = _clamped(chosen.record, bounds.record_least, bounds.record_most)
    return Kept(pages=_days(min(pages, record)), record=_days(record))


_SET: Final = Prepared(
    lambda path: RetentionBounds.objects.across_tenants(why="bounds are inherited").filter(
        account_id__in=path
    )
)


def bounds_of(account: Account) -> Bounds:
    """The bounds that count for an account."""
    path = path_of(account)
    rows = {(row.account_id, row.for_below): row for row in _SET.rows(path=path)}
    asked = [(key, below) for key in path for below in (False, True)][:-1]  # not its own for others
    return narrowed(_read(rows[each]) for each in asked if each in rows)


def bounds_set_for(account: Account, *, for_below: bool = False) -> Bounds:
    """The bounds that are set for an account itself, or for all below it."""
    row = RetentionBounds.objects.for_account(account.pk).filter(for_below=for_below).first()
    return _read(row) if row else Bounds()


def set_bounds(actor: Actor, *, account: Account, bounds: Bounds) -> Bounds:
    """Set the bounds of an account below, or for all below the actor's own account.

    Those that count there, with what is above, are handed back. Tighter ones take effect at the
    next daily run.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account, or has none below it.
        TermsInvalid: one is no number of days, or they contradict each other.

    """
    require(actor, Action.TENANTS_MANAGE)
    own = account.pk == actor.account_id
    if own:
        require_provider(actor)
    else:
        account_below(actor, account.pk)
    check_bounds(bounds)
    with transaction.atomic():
        RetentionBounds.rows.update_or_create(
            account=account, for_below=own, defaults=asdict(bounds) | {"changed_at": clock.now()}
        )
        facts = asdict(bounds)
        if own:
            audit.record(
                actor,
                action="retention.bounds",
                object_type="account",
                object_id=account.pk,
                **facts,
            )
        else:
            audit.record_below(actor, account_id=account.pk, action="retention.bounds", **facts)
    return bounds_of(account)


def check_bounds(bounds: Bounds) -> None:
    """Let pass bounds that can be.

    Raises:
        TermsInvalid

    """
    for name, value in asdict(bounds).items():
        if value is not None and not 1 <= value <= MOST_DAYS:
            raise TermsInvalid(f"not a number of days: {name}")
    for least, most in (
        (bounds.pages_least, bounds.pages_most),
        (bounds.record_least, bounds.record_most),
        (bounds.pages_least, bounds.record_most),
    ):
        if least is not None and most is not None and least > most:
            raise TermsInvalid("a least time is longer than the longest")


def tightens(old: Bounds, new: Bounds) -> bool:
    """Whether some faxes may have to go sooner by new bounds than by the old."""
    most = ((old.pages_most, new.pages_most), (old.record_most, new.record_most))
    least = ((old.pages_least, new.pages_least), (old.record_least, new.record_least))
    return any((after or _EVER) < (before or _EVER) for before, after in most) or any(
        (after or 0) < (before or 0) for before, after in least
    )


def _read(row: RetentionBounds) -> Bounds:
    return Bounds(**{name: getattr(row, name) for name in BOUNDS})


def _within(outer: tuple[int, int], least: int | None, most: int | None) -> tuple[int, int]:
    low, high = outer
    return (
        min(max(low if least is None else least, low), high),
        min(max(high if most is None else most, low), high),
    )


def _clamped(days: int | None, least: int | None, most: int | None) -> int:
    return min(max(_EVER if days is None else days, least or 0), _EVER if most is None else most)


def _days(days: int) -> int | None:
    return None if days >= _EVER else days
