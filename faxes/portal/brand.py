"""The brand of an account that provides for others: how its portal looks, is called, and where."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import wording
from accounts.auth.portal import AccountRequest
from accounts.errors import BrandInvalid, ColourTooPale
from accounts.portal.page import done, reseller_page
from accounts.roles import Action
from accounts.services import branding, colours, domains
from accounts.services.branding import BrandRequest
from accounts.services.brands import BrandView, brand_with
from faxes.errors import DocumentError
from faxes.portal.page import is_fragment
from faxes.services.brand_logos import take_logo
from faxes.services.intake import incoming

if TYPE_CHECKING:
    from accounts.models import Brand

_UNPROCESSABLE: Final = 422
_USUAL: Final = "#2a4d9b"  # the portal's own accent colour
_LOGOS: Final = ("logo", "logo_dark")
_TYPED: Final = tuple(asdict(BrandRequest()))


@reseller_page(Action.BRAND_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: AccountRequest) -> HttpResponse:
    """What the account sets, what it inherits, and how that looks."""
    if request.method != "POST":
        return _page(request, _kept(branding.own_brand(request.actor)))
    wanted = _typed(request)
    try:
        wanted = _with_logos(request, wanted)
        if request.POST.get("do") == "preview":
            return _page(request, wanted, preview=True)
        branding.set_brand(request.actor, wanted=wanted)
    except DocumentError as refused:
        told = _("Choose a PNG, JPEG or WebP picture of up to 5 MB. Save an SVG as PNG first.")
        return _page(request, wanted, errors={refused.field: told})
    except BrandInvalid as refused:
        offered = refused.offered if isinstance(refused, ColourTooPale) else ""
        errors = {refused.field: wording.sentence(refused)}
        return _page(request, wanted, errors=errors, offered=offered)
    messages.success(
        request, _("The branding is saved. It shows at once, here and in all accounts below.")
    )
    return redirect("brand", account=request.account.pk)


@reseller_page(Action.BRAND_MANAGE, confirmed=True)
@require_POST
def brand_host(request: AccountRequest) -> HttpResponse:
    """Name a host of one's own, have it checked, or give it up."""
    actor = request.actor
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "claim": (
            lambda: domains.claim_domain(actor, domain=request.POST.get("domain", "")),
            _("Now add the record that is shown below where your domain is administered."),
        ),
        "prove": (lambda: domains.prove_domain(actor), _("The host name works from now on.")),
        "drop": (lambda: domains.drop_domain(actor), _("The host name is not used any more.")),
    }
    act, words = acts.get(request.POST.get("do", ""), acts["claim"])
    return done(request, "brand", act, words)


def _typed(request: AccountRequest) -> BrandRequest:
    """What was typed, with the logos that are there."""
    names = {name: f"kept_{name}" if name in _LOGOS else name for name in _TYPED}
    typed = {name: request.POST.get(field, "") for name, field in names.items()}
    if "offered" in request.POST:
        typed["accent"] = request.POST["offered"]
    return BrandRequest(**typed)


def _with_logos(request: AccountRequest, wanted: BrandRequest) -> BrandRequest:
    """What was typed, with the logos that came along, or without those that shall go."""
    named = asdict(wanted)
    for name in _LOGOS:
        file = request.FILES.get(name)
        if file is not None:
            try:
                named[name] = take_logo(request.actor, file=incoming(file))
            except DocumentError as error:
                error.field = name
                raise
        elif request.POST.get(f"drop_{name}"):
            named[name] = ""
    return BrandRequest(**named)


def _kept(row: "Brand") -> BrandRequest:
    logos = {name: getattr(row, name).digest if getattr(row, name) else "" for name in _LOGOS}
    typed = {name: getattr(row, name) for name in _TYPED if name not in _LOGOS}
    return BrandRequest(**typed, **logos)


def _page(
    request: AccountRequest,
    typed: BrandRequest,
    *,
    errors: dict[str, str] | None = None,
    offered: str = "",
    preview: bool = False,
) -> HttpResponse:
    row, shown, errors = _previewed(request, typed, dict(errors or {}))
    offered = offered or (_offered(typed.accent) if "accent" in errors else "")
    light, dark = colours.contrasts(shown.accent or _USUAL)
    context: dict[str, Any] = {
        "typed": typed,
        "errors": errors,
        "offered": offered,
        "shown": shown,
        "shown_sheet": colours.name_of(shown.accent or _USUAL),
        "previewed": preview and not errors,
        "contrast": (f"{light:.1f}", f"{dark:.1f}"),
        "inherited": branding.inherited_brand(request.actor),
        "own": row,
        "proven": row.domain_proven_at,
        "record": domains.record_of(row) if row.domain else None,
        "main": domains.main_host(),
        "fragment": is_fragment(request),
        "sends": not row.sender_address or shown.sender == row.sender_address,
    }
    template = "faxes/_brand_preview.html" if context["fragment"] else "faxes/brand.html"
    return render(request, template, context, status=_UNPROCESSABLE if errors else 200)


def _previewed(
    request: AccountRequest, typed: BrandRequest, errors: dict[str, str]
) -> tuple["Brand", BrandView, dict[str, str]]:
    """The row as it would be, and the brand that makes; as it is, if something is wrong."""
    if not errors:
        try:
            row = branding.drafted(request.actor, wanted=typed)
            return row, brand_with(request.account, row), errors
        except BrandInvalid as refused:
            errors = {refused.field: wording.sentence(refused)}
    row = branding.own_brand(request.actor)
    return row, brand_with(request.account, row), errors


def _offered(accent: str) -> str:
    try:
        return colours.nearest(colours.read(accent))
    except BrandInvalid:
        return ""
