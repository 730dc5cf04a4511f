"""Pictures of one page or several, decoded by Pillow; and how any of them comes onto a sheet."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

import numpy as np
import pi_heif
from PIL import ExifTags, Image

from faxes.documents import headers
from faxes.documents.detect import DocumentType
from faxes.documents.headers import Outline
from faxes.documents.raster import Place, Sheet, parts, place
from faxes.documents.readers.base import Box, GreyPage, Opener, Source, blank
from faxes.documents.tiff import is_sensible
from faxes.enums import ErrorCode
from faxes.errors import FaxError

_MEGA = 1_000_000
_SCREEN_DPI = 96.0  # of pictures that do not say
_WIDE_SHADES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
# What the camera noted -> what undoes it, and those of them that change height for width.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
QUARTER_TURNS = frozenset(TURNS[noted] for noted in (5, 6, 7, 8))
_CLOCKWISE = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}
_DRAFTED = frozenset({"RGB", "L"})

Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and checked against the header
pi_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture the right way up, mode ``L`` or ``1``; dots an inch across and down."""

    image: Image.Image
    dpi: tuple[float, float]


def _heif(data: bytes) -> Outline:
    """Outline an HEIF file: its main picture alone is a page, whatever else the camera kept."""
    headers.heif(data)
    with Image.open(io.BytesIO(data), formats=["HEIF"]) as image:
        return Outline(*image.size)


@dataclass(frozen=True, slots=True)
class _Form:
    """What Pillow calls a format, and who outlines it."""

    name: str
    outline: Callable[[bytes], Outline]


_FORMS = {
    DocumentType.PNG: _Form("PNG", headers.png),
    DocumentType.JPEG: _Form("JPEG", headers.jpeg),
    DocumentType.GIF: _Form("GIF", headers.gif),
    DocumentType.WEBP: _Form("WEBP", headers.webp),
    DocumentType.BMP: _Form("BMP", headers.bmp),
    DocumentType.PNM: _Form("PPM", headers.pnm),
    DocumentType.HEIC: _Form("HEIF", _heif),
}


class PictureReader:
    """A picture file; each frame of an animation is a page, as it is seen at that moment.

    One that is as long as a till receipt goes on over several pages.
    Opening raises DOCUMENT_UNREADABLE, DOCUMENT_TOO_MANY_PIXELS.
    """

    def __init__(self, source: Source, form: _Form) -> None:
        self._source = source
        self._form = form
        self._data = source.path.read_bytes()
        with blamed_on(source, 1):
            self._outline = form.outline(self._data)
        check_size(source, 1, self._outline.width, self._outline.height)
        self._image: Any = None
        self._places: tuple[Place, ...] = ()
        if self.pages <= source.limits.pages:  # else it is not going to be drawn
            with blamed_on(source, 1):
                self._image = self._opened(1)
                if self._outline.frames == 1:
                    self._places = parts(*_inches(self._image), source.sheet)

    @property
    def pages(self) -> int:
        """Number of frames, or of sheets for one that is long; at least one."""
        return max(self._outline.frames, len(self._places))

    def draw(self, page: int, turns: int = 0) -> GreyPage:
        """Draw a frame. Raises DOCUMENT_UNREADABLE."""
        if turns and len(self._places) > 1:  # a sheet of several
            return turned(self.draw(page), self._source.sheet, turns)
        with blamed_on(self._source, page):
            self._image = self._opened(1 if self._places else page)
            sheet = self._source.sheet
            if self._image.mode in _DRAFTED:
                # A JPEG decoder can skip colour, and detail that the sheet cannot hold.
                self._image.draft("L", (max(sheet.columns, sheet.rows),) * 2)
            at = self._places[page - 1] if self._places and not turns else None
            return lay(upright(self._image), sheet, at, turns)

    def _opened(self, page: int) -> Any:
        """Return the picture with this frame to be decoded next."""
        if self._outline.parts:
            start, end = self._outline.parts[page - 1]
            return Image.open(io.BytesIO(self._data[start:end]), formats=[self._form.name])
        if self._outline.frames == 1:
            return Image.open(io.BytesIO(self._data), formats=[self._form.name])
        image = self._image or Image.open(io.BytesIO(self._data), formats=[self._form.name])
        image.seek(page - 1)
        return image

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._image is not None:
            self._image.close()


