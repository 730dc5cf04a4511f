"""Faxes: sent, listed, looked at, canceled, deleted."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from accounts.services.sharing import record_provider_look
from faxes import phone
from faxes.api.signalwire.base import LamlView, key_of
from faxes.api.signalwire.bodies import Arguments
from faxes.api.signalwire.errors import ARGUMENT, Invalid, LamlError
from faxes.api.signalwire.ids import FAX, read_sid
from faxes.api.signalwire.paging import Asked, Part, envelope, query_of, read_asked
from faxes.api.signalwire.sending import read_fax
from faxes.errors import FaxError
from faxes.queries.fax_ids import FaxFilter
from faxes.queries.reckoned import reckoned_for, reckoned_new, reckoned_page
from faxes.services.submit import submit_fax
from faxes.services.withdrawal import discard, withdraw
from faxes.wire.times import read_iso

ORIGIN: Final = "signalwire"
_CANCELED: Final = "canceled"
_SECOND: Final = timedelta(seconds=1)
_LONGEST_NUMBER: Final = 20
_COUNTRY: Final = "US"  # whose numbers are written without a plus


class Faxes(LamlView):
    """All faxes of an account."""

    def get(self, request: Request) -> HttpResponse:
        """A page of them, the newest first."""
        asked, shown = read_asked(request), read_filter(query_of(request))
        record_provider_look(self.actor)
        part = self._part(asked, shown)
        return JsonResponse(envelope(request, "faxes", asked, part, twilio=self.twilio))

    def post(self, request: Request) -> HttpResponse:
        """Send one."""
        del request
        wanted = read_fax(self.arguments, with_sender=not self.twilio)
        if self.twilio and wanted.callback:
            called = {**wanted.callback, "as_account": self.teller.account}
            wanted = replace(wanted, callback=called)
        made = submit_fax(self.actor, request=wanted, origin=ORIGIN)[0]
        told = self.teller.fax(reckoned_new(self.actor, made))
        return JsonResponse(told, status=HTTPStatus.CREATED)

    def _part(self, asked: Asked, shown: FaxFilter) -> Part:
        shown = replace(shown, oldest_first=bool(asked.before))
        edge = _edge(asked.behind or asked.before)
        page = reckoned_page(self.actor, shown, behind=edge, skip=asked.skip, size=asked.size)
        found = page.faxes[::-1] if asked.before else page.faxes
        rows = [self.teller.fax(each) for each in found]
        if not rows:
            return Part(rows)
        return Part(rows, str(found[0].fax.pk), str(found[-1].fax.pk), page.more)


class OneFax(LamlView):
    """One fax."""

    def get(self, request: Request, fax: str) -> HttpResponse:
        """The fax."""
        del request
        record_provider_look(self.actor)
        return JsonResponse(self.teller.fax(reckoned_for(self.actor, key_of(fax, FAX))))

    def post(self, request: Request, fax: str) -> HttpResponse:
        """Cancel it, while it is queued: there is nothing else to change."""
        del request
        key = key_of(fax, FAX)
        reckoned_for(self.actor, key)  # what is not there is not there, whatever is said
        status = self.arguments.text("Status")
        if not status:
            raise Invalid("A 'Status' is required")
        if status.lower() != _CANCELED:
            raise LamlError(422, ARGUMENT, "'Status' can only be set to canceled")
        withdraw(self.actor, fax_id=key)
        return JsonResponse(self.teller.fax(reckoned_for(self.actor, key)))

    def delete(self, request: Request, fax: str) -> HttpResponse:
        """Delete it with all that belongs to it; one that is queued is canceled first."""
        del request
        discard(self.actor, fax_id=key_of(fax, FAX))
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


def read_filter(said: Arguments) -> FaxFilter:
    """Which faxes the address asks for.

    Times are told to the second: after one begins with it, and up to one ends with it, so that
    neither leaves out what is told with that very time.

    Raises:
        Invalid: a time is none.

    """
    since, last = _moment(said, "DateCreatedAfter"), _moment(said, "DateCreatedOnOrBefore")
    return FaxFilter(
        from_number=_number(said, "From"),
        to_number=_number(said, "To"),
        since=since,
        until=None if last is None else last + _SECOND,
    )


def _number(said: Arguments, name: str) -> str:
    """A number to look for: in E.164, or just as it was written."""
    written = said.text(name)
    with suppress(FaxError):
        # the plus of a number is a blank in an address that was not escaped
        return phone.parse_number(written, country=_COUNTRY)
    return written[:_LONGEST_NUMBER]


def _moment(said: Arguments, name: str) -> datetime | None:
    written = said.text(name)
    if not written:
        return None
    found = read_iso(written) or read_iso(f"{written}T00:00:00Z")
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Invalid(f"'{name}' must be a time such as 2026-01-31T00:00:00Z")
    return found


_FIRST_YEAR, _LAST_YEAR = 2, 9998


def _edge(written: str) -> UUID | None:
    """The fax that a page begins behind, or ends before.

    Raises:
        Invalid: it is none.

    """
    if not written:
        return None
    key = read_sid(written, FAX)
    if key is None:
        raise Invalid("The page token is not valid", 21481)
    return key
