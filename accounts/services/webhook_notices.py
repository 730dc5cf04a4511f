"""Tell the people of an account that a webhook of theirs was switched off."""

import logging
from datetime import datetime

from django.urls import reverse

from accounts.models import GONE, Account, Disabled, Membership, WebhookEndpoint
from accounts.roles import Role
from accounts.services import mail
from accounts.services.brands import brand_of

log = logging.getLogger(__name__)


def tell_switched_off(now: datetime) -> int:
    """Mail the administrators about webhooks that were switched off for them; how many webhooks.

    A mail that cannot be sent is tried again the next time. Who dies in between, or is not alone,
    tells twice rather than never.
    """
    rows = WebhookEndpoint.objects.across_tenants(why="whoever delivers does so for all")
    off = rows.filter(
        enabled=False,
        disabled_because__in=(Disabled.FAILING, Disabled.GONE),
        told_at__isnull=True,
        deleted_at__isnull=True,
    ).exclude(account__status__in=GONE)
    told = 0
    for endpoint in list(off.select_related("account")[:100]):
        if _tell(endpoint.account, endpoint):
            # unless it was switched on meanwhile, and is to be told of anew
            off.filter(pk=endpoint.pk, disabled_at=endpoint.disabled_at).update(told_at=now)
            told += 1
    return told


def _tell(account: Account, endpoint: WebhookEndpoint) -> bool:
    """Mail to all administrators; False if none of the mails could be sent."""
    admins = Membership.objects.filter(account=account, role=Role.ADMIN)
    path = reverse("webhook", kwargs={"account": account.pk, "webhook": endpoint.pk})
    sent = [
        mail.send(
            email,
            template="accounts/email/webhook_off",
            account=account,
            webhook=endpoint,
            gone=endpoint.disabled_because == Disabled.GONE,
            link=f"{brand_of(account).base_url}{path}",
        )
        for email in admins.order_by("user__email").values_list("user__email", flat=True)
    ]
    return any(sent) or not sent
