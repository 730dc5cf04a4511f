"""The operator's lists of jobs: those that wait, those that failed, and who does what alone."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as lazy
from django_q.models import Failure, OrmQ

from faxes.models import Lease
from faxportal.operator.reading import ReadOnly
from faxportal.operator.site import site


@admin.register(OrmQ, site=site)
class Waiting(ReadOnly):
    """Jobs that wait, where the database keeps them; what they carry is not opened."""

    title = lazy("Jobs that wait")
    ids = ()
    search_fields = ()
    list_display = ("id", "key", "lock")
    fields = ("id", "key", "lock")


@admin.register(Failure, site=site)
class Failed(ReadOnly):
    """Jobs that failed. The sweep finds what they were to do; why they failed is in the log."""

    title = lazy("Jobs that failed")
    ids = ()
    begins = "id"
    search_help_text = lazy("The beginning of a job's id.")
    ordering = ("-stopped",)
    list_display = ("id", "name", "started", "stopped", "attempt_count")
    fields = ("id", "name", "func", "started", "stopped", "attempt_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Failure]:
        """Those alone that failed."""
        return super().get_queryset(request).filter(success=False)


@admin.register(Lease, site=site)
class Leases(ReadOnly):
    """Work that one process at a time does: who does it, and until when they said so."""

    title = lazy("Work of one at a time")
    ids = ()
    begins = "name"
    search_help_text = lazy("The beginning of a work's name.")
    ordering = ("name",)
    list_display = ("name", "holder", "fence", "until")
    fields = ("name", "holder", "fence", "until")
