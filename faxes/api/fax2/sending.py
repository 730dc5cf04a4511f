"""Faxes out: documents are brought ahead, sent by their ids, and the fax is followed."""

import re
from contextlib import ExitStack
from typing import Any, ClassVar, Final

from rest_framework.request import Request

from faxes.api.fax2.base import Fax2View
from faxes.api.fax2.documents import PARAMETER, read_document
from faxes.api.fax2.errors import BadParameter
from faxes.api.fax2.ids import read_id
from faxes.api.fax2.states import sent_fax
from faxes.queries.arrivals import sent_for
from faxes.services import preview
from faxes.services.submit import FaxRequest, submit_fax
from faxes.services.uploads import UploadRef

ORIGIN: Final = "fax2"
_FURTHER_TRIES: Final = "2"  # "The fax failed 3 times and the service has given up."
_NUMBER: Final = re.compile(r"\+?([0-9][0-9 ().-]{0,30})")
_DOCUMENTS: Final = "documents[]"
_TO: Final = "dest_number"


class UploadDocument(Fax2View):
    """Where a document is made ready to be sent."""

    own_body = True
    names: ClassVar = {"documents": PARAMETER}

    def post(self, request: Request) -> dict[str, Any]:
        """Turn the document into fax pages, for as many faxes as are wanted within a day."""
        with ExitStack() as closing:
            given = request._request  # noqa: SLF001 (what DRF wraps)
            document = read_document(given, closing)
            made = preview.prepare_upload(
                self.actor, documents=[document], quality="", several=True
            )
        return {"document_id": str(made.pk), "pages": int(made.rendered["pages"])}


class SendFax(Fax2View):
    """Where a fax is handed in."""

    takes: ClassVar = (_DOCUMENTS, _TO)
    names: ClassVar = {"documents": _DOCUMENTS, "to": _TO}

    def post(self, request: Request) -> dict[str, Any]:
        """Send documents, in their order, to a number."""
        del request
        asked = FaxRequest(
            to=self._number(),
            documents=[UploadRef(each) for each in self.parameters.listed(_DOCUMENTS)],
            retries=_FURTHER_TRIES,
        )
        (fax,) = submit_fax(self.actor, request=asked, origin=ORIGIN)
        return {"id": str(fax.pk), "pages": fax.pages}

    def _number(self) -> str:
        """The number in international format; the plus may be left out, or read as a blank."""
        found = _NUMBER.fullmatch(self.parameters.require(_TO).strip())
        if found is None:
            told = f"{_TO} must be a number in international format, such as 61281234567."
            raise BadParameter(_TO, told)
        return f"+{found[1]}"


class SentFax(Fax2View):
    """One fax out."""

    def get(self, request: Request, fax: str) -> dict[str, Any]:
        """Where it stands."""
        del request
        return sent_fax(sent_for(self.actor, read_id(fax)))
