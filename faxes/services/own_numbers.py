"""What an account's administrators say of its numbers: where each leads, which program is asked."""

from uuid import UUID

from django.db import transaction

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import EventType
from accounts.roles import Action, Role
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes import notices
from faxes.errors import FaxNotFound
from faxes.models import Number, WebhookMethod
from faxes.services.extras import read_number_webhook
from faxes.services.faxboxes import lead_number


def change_number(
    actor: Actor,
    *,
    number_id: UUID,
    faxbox_id: UUID | None = None,
    webhook_url: str | None = None,
    webhook_method: str | None = None,
) -> None:
    """Change what is said of a number, all of it or nothing; what is None stays.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such number in use, or no such fax machine.
        RequestError: the address is none that may be asked.

    """
    require(actor, Action.FAXBOX_MANAGE)
    with transaction.atomic():
        if faxbox_id is not None:
            lead_number(actor, number_id=number_id, faxbox_id=faxbox_id)
        if webhook_url is not None or webhook_method is not None:
            set_number_webhook(actor, number_id=number_id, url=webhook_url, method=webhook_method)


def set_number_webhook(
    actor: Actor, *, number_id: UUID, url: str | None, method: str | None = None
) -> Number:
    """Have a program asked what to do with a fax before its number answers; none if ``url`` is "".

    It is asked by ``method`` get, else by post; what is None stays. Who hears of a call hears of
    its caller too, whatever the account shares: so that only its own people may say who does.

    Raises:
        NotAllowed: also to providers.
        FaxNotFound: the account has no such number in use.
        RequestError: the address is none that may be asked.

    """
    require(actor, Action.FAXBOX_MANAGE)
    if actor.role == Role.PROVIDER:
        raise NotAllowed("webhook_url")
    with transaction.atomic():
        rows = Number.objects.for_account(actor.account_id).select_for_update()
        number: Number | None = rows.filter(pk=number_id, faxbox__isnull=False).first()
        if number is None:
            raise FaxNotFound
        if url is not None:
            number.webhook_url = read_number_webhook(url)
        if method is not None:
            by_get = method.lower() == WebhookMethod.GET
            number.webhook_method = WebhookMethod.GET if by_get else WebhookMethod.POST
        number.save(update_fields=["webhook_url", "webhook_method"])
        audit.record(
            actor,
            action="numbers.webhook",
            object_type="number",
            object_id=number_id,
            asks=bool(number.webhook_url),
        )
        notices.tell_numbers(
            actor.account_id, [number], event=EventType.NUMBER_UPDATED, now=clock.now()
        )
    return number
