"""A page of all parts of the portal's pages, with made-up contents, for whoever builds them."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.roles import Action
from faxes.enums import LabelColour
from faxes.portal.compose import QUALITIES, Draft
from faxes.portal.rows import Row
from faxes.portal.timeline import Step
from faxes.portal.trials import ANSWERS, TRIALS
from faxes.standings import Standing

STANDINGS: Final = (
    Standing("wait", "Preparing"),
    Standing("wait", "Busy. Next try: 2:20 p.m."),
    Standing("move", "Sending page 2 of 5"),
    Standing("good", "Delivered"),
    Standing("bad", "Not delivered: nobody answered after 3 tries"),
    Standing("off", "Canceled"),
)
_TITLES: Final = (
    "Referral for Mrs. Ellis",
    "Lab results, week 47",
    "Signed lease, both parties",
    "discharge-summary.pdf",
    "Re: appointment on Friday",
    "A subject so long that it cannot fit on the line it stands on, however wide the window is",
)
_UNREAD: Final = 3
_LABELS: Final = tuple(
    SimpleNamespace(name=f"Label {colour.value}", colour=colour.value) for colour in LabelColour
)
_COLOURS: Final = (
    "ground", "surface", "raised", "sunk", "ink", "ink-2", "ink-3", "line", "line-strong",
    "accent", "accent-tint", "good", "good-tint", "bad", "bad-tint", "wait", "wait-tint",
)  # fmt: skip


@never_cache
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The parts. Only where the portal is developed or shown."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    now = clock.now()
    rows = [_row(number, standing) for number, standing in enumerate(STANDINGS)]
    context: dict[str, Any] = {
        "account": SimpleNamespace(
            id=UUID(int=1), name="Northside Clinic", country="US", paper="letter", time_zone="UTC"
        ),
        "can": {action.name.lower(): True for action in Action},
        "colours": _COLOURS,
        "standings": STANDINGS,
        "rows": rows,
        "steps": [
            Step(now - timedelta(minutes=9), "Handed in"),
            Step(now - timedelta(minutes=8), "Busy", "wait", "It will be tried again."),
            Step(now - timedelta(minutes=2), "Calling again: try 2", "move"),
            Step(now, "Delivered", "good", "5 pages"),
        ],
        "draft": Draft(to="202 555", send_at="2026-12-24T08:00"),
        "errors": {"to": ["“202 555” is not a complete fax number. Write it with its area code."]},
        "qualities": QUALITIES,
        "trials": TRIALS,
        "trial": ANSWERS,
        "list_name": "outbox",
        "asked": SimpleNamespace(narrowed=False),
    }
    return render(request, "faxes/styleguide.html", context)


def _row(number: int, standing: Standing) -> Row:
    return Row(
        id=UUID(int=number + 1),
        href="#rows",
        party=f"(202) 555-01{number:02}",
        title=_TITLES[number],
        pages=number % 4 + 1,
        at=clock.now() - timedelta(hours=7 * number),
        standing=standing,
        calm=False,
        unread=number == _UNREAD,
        archived=False,
        labels=cast("Any", _LABELS[number : number + 1]),
        assigned="Ada Vance" if number == _UNREAD else "",
        thumb=static("sample-page.svg") if number else "",
        moves=False,
    )
