"""Fax machines of an account, and which of them each of its numbers leads to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import EventType, Membership
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import notices
from faxes.enums import TERMINAL_STATES, ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest, MoveNotAllowed, RequestError
from faxes.models import Fax, Faxbox, MailPages, Number
from faxes.services import legal_holds
from faxes.services.extensions import extension_taken, give_extension
from faxes.services.faxbox_terms import FaxboxTerms, mail_address_taken, read_terms

MOST_FAXBOXES: Final = 200
_TOLD_BY_MAIL: Final = ("inbound_emails", "outbound_emails", "owner_id")
_CALLBACKS: Final = ("inbound_callback", "outbound_callback")


@dataclass(frozen=True, slots=True)
class MailAddresses:
    """Where mails become faxes: any number at ``domain``, and ``custom``, an address or domain."""

    domain: str
    custom: str


def create_faxbox(actor: Actor, *, terms: FaxboxTerms) -> Faxbox:
    """Give the actor's account one more fax machine; mails of a provider's carry no pages.

    Raises:
        NotAllowed: also to call back for a provider.
        InvalidRequest: something cannot be; all of it is told.

    """
    require(actor, Action.FAXBOX_MANAGE)
    checked = read_terms(terms, account_id=actor.account_id, held=None)
    with _once(checked), transaction.atomic():
        if Faxbox.objects.for_account(actor.account_id).count() >= MOST_FAXBOXES:
            raise InvalidRequest((RequestError(ErrorCode.TOO_MANY_FAXBOXES, limit=MOST_FAXBOXES),))
        columns = _as_allowed(actor, checked, held=None)
        faxbox = Faxbox.objects.create(account_id=actor.account_id, **columns)
        give_extension(faxbox)
        audit.record(actor, action="faxbox.create", object_type="faxbox", object_id=faxbox.pk)
    return faxbox


def change_faxbox(
    actor: Actor, *, faxbox_id: UUID, terms: Callable[[Faxbox], FaxboxTerms]
) -> Faxbox:
    """Change a fax machine of the actor's account. Calls under way go on as they are.

    ``terms`` makes what it is to be of what it is, which nobody else changes meanwhile.

    Where a provider changes who is told by mail, mails carry no pages from then on.

    Raises:
        NotAllowed: also to call back for a provider, or to have pages mailed.
        FaxNotFound: the account has no such fax machine.
        InvalidRequest: something cannot be; all of it is told.

    """
    require(actor, Action.FAXBOX_MANAGE)
    with transaction.atomic():
        faxbox = _faxbox(actor, faxbox_id)
        checked = read_terms(terms(faxbox), account_id=actor.account_id, held=faxbox_id)
        for name, value in _as_allowed(actor, checked, held=faxbox).items():
            setattr(faxbox, name, value if name != "extension" else value or faxbox.extension)
        with _once(checked), transaction.atomic():
            faxbox.save(update_fields=[*checked, "updated_at"])
        if not faxbox.extension:
            give_extension(faxbox)
        audit.record(actor, action="faxbox.change", object_type="faxbox", object_id=faxbox.pk)
    return faxbox


def edit_faxbox(actor: Actor, *, faxbox_id: UUID, changes: Mapping[str, Any]) -> Faxbox:
    """Change those of its terms that are named, and leave the others as they are.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such fax machine.
        InvalidRequest: something cannot be; all of it is told.

    """

    def terms(held: Faxbox) -> FaxboxTerms:
        so_far = terms_of(held)
        return FaxboxTerms(**so_far | {name: changes[name] for name in so_far if name in changes})

    return change_faxbox(actor, faxbox_id=faxbox_id, terms=terms)


def terms_of(faxbox: Faxbox) -> dict[str, Any]:
    """What a fax machine has, by the names of ``FaxboxTerms``."""
    held = {name: getattr(faxbox, name) for name in FaxboxTerms.__slots__}
    owner = faxbox.owner_id if owner_email(faxbox) else None  # who left is nobody's owner
    return held | {"owner_id": owner, "mail_address": faxbox.mail_address or ""}


def possible_owners(actor: Actor) -> list[tuple[UUID, str]]:
    """Whose a fax machine can be: the people of the actor's account, by name.

    Raises:
        NotAllowed

    """
    require(actor, Action.FAXBOX_MANAGE)
    members = Membership.objects.filter(account_id=actor.account_id, user__is_active=True)
    people = [(each.user_id, str(each.user)) for each in members.select_related("user")]
    return sorted(people, key=lambda each: each[1].casefold())


def delete_faxbox(actor: Actor, *, faxbox_id: UUID) -> None:
    """Take a fax machine out of use: no list and no choice has it, and mails to it are refused.

    Its faxes stay where they are, to be read and deleted as others.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such fax machine.
        MoveNotAllowed: a number leads to it, faxes of it are under way, or it is under legal hold.

    """
    require(actor, Action.FAXBOX_MANAGE)
    with transaction.atomic():
        faxbox = _faxbox(actor, faxbox_id)
        if Number.objects.for_account(actor.account_id).filter(faxbox=faxbox).exists():
            raise MoveNotAllowed(ErrorCode.FAXBOX_HAS_NUMBERS)
        faxes = Fax.objects.for_account(actor.account_id).filter(faxbox=faxbox)
        if faxes.exclude(state__in=TERMINAL_STATES).exists():
            raise MoveNotAllowed(ErrorCode.FAXBOX_HAS_FAXES)
        legal_holds.require_free_machine(faxbox)
        faxbox.deleted_at, faxbox.mail_address, faxbox.extension = clock.now(), None, ""
        faxbox.save(update_fields=["deleted_at", "mail_address", "extension"])
        audit.record(actor, action="faxbox.delete", object_type="faxbox", object_id=faxbox.pk)


def mail_addresses_of(faxbox: Faxbox) -> MailAddresses:
    """Where mails become faxes of this fax machine."""
    return MailAddresses(f"{faxbox.mail_label}.{settings.MAIL_DOMAIN}", faxbox.mail_address or "")


def owner_email(faxbox: Faxbox) -> str:
    """The address of whose fax machine it is; nothing if it is nobody's, or they left."""
    owner = faxbox.owner
    theirs = Membership.objects.filter(account_id=faxbox.account_id, user=owner)
    return owner.email if owner is not None and owner.is_active and theirs.exists() else ""


