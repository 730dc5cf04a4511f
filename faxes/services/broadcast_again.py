"""A broadcast sent again to those whom it did not reach, with the same pages."""

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import clock
from accounts.ids import new_id
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require, require_sending
from faxes import phone
from faxes.enums import DocumentRole, ErrorCode, FaxState, Outcome, RecipientState
from faxes.errors import InvalidRequest, MoveNotAllowed, NotAffordable, RequestError
from faxes.models import Broadcast, BroadcastRecipient, Document, Fax
from faxes.queries.access import require_work_in
from faxes.queries.broadcasts import broadcast_for
from faxes.queries.do_not_fax import forbidden_among
from faxes.services import admission, broadcasting
from faxes.services.broadcasts import enter, require_room, set_out
from faxes.services.carrier_options import Wishes, check
from faxes.services.documents import files_by_role
from faxes.services.fax_papers import Papers
from faxes.services.recipients import RecipientRequest, Recipients
from faxes.services.sender import sending_number


def missed(actor: Actor, *, broadcast: Broadcast) -> QuerySet[BroadcastRecipient]:
    """Whom it did not reach, but for those who are not to be faxed or whom somebody canceled."""
    failed = Q(fax__state=FaxState.FAILED) & ~Q(fax__outcome=Outcome.CANCELED)
    refused = Q(state=RecipientState.REFUSED) & ~Q(error_code=ErrorCode.DO_NOT_FAX)
    rows = BroadcastRecipient.objects.visible_to(actor).filter(broadcast=broadcast)
    return rows.filter(failed | refused)


def send_again(actor: Actor, *, broadcast_id: UUID, origin: str = "portal") -> Broadcast:
    """Send the pages of a finished broadcast to those whom it missed, as a new broadcast.

    Raises:
        FaxNotFound, NotAllowed, AccountSuspended
        MoveNotAllowed: it is under way, it missed nobody, or its pages are gone.
        InvalidRequest: it cannot be paid for, or too many are under way.

    """
    account = require_sending(actor)
    detail = broadcast_for(actor, broadcast_id)  # where its pages go, they can be read
    require_work_in(actor, faxbox_id=detail.broadcast.faxbox_id)
    if not detail.finished:
        raise MoveNotAllowed(ErrorCode.BROADCAST_NOT_FINISHED)
    to = _recipients(actor, account, detail.broadcast)
    if not to.numbers:
        raise MoveNotAllowed(ErrorCode.BROADCAST_MISSED_NOBODY)
    fax = _one_with_pages(actor, detail.broadcast)
    again = _row(actor, account, detail.broadcast, fax, to, origin)
    _require_possible(account, again, to)
    try:
        enter(again, to)
        set_out(actor, broadcast=again, files=lambda: _papers(actor, fax))
    except BaseException:
        broadcasting.forget(again)
        raise
    return again


def _one_with_pages(actor: Actor, broadcast: Broadcast) -> Fax:
    """A fax of the broadcast whose documents are there still: it stands for all."""
    require(actor, Action.FAX_PAGES)
    faxes = Fax.objects.visible_to(actor).filter(broadcast_id=broadcast.pk)
    there = faxes.filter(documents__role=DocumentRole.SOURCE, stripped_at__isnull=True)
    found: Fax | None = there.select_related("faxbox").order_by("-id").first()
    if found is None:
        raise MoveNotAllowed(ErrorCode.DOCUMENTS_GONE)
    return found


def _recipients(actor: Actor, account: Account, broadcast: Broadcast) -> Recipients:
    rows = missed(actor, broadcast=broadcast).select_related("fax").order_by("position")
    each = [
        RecipientRequest(row.number, row.name, dict(row.fax.metadata if row.fax else row.metadata))
        for row in rows
        if row.number
    ]
    forbidden = forbidden_among(account, [one.number for one in each])
    return Recipients(each, 0, frozenset(forbidden))


def _row(
    actor: Actor, account: Account, of: Broadcast, fax: Fax, to: Recipients, origin: str
) -> Broadcast:
    calls = not all(phone.is_extension(number) for number in to.numbers)
    return Broadcast(
        id=new_id(),
        account_id=actor.account_id,
        name=of.name,
        faxbox=fax.faxbox,
        recipients_total=len(to.each),
        pages=of.pages,
        created_by=actor.user_id,
        origin=origin,
        from_number=sending_number(fax.faxbox, country=account.country, calls=calls),
        subject=fax.subject,
        message=fax.message,
        quality=fax.quality,
        paper=fax.paper,
        retries=fax.faxbox.retries,
        webhook_url=fax.webhook_url,
        notify=list(fax.notify),
        keep_documents=fax.keep_documents,
        created_at=clock.now(),
    )


def _require_possible(account: Account, again: Broadcast, to: Recipients) -> None:
    """Let pass what could be sent to all of them as things stand.

    Raises:
        InvalidRequest

    """
    called = [number for number in to.numbers if not phone.is_extension(number)]
    try:
        require_room(account)
        check(account, from_number=again.from_number, numbers=called, wishes=Wishes())
        admission.foresee(account, numbers=to.numbers, pages=again.pages, now=clock.now())
    except (RequestError, NotAffordable) as refused:
        raise InvalidRequest((refused,)) from None


def _papers(actor: Actor, fax: Fax) -> Papers:
    """The documents of the fax, held until the new broadcast names them.

    Raises:
        MoveNotAllowed: they were removed a moment ago.

    """
    list(Document.objects.visible_to(actor).select_for_update().filter(fax=fax))
    files = files_by_role(fax)
    sources, cover = files[DocumentRole.SOURCE], files[DocumentRole.COVER]
    if not sources:
        raise MoveNotAllowed(ErrorCode.DOCUMENTS_GONE)
    if cover:  # what stands after it is made anew, if it is not there
        return Papers(sources, cover=cover, body=files[DocumentRole.BODY])
    return Papers(sources, rendered=files[DocumentRole.RENDERED])
