"""What remains of what was deleted: enough to know it again should it come back."""

from django.db import models


class Tombstone(models.Model):
    """A keyed digest of carrier and carrier's id, and nothing else."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest


class DeletionMark(models.Model):
    """How far this database knows the list of deletions, which lies outside of it: one row."""

    lines = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.lines} lines of the list of deletions"
