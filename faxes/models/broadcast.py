"""One document to many: a broadcast and its recipients."""

from django.db import models

from faxes.enums import Paper, Quality, RecipientState
from faxes.models.base import TenantModel
from faxes.models.fax import Fax
from faxes.models.faxbox import Faxbox


class Broadcast(TenantModel):
    """Documents on their way to many numbers, of which each gets a fax of its own.

    Faxes are made a portion at a time, until ``handed_over_at`` says that no recipient waits any
    more. Until then the columns of a fax are kept here, and the stored files that all share;
    ``body`` is their fax TIFF, once it is rendered. Then all of that is emptied: the faxes have it.
    Nobody sees it before all recipients are ``entered``. ``lease_until`` is a worker's; ``wake_at``
    is when the sweep looks at it again, None once there is nothing left to do.
    """

    of_faxbox = "faxbox"

    name = models.CharField(max_length=120, blank=True)
    faxbox = models.ForeignKey(Faxbox, on_delete=models.PROTECT, related_name="+")
    recipients_total = models.PositiveIntegerField()
    duplicates = models.PositiveIntegerField(default=0)  # left out, as their number came before
    pages = models.PositiveIntegerField()  # of each fax, as far as is known
    created_by = models.UUIDField(null=True, blank=True)
    origin = models.CharField(max_length=16, blank=True)

    # what each fax is made of
    from_number = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    quality = models.CharField(max_length=10, choices=[(q.value, q.value) for q in Quality])
    paper = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Paper])
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    webhook_url = models.CharField(max_length=500, blank=True)
    notify = models.JSONField(default=list, blank=True)
    keep_documents = models.BooleanField(default=True)
    sources = models.JSONField(default=list, blank=True)  # of each file what Upload has too
    cover = models.JSONField(default=list, blank=True)
    body = models.JSONField(default=list, blank=True)

    created_at = models.DateTimeField()
    entered = models.BooleanField(default=False)
    send_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)  # of documents that cannot be faxed
    error_params = models.JSONField(default=dict, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    prepare_tries = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(fields=["account", "-id"], name="broadcast_list"),
            models.Index(
                fields=["wake_at"], condition=models.Q(wake_at__isnull=False), name="broadcast_wake"
            ),
        )

    def __str__(self) -> str:
        return f"broadcast {self.id} to {self.recipients_total}"


class BroadcastRecipient(TenantModel):
    """One number of a broadcast. Its fax is tied to it in the transaction that makes the fax.

    Once that fax is deleted, nothing is left here of whom it went to.
    """

    of_faxbox = "broadcast__faxbox"

    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    position = models.PositiveIntegerField()  # from 1, in the order of the request
    number = models.CharField(max_length=20, blank=True)  # E.164
    name = models.CharField(max_length=120, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=8,
        choices=[(s.value, s.value) for s in RecipientState],
        default=RecipientState.WAITING,
    )
    fax = models.OneToOneField(
        Fax, null=True, blank=True, on_delete=models.SET_NULL, related_name="recipient"
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["broadcast", "position"], name="recipient_once"),
        )
        indexes = (
            models.Index(fields=["broadcast", "state", "position"], name="recipient_by_state"),
        )

    def __str__(self) -> str:
        return f"recipient {self.position} of {self.broadcast_id}: {self.state}"
