"""The countries and time zones to choose from."""

import zoneinfo
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import phonenumbers

_NAMES: Final = "iso3166.tab"  # comes with the time zones of the system
_OF_PLACES: Final = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/",
)  # fmt: skip


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
def time_zones() -> list[str]:
    """The time zones that are called after a place, by name."""
    return sorted(each for each in zoneinfo.available_timezones() if each.startswith(_OF_PLACES))


def zone_choices(*kept: str) -> list[tuple[str, Any]]:
    """The time zones for a list to choose from, by continent; what is chosen already is there."""
    others = sorted(set(kept) - {*time_zones(), ""})
    told: list[tuple[str, Any]] = [(each, each.replace("_", " ")) for each in others]
    for continent, zones in groupby(time_zones(), key=lambda each: each.partition("/")[0]):
        cities = [(each, each.partition("/")[2].replace("_", " ")) for each in zones]
        told.append((continent, cities))
    return told


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
