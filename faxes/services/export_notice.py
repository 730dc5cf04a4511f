"""The mail that an export is ready: to who asked for it, once, with the way to its page."""

import logging
from uuid import UUID

from django.urls import reverse

from accounts import clock
from accounts.models import Account, Membership, Status
from accounts.roles import Role
from accounts.services import mail
from accounts.services.brands import brand_of
from faxes.models import Export

log = logging.getLogger(__name__)


def tell(export_id: UUID) -> None:
    """Mail who asked that the files are ready, unless they know, or administer no more.

    The page wants them signed in, and confirmed; the mail holds nothing of what was packed.
    """
    rows = Export.objects.across_tenants(why="a job names an export").filter(pk=export_id)
    now = clock.now()
    if not rows.filter(ready_at__isnull=False, told_at__isnull=True).update(told_at=now):
        return
    export = rows.select_related("account").first()
    if export is None or export.asked_by is None:
        return
    admins = Membership.objects.filter(account_id=export.account_id, role=Role.ADMIN)
    email = admins.filter(user_id=export.asked_by).values_list("user__email", flat=True).first()
    if email is None:
        return
    account = export.account
    sent = mail.send(
        email,
        template="faxes/email/export_ready",
        account=account,
        link=brand_of(account).base_url + reverse(_page(account), kwargs={"account": account.pk}),
        until=export.expires_at,
    )
    if not sent:
        rows.filter(told_at=now).update(told_at=None)
        log.warning("nobody could be told that export %s is ready", export_id)


def _page(account: Account) -> str:
    return "closing" if account.status == Status.CLOSED else "export"
