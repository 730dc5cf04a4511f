"""PostScript made PDF by Ghostscript, as a library (iapi.h). Run by ``zygote`` alone.

Not as a program: jobs can start none.
"""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

from faxes.documents.zygote import Job
from faxes.enums import ErrorCode, Paper
from faxes.errors import DocumentError

_LANGUAGE = b"%!"
_HEAD_BYTES = 4096
_ENCAPSULATED = b"EPSF"
# Pictures go through as they are: what becomes black and white next must not have lost before.
_OPTIONS = (
    "gs",
    "-q",
    "-dSAFER",
    "-dBATCH",
    "-dNOPAUSE",
    "-sDEVICE=pdfwrite",
    "-dCompatibilityLevel=1.7",
    "-dAutoRotatePages=/None",
    "-dDownsampleColorImages=false",
    "-dDownsampleGrayImages=false",
    "-dDownsampleMonoImages=false",
    "-dAutoFilterColorImages=false",
    "-dAutoFilterGrayImages=false",
    "-dColorImageFilter=/FlateEncode",
    "-dGrayImageFilter=/FlateEncode",
)
_WORDS_BYTES = 65536
_OUT_OF_MEMORY = b"VMerror"
_LIBRARIES = ("libgs.so.10", "libgs.so.9", "libgs.so")
_UTF_8 = 1
_QUIT = -101  # gs_error_Quit: the program said so itself
_STANDARD_OUTPUT = 1


class GhostscriptMissing(RuntimeError):
    """Ghostscript is not installed: a fault of the installation."""


def to_pdf(job: Job, *, path: str, out: str, paper: str) -> None:
    """Make a PDF of a PostScript document; pages that do not say get ``paper`` for their size.

    Pages beyond the limit are left out but one, by which it is seen that there are too many.
    A program that shows no page makes an empty one.
    Raises DocumentError DOCUMENT_UNREADABLE; MemoryError.
    """
    program = job.folder / "document.ps"
    encapsulated = _copy_program(Path(path), program)
    options = [
        *_OPTIONS,
        *(["-dEPSCrop"] if encapsulated else []),
        f"-sPAPERSIZE={Paper(paper).value}",
        f"-dLastPage={job.limits.pages + 1}",
        f"-sOutputFile={out}",
        str(program),
    ]
    said = job.folder / "said"
    with said.open("wb") as words:  # a file: its size is limited
        os.dup2(words.fileno(), _STANDARD_OUTPUT)
    done = _run(options)
    program.unlink()
    if not done:
        with said.open("rb") as words:
            if _OUT_OF_MEMORY in words.read(_WORDS_BYTES):
                raise MemoryError
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")


def _run(options: Sequence[str]) -> bool:
    """Run Ghostscript in this process, which must do nothing else after; tell if all went well."""
    library = _library()
    library.gsapi_delete_instance.argtypes = [ctypes.c_void_p]
    library.gsapi_exit.argtypes = [ctypes.c_void_p]
    library.gsapi_set_arg_encoding.argtypes = [ctypes.c_void_p, ctypes.c_int]
    strings = ctypes.c_char_p * len(options)
    library.gsapi_init_with_args.argtypes = [ctypes.c_void_p, ctypes.c_int, strings]
    instance = ctypes.c_void_p()
    if library.gsapi_new_instance(ctypes.byref(instance), None) < 0:
        raise MemoryError
    library.gsapi_set_arg_encoding(instance, _UTF_8)
    code = library.gsapi_init_with_args(instance, len(options), strings(*map(os.fsencode, options)))
    closed = library.gsapi_exit(instance)  # writes what is still missing of the PDF
    library.gsapi_delete_instance(instance)
    return code in {0, _QUIT} and closed in {0, _QUIT}


def _library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise GhostscriptMissing("Ghostscript is not installed (Debian: ghostscript)")


def _copy_program(source: Path, target: Path) -> bool:
    """Copy without what printer drivers put before the program; tell if it is encapsulated.

    Raises DocumentError DOCUMENT_UNREADABLE.
    """
    data = source.read_bytes()
    start = data.find(_LANGUAGE, 0, _HEAD_BYTES)
    if start < 0:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")
    # The binary form of encapsulated PostScript has a picture behind the program.
    is_binary = data.startswith(b"\xc5\xd0\xd3\xc6")
    end = start + int.from_bytes(data[8:12], "little") if is_binary else len(data)
    target.write_bytes(data[start:end])
    return _ENCAPSULATED in data[start:].split(b"\n", 1)[0][:_HEAD_BYTES]
