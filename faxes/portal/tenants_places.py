"""The countries to choose from."""

import zoneinfo
from functools import cache
from pathlib import Path
from typing import Final

import phonenumbers

_NAMES: Final = "iso3166.tab"  # comes with the time zones of the system


@cache
def countries() -> list[tuple[str, str]]:
    """The countries that numbers can be of: codes with names in English, by name."""
    names = _country_names()
    return sorted(
        ((code, names.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS),
        key=lambda each: each[1],
    )


def country_name(code: str) -> str:
    """A country's name in English; its code where there is none."""
    return _country_names().get(code, code)


@cache
def _country_names() -> dict[str, str]:
    names = {}
    for path in zoneinfo.TZPATH:
        table = Path(path) / _NAMES
        if table.is_file():
            for line in table.read_text(encoding="utf-8").splitlines():
                code, _tab, name = line.partition("\t")
                names[code] = name
            break
    return names
