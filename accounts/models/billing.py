"""How an account pays, and how it stands."""

from django.db import models

from accounts.models.owned import OfAccount
from accounts.models.rates import Plan


class Mode(models.TextChoices):
    """Whether money comes before or after the faxes."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


class Billing(OfAccount):
    """The terms on which an account pays its provider; an account without them is not billed.

    Amounts are micro-units of ``currency``. ``fee_month`` is the last month whose fee is booked;
    ``low_told_at`` is when people were told of a low balance, until it is no longer low.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="billings")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.PREPAID)
    currency = models.CharField(max_length=3)
    credit_limit = models.PositiveBigIntegerField(default=0)  # postpaid: how far below zero
    low_balance = models.PositiveBigIntegerField(default=0)  # below this, people are warned
    fee_month = models.DateField(null=True, blank=True, db_index=True)
    low_told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.mode}, {self.plan}"

    @property
    def credit(self) -> int:
        """How far below zero the account may go, micro-units."""
        return self.credit_limit if self.mode == Mode.POSTPAID else 0


class Balance(OfAccount):
    """The sums of an account's ledger, kept with every entry, and locked while one is made.

    ``posted`` is what was paid less what was spent; ``held`` is set aside for faxes on their way;
    ``entries`` numbers the entries, and guards the row against writers that read it before.
    """

    posted = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    entries = models.PositiveBigIntegerField(default=0)

    class Meta(OfAccount.Meta):
        constraints = (
            models.CheckConstraint(condition=models.Q(held__gte=0), name="balance_held"),
        )

    def __str__(self) -> str:
        return f"{self.posted} ({self.held} held)"
