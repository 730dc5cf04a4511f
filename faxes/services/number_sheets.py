"""Lists of numbers as CSV: what each line of one would do, and a list written."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accounts.models import Account
from accounts.services import sheets
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import NumberError, RequestError
from faxes.line.exchange import TEST_NUMBERS
from faxes.models import Carrier, Number
from faxes.services.carriers import carriers_for

MOST_LINES: Final = 20_000
_ASKED_AT_ONCE: Final = 500
_SHOWN: Final = 40  # letters of a cell that makes no sense


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    IN_POOL = "in_pool"  # there already, free
    IN_USE = "in_use"  # of this account or of one below it
    TAKEN = "taken"  # somebody else has it; whoever that is
    TWICE = "twice"  # an earlier line has it
    UNREADABLE = "unreadable"
    TEST = "test"  # a test number of the embedded line
    NO_CARRIER = "no_carrier"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a list. ``number`` in E.164, as it was written where it is none."""

    place: int
    number: str
    fate: Fate
    carrier: Carrier | None = None
    carrier_name: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    place: int
    number: str
    carrier_name: str
    fate: Fate | None = None


def read_sheet(text: str, account: Account) -> list[SheetLine]:
    """What each line of ``number[,carrier]`` would do for an account; nothing is changed.

    A first line without digits is taken for headings, and empty lines are passed over.

    Raises:
        RequestError: it has no line, or too many.

    """
    read = _read_lines(text, account.country)
    if not read:
        raise RequestError(ErrorCode.NUMBERS_MISSING, field="text")
    known = _known([each.number for each in read if each.fate is None], account)
    carriers = carriers_for(account)
    named = {each.name.casefold(): each for each in reversed(carriers)}
    return [_judged(each, known, carriers[0], named) for each in read]


def written(rows: Iterable[Number]) -> Iterator[str]:
    """Numbers with carrier, account and fax machine as lines of CSV, which can be read again."""
    yield sheets.line(["number", "carrier", "account", "fax machine"])
    for row in rows:
        cells = (
            row.e164,
            row.carrier.name,
            row.account.name if row.faxbox_id else "",
            row.faxbox.name if row.faxbox else "",
        )
        yield sheets.line(sheets.harmless(cell) for cell in cells)


def _read_lines(text: str, country: str) -> list[_Read]:
    read: list[_Read] = []
    seen: set[str] = set()
    try:
        for row in (reader := csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))):
            cells = [sheets.meant(cell) for cell in row]
            heading = not read and not any(char.isdecimal() for char in "".join(cells[:1]))
            if not any(cells) or heading:
                continue
            if len(read) == MOST_LINES:
                raise RequestError(ErrorCode.TOO_MANY_LINES, field="text", limit=MOST_LINES)
            line = _read_line(reader.line_num, cells, country)
            again = line.fate is None and line.number in seen
            seen.add(line.number)
            carrier = line.carrier_name
            read.append(_Read(line.place, line.number, carrier, Fate.TWICE) if again else line)
    except csv.Error:
        raise RequestError(ErrorCode.NUMBERS_UNREADABLE, field="text") from None
    return read


def _read_line(place: int, cells: list[str], country: str) -> _Read:
    carrier = cells[1] if len(cells) > 1 else ""
    try:
        number = phone.parse_number(cells[0], country=country)
    except NumberError:
        return _Read(place, cells[0][:_SHOWN], carrier[:_SHOWN], Fate.UNREADABLE)
    return _Read(place, number, carrier[:_SHOWN], Fate.TEST if number in TEST_NUMBERS else None)


def _known(numbers: list[str], account: Account) -> Mapping[str, Fate]:
    """Those of the numbers that there are already, and whether they are within reach."""
    rows = Number.objects.across_tenants(why="a number is one account's in the whole site")
    known: dict[str, Fate] = {}
    for begin in range(0, len(numbers), _ASKED_AT_ONCE):
        found = rows.filter(e164__in=numbers[begin : begin + _ASKED_AT_ONCE])
        for e164, path, owner, faxbox in found.values_list(
            "e164", "account__path", "account_id", "faxbox_id"
        ):
            ours = path.startswith(account.path)
            free = owner == account.pk and faxbox is None
            known[e164] = Fate.IN_POOL if free else Fate.IN_USE if ours else Fate.TAKEN
    return known


def _judged(
    line: _Read, known: Mapping[str, Fate], usual: Carrier, named: Mapping[str, Carrier]
) -> SheetLine:
    carrier = named.get(line.carrier_name.casefold()) if line.carrier_name else usual
    fate = line.fate or known.get(line.number)
    if fate is None:
        fate = Fate.NEW if carrier else Fate.NO_CARRIER
    return SheetLine(line.place, line.number, fate, carrier, line.carrier_name)
