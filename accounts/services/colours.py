"""An accent colour: what pages need of it in light and dark, with the contrast that people need.

Colours are moved about in OKLCH (lightness, chroma, hue), where equal steps look equal; contrast is
WCAG's, of relative luminance.
"""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from accounts.errors import ColourInvalid, ColourTooPale

DEFAULT: Final = "#2a4d9b"  # where nobody chose another, as static/app.css has it
TEXT: Final = 4.5  # WCAG 2.2, 1.4.3: text; 1.4.11 asks for 3 of parts of controls only
# What lies behind words in the accent colour, as static/app.css has it.
LIGHT_GROUNDS: Final = ("#f6f5f2", "#fffefc", "#ffffff", "#f8f7f4", "#efede8")
DARK_GROUNDS: Final = ("#141311", "#1c1b19", "#262421", "#23211e", "#0f0e0d")
_HEX: Final = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
_STEPS: Final = 24  # halvings: closer than a colour of 8 bits can be

RGB = tuple[float, float, float]  # linear light, 0 to 1
LCH = tuple[float, float, float]  # OKLCH: 0 to 1, 0 to about 0.3, radians


@dataclass(frozen=True, slots=True)
class Shades:
    """The tokens of one scheme, as ``#rrggbb``."""

    accent: str
    deep: str
    tint: str
    on_accent: str


@dataclass(frozen=True, slots=True)
class Palette:
    """What becomes of an accent colour."""

    light: Shades
    dark: Shades


def read(written: str) -> str:
    """A colour as ``#rrggbb``, written with or without ``#``, in three or six digits.

    Raises:
        ColourInvalid: it is none.

    """
    found = _HEX.fullmatch(written.strip().lower())
    if found is None:
        raise ColourInvalid
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(2 * each for each in digits))  # noqa: PLR2004


def checked(written: str) -> str:
    """A colour that is dark enough to be read as words on the light grounds.

    Raises:
        ColourInvalid: it is no colour.
        ColourTooPale: it is not; offers the nearest that is.

    """
    colour = read(written)
    ratio = least_contrast(colour)
    if ratio < TEXT:
        # Cut off, not rounded: 4.49 must not be told as enough.
        raise ColourTooPale(colour, math.floor(ratio * 10) / 10, nearest(colour))
    return colour


def least_contrast(colour: str) -> float:
    """The contrast of a colour with the light ground that it stands out from least."""
    return min(contrast(colour, ground) for ground in LIGHT_GROUNDS)


def contrasts(accent: str) -> tuple[float, float]:
    """The least contrast of words in an accent colour, on light and on dark pages; cut off."""
    dark = palette(accent).dark
    found = (
        least_contrast(accent),
        min(contrast(dark.accent, ground) for ground in (*DARK_GROUNDS, dark.tint)),
    )
    light, night = (math.floor(each * 10) / 10 for each in found)
    return light, night


def nearest(colour: str) -> str:
    """The colour of the same hue, as light as can be, that is dark enough; itself if it is."""
    if least_contrast(colour) >= TEXT:
        return colour
    return _until(_lch(colour), 0.0, lambda each: least_contrast(each) >= TEXT)


@lru_cache(maxsize=256)
def palette(accent: str) -> Palette:
    """What pages need of an accent colour that was ``checked``."""
    lightness, chroma, hue = _lch(accent)
    light = Shades(
        accent,
        _hex((max(lightness - 0.075, 0.0), chroma, hue)),
        _until((0.955, min(chroma * 0.2, 0.022), hue), 1.0, _stands_out_from(accent)),
        "#ffffff",
    )
    tint = _hex((0.285, min(chroma * 0.3, 0.035), hue))
    grounds = (*DARK_GROUNDS, tint)
    pale = _until(
        (0.8, min(chroma, 0.11), hue),
        1.0,
        lambda each: min(contrast(each, ground) for ground in grounds) >= TEXT,
    )
    dark = Shades(
        pale,
        _hex((min(_lch(pale)[0] + 0.07, 0.97), min(chroma, 0.07), hue)),
        tint,
        _until((0.22, min(chroma, 0.045), hue), 0.0, _stands_out_from(pale)),
    )
    return Palette(light, dark)


