"""The tenants of a reseller: the list with its filters, and the same as CSV."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id, reseller_page
from accounts.roles import Action
from accounts.services.tenant_bulk import MOST_AT_ONCE, BulkAct
from faxes.errors import FaxError
from faxes.portal.page import beside_fields
from faxes.queries import tenants as queries
from faxes.queries.tenants import TenantFilter, TenantPage
from faxes.services.tenant_sheet import tenants_csv

_UNPROCESSABLE: Final = 422
_LONGEST: Final = 200
_NAMES: Final = ("q", "status", "kind", "low", "below", "cursor")
STATES: Final = (
    ("", lazy("All")),
    ("active", lazy("Active")),
    ("suspended", lazy("Suspended")),
    ("closed", lazy("Closing")),
)
KINDS: Final = (
    ("", lazy("Any")),
    ("customer", lazy("Customers")),
    ("reseller", lazy("Resellers")),
)
ACTS: Final = (
    (BulkAct.SUSPEND, lazy("Suspend")),
    (BulkAct.RESUME, lazy("Resume")),
    (BulkAct.PLAN, lazy("Put on a plan")),
    (BulkAct.TOP_UP, lazy("Top up")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list's address asks for: as typed, and as understood."""

    typed: dict[str, str]
    shown: TenantFilter

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves tenants out."""
        return any(self.typed[name] for name in ("q", "status", "kind", "low"))

    @property
    def folded(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self.typed[name] for name in ("kind", "low"))


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def tenants(request: AccountRequest) -> HttpResponse:
    """One page of the tenants, by name."""
    asked, errors = _asked(request.GET), []
    try:
        page = queries.list_tenants(request.actor, asked.shown, cursor=asked.typed["cursor"])
    except FaxError as error:
        errors.append(error)
        page = TenantPage(rows=[], next_cursor="", above=[], count=None)
    context = {
        "page": page,
        "base": page.above[-1] if page.above else request.account,
        "asked": asked,
        "typed": asked.typed,
        "errors": beside_fields(errors),
        "states": STATES,
        "kinds": KINDS,
        "acts": ACTS,
        "most": MOST_AT_ONCE,
    }
    status = _UNPROCESSABLE if errors else 200
    return render(request, "faxes/tenants.html", context, status=status)


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def tenants_sheet(request: AccountRequest) -> StreamingHttpResponse:
    """All that the list shows, as CSV."""
    response = StreamingHttpResponse(
        tenants_csv(request.actor, shown=_asked(request.GET).shown),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="tenants.csv"'
    return response


def _asked(query: QueryDict) -> Asked:
    """Read the filters; one that makes no sense is left out."""
    typed = {name: query.get(name, "").strip()[:_LONGEST] for name in _NAMES}
    typed["status"] = typed["status"] if typed["status"] in dict(STATES) else ""
    typed["kind"] = typed["kind"] if typed["kind"] in dict(KINDS) else ""
    typed["low"] = "1" if typed["low"] in {"1", "true", "on"} else ""
    below = read_id(typed["below"])
    typed["below"] = str(below or "")
    shown = TenantFilter(
        q=typed["q"],
        status=typed["status"],
        kind=typed["kind"],
        low=bool(typed["low"]),
        below=below,
    )
    return Asked(typed, shown)
