"""Who did what to which object, when and from where; outlives the object, holds no content.

The entries of an account are a chain: each has a number, and a digest over all it says and the
digest before it, so that one that is changed, removed, added or moved later on shows.
"""

from django.db import models

from accounts.ids import new_id


class AuditEntry(models.Model):
    """One line of the record. Plain ids instead of keys, so that nothing takes a line along.

    ``on_behalf`` names for whom somebody from outside of the account acted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=254)
    on_behalf = models.CharField(max_length=254, blank=True)
    via = models.CharField(max_length=16)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=24)
    object_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    number = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account_id", "number"], name="audit_number_once"),
        )
        indexes = (
            # lists: newest first, of one person, of one kind; and who looked at a fax lately
            models.Index(fields=["account_id", "user_id", "-number"], name="audit_by_person"),
            models.Index(fields=["account_id", "action", "-number"], name="audit_by_action"),
            models.Index(fields=["object_id", "action", "-number"], name="audit_by_object"),
        )

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.action} {self.object_type} {self.object_id}"


class AuditHead(models.Model):
    """The end of an account's chain: the number and digest of its last entry."""

    account_id = models.UUIDField(primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.number}"
