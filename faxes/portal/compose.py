"""Writing a fax: what goes to whom, seen as fax pages before it is sent."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended, NotAllowed
from accounts.roles import Action
from accounts.tenancy import require
from faxes.enums import Quality
from faxes.errors import FaxError, InvalidRequest
from faxes.portal import compose_estimate, compose_pages, draft_form
from faxes.portal.broadcast_new import look_first
from faxes.portal.compose_pages import Shown
from faxes.portal.covers import LAYOUTS, inline, picture_answer, told_plainly
from faxes.portal.files import width_of
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page, beside_fields
from faxes.portal.pictures import page_picture
from faxes.portal.recipients import chosen_in, to_field
from faxes.portal.trials import TRIALS
from faxes.portal.undo import night_words, remember, restored, send_at_of
from faxes.queries.access import faxboxes_to_send_from
from faxes.queries.covers import covers_for
from faxes.queries.drafts import count_drafts
from faxes.services import preview
from faxes.services.intake import incoming
from faxes.services.recipient_lists import numbers_only
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.uploads import upload_for

if TYPE_CHECKING:
    from faxes.models import Fax

Files = Sequence["UploadedFile[bytes]"]

_NO_CONTENT: Final = 204
_FORBIDDEN: Final = 403
_UNPROCESSABLE: Final = 422
_COVER_WIDTH: Final = 864
_BROUGHT_ALONG: Final = ("to", "cover", "upload", "group")  # in the address
QUALITIES: Final[tuple[tuple[Quality, Promise, Promise], ...]] = (
    (Quality.STANDARD, lazy("Standard"), lazy("Quickest on the line. For large, plain type.")),
    (Quality.FINE, lazy("Fine"), lazy("Small print stays clear. Right for most documents.")),
    (
        Quality.SUPERFINE,
        lazy("Superfine"),
        lazy("For the smallest print and drawings. Takes about twice as long."),
    ),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed so far, as it stands in the form."""

    to: str = ""
    subject: str = ""
    message: str = ""
    cover: str = ""
    faxbox: str = ""
    quality: str = Quality.FINE.value
    send_at: str = ""
    when: str = ""
    upload: str = ""
    draft: str = ""
    group: str = ""


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def compose(request: AccountRequest) -> HttpResponse:
    """The form; sending it, or looking at the pages without scripts."""
    if not request.actor.may(Action.FAX_SEND):
        raise NotAllowed(Action.FAX_SEND.value)
    if request.method != "POST":
        draft = _begun(request)
        return _page(request, draft, shown=_kept(request, draft))
    draft, files = typed_draft(request.POST), request.FILES.getlist("documents")
    action = request.POST.get("action", "")
    if action in {"preview", "draft"} or compose_pages.is_change(action):
        return _previewed(request, draft, files, "faxes/compose.html")
    if compose_pages.are_others(request.actor, upload=draft.upload, seen=request.POST.get("seen")):
        return _look_again(request, draft, files)
    return _sent(request, draft, files)


def _sent(request: AccountRequest, draft: Draft, files: Files) -> HttpResponse:
    """The fax on its way, or the form again with why it is not."""
    try:
        chosen = chosen_in(request, to=draft.to)
        if chosen.many:
            brought = _prepared(request, draft, files)
            draft = replace(draft, upload=str(brought.id))
            asked = _request(request, draft, ())
            return look_first(request, fax=asked, typed=draft, chosen=chosen)
        sent = submit_fax(
            request.actor,
            request=_request(request, draft, files),
            origin="portal",
            also=lambda _faxes: draft_form.sent(request.actor, asdict(draft)),
        )
    except InvalidRequest as refused:
        errors = beside_fields(refused.errors)
        return _page(
            request,
            draft,
            errors=errors,
            shown=_kept(request, draft, () if "documents" in errors else files),
            lost=[file.name for file in files],
            status=_UNPROCESSABLE,
        )
    except AccountSuspended:
        return _suspended(request, draft)
    return _to_sent(request, sent, remember(request, sent, draft))


@account_page
@require_POST
def compose_preview(request: AccountRequest) -> HttpResponse:
    """The documents' part of the form, with the fax pages that will go."""
    files = request.FILES.getlist("documents")
    return _previewed(request, typed_draft(request.POST), files, "faxes/_documents.html")


@account_page
@require_POST
def compose_cover(request: AccountRequest) -> HttpResponse:
    """A picture of the cover page as it would go with what is typed so far."""
    try:
        drawn = preview.cover_picture(
            request.actor,
            request=_request(request, typed_draft(request.POST), ()),
            width=width_of(request),
        )
    except InvalidRequest as refused:
        return told_plainly(refused.errors)
    except AccountSuspended:
        return HttpResponse(status=_FORBIDDEN)
    return picture_answer(drawn) if drawn else HttpResponse(status=_NO_CONTENT)


@account_page
@require_POST
def compose_cost(request: AccountRequest) -> HttpResponse:
    """What the fax as it is typed so far would take and cost."""
    require(request.actor, Action.FAX_SEND)
    found = compose_estimate.told(request.actor, _request(request, typed_draft(request.POST), ()))
    return render(request, "faxes/_estimate.html", {"estimate": found})


@account_page
@require_safe
def upload_page(request: AccountRequest, upload: UUID, page: int) -> HttpResponse:
    """The picture of one page that would go."""
    actor, width = request.actor, width_of(request)
    tag = preview.upload_page_tag(actor, upload_id=upload, page=page, width=width)
    make = partial(preview.upload_page_png, actor, upload_id=upload, page=page, width=width)
    return page_picture(request, tag=tag, make=make)


