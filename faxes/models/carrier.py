"""A carrier that faxes go out by and come in from, and the ways that lead to it."""

import json
from typing import Any

from django.db import models

from accounts import sealing
from accounts.ids import new_id
from accounts.models import Account
from faxes.enums import Direction

SEALED_FOR = "carrier {}"  # of this id


class CarrierKind(models.TextChoices):
    """Protocols that a carrier may speak."""

    EMBEDDED = "embedded"
    KAZOO = "kazoo"
    SIGNALWIRE = "signalwire"
    VOIPNOW = "voipnow"
    FAX2 = "fax2"
    HYLAFAX = "hylafax"


class Carrier(models.Model):
    """An upstream carrier; without an account it serves the whole site.

    ``received_until`` is the high-water mark of its received faxes: the newest arrival that is
    stored or noted down, with all before it. It never moves back.
    ``failures`` counts troubles of the carrier itself, without an answer in between; after some it
    is left alone until ``shut_until``, and asked then whether it is back; ``trips`` counts how
    often that was in vain.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16, choices=CarrierKind.choices)
    name = models.CharField(max_length=80)
    enabled = models.BooleanField(default=True)
    channels = models.PositiveIntegerField(default=8)  # calls at once
    options = models.JSONField(default=dict, blank=True)  # settings that are no secrets
    sealed_secrets = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, null=True)

    received_until = models.DateTimeField(null=True, blank=True)
    sync_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sync_owner = models.UUIDField(null=True, blank=True)  # who looks now, and holds it until then
    sync_lease_until = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)  # its list was read to the end
    widened_at = models.DateTimeField(null=True, blank=True)  # the same, a whole day back
    numbers_at = models.DateTimeField(null=True, blank=True)  # its numbers were read to the end

    failures = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    shut_until = models.DateTimeField(null=True, blank=True)
    last_answer_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def secrets(self) -> dict[str, Any]:
        """The settings that are secrets, by name."""
        if not self.sealed_secrets:
            return {}
        opened: dict[str, Any] = json.loads(
            sealing.unseal(self.sealed_secrets, purpose=SEALED_FOR.format(self.pk.hex))
        )
        return opened

    @secrets.setter
    def secrets(self, secrets: dict[str, Any]) -> None:
        text = json.dumps(secrets)
        self.sealed_secrets = (
            sealing.seal(text, purpose=SEALED_FOR.format(self.pk.hex)) if secrets else ""
        )


class CarrierRoute(models.Model):
    """A way out: faxes of an account, and of those below it, to numbers that begin so.

    Without an account it is for the whole site. The lowest ``priority`` goes first, then the
    longest prefix, then the lowest ``cost`` of a page.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE)
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="routes")
    prefix = models.CharField(max_length=16, blank=True)  # of E.164, with +; empty: any
    priority = models.PositiveSmallIntegerField(default=10)
    cost = models.DecimalField(max_digits=10, decimal_places=5, null=True, blank=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "carrier", "prefix"], name="route_once"),
            models.UniqueConstraint(
                fields=["carrier", "prefix"],
                condition=models.Q(account__isnull=True),
                name="route_of_site_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.prefix or 'any'} → {self.carrier_id}"


class CarrierCopy(models.Model):
    """What a carrier still has of a fax that was deleted or stripped here, until that is gone.

    Holds nothing of the fax but its id, for the audit entry that tells how it went.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="+")
    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction])
    ref = models.CharField(max_length=128)
    fax_id = models.UUIDField()
    noted_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"copy of {self.fax_id}"


class HistoryImport(models.Model):
    """How far the past faxes of an account were brought over from a carrier."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reached = models.DateTimeField()  # all before it, from ``since`` on, is here
    brought = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "carrier", "since", "until"], name="history_import_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.since} to {self.until}: up to {self.reached}"
