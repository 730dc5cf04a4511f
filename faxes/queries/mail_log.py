"""The record of mails to fax machines: what became of each, for the people of the account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.errors import FaxNotFound
from faxes.models import InboundMail


@dataclass(frozen=True, slots=True)
class MailPage:
    """Mails, newest first unless asked otherwise; ``after`` is to go on with, None at the end."""

    mails: Sequence[InboundMail]
    after: UUID | None


def mail_page(
    actor: Actor,
    *,
    faxbox_id: UUID | None = None,
    after: UUID | None = None,
    size: int | None = 50,
    created_from: datetime | None = None,
    created_to: datetime | None = None,
    ascending: bool = False,
) -> MailPage:
    """Mails to a fax machine, or to all that the actor may see, with who was told of them.

    From ≤ created ≤ to. ``size`` None is all of them.

    Raises:
        NotAllowed

    """
    require(actor, Action.FAX_VIEW)
    rows = InboundMail.objects.visible_to(actor)
    if faxbox_id is not None:
        rows = rows.filter(faxbox_id=faxbox_id)
    if created_from is not None:
        rows = rows.filter(created_at__gte=created_from)
    if created_to is not None:
        rows = rows.filter(created_at__lte=created_to)
    if after is not None:
        rows = rows.filter(pk__gt=after) if ascending else rows.filter(pk__lt=after)
    rows = rows.order_by("pk" if ascending else "-pk").prefetch_related("notifications")
    if size is None:
        return MailPage(list(rows), None)
    found = list(rows[: size + 1])
    return MailPage(found[:size], found[size - 1].pk if len(found) > size else None)


def mail_for(actor: Actor, mail_id: UUID) -> InboundMail:
    """One mail of the actor's account, with who was told of it.

    Raises:
        NotAllowed
        FaxNotFound: there is none such for the actor.

    """
    require(actor, Action.FAX_VIEW)
    rows = InboundMail.objects.visible_to(actor).prefetch_related("notifications")
    found: InboundMail | None = rows.filter(pk=mail_id).first()
    if found is None:
        raise FaxNotFound
    return found
