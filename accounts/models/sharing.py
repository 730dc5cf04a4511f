"""What an account lets its providers see: of its fax records always, of everything for a while."""

from django.db import models

from accounts.models.owned import OfAccount, Owned


class Shared(models.TextChoices):
    """How much of its fax records an account shows to those above it."""

    NONE = "none"
    MASKED = "masked"  # time, direction, standing, pages; numbers in part
    FULL = "full"  # the numbers too; never a subject, a name or a page


class Sharing(OfAccount):
    """What the providers of an account see of its faxes; a missing row is ``masked``."""

    fax_records = models.CharField(max_length=8, choices=Shared.choices, default=Shared.MASKED)

    def __str__(self) -> str:
        return f"{self.account_id} shares {self.fax_records}"


class SupportGrant(Owned):
    """The administrators of all accounts above may look into this one until a moment.

    It ends by itself, or at ``ended_at`` because somebody ended it. ``path`` is where the account
    was in the tree: once it is moved, with its providers or without, the grant is for nobody.
    """

    granted_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    path = models.CharField(max_length=2000)
    granted_by = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta(Owned.Meta):
        indexes = (
            # asked at every page of the account
            models.Index(
                fields=["account", "until"],
                condition=models.Q(ended_at__isnull=True),
                name="support_not_ended",
            ),
        )

    def __str__(self) -> str:
        return f"support at {self.account_id} until {self.until:%F %T}"
