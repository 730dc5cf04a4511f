"""The brands of the demonstration's resellers."""

import io
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from accounts import clock
from accounts.models import Account, Brand, Logo
from accounts.services import domains
from accounts.services.branding import Picture, logo_row

_HEIGHT: Final = 120  # pixels
_WIDE: Final = 4  # drawn so many times as large, and made smaller, for smooth edges


@dataclass(frozen=True, slots=True)
class _DemoBrand:
    """One brand; its mark is a few shapes on a square of 24, white on the colour."""

    name: str
    colour: str
    phone: str
    shapes: tuple[tuple[tuple[int, int], ...], ...]


_BRANDS: Final = {
    "harbor": _DemoBrand(
        "Harbor Fax",
        "#0b6a72",
        "+1 202 555 0190",
        (
            ((11, 4), (11, 14), (5, 14)),
            ((13, 6), (13, 14), (18, 14)),
            ((4, 16), (20, 16), (17, 20), (7, 20)),
        ),
    ),
    "summit": _DemoBrand(
        "Summit Fax Cloud",
        "#8a3a1c",
        "+1 415 555 0190",
        (((3, 19), (10, 6), (14, 13), (16, 10), (21, 19)),),
    ),
}


def make_brand(slug: str, account: Account) -> None:
    """Give a reseller of the demonstration its brand and its host, unless it has any."""
    wanted = _BRANDS.get(slug)
    if wanted is None or Brand.objects.for_account(account.pk).exists():
        return
    host = f"{slug}.localhost"
    Brand.objects.create(
        account=account,
        product_name=wanted.name,
        accent=wanted.colour,
        logo=_stored(account, _logo(wanted, dark=False)),
        logo_dark=_stored(account, _logo(wanted, dark=True)),
        support_email=f"help@{account.realm}",
        support_phone=wanted.phone,
        support_url=f"https://help.{account.realm}/",
        sender_name=wanted.name,
        sender_address=f"fax@{host}",
        domain=host,
        domain_proven_at=clock.now(),
    )
    domains.forget_hosts()


def _stored(account: Account, picture: Picture) -> Logo:
    logo: Logo = Logo.objects.create(account=account, **logo_row(picture))
    return logo


@cache
def _logo(brand: _DemoBrand, *, dark: bool) -> Picture:
    """A mark in the brand's colour, and its name beside it."""
    height, ink = _HEIGHT * _WIDE, "#edeae4" if dark else "#1b1a18"
    font = ImageFont.load_default(height * 0.52)
    wide = int(font.getlength(brand.name))
    image = Image.new("RGBA", (int(height * 1.28) + wide, height))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, height - 1, height - 1), height * 0.22, fill=brand.colour)
    for shape in brand.shapes:
        pen.polygon([(x * height / 24, y * height / 24) for x, y in shape], fill="#ffffff")
    pen.text((height * 1.25, height / 2), brand.name, ink, font, anchor="lm")
    small = image.resize((image.width // _WIDE, _HEIGHT), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return Picture(written.getvalue(), small.width, small.height, not dark, dark)
