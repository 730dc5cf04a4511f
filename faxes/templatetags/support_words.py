"""Whether a tenant lets support in at present, for the pages of its providers."""

from typing import TYPE_CHECKING
from uuid import UUID

from django import template

from accounts.services.support import lasting_at

if TYPE_CHECKING:
    from accounts.models import SupportGrant

register = template.Library()


@register.simple_tag
def support_lasting(account_id: UUID) -> "SupportGrant | None":
    """The support access that the account grants at present."""
    return lasting_at(account_id)
