"""The account: a node of the tree platform → reseller → … → customer."""

from typing import Final

from django.db import models
from django.db.models.functions import Lower

from accounts import sealing
from accounts.ids import new_id


class Kind(models.TextChoices):
    """What an account is in the trade."""

    PLATFORM = "platform"
    RESELLER = "reseller"
    CUSTOMER = "customer"


class Status(models.TextChoices):
    """Whether an account is in use."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"  # waits to be erased, and may be reopened until then
    ERASED = "erased"  # nothing is left but the books, and a row without a name


PAGE_TEXT_SEALED_FOR: Final = "words on pages"
# What nobody works in any more.
GONE: Final = (Status.CLOSED, Status.ERASED)


class Account(models.Model):
    """A tenant; ``path`` lists the ids of its ancestors and itself, so a subtree is a prefix.

    ``status`` is the account's own. Whether it can be used hangs on those above it as well, and is
    ``accounts.tenancy``'s to say. ``suspended_at`` outlasts a closing, for the day it is reopened.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=2000, db_index=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    realm = models.CharField(max_length=253, unique=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    country = models.CharField(max_length=2, default="US")  # reads numbers written nationally
    paper = models.CharField(max_length=8, default="letter")
    suspended_at = models.DateTimeField(null=True, blank=True)
    # null: a column that needs no default is added to the table as it stands
    # what a client said and is told again just as it was, though nothing is done with it here
    echo = models.JSONField(null=True, blank=True)
    # what people are spoken to in who chose none, and papers are in
    language = models.CharField(max_length=16, null=True, blank=True)  # noqa: DJ001
    suspended_for = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    # ids, not keys: whose account did it; it and those above it undo it
    suspended_by = models.UUIDField(null=True, blank=True)
    closed_by = models.UUIDField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    erase_at = models.DateTimeField(null=True, blank=True)
    # sealed; with it the words on the pages of its faxes are kept, to find them by; else not
    page_text_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001
    created_at = models.DateTimeField(auto_now_add=True)
    # when faxes go that are to go at night; from ten to six if it did not say
    night_from = models.TimeField(null=True, blank=True)
    night_until = models.TimeField(null=True, blank=True)
    # which faxes wait for a second person's approval; null: nobody has chosen yet
    approve_pages = models.PositiveSmallIntegerField(null=True, blank=True)  # those with more
    approve_new_numbers = models.BooleanField(null=True, blank=True)
    approve_programs = models.BooleanField(null=True, blank=True)
    approve_mail = models.BooleanField(null=True, blank=True)
    approve_by_members = models.BooleanField(null=True, blank=True)  # not only administrators

    class Meta:
        indexes = (
            models.Index(fields=["status"], name="account_status"),
            models.Index("parent", Lower("name"), "id", name="account_by_name"),  # lists of tenants
        )

    def __str__(self) -> str:
        return self.name

    @property
    def provides(self) -> bool:
        """Whether there may be accounts below it: it sells to others."""
        return self.kind != Kind.CUSTOMER

    @property
    def page_text_secret(self) -> bytes:
        """What turns words on its fax pages into digests; empty if those are not kept."""
        if not self.page_text_key:
            return b""
        return sealing.unseal(self.page_text_key, purpose=PAGE_TEXT_SEALED_FOR).encode()
