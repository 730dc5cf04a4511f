"""Fonts of the operating system for plain text, and which of them has which character."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In order of preference; the first that has a character draws it.
_NAMES = (
    "LiberationMono-Regular.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSans.ttf",
    "NotoSansMono-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansMonoCJKsc-Regular.otf",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
    "unifont.ttf",
    "FreeMono.ttf",
)
_NO_CHARACTER = "\U0010ffff"
_TRIAL_PIXELS = 24


@dataclass(frozen=True, slots=True)
class Font:
    """A font file and whether all its characters are one cell wide."""

    path: Path
    fixed_width: bool


class NoFont(RuntimeError):
    """None of the fonts for plain text is installed: a fault of the installation."""


@cache
def installed() -> tuple[Font, ...]:
    """Return the usable fonts in order of preference. Raises NoFont."""
    files = {path.name: path for path in _files()}
    found = tuple(Font(files[name], "Mono" in name) for name in _NAMES if name in files)
    if not found:
        raise NoFont(f"none of {', '.join(_NAMES)} is installed (Debian: fonts-liberation)")
    return found


def _files() -> Iterator[Path]:
    for folder in _FOLDERS:
        for pattern in ("*.ttf", "*.ttc", "*.otf"):
            yield from folder.rglob(pattern)


@cache
def font_for(char: str) -> Font:
    """Return the first font that has a character; if none has, the first of all."""
    fonts = installed()
    if char.isascii():
        return fonts[0]
    for font in fonts:
        trial = _trial(font.path)
        if bytes(trial.getmask(char)) != bytes(trial.getmask(_NO_CHARACTER)):
            return font
    return fonts[0]


@cache
def _trial(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), _TRIAL_PIXELS, layout_engine=ImageFont.Layout.BASIC)
