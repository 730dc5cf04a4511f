"""What all lists of the operator's admin share: they are read, by what is indexed, and no more."""

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts import wording
from accounts.errors import AccountsError
from accounts.models import Shared, Sharing
from accounts.portal.page import TOLD_ELSEWHERE
from faxes.phone import masked

if TYPE_CHECKING:
    Pages = Paginator[Any]
    ListOfRows = admin.ModelAdmin[Any]
else:  # they take no brackets where they run
    Pages, ListOfRows = Paginator, admin.ModelAdmin

_WHY: Final = "the operator's admin shows what is on the site"
MOST_ROWS: Final = 1_000
_LAST: Final = "\U0010ffff"


class Bounded(Pages):
    """Counts no further than a thousand rows: who looks for more than that, searches."""

    @cached_property
    def count(self) -> int:
        """How many rows there are to page through."""
        rows = cast("QuerySet[Any]", self.object_list)
        return rows[:MOST_ROWS].count()


class ReadOnly(ListOfRows):
    """A list whose rows nobody adds, changes or deletes here.

    ``fields`` is all that is shown of a row, so that what a model gains is not shown by itself.
    Searched are ids (``ids`` names the columns that have them) and, from its beginning, ``begins``.
    """

    title: ClassVar[Any] = ""
    ids: ClassVar[tuple[str, ...]] = ("pk", "account_id")
    begins: ClassVar[str] = ""
    # of accounts that let nobody above them see their faxes
    of_faxes: ClassVar[bool] = False

    change_form_template = "operator/row.html"
    list_per_page = 50
    list_max_show_all = 0
    ordering = ("-pk",)
    paginator = Bounded
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)
    search_help_text = lazy("The whole id of what is looked for, or of its account.")
    show_full_result_count = False
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list, under its own title."""
        return super().changelist_view(request, {**(extra_context or {}), "title": self.title})

    def get_urls(self) -> list[URLPattern]:
        """The list and a row; there is nothing to add or to delete."""
        named = f"{self.opts.app_label}_{self.opts.model_name}"
        seen = self.admin_site.admin_view
        return [
            path("", seen(self.changelist_view), name=f"{named}_changelist"),
            path("<path:object_id>/change/", seen(self.change_view), name=f"{named}_change"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All rows of the site, less those of faxes that their account keeps to itself."""
        del request
        manager: Any = self.model._default_manager  # noqa: SLF001 (Django's own way)
        objects: Any = getattr(self.model, "objects", manager)
        across = getattr(objects, "across_tenants", None)
        rows: QuerySet[Any] = across(why=_WHY) if across else manager.all()
        if self.of_faxes:
            kept = Sharing.objects.across_tenants(why=_WHY).filter(fax_records=Shared.NONE)
            rows = rows.filter(~Exists(kept.filter(account_id=OuterRef("account_id"))))
        return rows.order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of an id, or whose name begins so; an index leads to each."""
        del request
        words = search_term.strip()
        if not words:
            return queryset, False
        try:
            key = UUID(words)
        except ValueError:
            if not self.begins:
                return queryset.none(), False
            least = words.lower()
            of_name = {f"{self.begins}__gte": least, f"{self.begins}__lt": least + _LAST}
            return queryset.filter(**of_name), False
        found = queryset.none()
        for name in self.ids:
            found |= queryset.filter(**{name: key})
        return found, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether an address may ask for rows by a column: what is not shown is not asked for.

        Django lets every column of a row be asked for, passwords and subjects included: who is
        told which rows are found finds out letter by letter what they say.
        """
        del value, request
        return lookup in self.list_filter

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever got in sees all of it."""
        del obj
        return self.admin_site.has_permission(request)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: what may be changed is an act of its own."""
        del request, obj
        return False

    has_delete_permission = has_change_permission


def hidden(written: str) -> str:
    """A number as whoever provides for its account sees it."""
    return masked(written) if written else ""


def act_on(request: HttpRequest, rows: QuerySet[Any], act: Any, done: Any) -> None:
    """Do something to each row that was chosen, and tell what came of it."""
    count = 0
    for row in rows:
        try:
            act(row)
        except TOLD_ELSEWHERE:
            messages.error(request, _("Not from here: %(name)s.") % {"name": row})
        except AccountsError as error:
            messages.error(request, f"{row}: {wording.sentence(error)}")
        else:
            count += 1
    if count:
        messages.success(request, done(count))
