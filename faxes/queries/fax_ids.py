"""Which faxes a list shows: their ids in order, a page at a time, at one cost however many.

Every filter has an index that holds its faxes in order. Of several filters one leads, the one that
most likely leaves fewest; the others are looked at beside it. What would be an OR is read as lists
of their own, which are merged, since a database would sort them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import In, IsNull

from accounts.ids import first_id_at
from accounts.scoping import Actor
from faxes.enums import Direction, FaxState
from faxes.models import Fax, Faxbox, FaxLabel, FaxMetadata, LegalHold
from faxes.queries.fax_words import NEAR, has_indexes, in_question, searched
from faxes.queries.legal_holds import lasting
from faxes.queries.page_words import Sought, sought

# In these states nearly all faxes of an account are sooner or later.
_MOST: Final = frozenset({FaxState.DELIVERED, FaxState.RECEIVED})
# How far the time in a fax's id may be from when it was handed in: documents are read in between,
# and clocks are set.
_ID_EARLIER: Final = timedelta(minutes=5)
_ID_LATER: Final = timedelta(hours=1)
_NO_METADATA: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FaxFilter:
    """What a list shows; what is None or empty does not narrow it. Times: from ≤ t < until.

    A fax is in one of ``states`` and has all of ``metadata``; ``number``, in E.164, is at either
    end of it, ``from_number`` and ``to_number`` at just that end; ``person`` handed it in, or its
    fax machine is theirs. ``label_id`` is on it, ``assigned_to`` is to see to it; it was put away
    or not as ``archived`` says.
    """

    direction: Direction | None = None
    q: str = ""
    states: Sequence[FaxState] = ()
    faxbox_id: UUID | None = None
    number: str = ""
    from_number: str = ""
    to_number: str = ""
    since: datetime | None = None
    until: datetime | None = None
    unread: bool = False
    metadata: Mapping[str, str] = field(default_factory=lambda: _NO_METADATA)
    batch_id: UUID | None = None
    broadcast_id: UUID | None = None
    person: UUID | None = None
    label_id: UUID | None = None
    assigned_to: UUID | None = None
    archived: bool | None = None
    on_hold: bool = False  # under legal hold
    oldest_first: bool = False


def first_ids(actor: Actor, shown: FaxFilter, *, behind: UUID | None, size: int) -> list[UUID]:
    """The ids of the first so many faxes of a list, in its order, behind one of them if named."""
    if shown.unread:
        direction = shown.direction or Direction.INBOUND
        shown = replace(shown, direction=direction, states=(FaxState.RECEIVED,))
    words = sought(actor, shown.q)
    if words and has_indexes():
        return _by_words(actor, shown, words, behind, size)
    return _first(_lists(actor, shown, words), shown, behind, size)


def _first(
    lists: Sequence[QuerySet[Any]], shown: FaxFilter, behind: UUID | None, size: int
) -> list[UUID]:
    """The first so many of several lists, as one."""
    found = {fax_id for each in lists for fax_id in _in_order(each, shown, behind)[:size]}
    return sorted(found, reverse=not shown.oldest_first)[:size]


def _lists(actor: Actor, shown: FaxFilter, words: Sequence[Sought]) -> Sequence[QuerySet[Any]]:
    """The lists that together are what is shown, by what leads to fewest."""
    if shown.metadata:
        return _by_metadata(actor, shown, words)
    if shown.on_hold:
        return _by_hold(actor, shown, words)
    if shown.label_id is not None:
        return _by_label(actor, shown, shown.label_id, words)
    return _by_columns(actor, shown, words)


def _by_words(
    actor: Actor, shown: FaxFilter, words: Sequence[Sought], behind: UUID | None, size: int
) -> list[UUID]:
    """The same of a search, if the database has indexes of words: from the nearest, if it can be.

    Else from all that an index of words leads to.
    """
    ends = [
        edge
        for each in _lists(actor, shown, ())
        for edge in _in_order(each, shown, behind)[NEAR : NEAR + 1]
    ]
    lists = _lists(actor, shown, words)
    if not ends:
        return _first(lists, shown, behind, size)
    edge, side = (min(ends), "lt") if shown.oldest_first else (max(ends), "gt")
    near = [each.filter(**{f"{_key(each)}__{side}": edge}) for each in lists]
    found = _first(near, shown, behind, size)
    if len(found) == size:
        return found
    led = in_question(actor, words)
    if led is None:
        return _first(lists, shown, behind, size)
    return _first(
        [each.filter(**{f"{_key(each)}__in": led}) for each in lists], shown, behind, size
    )


def _key(rows: QuerySet[Any]) -> str:
    return "id" if rows.model is Fax else "fax_id"


def counts_up_to(actor: Actor, several: Sequence[FaxFilter], *, most: int) -> list[int]:
    """How many faxes each list by direction, states and times shows; none counted beyond most."""
    rows, told = Fax.objects.visible_to(actor), []
    for shown in several:
        counted = 0
        for each in _by_columns(actor, shown, (), rows):
            if counted < most:
                counted += _in_order(each, shown, None)[: most - counted].count()
        told.append(counted)
    return told


def _in_order(rows: QuerySet[Any], shown: FaxFilter, behind: UUID | None) -> QuerySet[Any, UUID]:
    """Ids of faxes in the order asked for, behind the cursor and within the times.

    Ids begin with their time, so that an index leads to it; ``created_at`` is looked at beside.
    """
    key = _key(rows)
    if behind is not None:
        rows = rows.filter(**{f"{key}__{'gt' if shown.oldest_first else 'lt'}": behind})
    if shown.since is not None:
        rows = rows.filter(**{f"{key}__gte": first_id_at(shown.since - _ID_EARLIER)})
    if shown.until is not None:
        rows = rows.filter(**{f"{key}__lt": first_id_at(shown.until + _ID_LATER)})
    return rows.order_by(key if shown.oldest_first else f"-{key}").values_list(key, flat=True)


def _by_columns(
    actor: Actor, shown: FaxFilter, words: Sequence[Sought], rows: QuerySet[Fax] | None = None
) -> list[QuerySet[Fax]]:
    """The lists that together are what is shown, each of which an index has in order."""
    leading, led_by = _leading(shown)
    beside = _beside(shown, led_by) & _of_person(actor, shown.person)
    visible = Fax.objects.visible_to(actor) if rows is None else rows
    return [searched(actor, visible.filter(each & beside), words) for each in leading]


def _by_metadata(
    actor: Actor, shown: FaxFilter, words: Sequence[Sought]
) -> list[QuerySet[FaxMetadata]]:
    """The list by the index of the first pair; all else is asked of each fax that it leads to."""
    (first, its_value), *others = shown.metadata.items()
    pairs = FaxMetadata.objects.for_account(actor.account_id)
    beside = _beside(shown, frozenset()) & _of_person(actor, shown.person)
    faxes = Fax.objects.visible_to(actor).filter(beside, pk=OuterRef("fax_id"))
    for key, value in others:
        faxes = faxes.filter(Exists(pairs.filter(fax_id=OuterRef("pk"), key=key, value=value)))
    if shown.label_id is not None:
        links = FaxLabel.objects.for_account(actor.account_id).filter(label_id=shown.label_id)
        faxes = faxes.filter(Exists(links.filter(fax_id=OuterRef("pk"))))
    led = pairs.filter(key=first, value=its_value)
    return [led.filter(Exists(searched(actor, faxes, words)))]


def _by_label(
    actor: Actor, shown: FaxFilter, label_id: UUID, words: Sequence[Sought]
) -> list[QuerySet[FaxLabel]]:
    """The list by the index of the label; all else is asked of each fax that it leads to."""
    beside = _beside(shown, frozenset()) & _of_person(actor, shown.person)
    faxes = Fax.objects.visible_to(actor).filter(beside, pk=OuterRef("fax_id"))
    led = FaxLabel.objects.for_account(actor.account_id).filter(label_id=label_id)
    return [led.filter(Exists(searched(actor, faxes, words)))]


def _by_hold(
    actor: Actor, shown: FaxFilter, words: Sequence[Sought]
) -> list[QuerySet[LegalHold] | QuerySet[Fax]]:
    """The list by the index of faxes that are held by themselves, one by that of each machine.

    All else is asked of each fax that they lead to. Where all of the account is held, all are.
    """
    holds = lasting(actor.account_id)
    wide = set(holds.filter(fax__isnull=True).values_list("faxbox_id", flat=True))
    beside = _beside(shown, frozenset()) & _of_person(actor, shown.person)
    faxes = Fax.objects.visible_to(actor).filter(beside)
    if shown.label_id is not None:
        links = FaxLabel.objects.for_account(actor.account_id).filter(label_id=shown.label_id)
        faxes = faxes.filter(Exists(links.filter(fax_id=OuterRef("pk"))))
    if None in wide:
        return [searched(actor, faxes.filter(direction=way), words) for way in Direction]
    of_fax = searched(actor, faxes.filter(pk=OuterRef("fax_id")), words)
    alone = holds.filter(Exists(of_fax), fax__isnull=False).distinct()
    return [alone, *(searched(actor, faxes.filter(faxbox_id=each), words) for each in wide)]


def _leading(shown: FaxFilter) -> tuple[list[Q], frozenset[str]]:
    """What leads to the faxes, as one list or several, and which columns that is."""
    for column in ("batch_id", "broadcast_id", "assigned_to"):
        if (wanted := getattr(shown, column)) is not None:
            return [Q(**{column: wanted})], frozenset({column})
    if shown.number:
        return [Q(to_number=shown.number), Q(from_number=shown.number)], frozenset({"number"})
    for end in ("to_number", "from_number"):
        if number := getattr(shown, end):
            return [Q(**{end: number})], frozenset({end})
    if shown.faxbox_id is not None and (not shown.states or _MOST & set(shown.states)):
        return [Q(faxbox_id=shown.faxbox_id)], frozenset({"faxbox_id"})
    ways = [shown.direction] if shown.direction else list(Direction)
    states = [Q(state=state) for state in dict.fromkeys(shown.states)] or [Q()]
    lists = [Q(direction=way) & state for way in ways for state in states]
    led_by = {"direction", "state"}
    if shown.archived is not None and not shown.unread:  # few are unread: that leads
        lists = [each & Q(archived_at__isnull=not shown.archived) for each in lists]
        led_by.add("archived")
    return lists, frozenset(led_by)


def _beside(shown: FaxFilter, led_by: frozenset[str]) -> Q:
    """All but the leading columns, told so that no index is chosen for them."""
    beside = Q()
    columns: dict[str, Sequence[Any]] = {
        "batch_id": [shown.batch_id] if shown.batch_id else [],
        "broadcast_id": [shown.broadcast_id] if shown.broadcast_id else [],
        "faxbox_id": [shown.faxbox_id] if shown.faxbox_id else [],
        "direction": [shown.direction] if shown.direction else [],
        "state": shown.states,
        "from_number": [shown.from_number] if shown.from_number else [],
        "to_number": [shown.to_number] if shown.to_number else [],
        "assigned_to": [shown.assigned_to] if shown.assigned_to else [],
    }
    for column, values in columns.items():
        if values and column not in led_by:
            beside &= _unindexed(column, values)
    if shown.number and "number" not in led_by:
        number = [shown.number]
        beside &= _unindexed("to_number", number) | _unindexed("from_number", number)
    if shown.since is not None:
        beside &= Q(created_at__gte=shown.since)
    if shown.until is not None:
        beside &= Q(created_at__lt=shown.until)
    if shown.archived is not None and "archived" not in led_by:
        beside &= Q(IsNull(Coalesce(F("archived_at"), F("archived_at")), not shown.archived))
    if shown.unread:
        beside &= Q(read_at__isnull=True)
    return beside


def _of_person(actor: Actor, person: UUID | None) -> Q:
    """Faxes that somebody handed in, and all of the fax machines that are theirs."""
    if person is None:
        return Q()
    machines = Faxbox.objects.visible_to(actor).filter(owner_id=person)
    return Q(created_by=person) | _unindexed(
        "faxbox_id", list(machines.values_list("pk", flat=True))
    )


def _unindexed(column: str, values: Sequence[Any]) -> Q:
    """A column is one of these values: as an expression, which no index is of."""
    return Q(In(Coalesce(F(column), F(column)), values))
