"""Words on pages: what they are kept as, and which faxes have those that are looked for."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from faxes.documents import words
from faxes.models import PageWord

MOST_WORDS: Final = 8  # of a search; the others are passed over
_MOST_PARTS: Final = 4  # of one of them, as 4711-22 has two
_BYTES: Final = 8  # of a digest: what a database compares as one number


@dataclass(frozen=True, slots=True)
class Sought:
    """A word as it was typed, and the digests of what it is on a page: ``4711-22`` is two there.

    Without digests it is on no page: the account keeps none, or there is nothing of a word in it.
    """

    typed: str
    digests: tuple[int, ...] = ()

    def on_pages(self, account_id: UUID) -> Q | None:
        """A condition on faxes: it is on their pages. None if it is on none."""
        if not self.digests:
            return None
        condition = Q()
        for digest in self.digests:
            rows = PageWord.objects.for_account(account_id).filter(digest=digest)
            condition &= Q(Exists(rows.filter(fax_id=OuterRef("pk"))))
        return condition


def digest(secret: bytes, word: str) -> int:
    """What is kept of a folded word: the same for the same word of one account, and no other's."""
    made = hmac.digest(secret, word.encode(), "sha256")
    return int.from_bytes(made[:_BYTES], "big", signed=True)


def sought(actor: Actor, q: str) -> list[Sought]:
    """The words that somebody looks for, at the cost of one query."""
    typed = q.split()[:MOST_WORDS]
    if not typed or not actor.may(Action.FAX_PAGES):
        return [Sought(word) for word in typed]
    account = Account.objects.filter(pk=actor.account_id).only("page_text_key").first()
    secret = account.page_text_secret if account else b""
    if not secret:
        return [Sought(word) for word in typed]
    return [
        Sought(word, tuple(digest(secret, part) for part in words.words_of(word)[:_MOST_PARTS]))
        for word in typed
    ]


def found_on_pages(actor: Actor, q: str, fax_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the actor's faxes that have one of the words, all of it, on their pages."""
    looked_for = [each for each in sought(actor, q) if each.digests] if fax_ids else []
    if not looked_for:
        return frozenset()
    wanted = {each for word in looked_for for each in word.digests}
    rows = PageWord.objects.visible_to(actor).filter(digest__in=wanted, fax_id__in=fax_ids)
    on: dict[UUID, set[int]] = {}
    for fax_id, known in rows.values_list("fax_id", "digest"):
        on.setdefault(fax_id, set()).add(known)
    return frozenset(
        fax_id for fax_id, known in on.items() if any(known >= {*w.digests} for w in looked_for)
    )
