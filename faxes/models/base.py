"""What every row of a tenant has: a key, an account, and a manager that wants to know whose."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from accounts.ids import new_id
from accounts.models import Account
from accounts.roles import Role
from accounts.scoping import Actor, TenantRows

M = TypeVar("M", bound="TenantModel")


class FaxRows(TenantRows[M]):
    """Rows of tenants, less those of fax machines that are not the asker's to see.

    This is the one place that keeps them apart: all lists and look-ups of people ask here.
    """

    def visible_to(self, actor: Actor) -> models.QuerySet[M]:
        """Rows that the actor may know of."""
        rows = super().visible_to(actor)
        path = self.model.of_faxbox
        if not path or actor.role in {Role.ADMIN, Role.SYSTEM}:
            return rows
        if path == "pk" and actor.role == Role.PROVIDER:
            return rows  # who administers fax machines sees all of them, not what goes through them
        return rows.exclude(**{f"{path}__in": self._closed_to(actor, path)})

    def _closed_to(self, actor: Actor, path: str) -> models.QuerySet[Any, Any]:
        """The fax machines that only certain people use, of whom the actor is none."""
        faxbox: Any = self.model
        for step in () if path == "pk" else path.split("__"):
            faxbox = faxbox._meta.get_field(step).related_model  # noqa: SLF001 (Django's own way)
        closed = faxbox.rows.filter(account_id=actor.account_id, restricted=True)
        if actor.user_id is None:
            nobodys: models.QuerySet[Any, Any] = closed.values("pk")
            return nobodys  # nobody is among its people, also where it has none
        theirs: models.QuerySet[Any, Any] = closed.exclude(
            access__membership__user_id=actor.user_id
        )
        return theirs.values("pk")


class TenantModel(models.Model):
    """A row that belongs to an account.

    ``rows`` is for Django itself (relations, cascades); everybody else asks ``objects``, which
    refuses until told whose rows are wanted. ``of_faxbox`` is the way from a row to the fax
    machine that it is of; empty if it is of none.
    """

    of_faxbox: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    rows: ClassVar[models.Manager[Self]] = models.Manager()
    objects: ClassVar[FaxRows[Self]] = FaxRows()

    class Meta:
        abstract = True
        default_manager_name = "rows"
        base_manager_name = "rows"
