"""The timeline of a fax."""

from django.db import models

from faxes.enums import FaxState
from faxes.models.attempt import Attempt
from faxes.models.base import TenantModel
from faxes.models.fax import Fax


class Event(TenantModel):
    """A move of a fax from one state to another, and why. The first comes from no state."""

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in FaxState])
    because = models.CharField(max_length=40)
    attempt = models.ForeignKey(
        Attempt, null=True, blank=True, on_delete=models.CASCADE, db_index=False
    )
    facts = models.JSONField(default=dict, blank=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["fax", "id"], name="event_timeline"),
            models.Index(
                fields=["attempt"],
                condition=models.Q(attempt__isnull=False),
                name="event_of_attempt",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_state or '·'} → {self.to_state} ({self.because})"
