"""The account's fax numbers, as those of the vendor that calls and faxes come in by."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from faxes.api.signalwire.base import LamlView, key_of
from faxes.api.signalwire.ids import NUMBER
from faxes.api.signalwire.paging import Asked, Part, envelope, query_of, read_asked
from faxes.api.signalwire.sending import METHODS, read_word
from faxes.queries.numbers import own_number_for, own_number_page
from faxes.services.own_numbers import set_number_webhook


class Numbers(LamlView):
    """All numbers of an account that lead to a fax machine."""

    def get(self, request: Request) -> HttpResponse:
        """A page of them, by number; ``PhoneNumber`` is a part of those that are wanted."""
        asked = read_asked(request)
        part = self._part(asked, query_of(request).text("PhoneNumber"))
        return JsonResponse(
            envelope(request, "incoming_phone_numbers", asked, part, twilio=self.twilio)
        )

    def _part(self, asked: Asked, wanted: str) -> Part:
        page = own_number_page(
            self.actor,
            q=wanted,
            after=asked.behind or asked.before,
            size=asked.skip + asked.size,
            backwards=bool(asked.before),
        )
        found = page.numbers[::-1] if asked.before else page.numbers[asked.skip :]
        rows = [self.teller.number(each) for each in found]
        if not rows:
            return Part(rows)
        return Part(rows, found[0].e164, found[-1].e164, bool(page.after))


class OneNumber(LamlView):
    """One number."""

    def get(self, request: Request, number: str) -> HttpResponse:
        """The number."""
        del request
        return self._told(key_of(number, NUMBER))

    def post(self, request: Request, number: str) -> HttpResponse:
        """Say which program is asked when a fax comes in: none for an empty ``VoiceUrl``.

        What a fax number has not, such as a fallback, is ignored.
        """
        del request
        said, key = self.arguments, key_of(number, NUMBER)
        read_word(said, "VoiceReceiveMode", ("fax",))
        method = read_word(said, "VoiceMethod", METHODS)
        url = said.text("VoiceUrl") if said.says("VoiceUrl") else None
        if url is not None or method:
            set_number_webhook(self.actor, number_id=key, url=url, method=method or None)
        return self._told(key)

    def _told(self, key: UUID) -> HttpResponse:
        return JsonResponse(self.teller.number(own_number_for(self.actor, key)))
