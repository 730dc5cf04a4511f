"""The virtual fax machine."""

from django.db import models

from faxes.models.base import TenantModel


class Faxbox(TenantModel):
    """What a fax machine has: a name, a station id, a header line, a clock, manners of retrying.

    ``retries`` says how many further tries a fax gets; None leaves it to how each try came out.
    """

    name = models.CharField(max_length=80)
    extension = models.CharField(max_length=16, blank=True)
    station_id = models.CharField(max_length=20, blank=True)  # TSI and CSI, T.30 5.3.6.2.4
    header = models.CharField(max_length=50, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # the account's if empty
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
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
