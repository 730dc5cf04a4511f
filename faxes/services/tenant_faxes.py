"""A provider looks at the fax records of a tenant, which goes on record with the tenant."""

from uuid import UUID

from accounts.models import Account, Shared
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paths import account_below
from accounts.tenancy import require
from faxes.queries.tenant_faxes import TenantFaxPage, list_tenant_faxes


def look_at_tenant_faxes(
    actor: Actor, *, account_id: UUID, cursor: str = ""
) -> tuple[Account, TenantFaxPage]:
    """The account below and a page of its faxes, as much as it shares.

    Raises:
        NotAllowed: the actor does not manage accounts below.
        AccountNotFound: there is none of this id below.
        RequestError: the cursor is not one of ours.

    """
    require(actor, Action.TENANTS_MANAGE)
    account = account_below(actor, account_id)
    page = list_tenant_faxes(account.pk, cursor=cursor)
    if page.shared != Shared.NONE:
        audit.record_below(
            actor,
            account_id=account.pk,
            action="sharing.look",
            shown=page.shared.value,
            records=len(page.faxes),
        )
    return account, page
