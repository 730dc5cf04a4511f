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
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"key of account {self.account_id}"


class ObjectKey(models.Model):
    """The key of one stored object, wrapped by its account's."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(AccountKey, models.CASCADE, related_name="objects_of")
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of object {self.id}"
