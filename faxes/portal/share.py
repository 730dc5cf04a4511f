"""Documents that a phone hands to the installed portal: kept for the person, and never sent."""

from typing import Final, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from accounts.portal.home import used_last
from accounts.roles import Action
from accounts.tenancy import require
from faxes.enums import Quality
from faxes.errors import InvalidRequest
from faxes.portal.page import account_page
from faxes.services import preview
from faxes.services.intake import incoming
from faxes.wording import sentence

# Where a browser says that a request comes from, if it is of the person's own doing.
_OWN: Final = frozenset({"none", "same-origin"})


# A phone that shares has no page of ours, so it has no token to show: Django's check is off here,
# and this takes its place. Sec-Fetch-Site is written by the browser and no page can change it. For
# what the person shares it says "none", as for an address they typed; for a form on another site,
# or on a host beside ours, "cross-site" or "same-site". One that does not say is refused as well:
# every browser that shares to a portal sends it. The session's cookie is SameSite=Lax besides, so
# another site's POST would come without it. And were both to fail, all that happens is that a
# document lies ready for a day in the person's own draft: sending it takes the form, and its token.
@csrf_exempt
@require_POST
def share(request: HttpRequest) -> HttpResponseBase:
    """Keep what was shared for who is signed in, and lead them to the form that sends it."""
    if request.headers.get("Sec-Fetch-Site", "") not in _OWN:
        raise PermissionDenied
    if not request.user.is_authenticated:
        messages.error(
            request,
            _("Sign in first, then share the document once more. Nothing of it was kept."),
        )
        return redirect("account_login")
    chosen = used_last(request)
    if chosen is None:
        return redirect("home")
    return _kept(cast("AccountRequest", request), account=chosen.account_id)


@account_page
def _kept(request: AccountRequest) -> HttpResponse:
    """Make an upload of the files, in the account used last."""
    require(request.actor, Action.FAX_SEND)
    form = reverse("compose", kwargs={"account": request.account.pk})
    try:
        upload = preview.prepare_upload(
            request.actor,
            documents=[incoming(file) for file in request.FILES.getlist("documents")],
            quality=Quality.FINE,
        )
    except InvalidRequest as refused:
        for error in refused.errors:
            messages.error(request, sentence(error))
        return redirect(form)
    except AccountSuspended:
        messages.error(
            request, _("This account is suspended, so nothing can be sent. Ask your provider.")
        )
        return redirect(form)
    query = QueryDict(mutable=True)
    query["upload"] = str(upload.pk)
    return redirect(f"{form}?{query.urlencode()}")
