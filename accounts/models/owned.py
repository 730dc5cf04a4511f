"""Rows of accounts that are asked for by saying whose: money, rates, limits."""

from typing import ClassVar, Self

from django.db import models

from accounts.ids import new_id
from accounts.models.account import Account
from accounts.scoping import TenantRows


class TenantRow(models.Model):
    """A row with an ``account``, and a manager that wants to know whose rows are meant.

    ``rows`` is for Django itself (relations, cascades).
    """

    rows: ClassVar[models.Manager[Self]] = models.Manager()
    objects: ClassVar[TenantRows[Self]] = TenantRows()

    class Meta:
        abstract = True
        default_manager_name = "rows"
        base_manager_name = "rows"


class Owned(TenantRow):
    """One of many rows of an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantRow.Meta):
        abstract = True


class OfAccount(TenantRow):
    """The one row of its kind that an account has, or has not."""

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(TenantRow.Meta):
        abstract = True
