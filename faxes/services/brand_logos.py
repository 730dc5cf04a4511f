"""Logos of brands: looked at in the sandbox, then kept with the brand."""

import tempfile
from pathlib import Path
from typing import Final

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services.branding import Picture, keep_logo
from accounts.tenancy import require
from faxes.documents.logo import MEGAPIXELS
from faxes.documents.page_logo import page_logo
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from faxes.services.intake import IncomingFile

MOST_BYTES: Final = 5_000_000


def take_logo(actor: Actor, *, file: IncomingFile) -> str:
    """Make a file a logo that a brand may name; its digest.

    Raises:
        NotAllowed: the actor may not.
        DocumentError: it is no picture that can be a logo, or too large.

    """
    require(actor, Action.BRAND_MANAGE)
    if file.size > MOST_BYTES:
        raise DocumentError(ErrorCode.LOGO_TOO_LARGE, field="logo", limit=MEGAPIXELS)
    with tempfile.TemporaryDirectory(prefix="logo-") as folder:
        path = Path(folder) / "logo"
        file.file.seek(0)
        path.write_bytes(file.file.read())
        made = page_logo(path)
    picture = Picture(made.png, made.width, made.height, made.on_light, made.on_dark)
    return keep_logo(actor, picture=picture)
