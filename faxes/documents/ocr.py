"""The words on a fax page, read by Tesseract, as a library (capi.h). Run by ``zygote`` alone.

Not as a program: jobs can start none.
"""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from faxes.documents import tiff as fax_tiff
from faxes.documents import words
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

IDLE_SECONDS = 600.0  # after which the helper leaves
LIBRARIES: Final = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.so")
# Where Debian, and others, put what it knows of languages.
_KNOWLEDGE: Final = ("usr/share/tesseract-ocr/*/tessdata", "usr/share/tessdata")
_LSTM_ONLY: Final = 1
_WHITE: Final = 255
_USUAL_DPI: Final = 204


class TesseractMissing(RuntimeError):
    """Tesseract, or what it knows of a language, is not installed: a fault of the installation."""


def warm() -> None:
    """Load the library, so that every job's fork has it."""
    # Its threads are more trouble than help on pages that are read one at a time.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _library()


def knowledge_of(language: str) -> Path | None:
    """The folder that has what Tesseract knows of a language (``eng``); None if there is none."""
    for place in _KNOWLEDGE:
        for folder in sorted(Path("/").glob(place), reverse=True):
            if (folder / f"{language}.traineddata").is_file():
                return folder
    return None


def read(_job: Job, *, tiff: str, page: int, languages: list[str]) -> list[str]:
    """The folded words on one page (from 1) of a fax TIFF.

    Raises DocumentError DOCUMENT_UNREADABLE; TesseractMissing.
    """
    path = Path(tiff)
    try:
        bits = fax_tiff.page_bits(path, page)
        facts = fax_tiff.read_fax_tiff(path)[page - 1]
    except IndexError:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, page=page) from None
    if not bits.any():
        return []
    white = np.unpackbits(~bits, axis=1, count=facts.width) * np.uint8(_WHITE)
    dpi = facts.x_dpi or _USUAL_DPI
    rows = round(facts.rows * (dpi / facts.y_dpi if facts.y_dpi else 1.0))
    image = Image.fromarray(white)
    if rows != facts.rows:  # it wants square pixels
        image = image.resize((facts.width, max(1, rows)), Image.Resampling.BILINEAR)
    return words.words_on(_text_of(image, round(dpi), languages))


def _text_of(image: Image.Image, dpi: int, languages: list[str]) -> str:
    library = _library()
    folder = knowledge_of(languages[0])
    if folder is None:
        raise TesseractMissing(f"Tesseract knows no {languages[0]}")
    api = ctypes.c_void_p(library.TessBaseAPICreate())
    asked = "+".join(languages).encode()
    if library.TessBaseAPIInit2(api, str(folder).encode(), asked, _LSTM_ONLY) != 0:
        raise TesseractMissing(f"Tesseract cannot read {'+'.join(languages)}")
    data = image.tobytes()
    library.TessBaseAPISetImage(api, data, image.width, image.height, 1, image.width)
    library.TessBaseAPISetSourceResolution(api, dpi)
    text = library.TessBaseAPIGetUTF8Text(api)
    # What it holds ends with this process.
    return ctypes.string_at(text).decode("utf-8", "replace") if text else ""


@cache
def _library() -> Any:
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        pointer, number, words_ = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
        library.TessBaseAPICreate.restype = pointer
        library.TessBaseAPIInit2.argtypes = [pointer, words_, words_, number]
        library.TessBaseAPISetImage.argtypes = [pointer, words_, number, number, number, number]
        library.TessBaseAPISetSourceResolution.argtypes = [pointer, number]
        library.TessBaseAPIGetUTF8Text.argtypes = [pointer]
        library.TessBaseAPIGetUTF8Text.restype = pointer
        return library
    raise TesseractMissing("Tesseract is not installed (Debian: tesseract-ocr)")
