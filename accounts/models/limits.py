"""What an account may use at most, and what it has used of it."""

from django.db import models

from accounts.models.owned import OfAccount, Owned


class Limits(OfAccount):
    """The limits set for an account; None sets none.

    What counts for an account is the least that is set for it and for any account above it.
    """

    pages_a_day = models.PositiveIntegerField(null=True, blank=True)
    pages_a_month = models.PositiveIntegerField(null=True, blank=True)
    pages_a_fax = models.PositiveIntegerField(null=True, blank=True)
    faxes_at_once = models.PositiveIntegerField(null=True, blank=True)  # handed in, not ended
    calls_at_once = models.PositiveIntegerField(null=True, blank=True)  # on the line; others wait
    storage_bytes = models.PositiveBigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"limits of {self.account_id}"


class DayCount(Owned):
    """Pages that an account handed in on a day of its time zone, less those taken back."""

    day = models.DateField()
    pages = models.BigIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "day"], name="day_counted_once"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.pages}"