@lru_cache(maxsize=256)
def sheet(accent: str) -> str:
    """The style sheet that gives the pages an accent colour."""
    made = palette(accent)
    names = {"accent": "accent", "accent-deep": "deep", "accent-tint": "tint"}
    names["on-accent"] = "on_accent"
    tokens = [
        f"--{token}: light-dark({getattr(made.light, name)}, {getattr(made.dark, name)});"
        for token, name in names.items()
    ]
    return "@layer tokens{:root{" + "".join(tokens) + "}}\n"


@lru_cache(maxsize=256)
def icon(accent: str, *, full: bool = False) -> str:
    """The picture (SVG) that stands for the portal in the browser, in an accent colour.

    A ``full`` one has colour to its edges and all that matters in the middle: a phone cuts it to
    the shape that it likes.
    """
    ground = (
        f'<rect x="-8" y="-8" width="48" height="48" fill="{accent}"/>'
        if full
        else f'<rect width="32" height="32" rx="7" fill="{accent}"/>'
    )
    box = "-8 -8 48 48" if full else "0 0 32 32"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{ground}'
        '<g fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" '
        'stroke-linejoin="round"><path d="M10.5 13V5.5h7.5l3.5 3.5v4"/>'
        '<rect x="6" y="13" width="20" height="12.5" rx="2"/>'
        '<path d="M11 17.5v3.5h4v-3.5zM19.5 17.5h2.5M19.5 21h2.5"/></g></svg>\n'
    )


@lru_cache(maxsize=256)
def name_of(accent: str) -> str:
    """What sheet and icon of an accent colour are called: by the colour and by what they say."""
    all_of_it = sheet(accent) + icon(accent) + icon(accent, full=True)
    digest = hashlib.sha256(all_of_it.encode()).hexdigest()[:16]
    return f"{accent.removeprefix('#')}-{digest}"


def named(name: str) -> str | None:
    """The accent colour of a name; None if there is no such sheet, or it says something else."""
    colour = "#" + name.partition("-")[0]
    try:
        known = checked(colour) == colour and name_of(colour) == name
    except (ColourInvalid, ColourTooPale):
        return None
    return colour if known else None


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a colour, from 0 to 1."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _stands_out_from(other: str) -> Callable[[str], bool]:
    return lambda each: contrast(each, other) >= TEXT


def _until(start: LCH, towards: float, enough: Callable[[str], bool]) -> str:
    """The first colour that is enough, on the way from one lightness to another."""
    lightness, chroma, hue = start
    found = _hex(start)
    if enough(found):
        return found
    near, far = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (near + far) / 2
        if enough(_hex((lightness + (towards - lightness) * middle, chroma, hue))):
            far = middle
        else:
            near = middle
    return _hex((lightness + (towards - lightness) * far, chroma, hue))


# --- Between sRGB and OKLCH (Björn Ottosson's matrices) -----------------------------------------


def _linear(colour: str) -> RGB:
    def light(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004

    red, green, blue = (light(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _lch(colour: str) -> LCH:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _rgb(colour: LCH) -> RGB:
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _hex(colour: LCH) -> str:
    """The colour as ``#rrggbb``, with as much of its chroma as screens can show."""
    lightness, chroma, hue = colour
    shown = _rgb(colour)
    if not _shows(shown):
        least, most = 0.0, chroma
        for _ in range(_STEPS):
            middle = (least + most) / 2
            if _shows(_rgb((lightness, middle, hue))):
                least = middle
            else:
                most = middle
        shown = _rgb((lightness, least, hue))

    def written(value: float) -> str:
        value = min(max(value, 0.0), 1.0)
        bright = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # noqa: PLR2004
        return f"{round(bright * 255):02x}"

    return "#" + "".join(written(value) for value in shown)


def _shows(shown: RGB) -> bool:
    slack = 1e-6
    return all(-slack <= value <= 1 + slack for value in shown)
