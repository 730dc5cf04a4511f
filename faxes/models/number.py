"""A fax number."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.faxbox import Faxbox


class WebhookMethod(models.TextChoices):
    """How the program of a number is asked."""

    POST = "post"
    GET = "get"


class Number(TenantModel):
    """An E.164 number of an account: faxes to it go into its faxbox, its carrier brings them.

    One without a faxbox lies in the pool of its account: nobody faxes by it until it is given out.
    ``held_since`` is when its account got it. What arrived before is not this account's; None for
    one that was never anybody else's.
    """

    of_faxbox = "faxbox"

    e164 = models.CharField(max_length=16, unique=True)
    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.PROTECT, related_name="numbers"
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="numbers")
    # a program that is asked whether to take a fax, and where to tell of it; nobody is if empty
    webhook_url = models.CharField(max_length=2000, blank=True)
    webhook_method = models.CharField(
        max_length=4, choices=WebhookMethod.choices, default=WebhookMethod.POST
    )
    # its carrier's list last had it; before the carrier's ``numbers_at``: it has it no more
    listed_at = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["account", "e164"], name="number_of_account"),
            models.Index(
                fields=["account", "e164"],
                condition=models.Q(faxbox__isnull=True),
                name="number_in_pool",
            ),
        )

    def __str__(self) -> str:
        return self.e164

    @property
    def unlisted(self) -> bool:
        """Whether its carrier listed it before, and lists it no more."""
        read_at = self.carrier.numbers_at
        return self.listed_at is not None and read_at is not None and self.listed_at < read_at
