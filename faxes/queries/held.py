"""Whose faxes are held back: what waits to be sent from accounts that are not in use."""

from django.db.models import Q, QuerySet

from accounts.models import Account
from accounts.tenancy import blocked
from faxes.enums import FaxState
from faxes.models import Fax


def held_back(faxes: QuerySet[Fax]) -> Q:
    """What tells those of these faxes apart that wait and may not go at present.

    It is asked by account, since one that is suspended may have thousands waiting.
    """
    waiting = faxes.filter(state=FaxState.QUEUED).order_by()
    theirs = Account.objects.filter(pk__in=waiting.values("account_id").distinct())
    shut = list(theirs.filter(blocked()).values_list("pk", flat=True))
    return Q(state=FaxState.QUEUED, account_id__in=shut)
