"""The virtual fax machine."""

import secrets
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from django.db import models

from accounts.models import Membership, User
from faxes.models.base import FaxRows, TenantModel

M = TypeVar("M", bound=TenantModel)


class MailPages(models.TextChoices):
    """In which form mails about a fax carry its pages."""

    LINK = "link"  # not at all: who may see them signs in
    PDF = "pdf"
    TIFF = "tiff"
    BOTH = "both"


def new_mail_label() -> str:
    """The first part of a fax machine's mail domain: eight hexadecimal digits by chance."""
    return secrets.token_hex(4)


class FaxboxRows(FaxRows[M]):
    """Fax machines in use: one that was deleted is in no list and can be chosen nowhere."""

    def for_account(self, account_id: UUID) -> models.QuerySet[M]:
        """Those of one account that are in use."""
        return super().for_account(account_id).filter(deleted_at__isnull=True)

    def ever_of(self, account_id: UUID) -> models.QuerySet[M]:
        """Those of one account, and those that it had."""
        return super().for_account(account_id)


class Faxbox(TenantModel):
    """What a fax machine has: a name, a station id, a header line, a clock, manners of retrying.

    ``retries`` says how many further tries a fax gets; None leaves it to how each try came out.
    Everybody in the account uses it, unless ``restricted``: then only its administrators and the
    people whom ``FaxboxAccess`` names. ``owner`` is whose it is, who may fax from their own mail
    address and is told of its faxes. One that is deleted stays as a row for the faxes that went
    through it.
    """

    of_faxbox = "pk"
    objects: ClassVar[FaxboxRows[Self]] = FaxboxRows()

    name = models.CharField(max_length=128)
    extension = models.CharField(max_length=16, blank=True)
    station_id = models.CharField(max_length=20, blank=True)  # TSI and CSI, T.30 5.3.6.2.4
    header = models.CharField(max_length=50, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # the account's if empty
    retries = models.PositiveSmallIntegerField(null=True, blank=True)
    restricted = models.BooleanField(default=False)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # who its faxes say they are from
    caller_name = models.CharField(max_length=128, blank=True)
    caller_number = models.CharField(max_length=40, blank=True)  # its first number's if empty

    # who may fax by e-mail, to <number>@<mail_label>.<the site's domain> or with mail_address
    mail_label = models.CharField(max_length=16, unique=True, default=new_mail_label)
    mail_address = models.CharField(max_length=254, unique=True, null=True, blank=True)
    mail_cover = models.CharField(max_length=64, blank=True)  # of faxes by mail: an id or a layout
    mail_senders = models.JSONField(default=list, blank=True)  # addresses, or patterns of them

    # who is told of faxes that came in, and of how faxes sent from it ended
    inbound_emails = models.JSONField(default=list, blank=True)
    inbound_sms = models.JSONField(default=list, blank=True)
    inbound_callback = models.JSONField(default=dict, blank=True)  # url, method, type
    outbound_emails = models.JSONField(default=list, blank=True)
    outbound_sms = models.JSONField(default=list, blank=True)
    outbound_callback = models.JSONField(default=dict, blank=True)
    mail_pages = models.CharField(max_length=4, choices=MailPages.choices, default=MailPages.LINK)

    # what a client said and is told again just as it was, though nothing is done with it here
    echo = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "extension"],
                condition=~models.Q(extension=""),
                name="faxbox_extension_once",
            ),
        )

    def __str__(self) -> str:
        return self.name


class FaxboxAccess(TenantModel):
    """A person uses a fax machine that not everybody does: sees its faxes, and may send or not."""

    of_faxbox = "faxbox"

    faxbox = models.ForeignKey(Faxbox, on_delete=models.CASCADE, related_name="access")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    may_send = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["faxbox", "membership"], name="access_once"),
        )

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.faxbox_id}"
