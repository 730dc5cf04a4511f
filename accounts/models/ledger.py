"""The ledger: entries that are only ever added, and the small sums that are kept with them.

Amounts are micro-units of the account's currency.
"""

from django.db import models

from accounts.models.account import Account
from accounts.models.owned import Owned
from accounts.models.rates import Unit


class EntryKind(models.TextChoices):
    """What an entry is. Holds and releases set money aside; the others move it."""

    TOP_UP = "top_up"
    HOLD = "hold"
    RELEASE = "release"
    CHARGE = "charge"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


class LedgerEntry(Owned):
    """One entry. The database refuses to change one, or to remove one of an account in use.

    All amounts of an account add up to what it may spend (but for credit): ``posted - held``.
    ``key`` says what the entry is for, so that doing it twice is doing it once. ``number`` counts
    an account's entries without a gap.
    """

    # the indexes below begin with it
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    amount = models.BigIntegerField()
    posted_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    key = models.CharField(max_length=80)
    fax_id = models.UUIDField(null=True, blank=True)  # plain: entries outlive their faxes
    month = models.DateField()  # its first day, in the account's time zone
    by = models.CharField(max_length=254)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "number"], name="entry_numbered_once"),
            models.UniqueConstraint(fields=["account", "key"], name="entry_once"),
        )
        indexes = (
            models.Index(fields=["account", "month", "number"], name="entry_by_month"),
            models.Index(  # the few that are not about faxes
                fields=["account", "month", "number"],
                condition=models.Q(fax_id__isnull=True),
                name="entry_booked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.amount}"


class MonthSum(Owned):
    """An account's entries of a month, added up by kind, and the included pages it has used."""

    month = models.DateField()
    top_ups = models.BigIntegerField(default=0)
    charges = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0)
    adjustments = models.BigIntegerField(default=0)
    included_used = models.BigIntegerField(default=0)  # pages, those set aside among them

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "month"], name="month_summed_once"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Charge(Owned):
    """What a fax out costs one account on its path: agreed when submitted, settled at its end.

    The fax's own account has one even if it is not billed, since its pages count all the same. The
    price is the one that was agreed to, whatever becomes of the deck meanwhile.
    """

    fax_id = models.UUIDField()
    day = models.DateField()  # of submission, in the account's time zone
    pages = models.PositiveIntegerField()  # as counted then
    own = models.BooleanField()  # the fax is this account's, not that of one below it
    billed = models.BooleanField()
    prefix = models.CharField(max_length=15, blank=True)
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.PAGE)
    price = models.PositiveBigIntegerField(default=0)
    increment = models.PositiveSmallIntegerField(default=60)
    connection_fee = models.PositiveBigIntegerField(default=0)
    allowance = models.PositiveIntegerField(default=0)  # included pages of the plan then
    included = models.PositiveIntegerField(default=0)  # pages set aside, in the end used
    held = models.PositiveBigIntegerField(default=0)
    cost = models.PositiveBigIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        constraints = (models.UniqueConstraint(fields=["fax_id", "account"], name="charge_once"),)

    def __str__(self) -> str:
        return f"{self.fax_id}: {self.cost if self.settled_at else self.held}"


class DayUsage(Owned):
    """Faxes and pages of an account that ended on a day, by direction and destination."""

    day = models.DateField()
    direction = models.CharField(max_length=8)
    destination = models.CharField(max_length=15, blank=True)  # the prefix of the rate
    faxes = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    charged = models.PositiveBigIntegerField(default=0)

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "day", "direction", "destination"], name="usage_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.direction} {self.destination}: {self.pages}"
