"""The fax: a job out, or an arrival in."""

from django.db import models

from accounts.ids import new_id
from accounts.models import Account
from faxes.enums import Direction, FaxState, Outcome, Paper, Quality
from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.faxbox import Faxbox


class Fax(TenantModel):
    """One fax to or from one number. Its state is moved by ``lifecycle`` alone.

    ``due_at`` is when the next try may begin. ``wake_at`` is when the sweep looks at this fax
    again, should nobody else have moved it by then; None once there is nothing left to happen.
    ``(carrier, carrier_ref)`` names an arrival, so that it is stored once. A finished fax is woken
    as long as those in ``notify`` are to be told, or its documents are to go.
    """

    of_faxbox = "faxbox"

    # nearly every index below begins with it
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction])
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in FaxState])
    outcome = models.CharField(
        max_length=16, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    faxbox = models.ForeignKey(Faxbox, on_delete=models.PROTECT, related_name="faxes")
    from_number = models.CharField(max_length=20, blank=True)  # inbound: as told, may be no number
    from_name = models.CharField(max_length=128, blank=True)
    to_number = models.CharField(max_length=20)
    to_name = models.CharField(max_length=128, blank=True)
    to_faxbox = models.UUIDField(null=True, blank=True)  # of this site: it goes without a call
    subject = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    quality = models.CharField(max_length=10, choices=[(q.value, q.value) for q in Quality])
    paper = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Paper])
    pages = models.PositiveIntegerField(default=0)
    pages_done = models.PositiveIntegerField(default=0)
    remote_station_id = models.CharField(max_length=20, blank=True)
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    false_starts = models.PositiveSmallIntegerField(default=0)  # beside these: no carrier took it

    batch_id = models.UUIDField(default=new_id)  # faxes of one submission
    copied_from = models.UUIDField(null=True, blank=True)  # the fax resent or forwarded
    created_by = models.UUIDField(null=True, blank=True)
    handed_in_by = models.UUIDField(null=True, blank=True)  # the person, if it is another's fax
    origin = models.CharField(max_length=16, blank=True)
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    # outbound: whose turn it waits for, where that is not the carrier of its number
    waits_for = models.ForeignKey(
        Carrier,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    carrier_ref = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001 (unique)

    # what programs hang on it
    broadcast_id = models.UUIDField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)  # strings by name
    webhook_url = models.CharField(max_length=500, blank=True)  # told of this fax alone
    notify = models.JSONField(default=list, blank=True)  # e-mail addresses, told how it ended
    notified_at = models.DateTimeField(null=True, blank=True)  # noted down whom to tell
    notify_sms = models.JSONField(default=list, blank=True)  # numbers, told the same
    keep_documents = models.BooleanField(default=True)  # else they go once it has ended
    # who is told of this fax alone in other words than ours: kind, url, and how
    callback = models.JSONField(default=dict, blank=True)
    # what a client said and is told again just as it was, though nothing is done with it here
    echo = models.JSONField(default=dict, blank=True)

    # instead of its fax machine's, if not empty
    station_id = models.CharField(max_length=20, blank=True)
    header = models.CharField(max_length=50, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    try_until = models.DateTimeField(null=True, blank=True)  # no try begins after that
    wake_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(
        null=True, blank=True
    )  # no try begins before: it may be undone
    # why it waits for a second person's approval, while it does; it is due when nobody gave it
    held_for = models.CharField(max_length=8, null=True, blank=True)  # noqa: DJ001 (added later)
    approved_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # a conversion under way
    prepare_tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    # when it counts as received in lists that promise that nothing turns up behind what was told
    received_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)  # a past fax, brought over
    fetch_tries = models.PositiveSmallIntegerField(default=0)  # begun, of an arrival's pages
    read_at = models.DateTimeField(null=True, blank=True)
    stripped_at = models.DateTimeField(null=True, blank=True)

    # how people keep order among their faxes
    archived_at = models.DateTimeField(null=True, blank=True)  # left the list, not the account
    assigned_to = models.UUIDField(null=True, blank=True)  # the person who sees to it

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["carrier", "carrier_ref"], name="arrival_stored_once"),
        )
        indexes = (
            # lists: newest first, ids sort by time
            models.Index(fields=["account", "faxbox", "-id"], name="fax_list_faxbox"),
            models.Index(fields=["account", "to_number", "-id"], name="fax_list_to"),
            models.Index(fields=["account", "from_number", "-id"], name="fax_list_from"),
            models.Index(
                fields=["account", "broadcast_id", "-id"],
                condition=models.Q(broadcast_id__isnull=False),
                name="fax_broadcast",
            ),
            models.Index(
                fields=["account", "broadcast_id", "state"],
                condition=models.Q(broadcast_id__isnull=False),
                name="fax_broadcast_state",
            ),
            models.Index(fields=["account", "direction", "-id"], name="fax_list"),
            models.Index(fields=["account", "direction", "state", "-id"], name="fax_list_state"),
            models.Index(  # all that SQLite looks at in a search; only there is it made
                fields=[
                    "account",
                    "direction",
                    "-id",
                    "subject",
                    "remote_station_id",
                    "to_number",
                    "from_number",
                ],
                condition=models.Q(subject__gte=""),  # all; no list but a search asks for it
                name="fax_searched",
            ),
            models.Index(
                fields=["account", "direction", "state", "-id"],
                condition=models.Q(read_at__isnull=True, state="received"),
                name="fax_unread",
            ),
            # the same without what was put away, that alone, and what somebody is to see to
            models.Index(
                fields=["account", "direction", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="fax_current",
            ),
            models.Index(
                fields=["account", "direction", "state", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="fax_current_state",
            ),
            models.Index(
                fields=["account", "direction", "-id"],
                condition=models.Q(archived_at__isnull=False),
                name="fax_archived",
            ),
            models.Index(
                fields=["account", "assigned_to", "-id"],
                condition=models.Q(assigned_to__isnull=False),
                name="fax_assigned",
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
            models.Index(fields=["batch_id", "account", "-id"], name="fax_batch"),
            # arrivals in the order in which they are told, and those that were not told yet
            models.Index(
                fields=["account", "received_at", "id"],
                condition=models.Q(received_at__isnull=False),
                name="fax_received",
            ),
            models.Index(
                fields=["account"],
                condition=models.Q(state="received", received_at__isnull=True),
                name="fax_untold",
            ),
            # what needs a hand: what failed lately and was not sent again, what broke off
            models.Index(
                fields=["account", "-finished_at"],
                condition=models.Q(state="failed"),
                name="fax_failed_lately",
            ),
            models.Index(
                fields=["copied_from"],
                condition=models.Q(copied_from__isnull=False),
                name="fax_sent_again",
            ),
            models.Index(
                fields=["account", "-id"],
                condition=models.Q(state="received", read_at__isnull=True)
                & ~models.Q(outcome="delivered"),
                name="fax_broken_off",
            ),
            # what waits for a second person
            models.Index(
                fields=["account", "-id"],
                condition=models.Q(held_for__isnull=False),
                name="fax_held",
            ),
            # what came in by a carrier
            models.Index(
                fields=["carrier", "-id"],
                condition=models.Q(direction="inbound"),
                name="fax_arrived_by",
            ),
            # what has been kept long enough: its pages, and all of it
            models.Index(
                fields=["account", "faxbox", "direction", "stripped_at", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False, stripped_at__isnull=True),
                name="fax_pages_kept",
            ),
            models.Index(
                fields=["account", "faxbox", "direction", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="fax_record_kept",
            ),
            # whose turn it is
            models.Index(
                fields=["waits_for"],
                condition=models.Q(waits_for__isnull=False),
                name="fax_waits_for",
            ),
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


class FaxMetadata(TenantModel):
    """One pair of a fax's ``metadata``, by which faxes are found."""

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(
        Fax, on_delete=models.CASCADE, related_name="metadata_pairs", db_index=False
    )
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["fax", "key"], name="fax_metadata_once"),)
        indexes = (
            models.Index(fields=["account", "key", "value", "-fax"], name="fax_metadata_list"),
        )

    def __str__(self) -> str:
        return f"{self.key} of {self.fax_id}"
