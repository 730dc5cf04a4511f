"""The virtual fax machine."""

from django.db import models

from accounts.models import Membership
from faxes.models.base import TenantModel


class Faxbox(TenantModel):
    """What a fax machine has: a name, a station id, a header line, a clock, manners of retrying.

    ``retries`` says how many further tries a fax gets; None leaves it to how each try came out.
    Everybody in the account uses it, unless ``restricted``: then only its administrators and the
    people whom ``FaxboxAccess`` names.
    """

    of_faxbox = "pk"

    name = models.CharField(max_length=80)
    extension = models.CharField(max_length=16, blank=True)
    station_id = models.CharField(max_length=20, blank=True)  # TSI and CSI, T.30 5.3.6.2.4
    header = models.CharField(max_length=50, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # the account's if empty
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
    restricted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "extension"],
                condition=~models.Q(extension=""),
                name="faxbox_extension_once",
            ),
        )

    def __str__(self) -> str:
        return self.name


class FaxboxAccess(TenantModel):
    """A person uses a fax machine that not everybody does: sees its faxes, and may send or not."""

    of_faxbox = "faxbox"

    faxbox = models.ForeignKey(Faxbox, on_delete=models.CASCADE, related_name="access")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    may_send = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["faxbox", "membership"], name="access_once"),
        )

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.faxbox_id}"
