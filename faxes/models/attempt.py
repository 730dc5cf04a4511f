"""One try at transmission, with every fact of the session."""

from math import ceil

from django.db import models

from accounts.ids import new_id
from accounts.models import Account
from faxes.enums import Outcome
from faxes.models.base import TenantModel
from faxes.models.carrier import Carrier
from faxes.models.fax import Fax


class AttemptState(models.TextChoices):
    """Whether the try is under way. Anything finer is a fact, not a state."""

    CALLING = "calling"
    ENDED = "ended"


class Attempt(TenantModel):
    """A try; None in a fact means that nobody told.

    Its row and key are committed before the carrier is called, so that after a crash the carrier
    can be asked about that key.

    That only one call at a time goes to a number, by each carrier, is the database's to hold. Not
    by all together: a tenant's own carrier could keep a number engaged for everybody.
    """

    of_faxbox = "fax__faxbox"

    # these three lead an index below
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()  # 1 for the first try
    state = models.CharField(max_length=8, choices=AttemptState.choices)
    outcome = models.CharField(
        max_length=16, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    to_number = models.CharField(max_length=20)
    key = models.UUIDField(unique=True, default=new_id)
    # None: handed over to a fax machine of this site, without a call
    carrier = models.ForeignKey(
        Carrier, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    carrier_ref = models.CharField(max_length=128, blank=True)
    hang_up = models.BooleanField(default=False)  # a person asked to end the call
    first_page = models.PositiveIntegerField(default=1)  # those before it arrived by earlier tries
    asked = models.JSONField(default=dict, blank=True)  # of the session: ecm, most_bits, quality
    # the carrier itself was in trouble: it did not take the fax, so this counts for no try
    never_left = models.BooleanField(default=False)
    # when the carrier first said that it does not know this try; what is late is asked for again
    unheard_at = models.DateTimeField(null=True, blank=True)

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    phase = models.CharField(max_length=16, blank=True)  # dialing, connected, page
    pages_sent = models.PositiveIntegerField(default=0)
    line_seconds = models.FloatField(null=True, blank=True)
    bit_rate = models.PositiveIntegerField(null=True, blank=True)
    ecm = models.BooleanField(null=True, blank=True)
    compression = models.CharField(max_length=16, blank=True)
    resolution = models.CharField(max_length=16, blank=True)
    bad_rows = models.PositiveIntegerField(null=True, blank=True)
    ecm_retries = models.PositiveIntegerField(null=True, blank=True)
    remote_station_id = models.CharField(max_length=20, blank=True)
    completion_code = models.PositiveSmallIntegerField(null=True, blank=True)
    completion_text = models.CharField(max_length=200, blank=True)
    page_facts = models.JSONField(default=list, blank=True)
    carrier_tries = models.PositiveSmallIntegerField(null=True, blank=True)  # its own calls
    cost = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)  # as the carrier told, ISO 4217

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["fax", "number"], name="attempt_numbered_once"),
            models.UniqueConstraint(
                fields=["fax"], condition=models.Q(state="calling"), name="one_call_per_fax"
            ),
            models.UniqueConstraint(
                fields=["to_number", "carrier"],
                condition=models.Q(state="calling"),
                name="one_call_per_number",
            ),
            models.UniqueConstraint(
                fields=["to_number"],
                condition=models.Q(state="calling", carrier__isnull=True),
                name="one_handing_over_per_number",
            ),
        )
        indexes = (
            models.Index(
                fields=["carrier"], condition=models.Q(state="calling"), name="attempt_calling"
            ),
            models.Index(fields=["account", "-started_at"], name="attempt_last_of_account"),
            models.Index(fields=["carrier", "-started_at"], name="attempt_of_carrier"),
        )

    def __str__(self) -> str:
        return f"try {self.number} of {self.fax_id}: {self.outcome or self.state}"

    @property
    def seconds(self) -> int:
        """How long it took, begun seconds as whole ones; where no carrier told, from end to end."""
        told = self.line_seconds
        if told is None and self.ended_at is not None:
            told = (self.ended_at - self.started_at).total_seconds()
        return ceil(told or 0)
