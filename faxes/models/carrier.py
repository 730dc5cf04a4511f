"""A carrier that faxes go out by and come in from."""

from django.db import models

from accounts.ids import new_id
from accounts.models import Account


class CarrierKind(models.TextChoices):
    """Protocols that a carrier may speak."""

    EMBEDDED = "embedded"


class Carrier(models.Model):
    """An upstream carrier; without an account it serves the whole site.

    ``received_until`` is the high-water mark of its received faxes: the newest arrival whose
    document is stored. It never moves back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16, choices=CarrierKind.choices)
    name = models.CharField(max_length=80)
    enabled = models.BooleanField(default=True)
    channels = models.PositiveIntegerField(default=8)  # calls at once
    received_until = models.DateTimeField(null=True, blank=True)
    sync_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.name
