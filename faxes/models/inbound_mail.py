"""A mail that is to become a fax, and the record of what became of it: the SMTP log."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.faxbox import Faxbox


class MailState(models.TextChoices):
    """Where a mail stands."""

    SPOOLED = "spooled"  # accepted: it is stored, and will become a fax or be refused
    FAXED = "faxed"
    REFUSED = "refused"  # at the door or later; ``errors`` say why


class InboundMail(TenantModel):
    """A mail to a fax machine, of one recipient, or the attempt to hand one in.

    ``spool_key`` is the stored message, until it has become a fax. ``dedupe_key`` tells a message
    that is handed in again, as a client does who never heard that it was accepted. ``domain`` is
    what follows the @ of the recipient.
    """

    of_faxbox = "faxbox"

    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=7, choices=MailState.choices)
    sender = models.CharField(max_length=254, blank=True)
    recipient = models.CharField(max_length=320, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    number_given = models.CharField(max_length=64, blank=True)  # the digits of the recipient
    number = models.CharField(max_length=20, blank=True)  # E.164, once understood
    owner_id = models.UUIDField(null=True, blank=True)
    owner_email = models.CharField(max_length=254, blank=True)
    content_type = models.CharField(max_length=128, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    errors = models.JSONField(default=list, blank=True)
    fax_id = models.UUIDField(null=True, blank=True, db_index=True)
    spool_key = models.CharField(max_length=120, blank=True)
    dedupe_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    created_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="mail_due"
            ),
            models.Index(fields=["account", "-id"], name="mail_log"),
            models.Index(fields=["account", "faxbox", "-id"], name="mail_log_faxbox"),
        )

    def __str__(self) -> str:
        return f"mail {self.id}: {self.state}"
