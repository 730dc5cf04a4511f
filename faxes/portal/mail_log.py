"""What became of the mails that were sent to a fax machine."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.page import read_id
from faxes.mail_words import sentence
from faxes.portal.page import account_page
from faxes.queries.mail_log import mail_page
from faxes.queries.numbers import faxbox_for

if TYPE_CHECKING:
    from faxes.models import InboundMail, Notification

_SIZE: Final = 25
# Icon and colour, and words, of each state.
_STANDINGS: Final[dict[str, tuple[str, Promise]]] = {
    "spooled": ("wait", lazy("Becomes a fax")),
    "faxed": ("good", lazy("Became a fax")),
    "refused": ("bad", lazy("Not faxed")),
}
_TOLD: Final[dict[str, Promise]] = {
    "pending": lazy("will be told"),
    "sent": lazy("was told"),
    "failed": lazy("could not be told"),
}


@account_page
@require_safe
def mail_log(request: AccountRequest, faxbox: UUID) -> HttpResponse:
    """The mails to a fax machine, newest first."""
    machine = faxbox_for(request.actor, faxbox)
    after = read_id(request.GET.get("after", ""))
    page = mail_page(request.actor, faxbox_id=faxbox, after=after, size=_SIZE)
    context = {
        "machine": machine,
        "mail_domain": f"{machine.mail_label}.{settings.MAIL_DOMAIN}",
        "mails": [_shown(mail) for mail in page.mails],
        "older": page.after,
        "is_first": after is None,
    }
    return render(request, "faxes/mail_log.html", context)


def _shown(mail: "InboundMail") -> dict[str, object]:
    tone, standing = _STANDINGS[mail.state]
    return {
        "mail": mail,
        "tone": tone,
        "standing": standing,
        "errors": [sentence(each) for each in mail.errors],
        "told": [_told(each) for each in mail.notifications.all()],
    }


def _told(notification: "Notification") -> tuple[str, Promise]:
    return notification.to, _TOLD[notification.state]
