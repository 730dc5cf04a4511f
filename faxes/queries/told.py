"""What of a fax is told to whom: its content only to those who may see its pages.

An actor without ``Action.FAX_PAGES``, such as a program of an account above, is told when a fax
was, how long and how it went, and its numbers as far as the account shares them. Who shows a fax to
such actors takes these fields from here, never from the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from accounts.roles import Action
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import MailRefusal
from faxes.mail_words import for_programs
from faxes.models import Fax, InboundMail

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """The fields of a fax that say who and what about; what is not told is empty.

    ``document_name`` is what its first document is called, if the fax came out of
    ``faxes.queries.faxes``. ``sees_content`` is whether all was told.
    """

    from_number: str
    to_number: str
    sees_content: bool
    from_name: str = ""
    to_name: str = ""
    subject: str = ""
    message: str = ""
    remote_station_id: str = ""
    document_name: str = ""
    metadata: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    notify: tuple[str, ...] = ()
    notify_sms: tuple[str, ...] = ()
    webhook_url: str = ""
    error_params: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    echo: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


def told_of(actor: Actor, fax: Fax) -> Told:
    """What the actor is told of a fax that a query found for them."""
    if not actor.may(Action.FAX_PAGES):
        return Told(
            from_number=number_for(actor, fax.from_number),
            to_number=number_for(actor, fax.to_number),
            sees_content=False,
        )
    return Told(
        from_number=fax.from_number,
        to_number=fax.to_number,
        sees_content=True,
        from_name=fax.from_name,
        to_name=fax.to_name,
        subject=fax.subject,
        message=fax.message,
        remote_station_id=fax.remote_station_id,
        document_name=getattr(fax, "document_name", None) or "",
        metadata=fax.metadata,
        notify=tuple(fax.notify),
        notify_sms=tuple(fax.notify_sms),
        webhook_url=fax.webhook_url,
        error_params=fax.error_params,
        echo=fax.echo,
    )


def number_for(actor: Actor, number: str) -> str:
    """A number of a fax as the actor is told it: whole, or in part as the account shares it."""
    if actor.may(Action.FAX_PAGES):
        return number
    return phone.whole(number) if actor.sees_numbers else phone.masked(number)


def errors_for(actor: Actor, mail: InboundMail) -> list[str]:
    """Why a mail became no fax, as the actor is told it: sentences may name what was in it."""
    if actor.may(Action.FAX_PAGES):
        return [for_programs(each) for each in mail.errors]
    codes = {code.value for code in MailRefusal}
    told = [for_programs(each) for each in mail.errors]
    return [each if each in codes else _REFUSED for each in told]
