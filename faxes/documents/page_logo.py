"""Logos for pages: decoded and coded anew in the sandbox; the parent's side."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faxes.documents.limits import Limits
from faxes.documents.sandbox import SANDBOX
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

_LIMITS: Final = Limits(
    input_bytes=5_000_000,
    memory_bytes=400_000_000,
    cpu_seconds=10,
    wall_seconds=15.0,
    output_bytes=5_000_000,
)


@dataclass(frozen=True, slots=True)
class PageLogo:
    """A PNG, its size in pixels, and whether it can be seen on light and on dark ground."""

    png: bytes
    width: int
    height: int
    on_light: bool
    on_dark: bool


def page_logo(path: Path) -> PageLogo:
    """Return a PNG, JPEG or WebP as a PNG that fits where pages show it.

    Raises DocumentError: LOGO_UNUSABLE, LOGO_TOO_LARGE with the ``limit`` in megapixels.
    """
    with tempfile.TemporaryDirectory(prefix="logo-") as name:
        out = Path(name).resolve() / "logo.png"
        try:
            told = SANDBOX.run(
                "faxes.documents.logo:coloured",
                {"path": str(path.resolve()), "out": str(out)},
                folder=out.parent,
                reads=[path],
                limits=_LIMITS,
            )
        except DocumentError as error:
            if error.code is ErrorCode.LOGO_TOO_LARGE:
                raise
            raise DocumentError(ErrorCode.LOGO_UNUSABLE, field="logo") from None
        return PageLogo(png=out.read_bytes(), **told)
