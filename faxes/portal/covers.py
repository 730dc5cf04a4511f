"""Cover pages: those that ship, the account's own, and the page on which one is written."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.documents import cover as pages
from faxes.errors import FaxError, FaxNotFound, InvalidRequest
from faxes.portal.files import width_of
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page, beside_fields
from faxes.queries.covers import covers_for, own_cover_for
from faxes.services import covers as work
from faxes.services.cover_pages import Picture, layout_in_words
from faxes.services.covers import CoverRequest
from faxes.services.intake import incoming
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import CoverTemplate

_UNPROCESSABLE: Final = 422
_WIDTH: Final = 864
# A name as people read it, and what it is for.
LAYOUTS: Final[tuple[tuple[str, Promise, Promise], ...]] = (
    ("plain", lazy("Plain"), lazy("Large and quick to read. Right for most faxes.")),
    ("business", lazy("Business"), lazy("A letterhead, with the facts in a box.")),
    ("confidential", lazy("Confidential"), lazy("Says so first, with a notice at the foot.")),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed so far, as it stands in the form."""

    name: str = ""
    layout: str = "plain"
    heading: str = ""
    letterhead: str = ""
    footnote: str = ""
    html: str = ""
    own_html: str = ""
    drop_logo: str = ""

    @classmethod
    def of(cls, cover: "CoverTemplate") -> "Draft":
        """A cover as it is stored."""
        return cls(
            name=cover.name,
            layout=cover.layout,
            heading=cover.heading,
            letterhead=cover.letterhead,
            footnote=cover.footnote,
            html=cover.html,
            own_html="1" if cover.html else "",
        )

    @property
    def known_layout(self) -> str:
        """The layout, or the first if that is none."""
        return self.layout if self.layout in pages.LAYOUTS else pages.LAYOUTS[0]

    @property
    def source(self) -> str:
        """The HTML to begin from: their own, or the layout's."""
        return self.html if self.own_html else layout_in_words(self.known_layout)


@account_page
@require_safe
def covers(request: AccountRequest) -> HttpResponse:
    """All cover pages there are to choose from."""
    require(request.actor, Action.COVER_MANAGE)
    context = {"covers": covers_for(request.actor), "layouts": LAYOUTS}
    return render(request, "faxes/covers.html", context)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def cover_new(request: AccountRequest) -> HttpResponse:
    """A cover page of one's own, begun from a layout."""
    require(request.actor, Action.COVER_MANAGE)
    if request.method != "POST":
        asked = Draft(layout=request.GET.get("layout", ""))
        return _page(request, Draft(layout=asked.known_layout))
    return _saved(request, None)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def cover_edit(request: AccountRequest, cover: UUID) -> HttpResponse:
    """One of the account's own cover pages."""
    require(request.actor, Action.COVER_MANAGE)
    row = own_cover_for(request.actor, cover)
    if request.method != "POST":
        return _page(request, Draft.of(row), row)
    return _saved(request, row)


@account_page
@require_POST
def cover_delete(request: AccountRequest, cover: UUID) -> HttpResponse:
    """Remove one of the account's own."""
    name = work.delete_cover(request.actor, cover_id=cover)
    messages.success(request, _("The cover page “{name}” is deleted.").format(name=name))
    return redirect("covers", account=request.account.pk)


@account_page
@require_POST
def cover_preview(request: AccountRequest) -> HttpResponse:
    """A picture of what is in the form, while it is being written."""
    try:
        drawn = work.drawn_draft(
            request.actor,
            request=_request(request),
            cover_id=_id_of(request.POST),
            width=_WIDTH,
        )
    except InvalidRequest as refused:
        return told_plainly(refused.errors)
    return picture_answer(drawn)


@account_page
@require_safe
def cover_picture(request: AccountRequest, cover: str) -> HttpResponse:
    """A picture of a cover page that is stored or ships."""
    try:
        drawn = work.drawn_cover(request.actor, cover=cover, width=width_of(request))
    except FaxError:
        raise FaxNotFound from None
    return picture_answer(drawn)


def picture_answer(drawn: Picture) -> HttpResponse:
    """A picture, with the number of pages beside it."""
    answer = HttpResponse(drawn.png, content_type="image/png")
    answer["Cover-Pages"] = str(drawn.pages)
    return answer


def told_plainly(errors: Sequence[FaxError]) -> HttpResponse:
    """What is wrong, for a script to show where the picture would be."""
    told = " ".join(sentence(error) for error in errors)
    return HttpResponse(told, status=_UNPROCESSABLE, content_type="text/plain; charset=utf-8")


def inline(drawn: Picture) -> str:
    """A picture as an address that holds it whole, for pages without scripts."""
    return f"data:image/png;base64,{base64.b64encode(drawn.png).decode()}"


def _id_of(typed: QueryDict) -> UUID | None:
    written = typed.get("cover", "")
    try:
        return UUID(written) if written else None
    except ValueError:
        raise FaxNotFound from None


def _draft(typed: QueryDict) -> Draft:
    return Draft(**{name: typed.get(name, "") for name in Draft.__slots__})


def _request(request: AccountRequest) -> CoverRequest:
    draft, logo = _draft(request.POST), request.FILES.get("logo")
    return CoverRequest(
        name=draft.name,
        layout=draft.layout,
        heading=draft.heading,
        letterhead=draft.letterhead,
        footnote=draft.footnote,
        html=draft.html if draft.own_html else "",
        logo=incoming(logo) if logo else None,
        drop_logo=bool(draft.drop_logo),
    )


def _saved(request: AccountRequest, row: "CoverTemplate | None") -> HttpResponse:
    draft, wanted = _draft(request.POST), _request(request)
    cover_id = row.pk if row else None
    try:
        if request.POST.get("action") == "preview":
            drawn = work.drawn_draft(request.actor, request=wanted, cover_id=cover_id, width=_WIDTH)
            return _page(request, draft, row, drawn=drawn)
        saved = work.save_cover(request.actor, request=wanted, cover_id=cover_id)
    except InvalidRequest as refused:
        errors = beside_fields(refused.errors)
        return _page(request, draft, row, errors=errors, status=_UNPROCESSABLE)
    messages.success(request, _("The cover page “{name}” is saved.").format(name=saved.name))
    return redirect("covers", account=request.account.pk)


def _page(
    request: AccountRequest,
    draft: Draft,
    row: "CoverTemplate | None" = None,
    *,
    drawn: Picture | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "draft": draft,
        "cover": row,
        "form_key": new_form_key(),
        "errors": errors or {},
        "layouts": LAYOUTS,
        "names": sorted(pages.NAMES),
        "picture": inline(drawn) if drawn else "",
        "sources": [(name, layout_in_words(name)) for name in pages.LAYOUTS],
    }
    return render(request, "faxes/cover.html", context, status=status)
