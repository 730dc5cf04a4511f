"""Where ``more_info`` of an error leads: what its code says, for people."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from faxes.api.signalwire.errors import ARGUMENT, OF_CODE, PLAIN
from faxes.api.signalwire.states import BEFORE_A_CALL, OF_CALL
from faxes.wording import SENTENCES

# Told where an argument is read, and nowhere else.
_OF_ARGUMENTS = {
    ARGUMENT: (400, "An argument is missing or not right, or this cannot be done to the fax"),
    21212: (400, "'From' is not a valid phone number"),
    21213: (400, "A 'From' phone number is required"),
    21217: (400, "The number cannot be reached"),
    21408: (400, "The address to tell of the fax is not a valid URL"),
    21456: (400, "The address to tell of the fax leads where nothing may be told"),
}


@require_safe
def code_page(request: HttpRequest, code: int) -> HttpResponse:
    """What a code says; facts stand in braces."""
    found = dict.fromkeys(meanings(code))
    if not found:
        raise Http404
    status = max(each for each, _ in found)
    words = " · ".join(each for _, each in found)
    meaning = {"code": code, "status": status or "", "words": words}
    return render(request, "faxes/api_errors.html", {"meanings": [meaning]})


def meanings(code: int) -> Iterator[tuple[int, str]]:
    """Status, 0 where it is told of a fax, and sentence."""
    if code in _OF_ARGUMENTS:
        yield _OF_ARGUMENTS[code]
    yield from ((status, words) for status, (each, words) in PLAIN.items() if each == code)
    for ours, (status, each, words) in OF_CODE.items():
        if each == code and each != ARGUMENT:
            yield status, words or str(SENTENCES[ours])
    for told in (*OF_CALL.values(), *BEFORE_A_CALL.values()):
        if told[0] == str(code):
            yield 0, told[1]
