"""Logos made small: grey, as a fax needs them, or coloured, for pages. Run by ``zygote`` alone."""

from pathlib import Path
from typing import Any

import numpy as np
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


_COLOURED_SIZE = (640, 160)  # pixels: three times what a page gives it
_SEEN = 0.5  # of full cover, from which a dot counts
_CONTRAST = 1.8  # WCAG's, below which a shape is lost on its ground
_ENOUGH = 0.75  # of what is to be seen must stand out
_LIGHT, _DARK_GROUND = 0.92, 0.01  # luminance of the pages' grounds


def coloured(_job: Job, *, path: str, out: str) -> dict[str, Any]:
    """Write a PNG, JPEG or WebP again as a PNG that fits; whatever else is in it is gone.

    Tells ``width`` and ``height``, and ``on_light`` and ``on_dark``: whether it can be seen there.
    """
    with Image.open(Path(path), formats=["PNG", "JPEG", "WEBP"]) as image:
        if image.width * image.height > MEGAPIXELS * 1_000_000:
            raise DocumentError(ErrorCode.LOGO_TOO_LARGE, field="logo", limit=MEGAPIXELS)
        image.draft("RGB", (_COLOURED_SIZE[0] * 2, _COLOURED_SIZE[1] * 2))
        whole = ImageOps.exif_transpose(image).convert("RGBA")
    whole = whole.crop(whole.getchannel("A").getbbox() or (0, 0, 1, 1))
    whole.thumbnail(_COLOURED_SIZE, Image.Resampling.LANCZOS)
    Image.frombytes("RGBA", whole.size, whole.tobytes()).save(out, "PNG", optimize=True)
    dots = np.asarray(whole, np.float32) / 255
    return {
        "width": whole.width,
        "height": whole.height,
        "on_light": _stands_out(dots, _LIGHT),
        "on_dark": _stands_out(dots, _DARK_GROUND),
    }


def _stands_out(dots: np.ndarray[Any, Any], ground: float) -> bool:
    seen = dots[..., 3] >= _SEEN
    if seen.all():  # it brings a ground along
        return True
    linear = dots[..., :3] ** 2.2  # near enough to sRGB for this
    light = (linear @ np.array([0.2126, 0.7152, 0.0722], np.float32))[seen]
    ratio = (np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)
    return bool(light.size) and float((ratio >= _CONTRAST).mean()) >= _ENOUGH