def lead_number(actor: Actor, *, number_id: UUID, faxbox_id: UUID) -> Number:
    """Have a number of the actor's account lead to another of its fax machines.

    Faxes that came by it stay where they are.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such number in use, or no such fax machine.

    """
    require(actor, Action.FAXBOX_MANAGE)
    with transaction.atomic():
        faxbox = _faxbox(actor, faxbox_id)
        rows = Number.objects.for_account(actor.account_id).filter(pk=number_id)
        changed = rows.filter(faxbox__isnull=False).update(faxbox=faxbox)
        if not changed:
            raise FaxNotFound
        audit.record(
            actor,
            action="numbers.lead",
            object_type="number",
            object_id=number_id,
            faxbox=str(faxbox.pk),
        )
        number: Number = rows.get()
        notices.tell_numbers(
            actor.account_id, [number], event=EventType.NUMBER_UPDATED, now=clock.now()
        )
    return number


def _as_allowed(actor: Actor, columns: Mapping[str, Any], *, held: Faxbox | None) -> dict[str, Any]:
    """What the actor may make of a fax machine: what a provider says leads no pages anywhere.

    A callback tells names and numbers, whatever the account shares, so that it is the account's own
    people's to ask for.

    Raises:
        NotAllowed

    """
    told = dict(columns)
    if actor.role != Role.PROVIDER:
        return told
    before = held or Faxbox()
    for name in _CALLBACKS:
        if told[name] and told[name] != getattr(before, name):
            raise NotAllowed("callback")
    if held is None or any(told[name] != getattr(held, name) for name in _TOLD_BY_MAIL):
        return told | {"mail_pages": MailPages.LINK}
    if told["mail_pages"] not in {held.mail_pages, MailPages.LINK}:
        raise NotAllowed("mail_pages")
    return told


@contextmanager
def _once(columns: Mapping[str, Any]) -> Iterator[None]:
    """Tell who comes second that an address or extension was taken a moment ago.

    Raises:
        InvalidRequest

    """
    try:
        yield
    except IntegrityError as error:
        if "extension" in str(error):
            raise InvalidRequest((extension_taken(columns["extension"]),)) from None
        taken = mail_address_taken(columns["mail_address"] or "")
        raise InvalidRequest((taken,)) from None


def _faxbox(actor: Actor, faxbox_id: UUID) -> Faxbox:
    """A fax machine of the actor's account, held until the transaction ends.

    Raises:
        FaxNotFound

    """
    rows = Faxbox.objects.for_account(actor.account_id).select_for_update()
    faxbox: Faxbox | None = rows.filter(pk=faxbox_id).first()
    if faxbox is None:
        raise FaxNotFound
    return faxbox
