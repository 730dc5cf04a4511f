"""Which faxes wait for a second person's approval, as their account chose; and who may give it.

What is held stays in the state that it is in, with a reason, and is due only when its time to be
approved is over: nothing that looks for faxes to send finds it before.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Account, Membership
from accounts.roles import Action, Role
from accounts.scoping import Actor
from faxes.enums import Direction, FaxState, Held
from faxes.models import Contact, Event, Fax, Faxbox, FaxboxAccess
from faxes.services import notifying
from faxes.services.contacts import vouched_for

KEPT_FOR: Final = timedelta(days=7)
BY_HAND: Final = "portal"  # the origin of what a person sent from a page
BY_PROGRAM: Final = "api"  # how a person's own token comes in
BY_MAIL: Final = notifying.BY_MAIL


def hold_back(account: Account, *, faxes: Sequence[Fax], now: datetime) -> None:
    """Hold those of these new faxes that want approval, in the transaction that makes them."""
    reasons = _reasons(account, faxes)
    if not reasons:
        return
    until = now + KEPT_FOR
    rows = Fax.objects.for_account(account.pk)
    for reason in set(reasons.values()):
        keys = [key for key, why in reasons.items() if why == reason]
        rows.filter(pk__in=keys).update(held_for=reason, due_at=until)
    held = [fax for fax in faxes if fax.pk in reasons]
    rows.filter(pk__in=list(reasons), state=FaxState.QUEUED).update(wake_at=until)
    rows.filter(pk__in=list(reasons), state=FaxState.QUEUED, try_until__lt=until).update(
        wake_at=held[0].try_until
    )
    for fax in held:
        fax.held_for, fax.due_at = reasons[fax.pk], until
    Event.objects.bulk_create([_event(fax, now) for fax in held])
    _tell(account, held)


def may_approve(actor: Actor, *, account: Account) -> bool:
    """Whether somebody may approve faxes here at all; their own they never may.

    A person's token may as that person: so never what they, or one of their tokens, sent.
    """
    a_persons = actor.via in {BY_HAND, BY_PROGRAM} and actor.user_id is not None
    if not a_persons or not actor.may(Action.FAX_APPROVE):
        return False
    return actor.role in approving_roles(account)


def senders_of(fax: Fax) -> set[UUID]:
    """The people who sent a fax: whose it is, and who handed it in for them."""
    return {each for each in (fax.created_by, fax.handed_in_by) if each is not None}


def approving_roles(account: Account) -> tuple[Role, ...]:
    """The roles that may approve, as the account chose."""
    return (Role.ADMIN, Role.MEMBER) if account.approve_by_members else (Role.ADMIN,)


def approvers(account: Account, *, besides: Collection[UUID] = ()) -> QuerySet[Membership]:
    """The people of an account who may approve faxes, but for those who sent them."""
    theirs = Membership.objects.filter(account=account, role__in=approving_roles(account))
    if besides:
        theirs = theirs.exclude(user_id__in=besides)
    return theirs.select_related("user").order_by("pk")


def approvers_of(account: Account, fax: Fax) -> list[Membership]:
    """Who may approve a fax: not who sent it, nor who may not work at its fax machine."""
    found = approvers(account, besides=senders_of(fax))
    shut = Faxbox.objects.ever_of(account.pk).filter(pk=fax.faxbox_id, restricted=True).exists()
    if shut:
        let_in = FaxboxAccess.objects.for_account(account.pk).filter(
            faxbox_id=fax.faxbox_id, may_send=True
        )
        found = found.filter(Q(role=Role.ADMIN) | Q(pk__in=let_in.values("membership_id")))
    return list(found)


def _reasons(account: Account, faxes: Sequence[Fax]) -> dict[UUID, Held]:
    """Why each of these faxes is to wait, of those that are."""
    known = _known(account, faxes)
    reasons = {}
    for fax in faxes:
        if account.approve_mail and fax.origin == BY_MAIL:
            reasons[fax.pk] = Held.MAIL
        elif account.approve_programs and fax.origin not in {BY_HAND, BY_MAIL}:
            reasons[fax.pk] = Held.PROGRAM
        elif account.approve_pages is not None and fax.pages > account.approve_pages:
            reasons[fax.pk] = Held.PAGES
        elif account.approve_new_numbers and fax.pk not in known:
            reasons[fax.pk] = Held.NUMBER
    return reasons


def _known(account: Account, faxes: Sequence[Fax]) -> set[UUID]:
    """Those of these faxes whose numbers the account knows.

    Something was delivered there before, or it is in the address book by somebody else than who
    sends the fax: else who may not send to a new number would first write it down as a contact.
    """
    if not account.approve_new_numbers:
        return set()
    numbers = {fax.to_number for fax in faxes}
    delivered = Fax.objects.for_account(account.pk).filter(
        direction=Direction.OUTBOUND, state=FaxState.DELIVERED, to_number__in=numbers
    )
    reached = set(delivered.order_by().values_list("to_number", flat=True).distinct())
    written = defaultdict[str, list[Contact]](list)
    contacts = Contact.objects.for_account(account.pk).filter(number__in=numbers - reached)
    for contact in contacts.only("number", "number_by", "confirmed").order_by():
        written[contact.number].append(contact)
    return {
        fax.pk
        for fax in faxes
        if fax.to_number in reached
        or any(vouched_for(each, against=senders_of(fax)) for each in written[fax.to_number])
    }


def _event(fax: Fax, now: datetime) -> Event:
    return Event(
        account_id=fax.account_id,
        fax=fax,
        at=now,
        from_state=fax.state,
        to_state=fax.state,
        because="held",
        facts={"reason": fax.held_for},
    )


def _tell(account: Account, held: Sequence[Fax]) -> None:
    """Tell who may approve, once for all that were handed in together."""
    first = held[0]
    if first.broadcast_id is not None:
        earlier = Fax.objects.for_account(account.pk).filter(
            broadcast_id=first.broadcast_id, held_for__isnull=False
        )
        if earlier.exclude(pk__in=[fax.pk for fax in held]).exists():
            return
    emails = [each.user.email for each in approvers_of(account, first)]
    notifying.tell_of_hold(first, emails)
