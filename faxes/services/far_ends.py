"""What the machine at a number was found to need: asked for at once the next time, for a while.

After a session that broke, the next try of the fax asks for less, one rung of ``RUNGS`` further
down; what then succeeded is kept for the account. So is the resolution that a machine took. Only
carriers that can be told how to negotiate are.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from accounts import clock
from faxes.enums import Direction, Outcome, Quality
from faxes.models import Attempt, Carrier, CarrierKind, FarEnd, Fax
from faxes.services.carrier_tools import class_of

KEPT: Final = timedelta(days=90)
# Error correction, and the most bits a second. Slower first: error correction on a bad line is
# worth more than speed, and some machines do it badly.
RUNGS: Final = ((True, 14400), (True, 9600), (False, 9600), (False, 4800))


def known(account_id: UUID, number: str) -> FarEnd:
    """What an account knows of a number; of one that it knows nothing of, an empty row."""
    rows = FarEnd.objects.for_account(account_id)
    found = rows.filter(number=number, until__gt=clock.now()).first()
    return found or FarEnd(account_id=account_id, number=number)


def asked_of(fax: Fax, carrier: Carrier) -> dict[str, Any]:
    """What the next try of a fax asks of its session by a carrier; empty for the usual."""
    able = class_of(carrier.kind).capabilities
    far_end = known(fax.account_id, fax.to_number)
    asked: dict[str, Any] = {}
    taken = far_end.quality
    if taken and Quality(taken) in able.qualities and _is_lower(taken, fax.quality):
        asked["quality"] = taken
    if able.negotiates:
        asked |= _as_asked(_rung(fax, far_end))
    return asked


def learn(attempt: Attempt, fax: Fax, *, outcome: Outcome, facts: dict[str, Any]) -> None:
    """Keep what made a fax arrive, if that was anything particular."""
    if outcome != Outcome.DELIVERED or attempt.carrier is None:
        return
    far_end = known(fax.account_id, fax.to_number)
    learned: dict[str, Any] = {}
    for name in ("ecm", "most_bits"):
        if attempt.asked.get(name) != getattr(far_end, name) and name in attempt.asked:
            learned[name] = attempt.asked[name]
    taken = facts.get("resolution") or ""
    if taken in set(Quality) and _is_lower(taken, attempt.asked.get("quality") or fax.quality):
        learned["quality"] = taken
    if attempt.carrier.kind != CarrierKind.EMBEDDED and far_end.carrier_id != attempt.carrier_id:
        learned["carrier"] = attempt.carrier
    if learned:
        _keep(far_end, learned, clock.now())


def forget(fax: Fax) -> None:
    """Forget a number when the last fax of its account to it goes, in the caller's transaction."""
    if fax.direction != Direction.OUTBOUND:
        return
    others = Fax.objects.for_account(fax.account_id).filter(
        direction=Direction.OUTBOUND, to_number=fax.to_number
    )
    if not others.exclude(pk=fax.pk).exists():
        FarEnd.objects.for_account(fax.account_id).filter(number=fax.to_number).delete()


def forget_old(now: datetime) -> None:
    """Forget what is not believed any more."""
    FarEnd.objects.across_tenants(why="what is old goes, whosever it is").filter(
        until__lte=now
    ).delete()


def _keep(far_end: FarEnd, learned: dict[str, Any], now: datetime) -> None:
    fresh = {name: getattr(far_end, name) for name in ("ecm", "most_bits", "quality", "carrier")}
    FarEnd.objects.for_account(far_end.account_id).update_or_create(
        number=far_end.number,
        defaults={
            **fresh,
            **learned,
            "account_id": far_end.account_id,
            "learned_at": now,
            "until": now + KEPT,
        },
    )


def _rung(fax: Fax, far_end: FarEnd) -> tuple[bool, int]:
    """What to ask for: as is known, or a rung below what broke."""
    start = (far_end.ecm is not False, far_end.most_bits or RUNGS[0][1])
    if not fax.tries:
        return start
    tries = Attempt.objects.for_account(fax.account_id).filter(fax=fax)
    broke = tries.filter(outcome=Outcome.TRANSMIT_ERROR).order_by("-number").first()
    if broke is None:
        return start
    had = (bool(broke.asked.get("ecm", True)), int(broke.asked.get("most_bits", RUNGS[0][1])))
    return RUNGS[min(RUNGS.index(had) + 1, len(RUNGS) - 1)] if had in RUNGS else RUNGS[-1]


def _as_asked(rung: tuple[bool, int]) -> dict[str, Any]:
    ecm, bits = rung
    usual_ecm, usual_bits = RUNGS[0]
    return ({"ecm": ecm} if ecm != usual_ecm else {}) | (
        {"most_bits": bits} if bits != usual_bits else {}
    )


def _is_lower(quality: str, than: str) -> bool:
    order = list(Quality)
    return order.index(Quality(quality)) < order.index(Quality(than))
