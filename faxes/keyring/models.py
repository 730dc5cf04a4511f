"""Wrapped keys: nothing here opens without the site's key, and no stored object without this.

The tables name accounts and objects by their ids only: they may lie in another database, whose
backups are kept for days only, so that what is destroyed here is soon destroyed everywhere.
"""

from django.db import models


class AccountKey(models.Model):
    """The key that an account's objects' keys are wrapped with, wrapped by one of the site's."""

    account_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    wrapped_by = models.CharField(max_length=200)
    generation = models.PositiveIntegerField(default=1)
    # The key of the generation before, until all objects' keys are wrapped with this one.
    older = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"key of account {self.account_id}"


class ObjectKey(models.Model):
    """The key of one stored object, wrapped by its account's."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(AccountKey, models.CASCADE, related_name="objects_of")
    wrapped = models.BinaryField()
    generation = models.PositiveIntegerField(default=1)  # of the account's key

    class Meta:
        indexes = (models.Index(fields=["account", "generation"], name="objectkey_generation"),)

    def __str__(self) -> str:
        return f"key of object {self.id}"
