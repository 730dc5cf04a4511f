"""Work that one process at a time does, on however many machines."""

from django.db import models


class Lease(models.Model):
    """Who does a work, and until when they have to say so again.

    ``fence`` grows whenever another takes over: whoever slept through that knows by it.
    """

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.UUIDField()
    fence = models.PositiveBigIntegerField(default=1)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}, number {self.fence}"
