"""What those who watch the portal count: read from the rows, by indexes, of nobody in particular.

Carriers of the site are told apart, since they are few; those of tenants are counted as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q

from accounts import clock
from accounts.models import WebhookMessage
from faxes import jobs
from faxes.models import Attempt, AttemptState, Carrier, Erasure, Fax, LineCall, Notification
from faxes.models.line_call import LineCallState
from faxes.queues import WITH_JOBS, Away

OF_TENANTS: Final = "tenants"
_LATELY: Final = timedelta(hours=1)
_WHY: Final = "what is counted is nobody's"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the first of them has been late."""

    count: int = 0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Gauges:
    """All of it, as it is at one moment."""

    faxes: dict[str, Waiting] = field(default_factory=dict)  # by state, those to be woken
    told: dict[str, Waiting] = field(default_factory=dict)  # webhooks and notices to be sent
    jobs: dict[str, Waiting] | None = None  # by queue; None while what keeps them is away
    leases_expired: int = 0
    calls: dict[str, int] = field(default_factory=dict)  # under way, by carrier
    # tries of the site's carriers that began within the hour, by carrier and outcome
    outcomes: dict[tuple[str, str], int] = field(default_factory=dict)
    lines_in_use: int = 0
    sync_age: dict[str, float] = field(default_factory=dict)  # seconds, by carrier
    shut: dict[str, bool] = field(default_factory=dict)  # left alone for its troubles, by carrier
    erasures: Waiting = field(default_factory=Waiting)


def read_gauges() -> Gauges:
    """Read all of it: eight queries, and two for the queue."""
    now = clock.now()
    open_faxes = Fax.objects.across_tenants(why=_WHY).filter(wake_at__isnull=False).order_by()
    states = list(
        open_faxes.values("state").annotate(
            count=Count("pk"),
            first=Min("wake_at"),
            leases=Count("pk", filter=Q(lease_until__lte=now)),
        )
    )
    webhooks = WebhookMessage.objects.across_tenants(why=_WHY).filter(next_at__isnull=False)
    notices = Notification.objects.across_tenants(why=_WHY).filter(next_at__isnull=False)
    counted = {"count": Count("pk"), "first": Min("next_at")}
    due = Erasure.objects.filter(due_at__lte=now)
    erasures = due.aggregate(count=Count("pk"), first=Min("due_at"))
    site = {each.pk: each for each in Carrier.objects.filter(account=None, enabled=True)}
    calls: dict[str, int] = {}
    calling = Attempt.objects.across_tenants(why=_WHY).filter(state=AttemptState.CALLING)
    for row in calling.order_by().values("carrier").annotate(count=Count("pk")):
        name = label_of(site.get(row["carrier"]))
        calls[name] = calls.get(name, 0) + row["count"]
    lately = Attempt.objects.across_tenants(why=_WHY).filter(
        carrier__in=list(site), started_at__gte=now - _LATELY, state=AttemptState.ENDED
    )
    ended = lately.order_by().values("carrier", "outcome").annotate(count=Count("pk"))
    return Gauges(
        outcomes={(label_of(site[row["carrier"]]), row["outcome"]): row["count"] for row in ended},
        faxes={row["state"]: _waiting(row, now) for row in states},
        told={
            "webhooks": _waiting(webhooks.aggregate(**counted), now),
            "notices": _waiting(notices.aggregate(**counted), now),
        },
        jobs=_jobs(now),
        leases_expired=sum(row["leases"] for row in states),
        calls=calls,
        lines_in_use=LineCall.objects.filter(state=LineCallState.CALLING).count(),
        sync_age={
            label_of(each): (now - since).total_seconds()
            for each in site.values()
            if (since := _read_last(each)) is not None
        },
        shut={
            label_of(each): bool(each.shut_until and each.shut_until > now)
            for each in site.values()
        },
        erasures=_waiting(erasures, now),
    )


def _read_last(carrier: Carrier) -> datetime | None:
    """When its list of arrivals was read, or from when on it should have been."""
    return carrier.synced_at or (carrier.created_at if carrier.sync_at is not None else None)


def _jobs(now: datetime) -> dict[str, Waiting] | None:
    try:
        counts, since = jobs.waiting(), jobs.waiting_since()
    except Away:
        return None
    return {
        queue: _waiting({"count": counts.get(queue, 0), "first": since.get(queue)}, now)
        for queue in WITH_JOBS
    }


def _waiting(row: Mapping[str, Any], now: datetime) -> Waiting:
    first, count = row["first"], row["count"]
    late = max(0.0, (now - first).total_seconds()) if isinstance(first, datetime) else 0.0
    return Waiting(count if isinstance(count, int) else 0, late)


def label_of(carrier: Carrier | None) -> str:
    """What a carrier is called in metrics: a tenant's own are all called the same."""
    if carrier is None or carrier.account_id is not None:
        return OF_TENANTS
    return f"{carrier.kind}-{carrier.pk.hex[-8:]}"
