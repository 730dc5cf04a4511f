"""Amounts of money: whole micro-units inside, figures with a currency for people."""

from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.formats import number_format, sanitize_separators

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
    """Micro-units of a figure as people type it: ``12.50``, or ``12,50`` where that is customary.

    Raises:
        TermsInvalid: it is none, too large, or finer than a micro-unit.

    """
    try:
        figure = Decimal(sanitize_separators(written.strip())) * MICRO
        exact = figure.is_finite() and figure == int(figure) and abs(figure) <= _LARGEST
    except (InvalidOperation, OverflowError):
        exact = False
    if not exact:
        raise TermsInvalid(f"not an amount: {written[:40]}")
    return int(figure)
