"""Who is told of a fax: written down when it ends, told by mail and text message, tried for a day.

Whoever tells claims a notification by a guarded UPDATE and settles it by another. One that dies in
between leaves a lease that ends, and it is told again, a mail under the same Message-ID.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import jobs
from faxes.enums import Direction, FaxState
from faxes.errors import FaxNotFound
from faxes.models import (
    Channel,
    Fax,
    MailPages,
    Notification,
    NotificationKind,
    NotificationState,
)
from faxes.queries.access import require_work_in
from faxes.queries.approvals import waiting_for_reader
from faxes.services import fax_mails, sms
from faxes.services.faxboxes import owner_email

# Longer than any try may take: pages are made into a PDF first.
LEASE: Final = timedelta(minutes=5)
QUIET: Final = timedelta(hours=1)  # between two mails that ask somebody to approve
AT_ONCE_ACCOUNT: Final = 4
WAITS: Final = (
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40)),
    *(timedelta(hours=hours) for hours in (1, *[2] * 10)),
)
# All tries together, with time for each.
TOLD_WITHIN: Final = sum(WAITS, timedelta()) + timedelta(hours=2)
BY_MAIL: Final = "email"  # the origin of a fax that came as a mail
_ERROR_LENGTH: Final = 200
_WITH_PAGES: Final = frozenset({NotificationKind.RECEIVED, NotificationKind.ENDED})
_LOOKED_AT: Final = 5  # of what is due, as others may be quicker at the first


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification that is ours to deliver, at its try of this number."""

    notification_id: UUID
    number: int


def tell_of_arrival(fax: Fax) -> None:
    """Write down who is told that a fax came in, in the caller's transaction; each once."""
    box = fax.faxbox
    emails = [*box.inbound_emails, owner_email(box)]
    _write(fax, NotificationKind.RECEIVED, emails=emails, numbers=box.inbound_sms)


def tell_of_end(fax: Fax) -> None:
    """Write down who is told how a fax ended that was sent, in the caller's transaction."""
    box = fax.faxbox
    emails = [*fax.notify, *box.outbound_emails]
    if fax.origin == BY_MAIL:
        emails.append(owner_email(box))
    numbers = [*fax.notify_sms, *box.outbound_sms]
    _write(fax, NotificationKind.ENDED, emails=emails, numbers=numbers)


def tell_of_hold(fax: Fax, emails: Collection[str]) -> None:
    """Write down who is told that a fax waits for approval, in the caller's transaction.

    A mail tells of all that wait when it is sent. So whom one is on its way to gets no other, and
    who had one of late gets the next after a while: one for hundreds, if need be.
    """
    now = clock.now()
    about = asked_about(fax.account_id).filter(to__in=[each for each in emails if each])
    on_its_way = set(about.filter(state=NotificationState.PENDING).values_list("to", flat=True))
    late = about.filter(state=NotificationState.SENT, ended_at__gt=now - QUIET)
    ends = late.order_by("ended_at").values_list("to", "ended_at")
    after = {to: ended_at + QUIET for to, ended_at in ends if ended_at is not None}
    anew = [each for each in emails if each not in on_its_way]
    _write(fax, NotificationKind.APPROVAL, emails=anew, numbers=(), after=after)


def asked_about(account_id: UUID) -> QuerySet[Notification]:
    """The mails that ask for approval of what waits for it still."""
    return Notification.objects.for_account(account_id).filter(
        kind=NotificationKind.APPROVAL, fax__held_for__isnull=False, fax__account_id=account_id
    )


def tell_of_decline(fax: Fax, emails: Iterable[str]) -> None:
    """Write down who is told that a fax was not approved, in the caller's transaction."""
    _write(fax, NotificationKind.DECLINED, emails=emails, numbers=())


def tell(fax: Fax) -> None:
    """Write down who is told of a fax that has ended, in the caller's transaction."""
    if fax.direction == Direction.OUTBOUND:
        tell_of_end(fax)
    elif fax.state == FaxState.RECEIVED:
        tell_of_arrival(fax)


def pages_are_awaited(fax: Fax) -> bool:
    """Whether a mail that is to carry the pages of a fax has not been sent yet."""
    waiting = _rows().filter(fax=fax, state=NotificationState.PENDING)
    return waiting.exclude(pages=MailPages.LINK).exists()


