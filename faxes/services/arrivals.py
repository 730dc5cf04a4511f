"""When faxes count as received: told in an order in which nothing turns up behind what was told.

A worker takes its time, stalls, and commits an hour later; clocks differ. So the time of its end
does not say when a fax came to be seen. What does is asking for a list: that gives each fax that
has none yet a ``received_at`` behind all that were given before, and pages go along it.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Max, QuerySet, Value, When
from django.db.models.functions import Least

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.tenancy import require
from faxes.enums import FaxState
from faxes.models import ArrivalMark, Fax
from faxes.queries.arrivals import ArrivalFilter, ArrivalPage, Behind, arrival_page

_NEXT: Final = timedelta(microseconds=1)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def list_arrivals(
    actor: Actor, *, shown: ArrivalFilter, behind: Behind | None, size: int
) -> ArrivalPage:
    """A page of what came in for the actor; whatever is there by now has its time in it.

    Raises:
        NotAllowed: the actor may not see faxes.

    """
    require(actor, Action.FAX_VIEW)
    place(actor.account_id)
    return arrival_page(actor, shown, behind=behind, size=size)


def place(account_id: UUID) -> None:
    """Give each fax that came in and has no ``received_at`` yet its own, behind all that have one.

    That is when it ended, unless the mark is beyond that already, or a clock was ahead. The mark
    is held meanwhile and moved in the same transaction, so that who comes next goes on from there;
    it stays when faxes are deleted. If there is nothing to do, nothing is written.
    """
    if not _untold(account_id).exists():
        return
    with transaction.atomic(durable=True):
        first = ArrivalMark(account_id=account_id, newest=_LONG_AGO)
        ArrivalMark.objects.bulk_create([first], ignore_conflicts=True)
        marks = ArrivalMark.objects.for_account(account_id)
        mark = marks.select_for_update().get().newest
        now = clock.now()
        # One statement, that asks nothing of ``finished_at``: else databases look for what ended
        # since the mark, sent or received, instead of the few that are untold.
        in_time = When(finished_at__gt=mark, then=Least(F("finished_at"), _moment(now)))
        behind = _moment(mark + _NEXT)
        _untold(account_id).update(
            received_at=Case(in_time, default=behind) if now > mark else behind
        )
        given = Fax.objects.for_account(account_id).filter(received_at__isnull=False)
        newest = given.aggregate(newest=Max("received_at"))["newest"]
        marks.update(newest=max(mark, newest or mark))


def _moment(at: datetime) -> Value:
    return Value(at, output_field=DateTimeField())


def _untold(account_id: UUID) -> QuerySet[Fax]:
    rows = Fax.objects.for_account(account_id)
    return rows.filter(state=FaxState.RECEIVED, received_at__isnull=True)
