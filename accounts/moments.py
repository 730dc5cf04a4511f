"""Days and times as people of each language write them: the one home of these formats.

Whatever is told names a day and a time of these tables, such as ``long`` or ``brief+time``; how
they are written is the reader's language's. Files for programs have ISO dates and none of these.
"""

from datetime import date, datetime
from typing import Final

from django.utils import translation
from django.utils.formats import date_format, number_format

# As Django writes formats of dates; for a language that is not here, as it does itself.
_DAYS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "weekday-long": "l, j F Y",
        "weekday": "l, j F",
        "weekday-brief": "D, j M",
        "day-name": "D",
        "long": "j F Y",
        "short": "j M Y",
        "brief": "j M",
        "month": "F Y",
    },
    "es": {
        "weekday-long": r"l, j \d\e F \d\e Y",
        "weekday": r"l, j \d\e F",
        "weekday-brief": "D, j M",
        "day-name": "D",
        "long": r"j \d\e F \d\e Y",
        "short": "j M Y",
        "brief": "j M",
        "month": r"F \d\e Y",
    },
    "de": {
        "weekday-long": "l, j. F Y",
        "weekday": "l, j. F",
        "weekday-brief": "D, j. M",
        "day-name": "D",
        "long": "j. F Y",
        "short": "j. M Y",
        "brief": "j. M",
        "month": "F Y",
    },
    "fr": {
        "weekday-long": "l j F Y",
        "weekday": "l j F",
        "weekday-brief": "D j M",
        "day-name": "D",
        "long": "j F Y",
        "short": "j M Y",
        "brief": "j M",
        "month": "F Y",
    },
}
_DAYS_ELSEWHERE: Final = {
    "weekday-long": "DATE_FORMAT",
    "weekday": "MONTH_DAY_FORMAT",
    "weekday-brief": "MONTH_DAY_FORMAT",
    "day-name": "D",
    "long": "DATE_FORMAT",
    "short": "SHORT_DATE_FORMAT",
    "brief": "MONTH_DAY_FORMAT",
    "month": "YEAR_MONTH_FORMAT",
}
# The same for all, as Django knows what each of them writes.
_ANYWHERE: Final = {
    "day": "MONTH_DAY_FORMAT",
    "date": "DATE_FORMAT",
    "time": "TIME_FORMAT",
    "minutes": "H:i",
    "seconds": "H:i:s",
}


def tell(moment: date, how: str) -> str:
    """A moment as ``how`` says: a day, a time or both, then ``zone`` if its zone is to be named."""
    days = _DAYS.get((translation.get_language() or "en").partition("-")[0], _DAYS_ELSEWHERE)
    written, zone = how.removesuffix("+zone"), how.endswith("+zone")
    parts = [date_format(moment, _ANYWHERE.get(part) or days[part]) for part in written.split("+")]
    told = ", ".join(parts)
    return f"{told} {date_format(moment, 'T')}" if zone and isinstance(moment, datetime) else told


def count(number: int) -> str:
    """A whole number as people write it, in groups of three."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)
