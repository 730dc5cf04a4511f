"""Today: how the account does at a glance, and what waits for somebody's hand."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.services import first_steps
from accounts.services.balances import balance_by_day
from accounts.services.periods import day_of
from accounts.services.usage import Line, books_of, used_between
from faxes.enums import Direction
from faxes.portal import charts
from faxes.portal.filters import IN_THE_WORKS, TOO
from faxes.portal.once import new_form_key
from faxes.portal.page import account_page
from faxes.portal.rows import Row, has_pages, row_of
from faxes.portal.trials import ANSWERS
from faxes.queries import today as queries
from faxes.queries.filing import Filed
from faxes.queries.numbers import own_faxboxes, own_numbers
from faxes.queries.today import MOST, Step, Unsettled

_DAYS: Final = 30
_MACHINES: Final = 6
_NUMBERS: Final = 200
STEPS: Final[tuple[tuple[Step, Promise, Promise], ...]] = (
    (
        Step.NUMBER,
        lazy("Have a fax number"),
        lazy("Your provider gives you one. Until then you can write faxes, but not send them."),
    ),
    (
        Step.FAX,
        lazy("Send a test fax"),
        lazy("To a machine that takes everything, to see how it goes."),
    ),
    (
        Step.COLLEAGUE,
        lazy("Invite a colleague"),
        lazy("Somebody who can take over when you are out."),
    ),
    (
        Step.TOLD,
        lazy("Choose who is told of faxes"),
        lazy("By email or text message, as soon as one comes in."),
    ),
    (
        Step.COVER,
        lazy("Add a cover page"),
        lazy("With your letterhead; three are there to begin from."),
    ),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of today, and where the faxes are that it counts."""

    name: str
    words: Promise
    count: int
    href: str

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > MOST

    @property
    def shown(self) -> int:
        """As many as are told."""
        return min(self.count, MOST)


@dataclass(frozen=True, slots=True)
class Hand:
    """A fax that needs a hand; ``again`` if it went out and can be sent again as it is."""

    row: Row
    again: bool


@account_page
@require_safe
def today(request: AccountRequest) -> HttpResponse:
    """The account at a glance."""
    actor, account, now = request.actor, request.account, clock.now()
    machines = own_faxboxes(actor)
    failed, broken = queries.not_sent_again(actor, now), queries.broken_off(actor, now)
    day = timezone.localdate(now)
    context = {
        "day": day,
        "tiles": _tiles(request, day),
        "failed": _hands(request, failed, now),
        "broken": _hands(request, broken, now),
        "more_failed": failed.more,
        "more_broken": broken.more,
        "week": day - queries.LATELY,
        "most": MOST,
        "form_key": new_form_key(),
        **_machines(request, machines),
        **_figures(request, day_of(account, now)),
        **_steps(request, machines),
    }
    return render(request, "faxes/today.html", context)


@account_page
@require_POST
def steps_away(request: AccountRequest) -> HttpResponse:
    """Show the first steps no more."""
    first_steps.put_away(request.actor)
    return redirect("today", account=request.account.pk)


def _tiles(request: AccountRequest, day: date) -> list[Tile]:
    midnight = datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
    counts = queries.counts_since(request.actor, midnight)
    inbox, outbox = (
        reverse(each, kwargs={"account": request.account.pk}) for each in ("inbox", "outbox")
    )
    since = f"from={day}&archived={TOO}"  # put away or not, they are of today
    return [
        Tile("received", lazy("received"), counts.received, f"{inbox}?status=received&{since}"),
        Tile("sent", lazy("delivered"), counts.delivered, f"{outbox}?status=delivered&{since}"),
        Tile("failed", lazy("not delivered"), counts.failed, f"{outbox}?status=failed&{since}"),
        Tile("under-way", lazy("under way"), counts.under_way, f"{outbox}?status={IN_THE_WORKS}"),
    ]


def _hands(request: AccountRequest, unsettled: Unsettled, now: datetime) -> list[Hand]:
    sends = request.actor.may(Action.FAX_SEND)
    return [
        Hand(
            row_of(fax, request.account, now, Filed()),
            sends and fax.direction == Direction.OUTBOUND and has_pages(fax),
        )
        for fax in unsettled.faxes
    ]


def _machines(request: AccountRequest, machines: list[Any]) -> dict[str, Any]:
    """The first fax machines, each with its numbers."""
    numbers = own_numbers(request.actor, limit=_NUMBERS)
    shown = machines[:_MACHINES]
    return {
        "machines": [
            (each, [number for number in numbers if number.faxbox_id == each.pk]) for each in shown
        ],
        "more_machines": len(machines) - len(shown),
        "all_numbers": len(numbers) < _NUMBERS,
    }


def _figures(request: AccountRequest, day: date) -> dict[str, Any]:
    """What was used in the last days and what is left, for who may see that."""
    if not request.actor.may(Action.USAGE_VIEW):
        return {}
    first = day - timedelta(days=_DAYS - 1)
    used = used_between(request.actor, span=(first, day))
    books = books_of(request.actor)
    by_day = {line.name: line for line in used.days}
    lines = [
        by_day.get(each) or Line(each, 0, 0, 0, 0, 0)
        for each in (first + timedelta(days=n) for n in range(_DAYS))
    ]
    balances = balance_by_day(request.actor, books=books, used=used.days, last=day, days=_DAYS)
    left = {each.day: each.left for each in balances}
    low = books.funds.low_balance if books.funds else 0
    return {
        "used": used,
        "bars": charts.bars([{"sent": each.sent, "received": each.received} for each in lines]),
        "books": books,
        "balance": charts.line([each.left for each in balances], mark=low) if balances else None,
        "days": [(each, left.get(first + timedelta(days=at))) for at, each in enumerate(lines)],
    }


def _steps(request: AccountRequest, machines: list[Any]) -> dict[str, Any]:
    """The first steps, while one is open and they were not put away."""
    account = request.account
    if account.provides or not request.actor.may(Action.TEAM_MANAGE):
        return {}
    if not first_steps.shown_to(request.actor):
        return {}
    done = queries.steps_done(request.actor, machines)
    if done == frozenset(Step):
        return {}
    where = {"account": account.pk}
    machine = {**where, "faxbox": machines[0].pk} if machines else None
    hrefs = {
        Step.NUMBER: reverse("numbers", kwargs=where),
        Step.FAX: f"{reverse('compose', kwargs=where)}?{urlencode({'to': ANSWERS})}",
        Step.COLLEAGUE: reverse("team", kwargs=where),
        Step.TOLD: reverse("faxbox", kwargs=machine) if machine else "",
        Step.COVER: reverse("covers", kwargs=where),
    }
    return {
        "steps": [(words, why, hrefs[step], step in done) for step, words, why in STEPS],
        "steps_done": len(done),
    }
