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
from faxes.portal.filters import IN_THE_WORKS, asked_for
from faxes.portal.looks import look_of
from faxes.portal.page import beside_fields, is_fragment
from faxes.portal.places import UNDO
from faxes.portal.rows import row_of
from faxes.portal.trials import ANSWERS
from faxes.portal.undo import undoable_at
from faxes.queries import filing
from faxes.queries.faxes import FaxPage, faxboxes_for, list_faxes
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
    context = {
        "list_name": template,
        "rows": [
            row_of(fax, request.account, now, filed, on_pages=fax.pk in on_pages)
            for fax in page.faxes
        ],
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
        "undo": [] if is_fragment(request) else request.session.pop(UNDO, []),
        "trial": ANSWERS,
        "fragment": is_fragment(request),
        "undoable": undoable_at(request),
        "refresh": "" if asked.typed["cursor"] or errors else request.get_full_path(),
    }
    shown = "_fax_list" if is_fragment(request) else template
    return render(request, f"faxes/{shown}.html", context, status=_UNPROCESSABLE if errors else 200)
