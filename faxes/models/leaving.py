"""An account takes its data along, and goes."""

from django.db import models

from faxes.models.base import TenantModel


class Export(TenantModel):
    """All that an account has, packed for its administrators a portion at a time.

    With a ``number`` it is all that concerns this number, and no more. It is being packed until
    ``ready_at`` says that all is. ``after`` is the last fax that is packed. ``lease_until`` is the
    packer's; ``wake_at`` is when the sweep sees whether it is dead, None once there is nothing left
    to do. ``rebuilt_at`` is when a fax in it was deleted or stripped, and packing began anew.
    """

    number = models.CharField(max_length=20, blank=True, default="")  # E.164
    asked_by = models.UUIDField(null=True, blank=True)  # who is told that it is ready
    told_at = models.DateTimeField(null=True, blank=True)
    rebuilt_at = models.DateTimeField(null=True, blank=True)
    no_room = models.BooleanField(default=False)  # on the disk: packing waits for some

    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    after = models.UUIDField(null=True, blank=True)
    faxes = models.PositiveIntegerField(default=0)  # as counted when it was asked for
    faxes_done = models.PositiveIntegerField(default=0)
    unreadable = models.JSONField(default=list)  # ids of faxes whose pages could not be packed
    lease_until = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "number"],
                condition=models.Q(ready_at__isnull=True),
                name="one_export_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"export of {self.account_id}: {'ready' if self.ready_at else 'packing'}"


class ExportPart(TenantModel):
    """One ZIP of an export; the last grows until it is large enough."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()  # from 1
    key = models.CharField(max_length=120, db_index=True)
    size = models.PositiveBigIntegerField()
    # The last fax that is in it or before it, and how many those are.
    up_to = models.UUIDField(null=True, blank=True)
    faxes = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["export", "position"], name="export_part_once"),
        )

    def __str__(self) -> str:
        return f"part {self.position} of {self.export_id}"


class WindUp(TenantModel):
    """A closed account is being wound up; ``wake_at`` is when the sweep sees to it next."""

    wake_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["account"], name="wound_up_once"),)

    def __str__(self) -> str:
        return f"winding up of {self.account_id}"
