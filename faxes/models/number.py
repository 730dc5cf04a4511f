"""A fax number."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.faxbox import Faxbox


class Number(TenantModel):
    """An E.164 number of an account: faxes to it go into its faxbox, its carrier brings them.

    One without a faxbox lies in the pool of its account: nobody faxes by it until it is given out.
    ``held_since`` is when its account got it. What arrived before is not this account's; None for
    one that was never anybody else's.
    """

    of_faxbox = "faxbox"

    e164 = models.CharField(max_length=16, unique=True)
    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.PROTECT, related_name="numbers"
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="numbers")
    held_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["account", "e164"], name="number_of_account"),
            models.Index(
                fields=["account", "e164"],
                condition=models.Q(faxbox__isnull=True),
                name="number_in_pool",
            ),
        )

    def __str__(self) -> str:
        return self.e164
