"""Before Django reads a request: what its Content-Type says, made readable.

Django takes the parameters of that header as they come, and with them how texts are encoded. Where
they cannot be read, or name what is no encoding of texts, such as ``hex``, nobody could answer.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_FORM: Final = "application/x-www-form-urlencoded"
_ASCII: Final = "".join(map(chr, range(128))) + r"\x41\u0041"
_ABOVE: Final = bytes(range(128, 256))


def readable(application: Application) -> Application:
    """The application, told of each request only a Content-Type that can be read."""

    def served(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _readable(environ["CONTENT_TYPE"])
        return application(environ, start)

    return served


def _readable(written: str) -> str:
    """It as it is, or without the encoding that is none, or at last without any parameters.

    Whoever reads it then tells what is missing, such as the boundary between parts. Forms are in
    UTF-8 whatever clients add (RFC 1866 knows no parameter); Django refuses all others.
    """
    kind, *parameters = written.split(";")
    if kind.strip().lower() == _FORM:
        return kind
    if _is_readable(written):
        return written
    kept = [each for each in parameters if not each.strip().lower().startswith("charset")]
    without = ";".join([kind, *kept])
    return without if _is_readable(without) else kind


def _is_readable(written: str) -> bool:
    """Whether it can be read, and texts can be written as it says.

    That is: ASCII is what it is, and no bytes are an error.
    """
    try:
        charset = parse_header_parameters(written)[1].get("charset") or "utf-8"
        _ABOVE.decode(charset, "replace")
        return _ASCII.encode().decode(charset, "replace") == _ASCII
    except (LookupError, ValueError):
        return False
