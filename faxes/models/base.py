"""What every row of a tenant has: a key, an account, and a manager that wants to know whose."""

from typing import ClassVar, Self

from django.db import models

from accounts.ids import new_id
from accounts.models import Account
from accounts.scoping import TenantRows


class TenantModel(models.Model):
    """A row that belongs to an account.

    ``rows`` is for Django itself (relations, cascades); everybody else asks ``objects``, which
    refuses until told whose rows are wanted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    rows: ClassVar[models.Manager[Self]] = models.Manager()
    objects: ClassVar[TenantRows[Self]] = TenantRows()

    class Meta:
        abstract = True
        default_manager_name = "rows"
        base_manager_name = "rows"
