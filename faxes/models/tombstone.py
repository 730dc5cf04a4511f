"""What remains of a deleted arrival: enough to know it again should its carrier list it again."""

from django.db import models


class Tombstone(models.Model):
    """A keyed digest of carrier and carrier's id, and nothing else."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest
