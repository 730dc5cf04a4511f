"""How long providers have faxes kept at least and at most by the accounts below them."""

from typing import Final

from django.db import models

from accounts.models.owned import Owned

BOUNDS: Final = ("pages_least", "pages_most", "record_least", "record_most")


class RetentionBounds(Owned):
    """Bounds in days, set for an account and all below it; None sets none.

    With ``for_below`` they hold for what is below the account only: a provider's own rule.
    """

    for_below = models.BooleanField(default=False)
    pages_least = models.PositiveIntegerField(null=True, blank=True)
    pages_most = models.PositiveIntegerField(null=True, blank=True)
    record_least = models.PositiveIntegerField(null=True, blank=True)
    record_most = models.PositiveIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "for_below"], name="retention_bounds_once"),
        )

    def __str__(self) -> str:
        return f"bounds of {self.account_id}"