PICTURES: dict[DocumentType, Opener] = {
    kind: partial(PictureReader, form=form) for kind, form in _FORMS.items()
}


@contextmanager
def blamed_on(source: Source, page: int) -> Iterator[None]:
    """Turn whatever a decoder raises into DOCUMENT_UNREADABLE."""
    try:
        yield
    except (FaxError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - decoders raise of everything
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


def upright(image: Image.Image, dpi: tuple[float, float] | None = None) -> Picture:
    """Decode a picture, turn it as its camera says, and reduce it to grey over white.

    ``dpi`` are dots an inch of the picture as it is seen, if the file is not asked for them.
    """
    said = _dpi(image)  # decoding drops what the file says of itself
    image.load()
    turn = _turn(image)
    grey = grey_over_white(image)
    if turn is not None:
        grey = grey.transpose(turn)
    return Picture(grey, dpi or (said[::-1] if turn in QUARTER_TURNS else said))


def _inches(image: Image.Image) -> tuple[float, float]:
    """Return width and height of a picture as it is seen, without decoding it."""
    dpi = _dpi(image)
    width, height = image.width / dpi[0], image.height / dpi[1]
    return (height, width) if _turn(image) in QUARTER_TURNS else (width, height)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return what brings a picture upright: None if nothing does, or what it says is damaged."""
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - of everything too; the picture itself is good
        return None


def _dpi(image: Image.Image) -> tuple[float, float]:
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return _SCREEN_DPI, _SCREEN_DPI
    return sensible(across, down)


def sensible(across: float, down: float) -> tuple[float, float]:
    """Return dots an inch if they can be meant, else those of a screen."""
    if is_sensible(across) and is_sensible(down):
        return across, down
    return _SCREEN_DPI, _SCREEN_DPI


def grey_over_white(image: Image.Image) -> Image.Image:
    """Return a picture in any of Pillow's modes as ``L``, or as ``1`` where it is that."""
    if image.mode in _WIDE_SHADES:
        return _narrowed(image)
    if image.format == "BMP" and image.mode == "RGBA" and not image.getchannel("A").getbbox():
        image = image.convert("RGB")  # four bytes a pixel, of which the fourth means nothing
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


def turned(page: GreyPage, sheet: Sheet, turns: int) -> GreyPage:
    """Turn what is drawn on a sheet already, and lay it on another."""
    image = Image.fromarray(page.grey[: sheet.rows].copy())
    return lay(Picture(image, (sheet.x_dpi, sheet.y_dpi)), sheet, turns=turns)


def lay(picture: Picture, sheet: Sheet, at: Place | None = None, turns: int = 0) -> GreyPage:
    """Lay a picture on a sheet: in its own size if it fits, else shrunk; turned if that helps.

    ``at`` is where it lies, if that is known; of a long one, only what is on the sheet is drawn.
    """
    image = picture.image
    if at is None:
        at = place(image.width / picture.dpi[0], image.height / picture.dpi[1], sheet, turns)
    if at.turns:
        image = image.transpose(_CLOCKWISE[at.turns])
    line_art = image.mode == "1"
    y, above = max(0, at.y), max(0, -at.y)
    rows = min(sheet.rows - y, at.rows - above)
    scale = image.height / at.rows
    small = image.convert("L").resize(
        (at.columns, rows),
        Image.Resampling.BICUBIC,
        box=(0, above * scale, image.width, min(image.height, (above + rows) * scale)),
        reducing_gap=3.0,
    )
    grey = blank(sheet)
    grey[y : y + rows, at.x : at.x + at.columns] = np.asarray(small)
    box = Box(at.x, y, at.x + at.columns, y + rows)
    return GreyPage(grey, () if line_art else (box,))
