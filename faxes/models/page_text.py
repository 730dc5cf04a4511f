"""What is kept of the words on the pages of faxes, where an account wants to find faxes by them."""

from django.db import models

from accounts.models import Account
from faxes.models.base import TenantModel
from faxes.models.fax import Fax


class PageText(TenantModel):
    """How far the pages of a fax are read; the words themselves are ``PageWord``.

    ``wake_at`` is when somebody is to go on; None once there is nothing left to read. ``tries``
    were begun at ``next_page``. Once ``doomed`` it only waits to go, with its words.
    """

    of_faxbox = "fax__faxbox"

    fax = models.OneToOneField(Fax, on_delete=models.CASCADE, related_name="page_text")
    next_page = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)  # pages that could not be read, or too many
    seconds = models.FloatField(default=0.0)  # spent on it
    doomed = models.BooleanField(default=False)
    wake_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = (
            models.Index(
                fields=["account", "-fax"],
                condition=models.Q(wake_at__isnull=False),
                name="page_text_waiting",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(lease_until__isnull=False),
                name="page_text_leased",
            ),
            models.Index(
                fields=["account"], condition=models.Q(doomed=True), name="page_text_doomed"
            ),
        )

    def __str__(self) -> str:
        return f"words on {self.fax_id}, from page {self.next_page}"


class PageWord(TenantModel):
    """A word is on a page of a fax: not the word, but 64 bits of what a secret key makes of it.

    There are very many of these, hence the short key, and no more indexes than are asked.
    """

    of_faxbox = "fax__faxbox"

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.BigIntegerField()
    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = (
            # also the index that search goes by
            models.UniqueConstraint(fields=["account", "digest", "fax"], name="page_word_once"),
        )

    def __str__(self) -> str:
        return f"a word on {self.fax_id}"
