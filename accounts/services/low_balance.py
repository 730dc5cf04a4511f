"""Tell the people of an account once that its balance is low, until it is not."""

import logging
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When

from accounts.models import GONE, Account, Balance, Billing, Membership, Mode
from accounts.roles import Role
from accounts.services import mail
from accounts.services.money import funds_of

log = logging.getLogger(__name__)
_AT_ONCE: Final = 200


def accounts_to_tell() -> list[UUID]:
    """Accounts whose balance is low and whose people do not know; those topped up may again."""
    rows = _with_available()
    rows.filter(low_told_at__isnull=False, available__gte=F("low_balance")).update(low_told_at=None)
    low = rows.filter(low_told_at__isnull=True, low_balance__gt=0, available__lt=F("low_balance"))
    waiting = low.exclude(account__status__in=GONE).order_by("account_id")
    return list(waiting.values_list("account_id", flat=True)[:_AT_ONCE])


def tell(account_id: UUID, *, now: datetime) -> bool:
    """Mail the administrators of an account that its balance is low; False if they know, or none.

    A mail that cannot be sent is tried again some minutes later.
    """
    billing = Billing.objects.for_account(account_id).filter(low_told_at__isnull=True)
    funds = funds_of(account_id)
    if funds is None or not funds.low or not billing.update(low_told_at=now):
        return False
    account = Account.objects.get(pk=account_id)
    admins = Membership.objects.filter(account_id=account_id, role=Role.ADMIN)
    sent = [
        mail.send(email, template="accounts/email/low_balance", account=account, funds=funds)
        for email in admins.order_by("user__email").values_list("user__email", flat=True)
    ]
    if sent and not any(sent):
        Billing.objects.for_account(account_id).filter(low_told_at=now).update(low_told_at=None)
        log.warning("account %s could not be told of its low balance", account_id)
    return any(sent)


def _with_available() -> QuerySet[Any, Any]:
    """All terms of payment, each with what the account may spend."""
    rows = Billing.objects.across_tenants(why="the portal warns everybody")
    mine = Balance.rows.filter(account=OuterRef("account"))
    credit = Case(When(mode=Mode.POSTPAID, then=F("credit_limit")), default=Value(0))
    return rows.annotate(
        available=Subquery(mine.values("posted")[:1]) - Subquery(mine.values("held")[:1]) + credit
    )
