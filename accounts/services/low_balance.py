"""Tell the people of an account once that its balance is low, until it is not."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F

from accounts.models import GONE, Account, Billing, Membership
from accounts.roles import Role
from accounts.services import mail
from accounts.services.money import funds_of, low_on_money, with_available

log = logging.getLogger(__name__)
_AT_ONCE: Final = 200


def accounts_to_tell() -> list[UUID]:
    """Accounts whose balance is low and whose people do not know; those topped up may again."""
    topped_up = with_available().filter(available__gte=F("low_balance"))
    topped_up.filter(low_told_at__isnull=False).update(low_told_at=None)
    low = low_on_money().filter(low_told_at__isnull=True, low_balance__gt=0)
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
