"""The words on the pages of faxes: the face of OCR. Whatever it reads, it reads in the sandbox."""

import ctypes.util
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from faxes.documents import ocr
from faxes.documents.limits import Limits
from faxes.documents.sandbox import TEXT_SANDBOX

# Of one page. A page of noise takes long; one of text, half a second.
LIMITS: Final = Limits(cpu_seconds=20, wall_seconds=40.0, output_bytes=1_000_000)


@cache
def can_read(languages: tuple[str, ...]) -> bool:
    """Whether Tesseract is installed, and knows these languages."""
    if not languages or ctypes.util.find_library("tesseract") is None:
        return False
    return all(ocr.knowledge_of(each) is not None for each in languages)


def words_on_page(
    tiff: Path, page: int, *, languages: Sequence[str], limits: Limits = LIMITS
) -> list[str]:
    """The folded words on a page (from 1) of a fax TIFF, each once; see ``words.words_on``.

    Raises DocumentError: DOCUMENT_UNREADABLE, _TOO_SLOW, _TOO_MUCH_MEMORY. Raises SandboxBroken.
    """
    with tempfile.TemporaryDirectory(prefix="read-") as folder:
        found = TEXT_SANDBOX.run(
            "faxes.documents.ocr:read",
            {"tiff": str(tiff.resolve()), "page": page, "languages": list(languages)},
            folder=Path(folder),
            reads=[tiff],
            limits=limits,
        )
    return [str(each) for each in found]
