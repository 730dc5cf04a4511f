"""Figures as people type them: the one home of what "1.500" or "12,50" means, and what is unclear.

What programs and files write is plain: digits, and a point before decimals, in all languages.
"""

import re
from decimal import Decimal
from typing import Final

from django.utils.formats import get_format
from django.utils.translation import get_language

_EXACT: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_SIGN: Final = re.compile(r"[+\-\u2212]?")
_SPACES: Final = " \u00a0\u2009\u202f"
# What else than Django's own sign groups digits where a language is written.
_GROUPS: Final = {"de": f".'\u2019{_SPACES}", "es": f".{_SPACES}", "fr": _SPACES}
_PLACES: Final = 6
_LONGEST: Final = 28  # what a Decimal multiplies without rounding
_GROUP: Final = 3


class NoFigure(ValueError):
    """What was written is none."""


class UnclearFigure(NoFigure):
    """It may be ``grouped``, whose digits are in groups, or ``broken``, with decimals."""

    def __init__(self, grouped: Decimal, broken: Decimal) -> None:
        super().__init__("a sign that groups digits, or decimals")
        self.grouped = grouped
        self.broken = broken


def exact(written: str) -> Decimal:
    """A figure of a program or file, whatever the language: ``-1234.5``.

    Raises:
        NoFigure

    """
    text = written.strip()
    if len(text) > _LONGEST or not _EXACT.fullmatch(text):
        raise NoFigure(written[:40])
    return Decimal(text)


def typed(written: str) -> Decimal:
    """A figure as people of the language type it; decimals after "." or ",", as it is clear.

    Raises:
        NoFigure: it is none.
        UnclearFigure: it is one of two.

    """
    minus, body = _signed(written)
    sign = _decimal_sign()
    other = "," if sign == "." else "."
    if match := re.fullmatch(rf"([0-9]+){re.escape(other)}([0-9]{{1,{_PLACES}}})", body):
        broken, grouped = Decimal(f"{match[1]}.{match[2]}"), Decimal(match[1] + match[2])
        if sign == "." and _without_groups(body) is not None:
            return minus * grouped
        if len(match[2]) == _GROUP and match[1] != "0":
            raise UnclearFigure(minus * grouped, minus * broken)
        return minus * broken
    head, found, places = body.partition(sign)
    whole = _without_groups(head)
    if whole is None or (found and not re.fullmatch(rf"[0-9]{{1,{_PLACES}}}", places)):
        raise NoFigure(written[:40])
    return minus * Decimal(f"{whole}.{places or 0}")


def whole(written: str) -> int:
    """A whole number as people of the language type it: ``1000``, or in its groups.

    Raises:
        NoFigure

    """
    minus, body = _signed(written)
    digits = _without_groups(body)
    if digits is None:
        raise NoFigure(written[:40])
    return minus * int(digits)


def shown(plain: str) -> str:
    """A plain figure as the language writes it, to be typed over: ``1234,50``."""
    return plain.replace(".", _decimal_sign())


def _signed(written: str) -> tuple[int, str]:
    text = written.strip()
    if len(text) > _LONGEST:
        raise NoFigure(written[:40])
    match = _SIGN.match(text)
    sign = match[0] if match else ""
    return -1 if sign and sign != "+" else 1, text[len(sign) :]


def _decimal_sign() -> str:
    return str(get_format("DECIMAL_SEPARATOR"))


def _without_groups(text: str) -> str | None:
    """Its digits alone; None if it is anything but digits, or groups of three by one sign."""
    if re.fullmatch("[0-9]+", text):
        return text
    language = (get_language() or "en").split("-")[0]
    signs = re.escape(_GROUPS.get(language, "") + str(get_format("THOUSAND_SEPARATOR")))
    if re.fullmatch(rf"[1-9][0-9]{{0,2}}([{signs}])[0-9]{{3}}(\1[0-9]{{3}})*", text):
        return re.sub("[^0-9]", "", text)
    return None
