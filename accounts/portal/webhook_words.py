"""Webhooks in plain words: what they are told of, what became of it, what went wrong."""

from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

if TYPE_CHECKING:
    from accounts.models import WebhookTry

EVENTS: Final[dict[str, Promise]] = {
    "fax.queued": lazy("A fax is ready to be sent"),
    "fax.sending": lazy("A fax is being sent"),
    "fax.page_sent": lazy("A page of a fax was sent"),
    "fax.delivered": lazy("A fax was delivered"),
    "fax.failed": lazy("A fax was not delivered"),
    "fax.canceled": lazy("A fax was canceled"),
    "fax.received": lazy("A fax was received"),
    "fax.stripped": lazy("The pages of a fax were removed"),
    "fax.deleted": lazy("A fax was deleted"),
    "number.assigned": lazy("The account got a number"),
    "number.released": lazy("The account gave a number back"),
    "number.updated": lazy("A number leads to another fax machine"),
    "account.created": lazy("An account below was made"),
    "account.updated": lazy("The account, or one below, was changed"),
    "account.suspended": lazy("The account, or one below, was suspended"),
    "account.resumed": lazy("A suspension ended"),
    "account.closed": lazy("The account, or one below, was closed"),
    "mail.refused": lazy("A mail did not become a fax"),
}
# With the picture and tone that each is shown in.
STATES: Final[dict[str, tuple[str, Promise]]] = {
    "pending": ("wait", lazy("Waiting")),
    "delivered": ("good", lazy("Delivered")),
    "failed": ("bad", lazy("Failed")),
}
WHY_OFF: Final[dict[str, Promise]] = {
    "asked": lazy("Switched off"),
    "failing": lazy("Switched off after three days without a success"),
    "gone": lazy("Switched off: it said that it is gone for good"),
}
_TROUBLE: Final[dict[str, Promise]] = {
    "url_invalid": lazy("Not sent: this is no address that can be used"),
    "url_not_allowed": lazy("Not sent: this address may not be reached from here"),
    "url_unreachable": lazy("Nothing answered as a web server does"),
    "url_insecure": lazy("No secure connection: look at the certificate"),
    "url_too_slow": lazy("No answer in time"),
    "url_refused": lazy("Answered with an error"),
    "url_redirected": lazy("Not sent: it leads from one address to the next"),
    "url_too_large": lazy("The answer is too long"),
    "url_type": lazy("The answer is no LaML, so the fax was taken"),
    "answer_not_understood": lazy("The answer says nothing about faxes, so the fax was taken"),
    "internal_error": lazy("Not sent: something went wrong on our side"),
    "secret_lost": lazy("Not sent: make a new secret first"),
}


def came_of(attempt: "WebhookTry") -> str:
    """What came of a try."""
    if attempt.status is not None:
        return _("Answered {status}").format(status=attempt.status)
    return str(_TROUBLE.get(attempt.error_code, attempt.error_code))
