"""How often something was done within a minute, for limits that hold over all processes."""

from django.db import models


class RateCount(models.Model):
    """What processes have taken of a limit for one minute, in slices.

    ``subject`` is a token's id, an account's, or a keyed digest of what else is limited; ``minute``
    counts from 1970. Rows of minutes that are over mean nothing.
    """

    subject = models.UUIDField()
    minute = models.BigIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["minute", "subject"], name="rate_counted_once"),
        )

    def __str__(self) -> str:
        return f"{self.subject}: {self.taken}"
