"""What inbox and outbox share: a list, filtered by its address, page by page, kept true."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as lazy

from accounts import clock
from accounts.auth.portal import AccountRequest
from faxes.enums import Direction, FaxState
from faxes.errors import FaxError
from faxes.portal.filters import IN_THE_WORKS, Asked, asked_for
from faxes.portal.looks import look_of
from faxes.portal.page import beside_fields, is_fragment
from faxes.portal.places import UNDO
from faxes.portal.rows import Row, row_of
from faxes.portal.stamps import is_unchanged, stamp_of, unchanged
from faxes.portal.trials import ANSWERS
from faxes.portal.undo import undoable_at
from faxes.queries import filing
from faxes.queries.faxes import FaxPage, faxboxes_for, list_faxes, unread_count
from faxes.queries.page_words import found_on_pages
from faxes.services.bulk import MOST_AT_ONCE

# The first is everything; the tabs above a list are the questions people ask most.
STATES: Final[dict[Direction, dict[str, Promise]]] = {
    Direction.INBOUND: {
        "": lazy("Any"),
        FaxState.RECEIVED: lazy("Received"),
        FaxState.RECEIVING: lazy("Coming in"),
        FaxState.FAILED: lazy("Broken off"),
    },
    Direction.OUTBOUND: {
        "": lazy("All"),
        FaxState.QUEUED: lazy("Waiting"),
        FaxState.DELIVERED: lazy("Delivered"),
        FaxState.FAILED: lazy("Not delivered"),
    },
}
# Shown beside those while it is asked for: today's page leads there.
_ASKED_FOR: Final = {IN_THE_WORKS: lazy("Under way")}
_UNPROCESSABLE: Final = 422


def fax_list(request: AccountRequest, direction: Direction, template: str) -> HttpResponse:
    """One page of a list; the list alone if it is to be put into a page that is there."""
    asked = asked_for(request.GET, direction, request.account, person=request.user.pk)
    errors = list(asked.errors)
    try:
        page = list_faxes(request.actor, asked.shown, cursor=asked.typed["cursor"])
    except FaxError as error:
        errors.append(error)
        page = FaxPage([], "")
    now, status = clock.now(), asked.typed["status"]
    states = STATES[direction] | {each: _ASKED_FOR[each] for each in _ASKED_FOR if each == status}
    people = filing.people_for(request.actor)
    ids = [fax.pk for fax in page.faxes]
    filed = filing.filed_for(request.actor, ids, people=people)
    on_pages = found_on_pages(request.actor, asked.shown.q, ids)
    rows = [
        row_of(fax, request.account, now, filed, on_pages=fax.pk in on_pages) for fax in page.faxes
    ]
    fragment = is_fragment(request)
    stamp = ""
    if fragment:
        beside = (page.next_cursor, errors, unread_count(request.actor))
        stamp = stamp_of(request, rows, *beside, [] if rows else _numbers(request))
        if is_unchanged(request, stamp):
            return unchanged(stamp)
    context = {
        "list_name": template,
        "rows": rows,
        "next_cursor": page.next_cursor,
        "asked": asked,
        "typed": asked.typed,
        "errors": beside_fields(errors),
        "states": [(str(state), words) for state, words in states.items()],
        # only looked up where the page tells of them
        "faxboxes": SimpleLazyObject(lambda: faxboxes_for(request.actor)),
        "people": people,
        "labels": SimpleLazyObject(lambda: filing.labels_for(request.actor)),
        "views": SimpleLazyObject(lambda: filing.views_for(request.actor, direction)),
        "look": look_of(request),
        "most_at_once": MOST_AT_ONCE,
        "undo": [] if fragment else request.session.pop(UNDO, []),
        "trial": ANSWERS,
        "fragment": fragment,
        "undoable": undoable_at(request),
        "refresh": request.get_full_path() if _lives(asked, errors, rows) else "",
    }
    shown = "_fax_list" if fragment else template
    code = _UNPROCESSABLE if errors else 200
    answer = render(request, f"faxes/{shown}.html", context, status=code)
    if stamp:
        answer["ETag"] = stamp
    return answer


def _numbers(request: AccountRequest) -> list[tuple[str, list[str]]]:
    """The own numbers, which a list without faxes tells of."""
    machines = faxboxes_for(request.actor)
    return [(each.name, [number.e164 for number in each.numbers.all()]) for each in machines]


def _lives(asked: Asked, errors: list[FaxError], rows: list[Row]) -> bool:
    """Whether the list may be different soon: what is new comes on its first page."""
    return not errors and (not asked.typed["cursor"] or any(row.moves for row in rows))
