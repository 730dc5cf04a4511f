"""Who was told of a fax: each mail and text message in plain words, and had sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from faxes.portal.page import account_page
from faxes.services import notifying
from faxes.standings import Standing

if TYPE_CHECKING:
    from faxes.models import Notification


_NOT_TOLD: Final = {
    "mail_unreachable": lazy("The mail server could not be reached."),
    "pages_unavailable": lazy("The pages cannot be opened at present."),
    "sms_unreachable": lazy("The service for text messages could not be reached."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One message to somebody: whether it is sent, and what is worth adding."""

    id: UUID
    to: str
    what: str
    standing: Standing
    note: str
    at: datetime | None
    open: bool


@account_page
@require_POST
def tell_again(request: AccountRequest, fax: UUID, notification: UUID) -> HttpResponse:
    """Have somebody told again."""
    notifying.send_again(request.actor, fax_id=fax, notification_id=notification)
    messages.success(request, _("It is sent again."))
    return redirect("fax", account=request.account.pk, fax=fax)


def told_of(notifications: Sequence["Notification"]) -> list[Told]:
    """Each in words."""
    return [_told(each) for each in notifications]


def _told(one: "Notification") -> Told:
    by_mail = one.channel == "email"
    kinds = {
        "accepted": _("Mail that the fax is on its way"),
        "refused": _("Mail that it was not faxed"),
        "approval": _("Mail that it waits for approval"),
        "declined": _("Mail that it was not approved"),
    }
    what = kinds.get(one.kind) or (_("Mail") if by_mail else _("Text message"))
    tries = ngettext("{tries} try", "{tries} tries", one.tries).format(tries=one.tries)
    why = _why_not(one.error)
    match one.state:
        case "sent":
            tone, state, note = "good", _("Sent"), tries if one.tries > 1 else ""
        case "failed":
            tone, state, note = "bad", _("Not sent"), " · ".join(filter(None, [tries, why]))
        case _:
            tone = "wait"
            state = _("Trying again") if one.tries and one.error else _("Waiting")
            note = " · ".join(filter(None, [tries if one.tries else "", why]))
    at, waits = one.ended_at or one.next_at, one.next_at is not None
    return Told(one.pk, one.to, what, Standing(tone, state), note, at, waits)


def _why_not(error: str) -> str:
    """Why somebody could not be told of a fax; empty for no error.

    What a server said itself is told as it said it.
    """
    known = _NOT_TOLD.get(error)
    return str(known) if known else error and _("The server answered: {said}").format(said=error)
