"""Logos made small and grey, as a fax needs them. Run by ``zygote`` alone."""

from pathlib import Path

from PIL import Image, ImageOps

from faxes.documents.readers.image import grey_over_white
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

MEGAPIXELS = 20
_SIZE = (800, 400)  # pixels: more than its box has on a page
# A colour that is dark becomes black and one that is pale white: neither shall become dots.
_DARK, _PALE = 110, 210
_STRONG = [min(max((shade - _DARK) * 255 // (_PALE - _DARK), 0), 255) for shade in range(256)]


def normalize(_job: Job, *, path: str, out: str) -> None:
    """Write a PNG or JPEG again as a grey PNG that fits its box; whatever else is in it is gone."""
    with Image.open(Path(path), formats=["PNG", "JPEG"]) as image:
        if image.width * image.height > MEGAPIXELS * 1_000_000:
            raise DocumentError(ErrorCode.LOGO_TOO_LARGE, field="logo", limit=MEGAPIXELS)
        image.draft("L", _SIZE)
        grey = grey_over_white(ImageOps.exif_transpose(image)).convert("L")
        grey.thumbnail(_SIZE, Image.Resampling.LANCZOS)
        grey = ImageOps.autocontrast(grey).point(_STRONG)
        Image.frombytes("L", grey.size, grey.tobytes()).save(out, "PNG", optimize=True)
