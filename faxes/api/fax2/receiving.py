"""Faxes in: the numbers they come by, what came, and its pages."""

from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from faxes.api.common.content import content_answer
from faxes.api.common.links import root_of
from faxes.api.fax2.base import Fax2View
from faxes.api.fax2.errors import BadParameter
from faxes.api.fax2.ids import place_word, read_id, read_place, read_service
from faxes.parts import is_later_part
from faxes.queries.arrivals import (
    ArrivalFilter,
    Behind,
    arrival_for,
    came_by,
    numbers_by_which_faxes_come,
    require_number,
)
from faxes.queries.told import number_for
from faxes.services import pages
from faxes.services.arrivals import list_arrivals
from faxes.wire.fax2 import ReceivedFax, ReceivedPage, Service, digits_of
from faxes.wire.times import iso

_USUAL: Final = 50
_MOST: Final = 1000


class FaxServices(Fax2View):
    """The account's numbers that lead to a fax machine."""

    def get(self, request: Request) -> dict[str, Any]:
        """All of them."""
        del request
        numbers = numbers_by_which_faxes_come(self.actor)
        digits = [digits_of(each) for each in numbers]
        return {"data": [Service(id=each, fax_number=each).written() for each in digits]}


class ReceivedFaxes(Fax2View):
    """What came in, by any number or by one."""

    takes: ClassVar = ("limit", "from_time", "before_time", "continue_from")

    def get(self, request: Request, service: str = "") -> dict[str, Any]:
        """A page of it, and the address of the next one if there is one."""
        size = self.parameters.number("limit", least=1, most=_MOST, usual=_USUAL)
        since, before = (self.parameters.moment(name) for name in ("from_time", "before_time"))
        behind = self._behind()
        number = read_service(service) if service else ""
        if number:
            require_number(self.actor, number)
        shown = ArrivalFilter(since=since, before=before, number=number)
        page = list_arrivals(self.actor, shown=shown, behind=behind, size=size)
        numbers = came_by(self.actor, page.faxes)
        onward = ""
        if page.behind is not None:
            criteria = {
                "limit": str(size),
                **({"from_time": iso(since)} if since else {}),
                **({"before_time": iso(before)} if before else {}),
                "continue_from": place_word(page.behind),
            }
            given = request._request  # noqa: SLF001 (what DRF wraps)
            here = f"{root_of(given)}{request.path}"
            onward = f"{here}?{urlencode(criteria)}"
        entries = tuple(self._entry(fax, numbers[fax.pk]) for fax in page.faxes)
        return ReceivedPage(entries, onward).written()

    def _behind(self) -> Behind | None:
        written = self.parameters.get("continue_from")
        if written is None:
            return None
        found = read_place(written)
        if found is None:
            told = "continue_from must be as next_page_url has it."
            raise BadParameter("continue_from", told)
        return found

    def _entry(self, fax: Any, by: str) -> ReceivedFax:
        number = digits_of(number_for(self.actor, by))
        return ReceivedFax(
            id=str(fax.pk),
            to=number,
            received_at=fax.received_at,
            service_id=number,
            pages=fax.pages,
        )


class Content(Fax2View):
    """The pages of one that came in."""

    def get(self, request: Request, fax: str) -> HttpResponseBase:
        """As a PDF, verbatim."""
        found = arrival_for(self.actor, read_id(fax))
        file = pages.fax_file(
            self.actor, fax_id=found.pk, form="pdf", later_part=is_later_part(request)
        )
        return content_answer(request, file)
