"""Bring numbers in from a list: what each line will do first, then the deed."""

from collections import Counter
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.auth.confirm import confirm
from accounts.auth.portal import AccountRequest
from accounts.portal.page import reseller_page
from accounts.roles import Action
from faxes.errors import RequestError
from faxes.portal.sheet_field import text_of
from faxes.services import numbers as work
from faxes.services.number_sheets import MOST_LINES, Fate
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422
_SHOWN: Final = 1000  # lines; what is wrong comes first
WORDS: Final[dict[Fate, Promise]] = {
    Fate.UNREADABLE: lazy("No fax number: left out"),
    Fate.NO_CARRIER: lazy("There is no carrier of this name for you: left out"),
    Fate.TAKEN: lazy("Somebody else has this number: left out"),
    Fate.TEST: lazy("A test number of the embedded line: left out"),
    Fate.TWICE: lazy("The same number as on an earlier line: left out"),
    Fate.IN_USE: lazy("Yours already, and in use: stays as it is"),
    Fate.IN_POOL: lazy("Yours already, and free: stays as it is"),
    Fate.NEW: lazy("Will be imported"),
}
_WRONG: Final = (Fate.UNREADABLE, Fate.NO_CARRIER, Fate.TAKEN, Fate.TEST)


@reseller_page(Action.TENANTS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def number_import(request: AccountRequest) -> HttpResponse:
    """A list to fill in; then what each of its lines will do; then the numbers are there."""
    if request.method != "POST":
        return render(request, "faxes/pool_import.html", {"most": MOST_LINES})
    confirm(request)
    text, wrong = text_of(request)
    if wrong:
        return _page(request, text, error=wrong)
    try:
        if request.POST.get("act") == "import":
            lines = work.import_numbers(request.actor, text=text)
        else:
            return _preview(request, text)
    except RequestError as error:
        return _page(request, text, error=sentence(error))
    count = sum(line.fate == Fate.NEW for line in lines)
    words = ngettext("{count} number was imported.", "{count} numbers were imported.", count)
    messages.success(request, words.format(count=count))
    return redirect("tenants-numbers", account=request.account.pk)


def _preview(request: AccountRequest, text: str) -> HttpResponse:
    lines = work.check_import(request.actor, text=text)
    counted = Counter(line.fate for line in lines)
    order = {fate: fate not in _WRONG for fate in Fate}
    shown = sorted(lines, key=lambda line: order[line.fate])[:_SHOWN]
    context = {
        "text": text,
        "most": MOST_LINES,
        "lines": [(line, WORDS[line.fate], line.fate in _WRONG) for line in shown],
        "more": len(lines) - len(shown),
        "new": counted[Fate.NEW],
        "left": len(lines) - counted[Fate.NEW],
        "wrong": sum(counted[fate] for fate in _WRONG),
        "checked": True,
    }
    return render(request, "faxes/pool_import.html", context)


def _page(request: AccountRequest, text: str, *, error: str) -> HttpResponse:
    context = {"text": text, "error": error, "most": MOST_LINES}
    return render(request, "faxes/pool_import.html", context, status=_UNPROCESSABLE)
