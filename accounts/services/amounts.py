"""Amounts of money: whole micro-units inside, figures with a currency for people."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from django.utils.formats import number_format

from accounts import figures
from accounts.errors import TermsInvalid

MICRO: Final = 1_000_000
_LARGEST: Final = 10**9 * MICRO  # a thousand million: sums of these still fit 64 bits
_SHOWN: Final = 2  # places at least


def plain(amount: int) -> str:
    """Micro-units as an exact decimal figure: ``-1234500000`` is ``-1234.50``."""
    whole, fraction = divmod(abs(amount), MICRO)
    places = f"{fraction:06d}".rstrip("0").ljust(_SHOWN, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{places}"


def readable(amount: int, currency: str) -> str:
    """Micro-units as people of the language read them: ``-1,234.50 USD``."""
    whole, places = plain(abs(amount)).split(".")
    figure = f"{'-' if amount < 0 else ''}{whole}.{places}"
    told = number_format(Decimal(figure), use_l10n=True, force_grouping=True)
    return f"{told} {currency}"


def parsed(written: str) -> int:
    """Micro-units of a figure as programs and files write it, whatever the language: ``12.50``.

    Raises:
        TermsInvalid: it is none, too large, or finer than a micro-unit.

    """
    return _micro(figures.exact, written)


def typed(written: str) -> int:
    """Micro-units of a figure as people of the language type it: ``1,234.50`` or ``1.234,50``.

    Raises:
        UnclearFigure: it is one of two.
        TermsInvalid: it is none, or too large.

    """
    return _micro(figures.typed, written)


def _micro(read: Callable[[str], Decimal], written: str) -> int:
    try:
        figure = read(written) * MICRO
    except figures.UnclearFigure:
        raise
    except figures.NoFigure:
        raise TermsInvalid(f"not an amount: {written[:40]}") from None
    if figure != int(figure) or abs(figure) > _LARGEST:
        raise TermsInvalid(f"not an amount: {written[:40]}")
    return int(figure)
