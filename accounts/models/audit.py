"""Who did what to which object, when and from where; outlives the object, holds no content."""

from django.db import models

from accounts.ids import new_id


class AuditEntry(models.Model):
    """One line of the record. Plain ids instead of keys, so that nothing takes a line along."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=254)
    via = models.CharField(max_length=16)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=24)
    object_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["account_id", "-id"], name="audit_by_account"),)

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.action} {self.object_type} {self.object_id}"