def claim_next(now: datetime) -> Claimed | None:
    """Claim the notification that is due longest, of an account that is not busy; None without."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    under_way = Counter(
        _rows().filter(lease_until__gt=now).values_list("account_id", flat=True).order_by()
    )
    busy = [account for account, number in under_way.items() if number >= AT_ONCE_ACCOUNT]
    due = _rows().filter(free, next_at__lte=now).exclude(account_id__in=busy)
    for pk, tries in due.order_by("next_at", "id").values_list("pk", "tries")[:_LOOKED_AT]:
        ours = _rows().filter(free, pk=pk, tries=tries, next_at__lte=now)
        if ours.update(lease_until=now + LEASE, tries=tries + 1):
            return Claimed(pk, tries + 1)
    return None


def deliver(claimed: Claimed) -> bool:
    """Tell what was claimed, and settle it; whether it was told.

    Of a fax that was deleted meanwhile nothing is left to tell.
    """
    rows = _ours(claimed).select_related("account", "faxbox", "fax__faxbox", "fax__account", "mail")
    notification = rows.first()
    if notification is None:
        return False
    if notification.kind == NotificationKind.APPROVAL and not _still_held(notification):
        _ask_instead(claimed, notification)
        return False
    try:
        if notification.channel == Channel.EMAIL:
            fax_mails.send(notification)
        else:
            sms.send(notification.to, fax_mails.short_text(notification))
    except fax_mails.Changed:
        _ours(claimed).update(next_at=clock.now(), lease_until=None, tries=F("tries") - 1)
        return False
    except (fax_mails.MailFailed, sms.SmsFailed) as failure:
        _failed(claimed, failure.reason, for_good=failure.for_good)
        return False
    return _settled(claimed, notification, NotificationState.SENT, error="")


def send_again(actor: Actor, *, fax_id: UUID, notification_id: UUID) -> None:
    """Have somebody told anew; what is under way or waits is tried at once.

    Raises:
        NotAllowed: the actor may not send.
        FaxNotFound: there is no such notification for the actor.

    """
    require(actor, Action.FAX_SEND)
    with transaction.atomic():
        rows = Notification.objects.visible_to(actor).filter(pk=notification_id, fax_id=fax_id)
        held = rows.select_related("fax").first()
        if held is None or held.fax is None:
            raise FaxNotFound
        require_work_in(actor, faxbox_id=held.fax.faxbox_id)
        now = clock.now()
        if not begin_anew(rows, now=now):
            rows.filter(lease_until__isnull=True).update(next_at=now)
        audit.record(actor, action="fax.tell_again", object_type="fax", object_id=fax_id)


def begin_anew(rows: QuerySet[Notification], *, now: datetime) -> bool:
    """Have those that have ended told once more, as another mail than before; whether any is."""
    anew: dict[str, Any] = {
        "state": NotificationState.PENDING,
        "round": F("round") + 1,
        "tries": 0,
        "error": "",
        "next_at": now,
        "ended_at": None,
    }
    return bool(rows.filter(next_at__isnull=True).update(**anew))


def _write(
    fax: Fax,
    kind: NotificationKind,
    *,
    emails: Iterable[str],
    numbers: Iterable[str],
    after: Mapping[str, datetime] | None = None,
) -> None:
    now, asking = clock.now(), NotificationKind.APPROVAL
    told = {(Channel.EMAIL, each.lower()): each for each in emails if each}
    told |= {(Channel.SMS, each): each for each in numbers}
    Notification.objects.bulk_create(
        [
            Notification(
                account_id=fax.account_id,
                faxbox_id=fax.faxbox_id,
                fax=fax,
                channel=channel,
                kind=kind,
                to=to,
                pages=fax.faxbox.mail_pages if kind in _WITH_PAGES and by_mail else MailPages.LINK,
                created_at=now,
                # nobody is asked for what may be undone still
                next_at=max(now, fax.undo_until or now, (after or {}).get(to, now))
                if kind == asking
                else now,
            )
            for (channel, _), to in told.items()
            for by_mail in [channel == Channel.EMAIL]
        ],
        ignore_conflicts=True,
    )


def _ask_instead(claimed: Claimed, notification: Notification) -> None:
    """Ask for what else waits for the same person, as what they were to be asked for does not."""
    to, now = notification.to, clock.now()
    waiting = waiting_for_reader(notification.account_id, to, now=now)
    asked = asked_about(notification.account_id).filter(to=to)
    other = waiting.exclude(pk__in=asked.values("fax_id")).select_related("faxbox").first()
    with transaction.atomic():
        _ours(claimed).delete()
        if other is not None:
            tell_of_hold(other, [to])


def _still_held(notification: Notification) -> bool:
    """Whether a fax still waits for approval, so that there is something to ask for."""
    return notification.fax is not None and bool(notification.fax.held_for)


def _failed(claimed: Claimed, reason: str, *, for_good: bool) -> None:
    error = reason[:_ERROR_LENGTH]
    if for_good or claimed.number > len(WAITS):
        notification = _ours(claimed).first()
        if notification is not None:
            _settled(claimed, notification, NotificationState.FAILED, error=error)
        return
    wait = WAITS[claimed.number - 1]
    _ours(claimed).update(next_at=clock.now() + wait, lease_until=None, error=error)


def _settled(
    claimed: Claimed, notification: Notification, state: NotificationState, *, error: str
) -> bool:
    """End a notification, and wake a fax whose documents waited for that only."""
    now = clock.now()
    with transaction.atomic():
        outcome = {"state": state, "error": error, "ended_at": now}
        ended = _ours(claimed).update(**outcome, next_at=None, lease_until=None)
        if not ended:
            return False
        if notification.fax is None:
            return state == NotificationState.SENT
        if state == NotificationState.SENT:
            audit.record(
                Actor.system(notification.account_id),
                action="fax.tell",
                object_type="fax",
                object_id=notification.fax.pk,
                channel=notification.channel,
                pages=notification.pages,
            )
        if notification.pages != MailPages.LINK and not notification.fax.keep_documents:
            waiting = Fax.rows.filter(pk=notification.fax.pk, wake_at__isnull=False)
            if waiting.update(wake_at=now):
                jobs.enqueue("wrap_up", fax=notification.fax.pk)
    return state == NotificationState.SENT


def _ours(claimed: Claimed) -> QuerySet[Notification]:
    return _rows().filter(
        pk=claimed.notification_id, tries=claimed.number, lease_until__isnull=False
    )


def _rows() -> QuerySet[Notification]:
    return Notification.objects.across_tenants(why="whoever tells does so for all")
