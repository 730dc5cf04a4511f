"""Grey into black and white: text crisp against its own ground, photographs as dots."""

import numpy as np

from faxes.documents.readers.base import Grey
from faxes.documents.tiff import Bits

_THRESHOLD = 160


def ink(grey: Grey) -> Bits:
    """Decide for every pixel of a sheet; returns packed rows, black is 1."""
    return np.packbits(grey < _THRESHOLD, axis=1)
