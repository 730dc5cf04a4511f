"""Numbers that nothing is to be sent to: put on the list, and taken off."""

from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, idempotency
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import InvalidRequest, RequestError
from faxes.models import DoNotFax
from faxes.queries.do_not_fax import do_not_fax_for
from faxes.services import erasure
from faxes.services.contacts import read_fax_number
from faxes.services.order import Checks, read_text

MOST_NUMBERS: Final = 100_000
_REASON_LENGTH: Final = 200


def forbid(actor: Actor, *, number: str, reason: str = "") -> DoNotFax:
    """Put a number on the account's do-not-fax list.

    Raises:
        NotAllowed: the actor may not change the address book.
        InvalidRequest: with what is wrong; also that the number is on the list.

    """
    require(actor, Action.CONTACT_MANAGE)
    checks = Checks()
    account = Account.objects.get(pk=actor.account_id)
    e164 = checks.get(lambda: read_fax_number(number, country=account.country), "")
    why = checks.get(lambda: read_text(reason, name="reason", limit=_REASON_LENGTH), "")
    if checks.errors:
        raise InvalidRequest(tuple(checks.errors))
    entry = DoNotFax(
        account_id=account.pk,
        number=e164,
        reason=why,
        created_by=actor.user_id,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic(durable=True):
            audit.hold_chains([account.pk])
            if DoNotFax.objects.visible_to(actor).count() >= MOST_NUMBERS:
                raise _refused(ErrorCode.TOO_MANY_DO_NOT_FAX, limit=MOST_NUMBERS)
            entry.save(force_insert=True)
            _record(actor, "do_not_fax.add", entry.pk)
    except IntegrityError:
        raise _refused(ErrorCode.DO_NOT_FAX_LISTED, field="number", number=e164) from None
    return entry


def allow_again(actor: Actor, *, entry_id: UUID) -> str:
    """Take a number off the list, and say which it was.

    Raises:
        NotAllowed: the actor may not change the address book.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.CONTACT_MANAGE)
    entry = do_not_fax_for(actor, entry_id)
    with transaction.atomic(durable=True):
        if DoNotFax.objects.visible_to(actor).filter(pk=entry.pk).delete()[0]:
            _record(actor, "do_not_fax.remove", entry.pk)
            idempotency.forget(actor.account_id, object_ids=[entry.pk])
            transaction.on_commit(erasure.scrub, robust=True)
    return entry.number


def _refused(code: ErrorCode, *, field: str = "", **params: object) -> InvalidRequest:
    return InvalidRequest((RequestError(code, field=field, **params),))


def _record(actor: Actor, action: str, entry_id: UUID) -> None:
    audit.record(actor, action=action, object_type="do_not_fax", object_id=entry_id)
