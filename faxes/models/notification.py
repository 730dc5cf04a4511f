"""Mails and text messages about faxes: each a job of its own, with tries and a state."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.fax import Fax
from faxes.models.faxbox import Faxbox, MailPages
from faxes.models.inbound_mail import InboundMail


class Channel(models.TextChoices):
    """By which way somebody is told."""

    EMAIL = "email"
    SMS = "sms"


class NotificationKind(models.TextChoices):
    """What they are told."""

    RECEIVED = "received"  # a fax came in
    ENDED = "ended"  # how a fax that was sent came out
    ACCEPTED = "accepted"  # a mail became a fax
    REFUSED = "refused"  # a mail became none
    APPROVAL = "approval"  # a fax waits for somebody's approval
    DECLINED = "declined"  # that was not given


class NotificationState(models.TextChoices):
    """What became of it."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Notification(TenantModel):
    """One message to one address, about a fax or about a mail that became none.

    ``next_at`` is when it is tried next; None once it has ended. ``error`` says how the last try
    failed, in a word that ``wording`` knows, or as a mail server put it. What is told is read from
    the fax when it is sent, so nothing is told of one that was deleted.
    """

    of_faxbox = "faxbox"

    faxbox = models.ForeignKey(
        Faxbox, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    fax = models.ForeignKey(
        Fax, null=True, blank=True, on_delete=models.CASCADE, related_name="notifications"
    )
    mail = models.ForeignKey(
        InboundMail, null=True, blank=True, on_delete=models.CASCADE, related_name="notifications"
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    kind = models.CharField(max_length=8, choices=NotificationKind.choices)
    to = models.CharField(max_length=254)
    pages = models.CharField(max_length=4, choices=MailPages.choices, default=MailPages.LINK)
    state = models.CharField(
        max_length=7, choices=NotificationState.choices, default=NotificationState.PENDING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)  # how often it was begun anew by hand
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (
            # whoever wraps up a fax again tells nobody twice
            models.UniqueConstraint(
                fields=["fax", "kind", "channel", "to"], name="notification_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False),
                name="notification_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {self.state}"
