"""Faxes that wait for a second person, as somebody may see them."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Membership
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes import paging
from faxes.models import Fax, Faxbox, FaxboxAccess
from faxes.queries.faxes import PAGE_SIZE, FaxPage, in_order

MOST: int = 99  # what is more is told as “more than”


def list_held(actor: Actor, *, cursor: str = "", size: int = PAGE_SIZE) -> FaxPage:
    """A page of the actor's faxes that wait for approval, newest first.

    Raises:
        NotAllowed: the actor may not see faxes.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(held_for__isnull=False)
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor))
    ids = list(rows.order_by("-pk").values_list("pk", flat=True)[: size + 1])
    faxes = in_order(actor, ids[:size])
    return FaxPage(faxes, paging.encode(ids[size - 1]) if len(ids) > size else "")


def held_count(actor: Actor) -> int:
    """How many of the actor's faxes wait; one above ``MOST`` stands for any more.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    rows = Fax.objects.visible_to(actor).filter(held_for__isnull=False)
    return len(rows.order_by().values_list("pk")[: MOST + 1])


def waiting_for(membership: Membership, *, now: datetime) -> QuerySet[Fax]:
    """What waits that an approver may decide on, oldest first.

    Not what they sent, nor what is of a fax machine that they may not work at, nor what may still
    be undone.
    """
    account, person = membership.account_id, membership.user_id
    rows = Fax.objects.for_account(account).filter(
        Q(undo_until__isnull=True) | Q(undo_until__lte=now), held_for__isnull=False
    )
    rows = rows.exclude(created_by=person).exclude(handed_in_by=person)
    if membership.role != Role.ADMIN:
        let_in = FaxboxAccess.objects.for_account(account).filter(
            membership_id=membership.pk, may_send=True
        )
        shut = Faxbox.objects.ever_of(account).filter(restricted=True)
        rows = rows.exclude(faxbox_id__in=shut.exclude(pk__in=let_in.values("faxbox_id")))
    return rows.order_by("pk")


def waiting_for_reader(account_id: UUID, email: str, *, now: datetime) -> QuerySet[Fax]:
    """What waits for whoever of an account has this address; nothing if nobody has."""
    theirs = Membership.objects.filter(account_id=account_id, user__email__iexact=email)
    membership = theirs.first()
    if membership is None:
        return Fax.objects.for_account(account_id).none()
    return waiting_for(membership, now=now)
