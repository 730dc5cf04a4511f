"""The account: a node of the tree platform → reseller → … → customer."""

from django.db import models

from accounts.ids import new_id


class Kind(models.TextChoices):
    """What an account is in the trade."""

    PLATFORM = "platform"
    RESELLER = "reseller"
    CUSTOMER = "customer"


class Status(models.TextChoices):
    """Whether an account is in use."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Account(models.Model):
    """A tenant; ``path`` lists the ids of its ancestors and itself, so a subtree is a prefix."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=2000, db_index=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    realm = models.CharField(max_length=253, unique=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    country = models.CharField(max_length=2, default="US")  # reads numbers written nationally
    paper = models.CharField(max_length=8, default="letter")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
