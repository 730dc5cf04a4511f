"""Time zones: which there are to choose from, and in which of them somebody is told of times.

A person's own choice counts first, then the zone of what is spoken of, such as a fax machine's,
then their account's.
"""

import zoneinfo
from functools import cache
from itertools import groupby
from typing import Any, Final

from django.utils import timezone

_OF_PLACES: Final = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/",
)  # fmt: skip


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


def known(name: str | None) -> str:
    """The time zone of this name; empty if there is none."""
    return name if name and name in zoneinfo.available_timezones() else ""


def chosen_by(person: Any) -> zoneinfo.ZoneInfo | None:
    """The zone that a person chose; None if they chose none, or there is nobody."""
    name = known(getattr(person, "time_zone", None))
    return zoneinfo.ZoneInfo(name) if name else None


def of_reader(person: Any, account: Any) -> zoneinfo.ZoneInfo:
    """The zone in which a person, or None, of an account is told of times."""
    return chosen_by(person) or zoneinfo.ZoneInfo(account.time_zone)


def here() -> str:
    """The name of the zone that the present page is in."""
    return timezone.get_current_timezone_name()
