"""A stored file of a fax, and files on their way in and out of storage."""

from django.db import models

from faxes.enums import DocumentRole, Paper, Quality
from faxes.models.base import TenantModel
from faxes.models.fax import Fax


class Document(TenantModel):
    """A file of a fax. Faxes of one submission share the stored object named by ``key``."""

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="documents", db_index=False)
    role = models.CharField(max_length=10, choices=[(r.value, r.value) for r in DocumentRole])
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=255, blank=True)  # as uploaded
    media_type = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    sound = models.BooleanField(default=False)  # every row was decoded once and nothing was wrong
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["fax", "role", "position"], name="document_once"),
        )
        indexes = (
            models.Index(fields=["key"], name="document_key"),
            models.Index(
                fields=["account", "name", "fax"],
                condition=~models.Q(name=""),
                name="document_searched",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.position} of {self.fax_id}"


class Upload(TenantModel):
    """Documents brought ahead and shown as fax pages; sending takes them over as they are."""

    created_by = models.UUIDField(null=True, blank=True)  # None: the account's own token
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    quality = models.CharField(max_length=10, choices=[(q.value, q.value) for q in Quality])
    paper = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Paper])
    sources = models.JSONField()  # for each: name, media_type, key, size, sha256, pages
    rendered = models.JSONField()  # the same, of the fax TIFF
    # The pages that go, in order: [number among all pages of the sources, quarter turns
    # clockwise]; empty for all of them as they are.
    plan = models.JSONField(default=list, blank=True)
    several = models.BooleanField(default=False)  # stays, for further faxes, until it expires
    # of faxes that can be undone still: it is kept as it was, to be gone back to, and is not sent
    undo_of = models.UUIDField(null=True, blank=True)  # their batch

    def __str__(self) -> str:
        return f"upload {self.id}"


class Erasure(models.Model):
    """A stored object that must go when it is due, unless a row needs it by then.

    Written before any object is stored, so that one whose row never came to be is found; and in
    the transaction that removes rows.
    """

    key = models.CharField(max_length=120)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
