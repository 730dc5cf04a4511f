"""How people keep order among faxes: labels, notes, and lists that they come back to."""

from django.db import models

from accounts.models import Membership
from faxes.enums import Direction, LabelColour
from faxes.models.base import TenantModel
from faxes.models.fax import Fax


class Label(TenantModel):
    """A word that the people of an account put on faxes; ``sorted_as`` in small letters."""

    name = models.CharField(max_length=40)
    sorted_as = models.CharField(max_length=120)
    colour = models.CharField(max_length=8, choices=[(c.value, c.value) for c in LabelColour])
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "sorted_as"], name="label_name_once"),
        )

    def __str__(self) -> str:
        return str(self.id)


class FaxLabel(TenantModel):
    """A label is on a fax."""

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="labels", db_index=False)
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="faxes")

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["fax", "label"], name="fax_label_once"),)
        indexes = (models.Index(fields=["account", "label", "-fax"], name="fax_label_list"),)

    def __str__(self) -> str:
        return f"{self.label_id} on {self.fax_id}"


class FaxNote(TenantModel):
    """What somebody noted about a fax. It is content, and goes with the pages."""

    of_faxbox = "fax__faxbox"

    fax = models.ForeignKey(Fax, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    written_by = models.UUIDField(null=True, blank=True)
    author = models.CharField(max_length=254, blank=True)  # as they were called then
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = (models.Index(fields=["fax", "id"], name="fax_notes"),)

    def __str__(self) -> str:
        return f"a note on {self.fax_id}"


class SavedView(TenantModel):
    """A narrowed list under a name, of one person; ``query`` is its address behind the ?."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction])
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["membership", "direction", "name"], name="saved_view_name_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)
