"""What became of mails that were to be faxes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from rest_framework.request import Request

from accounts.roles import Action
from accounts.services.sharing import record_provider_look
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import BadIdentifier
from faxes.api.kazoo.faxes import FaxView
from faxes.api.kazoo.filters import read_filters
from faxes.api.kazoo.lists import Row, listed_from, read_asked
from faxes.errors import FaxNotFound
from faxes.queries.mail_log import mail_for, mail_page
from faxes.queries.told import errors_for, number_for
from faxes.wire.kazoo import gregorian, is_month_of, of_month, plain, read_of_month

if TYPE_CHECKING:
    from accounts.scoping import Actor
    from faxes.models import InboundMail

_MOMENT: Final = timedelta(microseconds=1)


class SmtpLog(FaxView):
    """Mails to the fax machines of an account, or to one of them."""

    def get(self, request: Request) -> Any:
        """The mails, the newest first."""
        record_provider_look(self.actor)
        asked, filters = read_asked(request), read_filters(request)
        until = filters.until - _MOMENT if filters.until else None

        def portion(behind: UUID | None, size: int) -> tuple[Sequence[Row], bool]:
            page = mail_page(
                self.actor,
                faxbox_id=self._box.pk if self._box else None,
                after=behind,
                size=size,
                created_from=filters.since,
                created_to=until,
                ascending=asked.oldest_first,
            )
            rows = [
                Row(each.pk, summary_of(self.actor, each), each.created_at) for each in page.mails
            ]
            return rows, page.after is not None

        return listed_from(request, portion, asked, filters)


class OneMail(FaxView):
    """One mail."""

    def get(self, request: Request, mail: str) -> Answer:
        """What became of it."""
        del request
        record_provider_look(self.actor)
        read = read_of_month(mail)
        if read is None:
            raise BadIdentifier(mail)
        key, month = read
        try:
            found = mail_for(self.actor, key)
        except FaxNotFound:
            raise BadIdentifier(mail) from None
        elsewhere = self._box is not None and found.faxbox_id != self._box.pk
        if elsewhere or not is_month_of(month, found.created_at):
            raise BadIdentifier(mail)
        return Answer(document_of(self.actor, found))


def summary_of(actor: "Actor", mail: "InboundMail") -> dict[str, Any]:
    """A mail in a list; whoever has ``error`` became no fax."""
    told = {
        "id": of_month(mail.pk, mail.created_at),
        **_ends(actor, mail),
        "created": gregorian(mail.created_at),
        "faxbox_id": plain(mail.faxbox_id),
        "error": next(iter(errors_for(actor, mail)), ""),
    }
    return {name: value for name, value in told.items() if value != ""}


def document_of(actor: "Actor", mail: "InboundMail") -> dict[str, Any]:
    """A mail with all that is known of it; to whom may not see content, without whose it is."""
    told: dict[str, Any] = {
        "id": of_month(mail.pk, mail.created_at),
        **_ends(actor, mail),
        "created": gregorian(mail.created_at),
        "translated_number": number_for(actor, mail.number),
        "faxbox_domain": mail.domain,
        "faxbox_owner_id": plain(mail.owner_id),
        "content_type": mail.content_type,
        "errors": errors_for(actor, mail),
        "account_id": plain(mail.account_id),
        "faxbox_id": plain(mail.faxbox_id),
        "faxdoc_id": plain(mail.fax_id),
        "faxdoc_db": plain(mail.account_id) if mail.fax_id else "",
    }
    if actor.may(Action.FAX_PAGES):
        told |= {
            "original_number": mail.number_given,
            "faxbox_owner_email": mail.owner_email,
            "filename": mail.filename,
        }
    return {name: value for name, value in told.items() if value != ""}


def _ends(actor: "Actor", mail: "InboundMail") -> dict[str, str]:
    if actor.may(Action.FAX_PAGES):
        return {"from": mail.sender, "to": mail.recipient}
    return {"to": f"{number_for(actor, mail.number)}@{mail.domain}"}
