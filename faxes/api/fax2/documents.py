"""Documents as they are brought: the body of a request, or a part of it, and what it says to be."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO, Final

from django.http import HttpRequest

from faxes.api.common.multipart import Malformed, Part, parts_of
from faxes.api.fax2.errors import BadParameter, Fax2Error
from faxes.api.fax2.parameters import boundary_of, media_type_of, missing, unknown
from faxes.documents.detect import DocumentType
from faxes.services.intake import IncomingFile, document_name
from faxes.wire.fax2 import Code

PARAMETER: Final = "document"
_T = DocumentType
_CHUNK: Final = 64 * 1024
_IN_MEMORY: Final = 256 * 1024
_OPEN: Final = "application/vnd.oasis.opendocument"
_WORDPROCESSING: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Whether text is a page of HTML, or a mail, is in the eye of the beholder.
_TEXTS: Final = frozenset({_T.TEXT, _T.HTML, _T.MAIL})
# The types of the vendor's document, and what their content may be. Word opens, and writes, all of
# its three as .doc.
TYPES: Final[Mapping[str, frozenset[DocumentType]]] = {
    "application/msword": frozenset({_T.DOC, _T.DOCX, _T.RTF}),
    "application/pdf": frozenset({_T.PDF}),
    "application/postscript": frozenset({_T.POSTSCRIPT}),
    "application/rtf": frozenset({_T.RTF}),
    "application/vnd.ms-excel": frozenset({_T.XLS}),
    "application/vnd.ms-powerpoint": frozenset({_T.PPT}),
    f"{_OPEN}.presentation": frozenset({_T.ODP}),
    f"{_OPEN}.spreadsheet": frozenset({_T.ODS}),
    f"{_OPEN}.text": frozenset({_T.ODT}),
    _WORDPROCESSING: frozenset({_T.DOCX}),
    "image/bmp": frozenset({_T.BMP}),
    "image/gif": frozenset({_T.GIF}),
    "image/jpeg": frozenset({_T.JPEG}),
    "image/png": frozenset({_T.PNG}),
    "image/tiff": frozenset({_T.TIFF}),
    "image/x-portable-bitmap": frozenset({_T.PNM}),
    "text/html": _TEXTS,
    "text/plain": _TEXTS,
}


def read_document(request: HttpRequest, closing: ExitStack) -> IncomingFile:
    """The document that a request brings; ``closing`` lets go of it.

    Raises:
        Fax2Error: there is none, it does not say what it is, or that is not taken.
        BadParameter: of several parts, one is not known, or is there twice.

    """
    written = request.META.get("CONTENT_TYPE", "")
    if media_type_of(written) == "multipart/form-data":
        return _in_parts(request, boundary_of(written), closing)
    kinds = _kinds_of(written)
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115
    closing.enter_context(file)
    while chunk := request.read(_CHUNK):
        file.write(chunk)
    if not file.tell():
        raise Fax2Error(Code.INVALID_REQUEST, "The body of the request must be the document.")
    return _incoming(file, PARAMETER, kinds)


def _in_parts(request: HttpRequest, boundary: str, closing: ExitStack) -> IncomingFile:
    try:
        parts = parts_of(request, boundary=boundary)
    except Malformed:
        told = "The parts of the request cannot be read."
        raise Fax2Error(Code.INVALID_REQUEST, told) from None
    for part in parts:
        closing.enter_context(part.file)
    for part in parts:
        if part.name != PARAMETER:
            raise unknown(part.name)
    if len(parts) > 1:
        told = f"The parameter {PARAMETER} is there more than once."
        raise BadParameter(PARAMETER, told)
    if not parts:
        raise missing(PARAMETER)
    return _of_part(parts[0])


def _of_part(part: Part) -> IncomingFile:
    written = str(part.headers.get("content-type", ""))
    name = document_name(part.filename) if part.filename else PARAMETER
    return _incoming(part.file, name, _kinds_of(written, PARAMETER))


def _kinds_of(written: str, parameter: str = "") -> frozenset[DocumentType]:
    """What a document may be that says to be of a type; what follows the type does not count."""
    media_type = media_type_of(written)
    if not media_type:
        told = "A Content-Type must say what type of document this is."
        refused = Fax2Error(Code.INVALID_REQUEST, told, parameter=parameter)
    else:
        refused = Fax2Error(Code.UNSUPPORTED_DOCUMENT_TYPE, parameter=parameter)
    if media_type not in TYPES:
        raise refused
    return TYPES[media_type]


def _incoming(file: BinaryIO, name: str, kinds: frozenset[DocumentType]) -> IncomingFile:
    size = file.seek(0, 2)
    file.seek(0)
    return IncomingFile(name, size, file, kinds)
