"""Whom an account tells what happens: endpoints, the messages for them, and the tries at each."""

from typing import Final

from django.db import models

from accounts import sealing
from accounts.models.owned import Owned
from accounts.models.user import User

SEALED_FOR: Final = "webhook"


class EventType(models.TextChoices):
    """What can be told of."""

    FAX_QUEUED = "fax.queued"
    FAX_SENDING = "fax.sending"
    FAX_PAGE_SENT = "fax.page_sent"
    FAX_DELIVERED = "fax.delivered"
    FAX_FAILED = "fax.failed"
    FAX_CANCELED = "fax.canceled"
    FAX_RECEIVED = "fax.received"
    FAX_STRIPPED = "fax.stripped"
    FAX_DELETED = "fax.deleted"
    NUMBER_ASSIGNED = "number.assigned"
    NUMBER_RELEASED = "number.released"
    NUMBER_UPDATED = "number.updated"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_UPDATED = "account.updated"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_RESUMED = "account.resumed"
    ACCOUNT_CLOSED = "account.closed"
    MAIL_REFUSED = "mail.refused"
    WEBHOOK_TEST = "webhook.test"


class EndpointKind(models.TextChoices):
    """Where messages go: to the endpoint's own URL, or to the one that each fax names."""

    ENDPOINT = "endpoint"
    PER_FAX = "per_fax"  # one for all of an account's faxes: it holds the secret
    CALLBACK = "callback"  # one for all callbacks of an account's fax machines
    KAZOO = "kazoo"  # an endpoint of its own that is told as Kazoo tells
    LAML = "laml"  # one for all that an account is told as LaML tells: it holds the signing key


class Disabled(models.TextChoices):
    """Why an endpoint is switched off."""

    ASKED = "asked"
    FAILING = "failing"  # for days, and every try
    GONE = "gone"  # it said so: 410


class MessageState(models.TextChoices):
    """What became of a message."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(Owned):
    """An address of an account that is told of events; of all if it names no types.

    Of the kind ``kazoo`` its types are the words of ``events.About.word`` instead.
    ``sequence`` is the number of its last message. While ``old_secret_until`` lies ahead messages
    are signed with both secrets. A deleted one stays a while, for whoever is just writing to it.
    """

    kind = models.CharField(
        max_length=8, choices=EndpointKind.choices, default=EndpointKind.ENDPOINT
    )
    url = models.CharField(max_length=2000, blank=True)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list)
    with_below = models.BooleanField(default=False)  # hears of the accounts below as well
    options = models.JSONField(default=dict, blank=True)  # what its kind of telling wants to know
    sealed_secret = models.TextField()
    sealed_old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_because = models.CharField(max_length=8, blank=True, choices=Disabled.choices)
    told_at = models.DateTimeField(null=True, blank=True)  # its people, that it was switched off
    failing_since = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(kind="per_fax"),
                name="webhook_one_per_fax_endpoint",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(kind="callback"),
                name="webhook_one_for_callbacks",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(kind="laml"),
                name="webhook_one_for_laml",
            ),
        )
        indexes = (
            # who listens: asked at every event
            models.Index(
                fields=["account"],
                condition=models.Q(enabled=True, kind="endpoint"),
                name="webhook_listening",
            ),
            # who hears of how faxes ended: asked when one has
            models.Index(
                fields=["account"],
                condition=models.Q(enabled=True, kind="kazoo"),
                name="webhook_hearing",
            ),
        )

    def __str__(self) -> str:
        return f"webhook {self.id}"

    @property
    def secret(self) -> str:
        """What messages are signed with."""
        return sealing.unseal(self.sealed_secret, purpose=SEALED_FOR)

    @secret.setter
    def secret(self, secret: str) -> None:
        self.sealed_secret = sealing.seal(secret, purpose=SEALED_FOR)

    @property
    def old_secret(self) -> str:
        """What messages were signed with before; empty if nothing."""
        sealed = self.sealed_old_secret
        return sealing.unseal(sealed, purpose=SEALED_FOR) if sealed else ""

    def wants(self, event: str) -> bool:
        """Whether it is told of this type."""
        return not self.event_types or event in self.event_types

    @property
    def is_providers(self) -> bool:
        """Whether it leads to where somebody of an account above said, who made it in this one."""
        return bool(self.options.get("by_provider"))


class WebhookMessage(Owned):
    """One event for one endpoint; its id is the same at every try.

    ``sequence`` counts the endpoint's messages without a gap; it is given when a message is first
    taken up, so that no transaction waits for another one's number. ``next_at`` is when it is
    tried next; None once it has ended. ``tries`` tells who holds the lease apart from who held it.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    url = models.CharField(max_length=2000, blank=True)  # instead of the endpoint's
    type = models.CharField(max_length=20)
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    object_type = models.CharField(max_length=20)
    object_id = models.UUIDField()
    data = models.JSONField()
    options = models.JSONField(default=dict, blank=True)  # as the endpoint's, of this one message
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=9, choices=MessageState.choices, default=MessageState.PENDING
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    plan_from = models.PositiveSmallIntegerField(default=0)  # tries before the schedule began anew
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        constraints = (
            models.UniqueConstraint(fields=["endpoint", "sequence"], name="webhook_sequence"),
        )
        indexes = (
            # what is due, of all accounts
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="webhook_due"
            ),
            # how many are under way of an endpoint
            models.Index(
                fields=["endpoint", "lease_until"],
                condition=models.Q(lease_until__isnull=False),
                name="webhook_under_way",
            ),
            # the log, newest first, and those of it that failed
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_log_state"),
            # what tells of an object, for when that is deleted
            models.Index(fields=["object_id"], name="webhook_object"),
            # what is old enough to go
            models.Index(
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="webhook_old"
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.id}: {self.state}"


class WebhookTry(Owned):
    """One try at a message: with which headers it was sent, and what came back.

    What was sent is the same at every try (``events.body_of``). ``status`` is None where no answer
    came: ``error_code`` says why.
    """

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    seconds = models.FloatField(default=0.0)
    request_headers = models.JSONField(default=dict)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)  # of which the first 4 KiB are kept
    error_code = models.CharField(max_length=40, blank=True)

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.status or self.error_code} at {self.at}"
