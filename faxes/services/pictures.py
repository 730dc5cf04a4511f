"""Pictures of stored fax pages: made once, and kept beside the pages for an hour.

They are content as the pages are. Each is noted for destruction before it is stored, goes with the
object that it was made of (``erasure.erase_later``), and nobody is given one without having been
given the row of the fax or upload first.
"""

import hashlib
import logging
import tempfile
from pathlib import Path
from typing import Final

from faxes import vault
from faxes.documents import pipeline
from faxes.errors import FaxNotFound
from faxes.services import erasure

log = logging.getLogger(__name__)
# What the portal's own pages ask for: whoever asks for all others fills no disk with them.
KEPT_WIDTHS: Final = frozenset({96, 320, 720, 864, 1296, 1728})
_MADE_AS: Final = 1  # to be raised when the same page makes another picture


def page_tag(key: str, page: int, width: int) -> str:
    """A name for the picture of a page: the same name is the same picture."""
    return hashlib.sha256(f"{_MADE_AS} {key} {page} {width}".encode()).hexdigest()[:32]


def page_picture(key: str, page: int, width: int) -> bytes:
    """The picture (PNG) of a page (from 1) of a stored fax TIFF, so many pixels wide.

    Raises:
        FaxNotFound: the pages are gone at this moment.

    """
    name = f"{_MADE_AS}.{page}.{width}"
    kept = vault.open_beside(key, name) if width in KEPT_WIDTHS else None
    if kept is not None:
        return kept
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        tiff = Path(folder) / "fax.tiff"
        try:
            vault.copy_out(key, tiff)
        except FileNotFoundError:
            raise FaxNotFound from None
        made = pipeline.png_of(tiff, page, width)
    if width in KEPT_WIDTHS:
        _keep(key, name, made)
    return made


def _keep(key: str, name: str, made: bytes) -> None:
    try:
        beside = vault.put_beside(key, name, made)
        if not erasure.is_needed(key):  # its pages went while it was made
            vault.destroy(beside)
    except Exception:  # storage has errors of many kinds; the picture is there to be seen
        log.exception("a picture of a page could not be kept")
