"""Who may hand in which mail: what is asked at each recipient, and again once the mail is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.roles import Action
from accounts.scoping import Actor
from faxes.enums import MailRefusal
from faxes.errors import NumberError
from faxes.mail.addresses import read_address, read_number
from faxes.mail.head import Head
from faxes.queries.access import faxboxes_to_send_from
from faxes.queries.mail_boxes import MailBox, MailPlace, place_of
from faxes.services.mail_senders import matches
from faxes.services.mail_spool import HandedIn

# What mail programs are answered.
REPLIES: Final[dict[MailRefusal, str]] = {
    MailRefusal.NOT_FOUND: "554 Not Found",
    MailRefusal.NOT_ALLOWED: "554 not allowed",
    MailRefusal.INVALID_NUMBER: "550 invalid number",
    MailRefusal.TOO_SMALL: "552 Message too small",
    MailRefusal.TOO_LARGE: "552 Message too large",
    MailRefusal.UNDECODABLE: "554 Message decode failed",
    MailRefusal.SUSPENDED: "554 account suspended",
    MailRefusal.AUTOMATIC: "554 automatic mail is not faxed",
    MailRefusal.UNPROVEN: "550 sender is not proven",
}


class Refused(Exception):
    """A mail may not be handed in; ``mails`` are those of known accounts that it was to be."""

    def __init__(self, refusal: MailRefusal, mails: Sequence[HandedIn] = ()) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.mails = mails


@dataclass(frozen=True, slots=True)
class Guest:
    """Who hands in a mail: the sender of the envelope, in lower case and empty for none.

    ``actor`` is who has shown a token; ``trusted`` whether its server's word counts.
    """

    sender: str
    trusted: bool = False
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recipient whom the door has let pass so far, and where its domain leads."""

    mail: HandedIn
    place: MailPlace


def at_recipient(guest: Guest, written: str) -> Wanted:
    """Let a recipient pass whom somebody may mail to; whether it is this one may show later.

    Raises:
        Refused: nobody may, or no mail comes from here.

    """
    address = read_address(written)
    place = place_of(address.domain) if address else None
    if address is None or place is None:
        raise Refused(MailRefusal.NOT_FOUND)
    account = place.account or place.boxes[0].account
    only = place.boxes[0] if len(place.boxes) == 1 else None
    mail = HandedIn(
        account=account,
        box=only,
        sender=guest.sender,
        recipient=str(address),
        domain=address.domain,
        digits=address.digits,
    )
    if not place.boxes:
        raise Refused(MailRefusal.NOT_FOUND, [mail])
    if not account.in_use:
        raise Refused(MailRefusal.SUSPENDED, [mail])
    if not guest.sender:
        raise Refused(MailRefusal.AUTOMATIC, [mail])
    if not _may_show_later(guest, place):
        raise Refused(MailRefusal.NOT_ALLOWED, [mail])
    try:
        mail = replace(mail, number=read_number(mail.digits, country=account.country))
    except NumberError:
        raise Refused(MailRefusal.INVALID_NUMBER, [mail]) from None
    return Wanted(mail, place)


def at_data(guest: Guest, wanted: Sequence[Wanted], head: Head) -> list[HandedIn]:
    """The mails that may be handed in: one for each number of each fax machine.

    Raises:
        Refused: one of them may not, and so none is.

    """
    mails = [each.mail for each in wanted]
    if head.is_automatic or head.is_ours:
        raise Refused(MailRefusal.AUTOMATIC, mails)
    if guest.actor is None and not _is_proven(guest, head):
        raise Refused(MailRefusal.UNPROVEN, mails)
    found: dict[tuple[UUID, str], HandedIn] = {}
    for each in wanted:
        mail = _let_in(guest, each, head)
        if mail is None:
            raise Refused(MailRefusal.NOT_ALLOWED, mails)
        if mail.box is not None:
            found.setdefault((mail.box.id, mail.number), mail)
    return list(found.values())


def box_for(place: MailPlace, sender: str, *, open_to_all: bool) -> MailBox | None:
    """The fax machine that a sender may mail to at a place; None if there is none, or no one.

    At an account's domain it is the sender's own, if they own just one.
    """
    if place.account is not None:
        own = [box for box in place.boxes if sender and box.owner_email == sender]
        if len(own) == 1:
            return own[0]
        allowed = [box for box in place.boxes if matches(box.senders, sender)]
    else:
        allowed = [
            box
            for box in place.boxes
            if (sender and box.owner_email == sender) or matches(box.senders, sender)
        ]
    if not allowed and open_to_all and len(place.boxes) == 1 and _is_anybodys(place.boxes[0]):
        return place.boxes[0]
    # fax machines of several accounts may claim one domain: then nobody can tell whose is meant
    return allowed[0] if len({box.account.id for box in allowed}) == 1 else None


def _may_show_later(guest: Guest, place: MailPlace) -> bool:
    """Whether the mail may yet turn out to be from somebody who is let in."""
    if guest.actor is not None or box_for(place, guest.sender, open_to_all=settings.MAIL_OPEN):
        return True
    by_header = settings.MAIL_REQUIRE != "spf"
    return by_header and not all(_is_anybodys(box) for box in place.boxes)


def _is_anybodys(box: MailBox) -> bool:
    return not box.senders and not box.owner_email


def _let_in(guest: Guest, wanted: Wanted, head: Head) -> HandedIn | None:
    """The mail with its fax machine and sender; None if this one may not mail to it."""
    mail = wanted.mail
    if guest.actor is not None:
        box = _box_of(guest.actor, wanted.place)
        sender = head.sender or guest.sender
        return replace(mail, box=box, account=box.account, sender=sender) if box else None
    for sender in _identities(guest, head):
        box = box_for(wanted.place, sender, open_to_all=settings.MAIL_OPEN)
        if box is not None and box.account.in_use:
            return replace(mail, box=box, account=box.account, sender=sender)
    return None


def _box_of(actor: Actor, place: MailPlace) -> MailBox | None:
    """The fax machine at a place that who has shown a token may send from."""
    if not actor.may(Action.FAX_SEND):
        return None
    theirs = {each.pk for each in faxboxes_to_send_from(actor)}
    return next((box for box in place.boxes if box.id in theirs), None)


def _identities(guest: Guest, head: Head) -> list[str]:
    """The addresses that count as the sender's: what is to be proven, of those alone."""
    match settings.MAIL_REQUIRE:
        case "spf":
            return [guest.sender]
        case "dkim" | "dmarc":
            return [head.sender] if head.sender else []
        case _:
            return list(dict.fromkeys(filter(None, (head.sender, guest.sender))))


def _is_proven(guest: Guest, head: Head) -> bool:
    """Whether what the site requires was proven, by a server whose word counts."""
    method = settings.MAIL_REQUIRE
    if method == "none":
        return True
    sender = guest.sender if method == "spf" else head.sender
    domain = sender.rpartition("@")[2]
    passed = {proof.domain for proof in head.proofs if proof.method == method}
    return guest.trusted and any(_aligned(domain, each) for each in passed)


def _aligned(domain: str, proven: str) -> bool:
    return bool(proven) and (domain == proven or domain.endswith(f".{proven}"))
