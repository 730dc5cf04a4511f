"""PNG and JPEG, decoded by Pillow; and how any decoded picture comes onto a sheet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image, ImageOps

from faxes.documents.raster import Sheet, place
from faxes.documents.readers.base import Box, GreyPage, Source, blank
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_MEGA = 1_000_000
_SCREEN_DPI = 96.0  # of pictures that do not say
_SENSIBLE_DPI = (40.0, 5000.0)
_WIDE_SHADES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
_FAILURES = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError)
_ENDS = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_TAIL_BYTES = 65536  # some programs append their own data after the picture's end

Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and checked against the header


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture the right way up, mode ``L`` or ``1``; dots an inch across and down."""

    image: Image.Image
    dpi: tuple[float, float]


class PictureReader:
    """A PNG or JPEG file: one page. Opening raises DOCUMENT_UNREADABLE, _TOO_MANY_PIXELS."""

    def __init__(self, source: Source, form: str) -> None:
        self._source = source
        with source.path.open("rb") as file:
            file.seek(max(0, source.path.stat().st_size - _TAIL_BYTES))
            if _ENDS[form] not in file.read():
                raise source.error(ErrorCode.DOCUMENT_UNREADABLE, page=1)
        with blamed_on(source, 1):
            self._image: Any = Image.open(source.path, formats=[form])
        try:
            check_size(source, 1, *self._image.size)
        except DocumentError:
            self._image.close()
            raise

    @property
    def pages(self) -> int:
        """Always one."""
        return 1

    def draw(self, page: int) -> GreyPage:
        """Draw the picture. Raises DOCUMENT_UNREADABLE."""
        with blamed_on(self._source, page):
            sheet = self._source.sheet
            if self._image.mode in {"RGB", "L"}:
                # A JPEG decoder can skip colour, and detail that the sheet cannot hold.
                self._image.draft("L", (max(sheet.columns, sheet.rows),) * 2)
            return lay(upright(self._image), sheet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._image.close()


def open_png(source: Source) -> PictureReader:
    """Open a PNG file."""
    return PictureReader(source, "PNG")


def open_jpeg(source: Source) -> PictureReader:
    """Open a JPEG file."""
    return PictureReader(source, "JPEG")


@contextmanager
def blamed_on(source: Source, page: int) -> Iterator[None]:
    """Turn whatever a decoder raises into DOCUMENT_UNREADABLE."""
    try:
        yield
    except _FAILURES:
        raise source.error(ErrorCode.DOCUMENT_UNREADABLE, page=page) from None


def check_size(source: Source, page: int, width: int, height: int) -> None:
    """Refuse a picture by its header. Raises DOCUMENT_TOO_MANY_PIXELS, DOCUMENT_UNREADABLE."""
    if width < 1 or height < 1:
        raise source.error(ErrorCode.DOCUMENT_UNREADABLE, page=page)
    if width * height > source.limits.pixels_per_page:
        raise source.error(
            ErrorCode.DOCUMENT_TOO_MANY_PIXELS,
            page=page,
            megapixels=round(width * height / _MEGA),
            limit=source.limits.pixels_per_page // _MEGA,
        )


def upright(image: Image.Image) -> Picture:
    """Decode a picture, turn it as its camera says, and reduce it to grey over white."""
    # Before decoding: it drops what the file says of itself.
    dpi = _dpi(image)
    turned = ImageOps.exif_transpose(image)
    if turned.size != image.size and turned.size == image.size[::-1]:
        dpi = dpi[::-1]
    return Picture(grey_over_white(turned), dpi)


def _dpi(image: Image.Image) -> tuple[float, float]:
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return _SCREEN_DPI, _SCREEN_DPI
    return sensible(across, down)


def sensible(across: float, down: float) -> tuple[float, float]:
    """Return dots an inch if they can be meant, else those of a screen."""
    least, most = _SENSIBLE_DPI
    if least <= across <= most and least <= down <= most:
        return across, down
    return _SCREEN_DPI, _SCREEN_DPI


def grey_over_white(image: Image.Image) -> Image.Image:
    """Return a picture in any of Pillow's modes as ``L``, or as ``1`` where it is that."""
    if image.mode in _WIDE_SHADES:
        return _narrowed(image)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(paper, coloured).convert("L")
    if image.mode in {"1", "L"}:
        image.load()
        return image
    return image.convert("RGB").convert("L")


def _narrowed(image: Image.Image) -> Image.Image:
    """Bring shades of 16 bits, or of fractions, to 8."""
    shades = np.asarray(image, np.float32)
    most = float(shades.max(initial=0.0))
    if image.mode == "F":
        white = most if most > 1 else 1.0
    else:
        white = 255.0 if most <= 255 and image.mode == "I" else 65535.0  # noqa: PLR2004 - 8, 16 bits
    return Image.fromarray(np.clip(shades * (255.0 / white), 0, 255).astype(np.uint8))


def lay(picture: Picture, sheet: Sheet) -> GreyPage:
    """Lay a picture on a sheet: in its own size if it fits, else shrunk; turned if that helps."""
    image = picture.image
    at = place(image.width / picture.dpi[0], image.height / picture.dpi[1], sheet)
    if at.turned:
        image = image.transpose(Image.Transpose.ROTATE_270)
    line_art = image.mode == "1"
    small = image.convert("L").resize(
        (at.columns, at.rows), Image.Resampling.BICUBIC, reducing_gap=3.0
    )
    grey = blank(sheet)
    grey[at.y : at.y + at.rows, at.x : at.x + at.columns] = np.asarray(small)
    box = Box(at.x, at.y, at.x + at.columns, at.y + at.rows)
    return GreyPage(grey, () if line_art else (box,))
