"""Which faxes have the words that are looked for.

SQLite looks through the faxes of an account until a page is full. PostgreSQL does so with the
nearest only, which hold what is common; what is rarer it finds by indexes of parts of words, which
lead to all faxes that come into question. Both is needed: of a common word there are far too many.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField

from accounts.scoping import Actor
from faxes.enums import Direction, FaxState
from faxes.models import Document, Fax, FaxNote, PageWord
from faxes.queries.page_words import Sought

NEAR: Final = 1500  # faxes that are looked at, before indexes are asked
_PART: Final = 3  # letters of a word that are kept together
# What has not ended, as the index of lists by state has it; it is in no index of words.
_UNDER_WAY: Final = {
    Direction.OUTBOUND: (FaxState.PREPARING, FaxState.QUEUED, FaxState.SENDING),
    Direction.INBOUND: (FaxState.RECEIVING,),
}


def has_indexes() -> bool:
    """Whether the database has indexes of parts of words."""
    return connection.vendor == "postgresql"


def searched(actor: Actor, rows: QuerySet[Fax], words: Sequence[Sought]) -> QuerySet[Fax]:
    """Each word must be in the subject, a number, the other end's name, a file's name or a note.

    Or on the pages, whole, where the account keeps the words on them.
    """
    documents = Document.objects.visible_to(actor).exclude(name="")
    notes = FaxNote.objects.visible_to(actor)
    if words and not has_indexes():
        rows = rows.filter(subject__gte="")  # any: it lets SQLite take the index ``fax_searched``
    for each in sorted(words, key=_in_most):  # of who has not the first, no other is asked
        word, digits = each.typed, _digits(each.typed)
        hit = Q(subject__icontains=word) | Q(remote_station_id__icontains=word)
        if (on_pages := each.on_pages(actor.account_id)) is not None:
            hit |= on_pages
        hit |= _has(documents.filter(name__icontains=word))
        hit |= _has(notes.filter(text__icontains=word))
        if digits:
            hit |= Q(to_number__contains=digits) | Q(from_number__contains=digits)
        rows = rows.filter(hit)
    return rows


def in_question(actor: Actor, words: Sequence[Sought]) -> QuerySet[Any, UUID] | None:
    """The ids of all faxes that may have the words, by an index; None if none leads to them.

    The longest word leads: it is most likely in the fewest.
    """
    longest = max(words, key=lambda each: len(each.typed))
    word, digits = longest.typed, _digits(longest.typed)
    if len(word) < _PART or (digits and len(digits) < _PART):
        return None
    account = actor.account_id
    faxes = Fax.objects.for_account(account).order_by()
    ended = faxes.annotate(told=_told()).filter(finished_at__isnull=False)
    documents = Document.objects.for_account(account).exclude(name="").order_by()
    notes = FaxNote.objects.for_account(account).order_by()
    found: list[QuerySet[Any, UUID]] = [
        ended.filter(told__icontains=word).values_list("pk", flat=True),
        *(
            faxes.filter(direction=way, state__in=states).values_list("pk", flat=True)
            for way, states in _UNDER_WAY.items()
        ),
        documents.filter(name__icontains=word).values_list("fax_id", flat=True),
        notes.filter(text__icontains=word).values_list("fax_id", flat=True),
    ]
    if digits and digits != word:
        found.append(ended.filter(told__icontains=digits).values_list("pk", flat=True))
    if longest.digests:
        on_pages = PageWord.objects.for_account(account).filter(digest=longest.digests[0])
        found.append(on_pages.order_by().values_list("fax_id", flat=True))
    first, *others = found
    return first.union(*others, all=True)


def _told() -> Func:
    """What is told of a fax in one, just as the index ``fax_words`` has it."""
    columns = (F(name) for name in ("subject", "remote_station_id", "to_number", "from_number"))
    return Func(
        *columns, template="(%(expressions)s)", arg_joiner=" || ' ' || ", output_field=TextField()
    )


def _has(rows: QuerySet[Any]) -> Q:
    """A fax has one of these rows: asked fax by fax where only few are looked at."""
    if has_indexes():
        return Q(Exists(rows.filter(fax_id=OuterRef("pk"))))
    return Q(pk__in=rows.values("fax_id"))


def _in_most(word: Sought) -> tuple[bool, int]:
    """Last for words that most faxes have, most likely: short ones, without a digit."""
    return not _digits(word.typed), -len(word.typed)


def _digits(word: str) -> str:
    return "".join(char for char in word if char.isdigit())
