"""Numbers that an account does not want faxes sent to."""

from django.db import models

from faxes.models.base import TenantModel


class DoNotFax(TenantModel):
    """No fax goes to this number, from the account or from one below it."""

    number = models.CharField(max_length=20)  # E.164, or a full extension
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.UUIDField(null=True, blank=True)  # None: a program of the account
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "number"], name="do_not_fax_once"),
        )
        indexes = (models.Index(fields=["account", "id"], name="do_not_fax_list"),)

    def __str__(self) -> str:
        return str(self.id)
