"""A fax that somebody has not finished writing."""

from django.db import models

from accounts.models import Membership
from faxes.models.base import TenantModel
from faxes.models.document import Upload


class FaxDraft(TenantModel):
    """What a person typed of a fax, and the documents brought for it; nobody else sees it.

    As long as it is there, its upload is kept.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    typed = models.JSONField(default=dict)  # the form's fields by name, just as they were typed
    listed = models.JSONField(null=True, blank=True)  # of a list of recipients: its name, its rows
    upload = models.OneToOneField(
        Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="draft"
    )
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta(TenantModel.Meta):
        indexes = (models.Index(fields=["membership", "-saved_at"], name="draft_list"),)

    def __str__(self) -> str:
        return f"draft {self.id}"
