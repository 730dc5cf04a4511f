"""How an account's portal looks and is called, and that of all accounts below it."""

from django.db import models
from django.db.models import Q

from accounts.models.owned import OfAccount, Owned


class Logo(Owned):
    """A picture (PNG) that the portal made itself of one that was handed in.

    ``digest`` names it on pages, to everybody. What hardly stands out from a light or a dark ground
    needs a plate there.
    """

    digest = models.CharField(max_length=32, db_index=True)
    data = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    shows_on_light = models.BooleanField()
    shows_on_dark = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "digest"], name="logo_once"),)

    def __str__(self) -> str:
        return self.digest


class Brand(OfAccount):
    """What an account sets of its brand; what is empty comes from the nearest account above.

    ``accent`` is ``#rrggbb``. ``domain`` counts once it is proven: until then several may name it.
    """

    product_name = models.CharField(max_length=60, blank=True)
    accent = models.CharField(max_length=7, blank=True)
    logo = models.ForeignKey(
        Logo, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    logo_dark = models.ForeignKey(
        Logo, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    support_email = models.EmailField(blank=True)
    support_phone = models.CharField(max_length=40, blank=True)
    support_url = models.URLField(max_length=300, blank=True)
    sender_name = models.CharField(max_length=60, blank=True)
    sender_address = models.EmailField(blank=True)
    domain = models.CharField(max_length=253, blank=True)
    domain_token = models.CharField(max_length=64, blank=True)
    domain_proven_at = models.DateTimeField(null=True, blank=True)

    class Meta(OfAccount.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(domain_proven_at__isnull=False),
                name="proven_domain_once",
            ),
        )

    def __str__(self) -> str:
        return f"brand of {self.account_id}"
