"""What faxes cost: decks of rates by destination, and the plans that accounts are put on.

All amounts are micro-units: millionths of the deck's currency.
"""

from django.db import models

from accounts.ids import new_id
from accounts.models.owned import Owned


class Unit(models.TextChoices):
    """What a rate counts."""

    PAGE = "page"
    MINUTE = "minute"


class RateDeck(Owned):
    """The prices that an account (the platform, a reseller) asks of those below it."""

    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)  # ISO 4217
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Owned.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="deck_named_once"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class Rate(models.Model):
    """The price of numbers that begin with ``prefix`` (digits of E.164); the longest one counts.

    ``increment`` are the seconds that a call by the minute is rounded up to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deck = models.ForeignKey(RateDeck, on_delete=models.CASCADE, related_name="rates")
    prefix = models.CharField(max_length=15)
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.PAGE)
    price = models.PositiveBigIntegerField()
    increment = models.PositiveSmallIntegerField(default=60)
    connection_fee = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["deck", "prefix"], name="rate_once"),
            models.CheckConstraint(condition=models.Q(increment__gt=0), name="rate_increment"),
        )

    def __str__(self) -> str:
        return f"+{self.prefix}: {self.price} a {self.unit}"


class Beyond(models.TextChoices):
    """What happens once the included pages of a month are used up."""

    CHARGE = "charge"
    REFUSE = "refuse"


class Plan(Owned):
    """What an account pays: a fee a month, pages included in it, and a deck for the rest.

    One that is archived is kept for those who are on it, and offered to nobody else.
    """

    name = models.CharField(max_length=80)
    deck = models.ForeignKey(RateDeck, on_delete=models.PROTECT, related_name="plans")
    monthly_fee = models.PositiveBigIntegerField(default=0)
    included_pages = models.PositiveIntegerField(default=0)  # sent, a month
    beyond = models.CharField(max_length=8, choices=Beyond.choices, default=Beyond.CHARGE)
    received_price = models.PositiveBigIntegerField(default=0)  # a page that came in
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Owned.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="plan_named_once"),)

    def __str__(self) -> str:
        return self.name
