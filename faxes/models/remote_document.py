"""A document that lies at a web address, until it was fetched."""

from django.db import models

from faxes.models.base import TenantModel
from faxes.models.fax import Fax


class FetchMethod(models.TextChoices):
    """How it is asked for."""

    GET = "get"
    POST = "post"


class RemoteDocument(TenantModel):
    """Where a document of a fax is to be fetched, and how; the row goes once it was.

    ``headers`` are such as the client asked for. ``tries`` counts what was tried, and ``next_at``
    is when it is tried next; whoever is at it holds the lease.
    """

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="remote_documents")
    position = models.PositiveSmallIntegerField(default=0)
    url = models.CharField(max_length=2000)
    method = models.CharField(max_length=4, choices=FetchMethod.choices, default=FetchMethod.GET)
    headers = models.JSONField(default=dict, blank=True)
    body = models.CharField(max_length=256, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["fax", "position"], name="remote_document_once"),
        )
        indexes = (models.Index(fields=["next_at"], name="remote_document_due"),)

    def __str__(self) -> str:
        return f"document {self.position} of {self.fax_id}"
