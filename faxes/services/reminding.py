"""Who may approve faxes is told again while some wait: once a day, of all together."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.models import Account, Membership
from faxes.models import Fax, Notification, NotificationState
from faxes.queries.approvals import waiting_for
from faxes.services.approval import approvers
from faxes.services.notifying import asked_about, begin_anew, tell_of_hold

AFTER: Final = timedelta(days=1)


def remind(now: datetime) -> int:
    """Have everybody told again whom faxes have been waiting for since a day; how many are."""
    waiting = Fax.objects.across_tenants(why="reminders are the portal's work").filter(
        held_for__isnull=False, created_at__lte=now - AFTER
    )
    accounts = Account.objects.filter(pk__in=waiting.order_by().values("account_id").distinct())
    return sum(
        _remind(membership, account.pk, now)
        for account in accounts
        for membership in approvers(account)
    )


def _remind(membership: Membership, account_id: UUID, now: datetime) -> bool:
    """Tell one person again, unless they were told of late or are about to be."""
    first = waiting_for(membership, now=now).select_related("faxbox").first()
    if first is None or first.created_at > now - AFTER:
        return False
    about = asked_about(account_id).filter(to__iexact=membership.user.email)
    lately = Q(state=NotificationState.PENDING) | Q(ended_at__gt=now - AFTER)
    if about.filter(lately).exists():
        return False
    told = about.order_by("pk").values_list("pk", flat=True).first()
    if told is None:
        tell_of_hold(first, [membership.user.email])
        return True
    # told by a guarded UPDATE: of two who remind at once, one does
    ended = Notification.objects.for_account(account_id).filter(pk=told, ended_at__lte=now - AFTER)
    return begin_anew(ended, now=now)
