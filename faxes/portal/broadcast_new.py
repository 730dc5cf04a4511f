"""A fax to many: looked at before it is sent, then sent as a broadcast."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from accounts.roles import Action
from accounts.services.amounts import readable
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import InvalidRequest
from faxes.portal import draft_form
from faxes.portal.once import new_form_key, once
from faxes.portal.page import account_page
from faxes.portal.recipients import Chosen, chosen_in, name_of
from faxes.portal.undo import send_at_of
from faxes.services.broadcast_look import look
from faxes.services.broadcasts import BroadcastRequest, create_broadcast
from faxes.services.order import FaxRequest
from faxes.services.recipient_lists import Refused, Sifted
from faxes.wording import sentence

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_UNPROCESSABLE: Final = 422
_FORBIDDEN: Final = 403
_REFUSED_SHOWN: Final = 200
_FIELDS: Final = (
    "to", "group", "listed", "upload", "subject", "message", "cover", "faxbox", "quality",
    "send_at", "when", "draft",
)  # fmt: skip
_MINUTE: Final = 60


def look_first(
    request: AccountRequest, *, fax: FaxRequest, typed: "DataclassInstance", chosen: Chosen
) -> HttpResponse:
    """What would happen, with the button that makes it happen; ``typed`` are the form's fields.

    Raises:
        InvalidRequest: something of it is wrong.
        AccountSuspended

    """
    return _look(request, fax, {**asdict(typed), "listed": chosen.listed.packed}, chosen)


@account_page
@require_POST
@once
def broadcast_new(request: AccountRequest) -> HttpResponse:
    """Send what was looked at; look again if it is not what it was."""
    require(request.actor, Action.FAX_SEND)
    typed = {name: request.POST.get(name, "") for name in _FIELDS}
    fax = FaxRequest(
        to="",
        upload_id=typed["upload"],
        subject=typed["subject"],
        message=typed["message"],
        cover=typed["cover"],
        faxbox=typed["faxbox"],
        quality=typed["quality"],
        send_at=send_at_of(request.account, when=typed["when"], typed=typed["send_at"]),
    )
    try:
        chosen = chosen_in(request, to=typed["to"])
        sifted = chosen.sifted(request)
        if str(len(sifted.numbers)) != request.POST.get("count"):
            told = _("Since you looked, who gets it has changed. Please look again.")
            return _look(request, fax, typed, chosen, problem=told)
        wanted = BroadcastRequest(
            fax=fax, recipients=sifted.good, name=request.POST.get("name", "")
        )
        made = create_broadcast(
            request.actor,
            request=wanted,
            origin="portal",
            also=lambda: draft_form.sent(request.actor, typed),
        )
    except InvalidRequest as refused:
        return _refused(request, typed, refused)
    except AccountSuspended:
        told = _("This account is suspended, so nothing can be sent. Ask your provider.")
        return _page(request, typed, problem=told, status=_FORBIDDEN)
    return redirect("broadcast", account=request.account.pk, broadcast=made.pk)


def _look(
    request: AccountRequest,
    fax: FaxRequest,
    typed: dict[str, str],
    chosen: Chosen,
    *,
    problem: str = "",
) -> HttpResponse:
    sifted = chosen.sifted(request)
    seen = look(request.actor, fax=fax, numbers=sifted.numbers)
    told = problem or (sentence(seen.refused) if seen.refused else "")
    return _page(
        request,
        typed,
        problem=told,
        seen=seen,
        can_send=seen.refused is None,
        minutes=max(1, round(seen.seconds / _MINUTE)) if seen.seconds else 0,
        price=readable(seen.price, seen.currency) if seen.price and seen.currency else "",
        name=request.POST.get("name", "") or name_of(request, chosen),
        **_told(sifted),
        status=_UNPROCESSABLE if told else 200,
    )


def _told(sifted: Sifted) -> dict[str, Any]:
    """Who gets a fax, and of those who do not the first with their reasons."""
    refused = [(each.name, each.number, _reason(each)) for each in sifted.refused[:_REFUSED_SHOWN]]
    return {
        "count": len(sifted.numbers),
        "duplicates": sifted.duplicates,
        "refused": refused,
        "refused_count": len(sifted.refused),
        "refused_more": len(sifted.refused) - len(refused),
    }


def _reason(refused: Refused) -> str:
    if refused.error.code == ErrorCode.NUMBER_MISSING:
        return _("There is no fax number.")
    return sentence(refused.error)


def _refused(
    request: AccountRequest, typed: dict[str, str], refused: InvalidRequest
) -> HttpResponse:
    told = " ".join(dict.fromkeys(sentence(error) for error in refused.errors[:5]))
    return _page(request, typed, problem=told, status=_UNPROCESSABLE)


def _page(
    request: AccountRequest, typed: dict[str, str], *, status: int = 200, **told: Any
) -> HttpResponse:
    kept = [(name, value) for name, value in typed.items() if value]
    context = {"kept": kept, "typed": typed, "form_key": new_form_key(), **told}
    return render(request, "faxes/broadcast_new.html", context, status=status)
