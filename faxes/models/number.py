"""A fax number."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.faxbox import Faxbox


class Number(TenantModel):
    """An E.164 number of an account: faxes to it go into its faxbox, its carrier brings them."""

    of_faxbox = "faxbox"

    e164 = models.CharField(max_length=16, unique=True)
    faxbox = models.ForeignKey(Faxbox, on_delete=models.PROTECT, related_name="numbers")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="numbers")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.e164
