"""Why a mail became no fax, as sentences for whoever sent it."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from faxes.enums import ErrorCode, MailRefusal
from faxes.errors import FaxError
from faxes.wording import sentence_for

SENTENCES: Final[dict[MailRefusal, Promise]] = {
    MailRefusal.NOT_FOUND: lazy("No fax machine belongs to this address."),
    MailRefusal.NOT_ALLOWED: lazy(
        "This sender may not fax by email from here. An administrator can add the address to the "
        "senders of the fax machine."
    ),
    MailRefusal.INVALID_NUMBER: lazy(
        "What stands before the @ is not a complete fax number. Write it with its area code, or "
        "with + and the country code."
    ),
    MailRefusal.TOO_SMALL: lazy("The mail was empty."),
    MailRefusal.TOO_LARGE: lazy("The mail was too large. Send it in parts."),
    MailRefusal.UNDECODABLE: lazy(
        "The mail is put together in a way that cannot be read. Send the documents in a new one."
    ),
    MailRefusal.SUSPENDED: lazy("This account does not send at present."),
    MailRefusal.AUTOMATIC: lazy(
        "The mail was written by a program on its own, such as an absence notice, and those are "
        "not faxed."
    ),
    MailRefusal.UNPROVEN: lazy(
        "The mail could not be proven to come from the address that it names as its sender."
    ),
    MailRefusal.NOTHING_TO_FAX: lazy(
        "There was nothing to fax in the mail: neither a document of a kind that can be faxed, "
        "nor a text."
    ),
    MailRefusal.WINMAIL: lazy(
        "The documents came packed into a file winmail.dat, which only Outlook can open. Send the "
        "mail as HTML or plain text, not as Rich Text."
    ),
    MailRefusal.INTERNAL: lazy("Something went wrong on our side. Please send it again."),
}


def kept(error: FaxError) -> Mapping[str, Any]:
    """What is wrong with the fax itself, as the log keeps it: in no language."""
    plain = (str, int, float, bool)
    params = {
        name: value if isinstance(value, (*plain, dict)) else str(value)
        for name, value in error.params.items()
    }
    return {"code": error.code.value, "params": params}


def sentence(told: str | Mapping[str, Any]) -> str:
    """What to tell people about an error of a mail, as the log keeps it."""
    if not isinstance(told, str):
        return sentence_for(ErrorCode(told["code"]), told["params"])
    try:
        return str(SENTENCES[MailRefusal(told)])
    except ValueError:  # kept as a sentence once
        return told


def for_programs(told: str | Mapping[str, Any]) -> str:
    """The same, but a code of mail servers is told as it is."""
    return told if isinstance(told, str) else sentence(told)
