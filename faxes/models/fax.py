"""The fax: a job out, or an arrival in."""

from django.db import models

from accounts.ids import new_id
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.faxbox import Faxbox


class Fax(TenantModel):
    """One fax to or from one number. Its state is moved by ``lifecycle`` alone.

    ``due_at`` is when the next try may begin. ``wake_at`` is when the sweep looks at this fax
    again, should nobody else have moved it by then; None once there is nothing left to happen.
    ``(carrier, carrier_ref)`` names an arrival, so that it is stored once.
    """

    of_faxbox = "faxbox"

    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction])
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in FaxState])
    outcome = models.CharField(
        max_length=16, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    faxbox = models.ForeignKey(Faxbox, on_delete=models.PROTECT, related_name="faxes")
    from_number = models.CharField(max_length=20, blank=True)  # inbound: as told, may be no number
    to_number = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    quality = models.CharField(max_length=10, choices=[(q.value, q.value) for q in Quality])
    paper = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Paper])
    pages = models.PositiveIntegerField(default=0)
    pages_done = models.PositiveIntegerField(default=0)
    remote_station_id = models.CharField(max_length=20, blank=True)
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    batch_id = models.UUIDField(default=new_id)  # faxes of one submission
    copied_from = models.UUIDField(null=True, blank=True)  # the fax resent or forwarded
    created_by = models.UUIDField(null=True, blank=True)
    origin = models.CharField(max_length=16, blank=True)
    carrier = models.ForeignKey(Carrier, null=True, blank=True, on_delete=models.PROTECT)
    carrier_ref = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001 (unique)

    created_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # a conversion under way
    prepare_tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    stripped_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["carrier", "carrier_ref"], name="arrival_stored_once"),
        )
        indexes = (
            # lists: newest first, ids sort by time
            models.Index(fields=["account", "direction", "-id"], name="fax_list"),
            models.Index(fields=["account", "direction", "state", "-id"], name="fax_list_state"),
            models.Index(
                fields=["account", "-id"],
                condition=models.Q(direction="inbound", read_at__isnull=True),
                name="fax_unread",
            ),
            # what the sweep and the line look for
            models.Index(
                fields=["wake_at"], condition=models.Q(wake_at__isnull=False), name="fax_wake"
            ),
            models.Index(
                fields=["to_number", "due_at"],
                condition=models.Q(state="queued"),
                name="fax_waiting_for_number",
            ),
            models.Index(fields=["batch_id"], name="fax_batch"),
            # whose turn it is
            models.Index(
                fields=["account", "due_at"],
                condition=models.Q(state="queued"),
                name="fax_waiting_of_account",
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.id}: {self.state}"

    @property
    def incomplete(self) -> bool:
        """An arrival that broke off: some pages came, not all."""
        return self.state == FaxState.RECEIVED and self.outcome != Outcome.DELIVERED

    @property
    def other_party(self) -> str:
        """The number at the other end."""
        return self.to_number if self.direction == Direction.OUTBOUND else self.from_number
