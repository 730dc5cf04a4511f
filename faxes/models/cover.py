"""An account's own cover page."""

from django.db import models

from faxes.models.base import TenantModel


class CoverTemplate(TenantModel):
    """A layout that ships with an account's own words and logo, or HTML of its own.

    ``logo_key`` names a stored PNG. ``html`` takes the place of the layout if it is not empty.
    """

    name = models.CharField(max_length=80)
    layout = models.CharField(max_length=20)
    heading = models.CharField(max_length=120, blank=True)
    letterhead = models.TextField(blank=True)
    footnote = models.TextField(blank=True)
    logo_key = models.CharField(max_length=120, blank=True)
    html = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="cover_name_once"),)

    def __str__(self) -> str:
        return self.name
