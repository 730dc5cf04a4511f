"""Requests that may come twice: the key they carry, what they did, and what was answered."""

from django.db import models

from accounts.ids import new_id
from accounts.models.owned import Owned, TenantRow


class IdempotencyKey(Owned):
    """A client's key for one request, for a day.

    ``token`` changes hands with the lease: only who holds it may put its work on record. Neither
    the key nor the answer can be read back without the key itself, which only the client has.
    """

    credential_id = models.UUIDField()  # of the account itself where no token was shown
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    token = models.UUIDField(unique=True, default=new_id)
    lease_until = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # None while under way
    answer = models.TextField(blank=True)  # sealed; empty once what it tells of was erased

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "credential_id", "key_digest"], name="idempotency_key_once"
            ),
        )

    def __str__(self) -> str:
        return f"key {self.id}: {self.status or 'under way'}"


class IdempotencyObject(TenantRow):
    """Something that a request did, noted in the transaction that did it."""

    key = models.ForeignKey(IdempotencyKey, on_delete=models.CASCADE, related_name="objects_made")
    account_id = models.UUIDField()
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField(db_index=True)

    class Meta(TenantRow.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"
