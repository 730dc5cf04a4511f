"""Follow a try up: ask its carrier how it stands, note that, and settle it when it has ended.

What may be asked, and what an answer permits, decides whether a fax goes out once:

- A carrier that has never heard of a try is believed the second time, as long apart as it takes to
  know surely; then the try never left, and counts for none. One that had told an id of its own for
  it has forgotten it: how it went is unknown.
- Where nobody can be asked, because the protocol has no words for it, it is unknown as well.
- A carrier that does not answer is asked again, for a week; then it is unknown. So is a try of
  which one says for as long that it goes on.
"""

import logging
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.at_work import note
from accounts.models import EventType
from faxes import notices
from faxes.carriers import base
from faxes.enums import CONNECTED_PHASES, FaxState, Outcome
from faxes.models import Attempt, AttemptState, Carrier, Fax
from faxes.services import breaker
from faxes.services.carrier_tools import opened
from faxes.services.outgoing import sent_fax
from faxes.services.route import capabilities_of, carrier_of
from faxes.services.settling import (
    MOST_WHOLE,
    fitting,
    look_again,
    look_every,
    settle,
    settle_unsent,
)
from faxes.services.transmit import hand_over, lease_of, until_of

log = logging.getLogger(__name__)
ASKED_FOR: Final = timedelta(days=7)
_LEAST_APART: Final = 1.0  # seconds between two times of not having heard of a try
_LONGEST: Final = 900.0  # seconds between two questions to a carrier that does not answer
_ALIKE_WITHIN: Final = timedelta(days=1)
# All requests of one look together, however long a list somebody tells.
_SECONDS: Final = 60.0
_UNKNOWN: Final = base.SendResult(Outcome.UNKNOWN, 0)


def follow(key: UUID) -> None:
    """See how a try stands at its carrier, note it, and settle it when it has ended."""
    attempt = (
        Attempt.objects.across_tenants(why="a job names a try")
        .select_related("carrier", "fax__faxbox", "fax__account")
        .filter(key=key, state=AttemptState.CALLING)
        .first()
    )
    if attempt is None:
        return
    row, now = carrier_of(attempt), clock.now()
    note(account=attempt.account_id, fax=attempt.fax_id, carrier=row.pk)
    if row.shut_until is not None and breaker.is_shut(row, now):
        if attempt.started_at + ASKED_FOR > now:
            look_again(attempt, row.shut_until)
        else:
            settle(attempt, _UNKNOWN, able=capabilities_of(row))
        return
    try:
        carrier = opened(row, until=time.monotonic() + _SECONDS)
        status = _found(carrier, attempt)
    except base.CarrierError as trouble:
        _not_told(attempt, row, trouble)
        return
    breaker.note_answer(row)
    if status is not None and _is_anothers(attempt, status.ref):
        # found by its looks alone: of two alike one is known already, and this one is not there
        status = None
    if status is None:
        _never_heard_of(attempt, row, carrier)
    elif status.result is not None:
        settle(attempt, status.result, able=carrier.capabilities, ref=status.ref)
        carrier.settled(sent_fax(attempt))
    elif attempt.started_at + ASKED_FOR <= clock.now():
        settle(attempt, _UNKNOWN, able=carrier.capabilities, ref=status.ref)
    else:
        _note(attempt, status, pause=look_every(row, carrier.capabilities))


def _found(carrier: base.Carrier, attempt: Attempt) -> base.SendStatus | None:
    """What a carrier says of a try.

    Raises:
        CarrierUnavailable, CarrierInDoubt: nothing, or nothing that anybody has foreseen.

    """
    try:
        return carrier.find(sent_fax(attempt))
    except base.CarrierError:
        raise
    except Exception:
        log.exception("what carrier %s told of a try cannot be read", attempt.carrier_id)
        raise base.CarrierInDoubt("what it told cannot be read") from None


def _not_told(attempt: Attempt, row: Carrier, trouble: base.CarrierError) -> None:
    """The carrier did not tell how a try stands."""
    able, now = capabilities_of(row), clock.now()
    askable = able.finds_by_key or bool(attempt.carrier_ref)
    if not askable:
        if not _may_be_on_its_way(attempt, row):
            settle(attempt, _UNKNOWN, able=able)
        return
    breaker.note_failure(row, str(trouble), retry_after=getattr(trouble, "retry_after", None))
    if attempt.started_at + ASKED_FOR <= now:
        settle(attempt, _UNKNOWN, able=able)
        return
    # the longer it lasts the rarer it is asked
    age = (now - attempt.started_at).total_seconds()
    pause = min(max(able.look_every, age / 4), _LONGEST) * settings.CARRIER_PACE
    look_again(attempt, now + timedelta(seconds=pause))


def _never_heard_of(attempt: Attempt, row: Carrier, carrier: base.Carrier) -> None:
    """The carrier does not know this key: the call was never made, or not yet."""
    able, now = carrier.capabilities, clock.now()
    if able.idempotent_submit:
        hand_over(attempt, attempt.fax, until=until_of(row), again=True)
        return
    if _may_be_on_its_way(attempt, row):
        return  # the lease ends, and it is asked again
    apart = timedelta(seconds=max(able.lag, _LEAST_APART))
    if attempt.unheard_at is None:
        calling = Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING)
        calling.update(unheard_at=now)
        look_again(attempt, now + apart)
    elif attempt.unheard_at + apart > now:
        look_again(attempt, attempt.unheard_at + apart)
    elif attempt.carrier_ref:
        settle(attempt, _UNKNOWN, able=able)
    else:
        settle_unsent(attempt, "the carrier never heard of it")


def _is_anothers(attempt: Attempt, ref: str) -> bool:
    """Whether what a carrier found without an id of its own is known to be another try of ours."""
    if attempt.carrier_ref or not ref:
        return False
    others = Attempt.objects.across_tenants(why="a carrier's fax is one try's").filter(
        carrier=attempt.carrier,
        carrier_ref=ref,
        started_at__gt=attempt.started_at - _ALIKE_WITHIN,
    )
    return others.exclude(pk=attempt.pk).exists()


def _may_be_on_its_way(attempt: Attempt, row: Carrier) -> bool:
    """Whether somebody may be handing this try over still."""
    return not attempt.carrier_ref and clock.now() < attempt.started_at + lease_of(row)


def _note(attempt: Attempt, status: base.SendStatus, *, pause: timedelta) -> None:
    """Write down how far a call is, and look again later unless somebody nudges before."""
    done = min(attempt.first_page - 1 + status.pages_done, MOST_WHOLE)
    with transaction.atomic():
        Attempt.rows.filter(pk=attempt.pk, state=AttemptState.CALLING).update(
            carrier_ref=fitting("carrier_ref", status.ref),
            phase=fitting("phase", status.phase),
            pages_sent=fitting("pages_sent", status.pages_done),
            unheard_at=None,
        )
        now = clock.now()
        rows = Fax.rows.filter(pk=attempt.fax_id, state=FaxState.SENDING)
        known = {"pages_done": done, "wake_at": now + pause}
        connected = status.phase in CONNECTED_PHASES and attempt.fax.callback
        if rows.filter(pages_done__lt=done).update(**known):
            notices.tell(list(rows), event=EventType.FAX_PAGE_SENT, now=now)
        else:
            rows.update(**known)
        for fax in rows if connected else ():
            notices.call_back(fax, now=now, phase=status.phase)
