"""The media of a fax: one, its pages, once there are any and until they are removed."""

from http import HTTPStatus
from typing import Final, Literal

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from accounts.roles import Role
from accounts.services.sharing import record_provider_look
from accounts.services.support import record_support_look
from faxes.api.common.content import NotAcceptable, content_answer, preferred
from faxes.api.signalwire.base import LamlView, NotFound, key_of
from faxes.api.signalwire.errors import LamlError
from faxes.api.signalwire.ids import FAX, MEDIA, media_key
from faxes.api.signalwire.paging import Part, envelope, read_asked
from faxes.api.signalwire.telling import PDF, TIFF
from faxes.enums import ErrorCode
from faxes.errors import MoveNotAllowed
from faxes.parts import is_later_part
from faxes.queries.reckoned import Reckoned, reckoned_for
from faxes.services import pages, privacy

_JSON: Final = "application/json"
_FORMS: Final[dict[str, Literal["pdf", "tiff"]]] = {PDF: "pdf", TIFF: "tiff"}
_SUFFIXES: Final = {".pdf": PDF, ".tiff": TIFF, ".tif": TIFF}


class AllMedia(LamlView):
    """The media of a fax."""

    def get(self, request: Request, fax: str) -> HttpResponse:
        """A list of one, or of none."""
        asked = read_asked(request)
        record_provider_look(self.actor)
        found = reckoned_for(self.actor, key_of(fax, FAX))
        rows = []
        if found.pages_file is not None and not (asked.behind or asked.before or asked.page):
            rows.append(self.teller.media(found.fax.pk, found.pages_file))
        told = envelope(request, "media", asked, Part(rows), twilio=True)
        if not self.twilio:
            told = envelope(request, "fax_media", asked, Part(rows), twilio=False)
        return JsonResponse(told)


class OneMedia(LamlView):
    """The medium of a fax: what is known of it, or the pages themselves."""

    @property
    def opens_pages(self) -> bool:
        """Whether the pages are asked for."""
        return self.request.method in {"GET", "HEAD"} and self._form != _JSON

    def get(self, request: Request, fax: str, media: str) -> HttpResponseBase:
        """What is known of it; the file if .pdf or .tiff is asked for, or accepted."""
        record_provider_look(self.actor)
        found, form = self._found(fax, media), self._form
        if form == _JSON:
            if found.pages_file is None:
                raise NotFound
            answer: HttpResponseBase = JsonResponse(
                self.teller.media(found.fax.pk, found.pages_file)
            )
        else:
            if self.actor.role == Role.SUPPORT:
                looked_at = ("fax", found.fax.pk)
                record_support_look(self.actor, page="fax-media", looked_at=looked_at)
            file = pages.fax_file(
                self.actor,
                fax_id=found.fax.pk,
                form=_FORMS[form],
                later_part=is_later_part(request),
            )
            answer = content_answer(request, file)
        patch_vary_headers(answer, ["Accept"])
        return answer

    def delete(self, request: Request, fax: str, media: str) -> HttpResponse:
        """Remove documents and pages; what is known of the fax stays."""
        del request
        found = self._found(fax, media)
        if found.fax.stripped_at is not None:
            raise NotFound
        try:
            privacy.strip_fax(self.actor, fax_id=found.fax.pk)
        except MoveNotAllowed as refused:
            if refused.code != ErrorCode.FAX_NOT_FINISHED:
                raise
            raise LamlError(409, 20009, "A fax that is under way keeps its media") from None
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

    @property
    def _form(self) -> str:
        """The form that is asked for; what is known of it, unless a file is what is wanted."""
        suffix = self._suffix
        if suffix:
            return _SUFFIXES[suffix]
        try:
            return preferred(self.request, [_JSON, PDF, TIFF])
        except NotAcceptable:
            return _JSON

    @property
    def _suffix(self) -> str:
        written = str(self.kwargs.get("media", "")).lower()
        return next((each for each in _SUFFIXES if written.endswith(each)), "")

    def _found(self, fax: str, media: str) -> Reckoned:
        """The fax whose medium this is.

        Raises:
            NotFound, FaxNotFound

        """
        key = key_of(media.lower().removesuffix(self._suffix), MEDIA)
        found = reckoned_for(self.actor, key_of(fax, FAX))
        if key != media_key(found.fax.pk):
            raise NotFound
        return found
