"""A stored mail is read, and becomes a fax or is refused: what workers do for each."""

from uuid import UUID

from faxes.enums import MailRefusal
from faxes.errors import DocumentError
from faxes.mail.message import take_apart
from faxes.services import mail_in
from faxes.services.mail_in import HeldMail, MailPart


def become_fax(mail_id: UUID) -> None:
    """Make a fax of a mail that waits, unless somebody else does."""
    held = mail_in.claim(mail_id=mail_id)
    if held is not None:
        _see_to(held)


def _see_to(held: HeldMail) -> None:
    with mail_in.opened(held) as (path, folder):
        try:
            message = take_apart(path, folder)
        except DocumentError as error:
            mail_in.refuse_document(held, error=error)
            return
        if message.winmail:
            mail_in.refuse(held, because=MailRefusal.WINMAIL)
        elif not message.parts:
            mail_in.refuse(held, because=MailRefusal.NOTHING_TO_FAX)
        else:
            parts = [MailPart(each.name, each.content_type, each.path) for each in message.parts]
            mail_in.hand_in(held, subject=message.subject, parts=parts)
