"""Which carriers an account may have its numbers with."""

from django.conf import settings
from django.db.models import Q

from accounts.models import Account
from accounts.services.paths import path_of
from faxes.models import Carrier, CarrierKind


def embedded_carrier() -> Carrier:
    """The embedded line's row, made if this site has none."""
    carrier, _ = Carrier.objects.get_or_create(
        kind=CarrierKind.EMBEDDED,
        account=None,
        defaults={"name": "Embedded line", "channels": settings.LINES},
    )
    return carrier


def carriers_for(account: Account) -> list[Carrier]:
    """The carriers that an account may use, nearest first: its own, its providers', the site's."""
    embedded_carrier()
    path = path_of(account)
    rows = Carrier.objects.filter(
        Q(account__isnull=True) | Q(account_id__in=path), enabled=True
    ).order_by("name", "id")
    return sorted(rows, key=lambda each: -path.index(each.account_id) if each.account_id else 1)
