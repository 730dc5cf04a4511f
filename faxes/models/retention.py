"""How long faxes are kept, what was removed for it, and what is held back from all removal."""

from django.db import models
from django.db.models import Q

from faxes.enums import Direction
from faxes.models.base import TenantModel
from faxes.models.fax import Fax
from faxes.models.faxbox import Faxbox


class RetentionRule(TenantModel):
    """For how many days after their end faxes of one direction keep pages and record.

    None is for ever. Without a fax machine it is the account's rule, for all machines that have
    none of their own.
    """

    of_faxbox = "faxbox"

    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction])
    pages_days = models.PositiveIntegerField(null=True, blank=True)
    record_days = models.PositiveIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "direction"],
                condition=Q(faxbox__isnull=True),
                name="retention_rule_of_account",
            ),
            models.UniqueConstraint(
                fields=["faxbox", "direction"],
                condition=Q(faxbox__isnull=False),
                name="retention_rule_of_faxbox",
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction}: {self.pages_days}, {self.record_days}"


class RetentionRun(TenantModel):
    """A day's removal of what had been kept long enough; ``day`` is by the account's clock.

    ``terms`` are the rules as it found them: what is tightened later waits for the next. Counts
    move with what they count. ``wake_at`` is when the sweep sees whether its worker is dead.
    """

    day = models.DateField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    terms = models.JSONField(default=list)
    stripped = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)  # what would have gone, but for legal holds

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "day"], name="retention_run_once"),
        )
        indexes = (
            models.Index(
                fields=["wake_at"], condition=Q(wake_at__isnull=False), name="retention_run_wake"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.stripped} stripped, {self.deleted} deleted"


class LegalHold(TenantModel):
    """Nothing is removed of a fax, of a fax machine's faxes, or of an account's, until lifted."""

    of_faxbox = "faxbox"

    fax = models.ForeignKey(Fax, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(max_length=200)
    placed_at = models.DateTimeField()
    placed_by = models.UUIDField(null=True, blank=True)
    placed_name = models.CharField(max_length=254)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.UUIDField(null=True, blank=True)
    lifted_name = models.CharField(max_length=254, blank=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(
                fields=["account", "fax"],
                condition=Q(lifted_at__isnull=True),
                name="legal_hold_of_fax",
            ),
            models.Index(
                fields=["account", "faxbox"],
                condition=Q(lifted_at__isnull=True, fax__isnull=True),
                name="legal_hold_wide",
            ),
            models.Index(fields=["account", "-id"], name="legal_hold_list"),
        )

    def __str__(self) -> str:
        return f"legal hold {self.id}"
