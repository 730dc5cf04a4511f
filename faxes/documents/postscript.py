"""PostScript made PDF by Ghostscript. Run by ``zygote`` alone: it is a program like any other."""

import os
import signal
import subprocess
from pathlib import Path

from faxes.documents.zygote import Job
from faxes.enums import ErrorCode, Paper
from faxes.errors import DocumentError

_LANGUAGE = b"%!"
_HEAD_BYTES = 4096
_ENCAPSULATED = b"EPSF"
# Pictures go through as they are: what becomes black and white next must not have lost before.
_OPTIONS = (
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
_PROGRAM = "/usr/bin/gs"


def to_pdf(job: Job, *, path: str, out: str, paper: str) -> None:
    """Make a PDF of a PostScript document; pages that do not say get ``paper`` for their size.

    Pages beyond the limit are left out but one, by which it is seen that there are too many.
    A program that shows no page makes an empty one.
    Raises DocumentError DOCUMENT_UNREADABLE; MemoryError.
    """
    program = job.folder / "document.ps"
    encapsulated = _copy_program(Path(path), program)
    command = [
        _PROGRAM,
        *_OPTIONS,
        *(["-dEPSCrop"] if encapsulated else []),
        f"-sPAPERSIZE={Paper(paper).value}",
        f"-dLastPage={job.limits.pages + 1}",
        f"-sOutputFile={out}",
        str(program),
    ]
    said = job.folder / "said"
    with said.open("wb") as words:  # a file: its size is limited
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=words, check=False)  # noqa: S603
    program.unlink()
    if done.returncode < 0:  # let it be seen of what: time, or the size of a file
        number = signal.Signals(-done.returncode)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    if done.returncode:
        if _OUT_OF_MEMORY in said.read_bytes()[:_WORDS_BYTES]:
            raise MemoryError
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, field="documents")


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
