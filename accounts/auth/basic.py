"""Names and passwords that requests show in a header (RFC 7617)."""

import base64
import binascii


def read_basic(header: str) -> tuple[str, str] | None:
    """Name and password of an ``Authorization`` header; None if it shows none, or not rightly."""
    scheme, _, shown = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(shown.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, colon, password = pair.partition(":")
    return (name, password) if colon else None
