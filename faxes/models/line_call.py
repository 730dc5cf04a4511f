"""The embedded line's own book of calls, as a carrier keeps it."""

from django.db import models

from accounts.ids import new_id


class LineCallState(models.TextChoices):
    """Where a call stands."""

    PLACED = "placed"
    CALLING = "calling"
    DONE = "done"


class LineCall(models.Model):
    """One call on the embedded line, under the caller's key.

    The result of both ends and the name of the received pages are written in one UPDATE by
    whoever holds the call (``owner``), so a call whose process died has delivered nothing and
    may be dialled again under the same key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.UUIDField(unique=True)
    state = models.CharField(
        max_length=8, choices=LineCallState.choices, default=LineCallState.PLACED
    )
    caller = models.CharField(max_length=20)
    called = models.CharField(max_length=20)
    earlier_calls = models.PositiveSmallIntegerField(default=0)
    station = models.JSONField()  # of the caller: id, header, time zone
    quality = models.CharField(max_length=10)
    pages_total = models.PositiveIntegerField()
    first_page = models.PositiveIntegerField(default=1)
    document_key = models.CharField(max_length=120)
    tenant_number = models.BooleanField(default=False)  # answered by an account of this portal

    placed_at = models.DateTimeField()
    owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    dials = models.PositiveSmallIntegerField(default=0)
    hang_up = models.BooleanField(default=False)

    phase = models.CharField(max_length=16, blank=True)
    pages_done = models.PositiveIntegerField(default=0)
    pages_received = models.PositiveIntegerField(default=0)
    progress = models.JSONField(default=dict, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    received_key = models.CharField(max_length=120, blank=True)
    settled = models.BooleanField(default=False)  # the caller has taken note of the result
    fetched = models.BooleanField(default=False)  # the called side has taken its pages

    class Meta:
        indexes = (
            models.Index(
                fields=["state", "placed_at"],
                condition=~models.Q(state="done"),
                name="line_call_open",
            ),
            models.Index(
                fields=["placed_at"],
                condition=models.Q(tenant_number=True, fetched=False),
                name="line_call_to_fetch",
            ),
        )

    def __str__(self) -> str:
        return f"{self.caller} → {self.called}: {self.state}"
