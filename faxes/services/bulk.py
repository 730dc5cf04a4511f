"""One act on many faxes: done one by one as for a single fax, and told for each how it went."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from accounts.errors import AccountSuspended, NotAllowed
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import FaxError, FaxNotFound, InvalidRequest, RequestError
from faxes.models import Fax
from faxes.queries.faxes import in_order
from faxes.services import control, filing, labels, privacy, submit

MOST_AT_ONCE: Final = 100


class BulkAct(StrEnum):
    """What can be done with many faxes at once."""

    READ = "read"
    UNREAD = "unread"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    LABEL = "label"
    UNLABEL = "unlabel"
    ASSIGN = "assign"
    RESEND = "resend"
    STRIP = "strip"
    DELETE = "delete"


_ALLOWED_BY: Final[Mapping[BulkAct, Action]] = {
    BulkAct.RESEND: Action.FAX_SEND,
    BulkAct.STRIP: Action.FAX_STRIP,
    BulkAct.DELETE: Action.FAX_DELETE,
}
# What cannot be taken back is told first, and done once that is confirmed.
CONFIRMED: Final = frozenset({BulkAct.RESEND, BulkAct.STRIP, BulkAct.DELETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """What is to be done with which faxes; ``person`` None stands for nobody in particular."""

    act: BulkAct
    fax_ids: Sequence[UUID]
    label_id: UUID | None = None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one fax. ``fax`` is as it was before; None if there is none such."""

    fax_id: UUID
    fax: Fax | None
    error: Exception | None


def chosen_faxes(actor: Actor, *, fax_ids: Sequence[UUID]) -> list[Fax]:
    """The faxes of the actor's among these, in that order, each once.

    Raises:
        NotAllowed: the actor may not see faxes.
        RequestError: they are too many.

    """
    require(actor, Action.FAX_VIEW)
    wanted = list(dict.fromkeys(fax_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise RequestError(ErrorCode.TOO_MANY_FAXES_CHOSEN, limit=MOST_AT_ONCE)
    mine = set(Fax.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    return in_order(actor, [each for each in wanted if each in mine])


def require_act(actor: Actor, *, act: BulkAct) -> None:
    """Let pass who may do this at all.

    Raises:
        NotAllowed

    """
    require(actor, _ALLOWED_BY.get(act, Action.FAX_MARK))


def do_to_many(actor: Actor, *, order: BulkOrder) -> list[Outcome]:
    """Do it to each; what fails for one does not stop the others.

    Raises:
        NotAllowed: the actor may do it to no fax.
        RequestError: they are too many, or no label is named for what needs one.

    """
    require_act(actor, act=order.act)
    if order.act in {BulkAct.LABEL, BulkAct.UNLABEL} and order.label_id is None:
        raise RequestError(ErrorCode.LABEL_NOT_FOUND, field="label")
    before = {fax.pk: fax for fax in chosen_faxes(actor, fax_ids=order.fax_ids)}
    outcomes = []
    for fax_id in dict.fromkeys(order.fax_ids):
        error: Exception | None = None
        try:
            _DONE[order.act](actor, fax_id, order)
        except (FaxError, FaxNotFound, InvalidRequest, NotAllowed, AccountSuspended) as refused:
            error = refused
        outcomes.append(Outcome(fax_id, before.get(fax_id), error))
    return outcomes


def _label(actor: Actor, fax_id: UUID, order: BulkOrder) -> None:
    if order.label_id is not None:
        on = order.act == BulkAct.LABEL
        labels.label_fax(actor, fax_id=fax_id, label_id=order.label_id, on=on)


def _mark(actor: Actor, fax_id: UUID, order: BulkOrder) -> None:
    control.mark_read(actor, fax_id=fax_id, read=order.act == BulkAct.READ)


def _archive(actor: Actor, fax_id: UUID, order: BulkOrder) -> None:
    filing.archive_fax(actor, fax_id=fax_id, archived=order.act == BulkAct.ARCHIVE)


def _assign(actor: Actor, fax_id: UUID, order: BulkOrder) -> None:
    filing.assign_fax(actor, fax_id=fax_id, person=order.person)


def _resend(actor: Actor, fax_id: UUID, _order: BulkOrder) -> None:
    submit.resend_fax(actor, fax_id=fax_id)


def _strip(actor: Actor, fax_id: UUID, _order: BulkOrder) -> None:
    privacy.strip_fax(actor, fax_id=fax_id)


def _delete(actor: Actor, fax_id: UUID, _order: BulkOrder) -> None:
    privacy.delete_fax(actor, fax_id=fax_id)


_DONE: Final[Mapping[BulkAct, Callable[[Actor, UUID, BulkOrder], None]]] = {
    BulkAct.READ: _mark,
    BulkAct.UNREAD: _mark,
    BulkAct.ARCHIVE: _archive,
    BulkAct.UNARCHIVE: _archive,
    BulkAct.LABEL: _label,
    BulkAct.UNLABEL: _label,
    BulkAct.ASSIGN: _assign,
    BulkAct.RESEND: _resend,
    BulkAct.STRIP: _strip,
    BulkAct.DELETE: _delete,
}
