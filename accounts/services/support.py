"""Support access: an account lets the administrators of those above it look in for some hours."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy

from accounts import clock, moments
from accounts.errors import NotThere, SupportHoursInvalid
from accounts.models import Account, Membership, SupportGrant
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit, mail
from accounts.services.brands import brand_of
from accounts.tenancy import require, support_at

MOST_HOURS: Final = 72
LONGEST_NOTE: Final = 200


def lasting_at(account_id: UUID) -> SupportGrant | None:
    """The support access that an account grants at present."""
    return support_at(account_id).first()


def grant(actor: Actor, *, hours: int, note: str = "") -> SupportGrant:
    """Let support in for so many hours from now, instead of what was granted before.

    The account's administrators hear of it by mail.

    Raises:
        NotAllowed: the actor may not.
        NotThere: nobody is above the account.
        SupportHoursInvalid: not 1 to 72 hours.

    """
    require(actor, Action.SHARING_MANAGE)
    if not 1 <= hours <= MOST_HOURS:
        raise SupportHoursInvalid
    account = Account.objects.select_related("parent").get(pk=actor.account_id)
    if account.parent is None:
        raise NotThere
    now = clock.now()
    with transaction.atomic():
        support_at(account.pk).update(ended_at=now)
        given = SupportGrant.objects.create(
            account=account,
            path=account.path,
            granted_at=now,
            until=now + timedelta(hours=hours),
            granted_by=actor.name,
            note=" ".join(note.split())[:LONGEST_NOTE],
        )
        audit.record(
            actor, action="support.grant", object_type="support", object_id=given.pk, hours=hours
        )
    _tell_administrators(account, given)
    return given


def end(actor: Actor) -> bool:
    """End support access at once; whether there was any.

    Raises:
        NotAllowed: the actor may not.

    """
    require(actor, Action.SHARING_MANAGE)
    with transaction.atomic():
        ended = support_at(actor.account_id).update(ended_at=clock.now())
        if ended:
            audit.record(
                actor, action="support.end", object_type="account", object_id=actor.account_id
            )
    return bool(ended)


def record_support_look(
    actor: Actor, *, page: str, looked_at: tuple[str, UUID] | None = None
) -> None:
    """Put on record that support sees a page: each one in the account's chain.

    ``page`` is its route's name, ``looked_at`` the kind and id of what it shows. The chain of the
    account that support belongs to tells where its people are, once in 15 minutes.
    """
    if actor.home_id is None:
        raise ValueError("not support")
    home = replace(actor, account_id=actor.home_id, on_behalf="")
    audit.record_look(
        home, action="support.enter", object_type="account", object_id=actor.account_id
    )
    kind, key = looked_at or ("account", actor.account_id)
    audit.record(actor, action="support.look", object_type=kind, object_id=key, page=page)


def _tell_administrators(account: Account, given: SupportGrant) -> None:
    administrators = Membership.objects.filter(account=account, role=Role.ADMIN)
    for each in administrators.select_related("user"):
        mail.send(
            each.user.email,
            template="accounts/email/support_granted",
            account=account,
            given=given,
            provider=account.parent,
            until=lazy(_told, str)(given.until),
            link=brand_of(account).base_url + reverse("sharing", kwargs={"account": account.pk}),
        )


def _told(until: datetime) -> str:
    """When it ends, in the reader's language and time zone."""
    return moments.tell(timezone.localtime(until), "weekday+time+zone")
