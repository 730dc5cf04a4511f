"""Stored fax pages as dots."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from faxes import vault
from faxes.documents import tiff


def pages_of(key: str) -> list[Any]:
    """Each page of a stored fax TIFF: rows of 0 and 1, black is 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fax.tiff"
        vault.copy_out(key, path)
        return [
            np.unpackbits(tiff.page_bits(path, page.number), axis=1)
            for page in tiff.read_fax_tiff(path)
        ]
