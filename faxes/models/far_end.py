"""What the machine at a number was found to need."""

from django.db import models

from faxes.enums import Quality
from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier


class FarEnd(TenantModel):
    """What made a fax of this account arrive at a number, for the next one.

    None or empty: nothing particular. It is believed until ``until``: machines are replaced.
    """

    number = models.CharField(max_length=20)
    ecm = models.BooleanField(null=True, blank=True)
    most_bits = models.PositiveIntegerField(null=True, blank=True)  # per second
    quality = models.CharField(
        max_length=10, blank=True, choices=[(q.value, q.value) for q in Quality]
    )
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    learned_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "number"], name="far_end_known_once"),
        )

    def __str__(self) -> str:
        return f"{self.number} from {self.learned_at}"
