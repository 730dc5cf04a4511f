"""A mail as a page: made of its text, so that neither says what the other does not.

What a mail may carry is decided once, where its text is written. The page is that text, word for
word, in the brand's colour; it loads nothing from anywhere, and no picture tells that it was read.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.template.loader import render_to_string

from accounts.services import colours
from accounts.services.brands import BrandView

_PAGE: Final = "accounts/email/_page.html"
_GAPS: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, line by line; or where the mail leads to, in ``link``."""

    lines: Sequence[str] = ()
    link: str = ""


def parts_of(text: str, *, links: Collection[str]) -> list[Part]:
    """The paragraphs of a text. Of all addresses in it only these are links, if they stand alone.

    What people wrote, or what came from outside, is never made a link.
    """
    paragraphs = [each.strip() for each in _GAPS.split(text.strip())]
    return [
        Part(link=each) if each in links else Part(lines=each.splitlines())
        for each in paragraphs
        if each
    ]


def page_of(
    text: str, *, subject: str, brand: BrandView, links: Collection[str], act: str = ""
) -> str:
    """The page of a mail's text; ``act`` says what its links are for."""
    accent = colours.nearest(
        brand.accent or colours.DEFAULT
    )  # one that can be read, whatever was kept
    known = {
        "parts": parts_of(text, links=links),
        "subject": subject,
        "brand": brand,
        "act": act,
        "shades": colours.palette(accent),
    }
    return render_to_string(_PAGE, known)