def _to_sent(request: AccountRequest, sent: Sequence["Fax"], told: str) -> HttpResponse:
    if len(sent) == 1:
        return redirect("fax", account=request.account.pk, fax=sent[0].pk)
    messages.success(request, _("On its way to {count} numbers.").format(count=len(sent)))
    return redirect(reverse("outbox", kwargs={"account": request.account.pk}) + told)


def typed_draft(typed: QueryDict) -> Draft:
    """The form as it was sent."""
    return Draft(**{name: typed.get(name, "") for name in Draft.__slots__})


def _request(request: AccountRequest, draft: Draft, files: Files) -> FaxRequest:
    """What is asked for. Files chosen now go behind those chosen for the preview."""
    return FaxRequest(
        to=numbers_only(draft.to),
        documents=[incoming(file) for file in files],
        upload_id=draft.upload,
        subject=draft.subject,
        message=draft.message,
        cover=draft.cover,
        faxbox=draft.faxbox,
        quality=draft.quality,
        send_at=send_at_of(request.account, when=draft.when, typed=draft.send_at),
    )


def _previewed(request: AccountRequest, draft: Draft, files: Files, template: str) -> HttpResponse:
    """The form, or its documents' part, once what a button says is done."""
    action = request.POST.get("action", "")
    try:
        if compose_pages.is_change(action):
            shown = compose_pages.changed(request.actor, upload_id=draft.upload, action=action)
        elif action == "draft" and not files and not draft.upload:
            shown = None
        else:
            shown = _prepared(request, draft, files)
        if action == "draft":
            upload = str(shown.id) if shown else ""
            return draft_form.saved(request, asdict(draft) | {"upload": upload})
    except InvalidRequest as refused:
        errors = beside_fields(refused.errors)
        return _page(
            request,
            draft,
            template,
            errors=errors,
            shown=_kept(request, draft),
            lost=[file.name for file in files],
            status=_UNPROCESSABLE,
        )
    except AccountSuspended:
        return _suspended(request, draft, template)
    return _page(request, draft, template, shown=shown)


def _prepared(request: AccountRequest, draft: Draft, files: Files) -> Shown:
    upload = preview.prepare_upload(
        request.actor,
        documents=[incoming(file) for file in files],
        quality=draft.quality,
        upload_id=draft.upload,
    )
    return compose_pages.shown(upload)


def _begun(request: AccountRequest) -> Draft:
    """What the form begins with: a draft, or what its address says."""
    if written := request.GET.get("draft", ""):
        return Draft(**draft_form.opened(request.actor, written=written, names=Draft.__slots__))
    brought = {name: request.GET.get(name, "") for name in _BROUGHT_ALONG}
    return Draft(**brought | restored(request))


def _kept(request: AccountRequest, draft: Draft, files: Files = ()) -> Shown | None:
    """What need not be chosen again: the upload at hand, or good files made one."""
    try:
        if files:
            return _prepared(request, draft, files)
        upload = upload_for(request.actor, written=draft.upload)
    except (InvalidRequest, FaxError):
        return None
    return compose_pages.shown(upload) if upload else None


def _leaves(request: AccountRequest, draft: Draft, shown: Shown | None) -> dict[str, Any]:
    """The pages as they will go: the cover first, then those of the documents."""
    cover = None
    if request.method == "POST":
        with suppress(InvalidRequest, AccountSuspended):  # told where the fields are
            written = replace(draft, upload=str(shown.id) if shown else "")
            asked = _request(request, written, ())
            cover = preview.cover_picture(request.actor, request=asked, width=_COVER_WIDTH)
    own = cover.pages if cover else 0
    documents = shown.pages if shown else 0
    return {
        "cover": inline(cover) if cover else "",
        "cover_pages": own,
        "total": own + documents,
        "numbers": [
            (at, own + at, page) for at, page in enumerate(shown.going if shown else (), 1)
        ],
    }


def _look_again(request: AccountRequest, draft: Draft, files: Files) -> HttpResponse:
    """The form with the pages as they are now: what goes is what was looked at."""
    changed = _(
        "The pages were changed meanwhile, perhaps in another window. "
        "Look at them as they are now, then send the fax."
    )
    return _page(
        request,
        draft,
        errors={"documents": [changed]},
        shown=_kept(request, draft, files),
        lost=[file.name for file in files],
        status=_UNPROCESSABLE,
    )


def _suspended(
    request: AccountRequest, draft: Draft, template: str = "faxes/compose.html"
) -> HttpResponse:
    problem = _("This account is suspended, so nothing can be sent. Ask your provider.")
    return _page(request, draft, template, errors={"": [problem]}, status=_FORBIDDEN)


def _page(
    request: AccountRequest,
    draft: Draft,
    template: str = "faxes/compose.html",
    *,
    errors: dict[str, list[str]] | None = None,
    shown: Shown | None = None,
    lost: Sequence[str | None] = (),
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "draft": draft,
        "to_field": to_field(request, group=draft.group, draft=draft.draft),
        "form_key": new_form_key(),
        "errors": errors or {},
        "shown": shown,
        "lost": lost,
        "leaves": _leaves(request, draft, shown),
        "no_leaves": {"total": 0},  # for scripts to begin from
        "covers": covers_for(request.actor),
        "layouts": LAYOUTS,
        "faxboxes": faxboxes_to_send_from(request.actor),
        "qualities": QUALITIES,
        "trials": TRIALS,
        "drafts": count_drafts(request.actor),
        "night": night_words(request.account, clock.now()),
    }
    if shown and template == "faxes/compose.html":  # a part of it asks for itself, in a moment
        asked = _request(request, replace(draft, upload=str(shown.id)), ())
        context["estimate"] = compose_estimate.told(request.actor, asked)
    return render(request, template, context, status=status)
