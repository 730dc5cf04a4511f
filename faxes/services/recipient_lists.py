"""Lists of recipients as people bring them: typed, pasted from a table, or in a file.

Each is read as far as it goes: who cannot be sent to is set aside with the reason, and the others
stay. Numbers go through the one reader.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import Account
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import FaxError, NumberError
from faxes.queries.do_not_fax import forbidden_among, unwanted
from faxes.services import contact_sheets as sheets
from faxes.services.extensions import machines_at
from faxes.services.recipients import MOST_RECIPIENTS, RecipientRequest, members_of
from faxes.wire.vcard import is_vcard

MOST_LETTERS: Final = 1_000_000  # of a pasted list
MOST_GROUPS: Final = 20
_MOST_WRITTEN: Final = 2 * MOST_RECIPIENTS
_NAME_LENGTH: Final = 120
_SHOWN: Final = 40  # letters of what is no number
_MOST_EXTENSIONS: Final = 200  # each is looked up by itself
_FEW_DIGITS: Final = 5  # with fewer, and a letter, it is a name: “Practice 17”
_LINES: Final = re.compile(r"[\r\n]+")
_CELLS: Final = re.compile(r"[,;\t|]+")
_BRACKETS: Final = re.compile(r"([<>])")
_AROUND_A_NAME: Final = " \t,;|\"'"


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody who gets no fax, and why; ``number`` is as it was written."""

    number: str
    name: str
    error: FaxError


@dataclass(frozen=True, slots=True)
class Sifted:
    """Recipients, each number once and in E.164; how many came twice; and who is set aside.

    Of those with numbers that nothing is sent to, ``refused`` tells too.
    """

    good: Sequence[RecipientRequest]
    duplicates: int
    refused: Sequence[Refused]
    unwanted: frozenset[str] = frozenset()

    @property
    def numbers(self) -> list[str]:
        """Those that a fax goes to."""
        return [each.number for each in self.good if each.number not in self.unwanted]


def written_in(text: str) -> list[RecipientRequest]:
    """Who is named in a text: numbers between commas, semicolons, tabs and line ends.

    A name may stand before its number, as in ``Dr. Jones <+1 202 555 0100>`` or in a row of a
    table. Whether the numbers are any is not looked at.

    Raises:
        NumberError: they are too many.

    """
    if len(text) > MOST_LETTERS:
        raise too_many()
    found: list[RecipientRequest] = []
    for line in _LINES.split(text):
        if line.strip():
            found += _of_line(line)
        if len(found) > _MOST_WRITTEN:
            raise too_many()
    return found


def numbers_only(text: str) -> str:
    """The numbers of a text as the one reader takes them; one that is too long as it is."""
    try:
        return "\n".join(each.number for each in written_in(text))
    except NumberError:
        return text


def of_file(raw: bytes) -> list[RecipientRequest]:
    """Who is named in a table (CSV), or in vCards.

    Without a heading that says where the numbers are, each row is read as if it had been typed.

    Raises:
        RequestError: it cannot be read, or has too many rows.

    """
    text = sheets.decoded(raw)
    if is_vcard(text):
        return _of_entries(sheets.read_cards(text))
    table = sheets.read_table(text)
    columns = sheets.columns_of(table.headings)
    if columns["number"] is not None:
        return _of_entries(sheets.entries_of(table, columns))
    return [each for _place, cells in table.rows for each in _of_cells(cells)]


def sift(
    actor: Actor, *, account: Account, written: Sequence[RecipientRequest], groups: str = ""
) -> Sifted:
    """Those that a fax can go to, and those that it cannot, with the reasons.

    ``groups`` are ids of groups of contacts, between commas.

    Raises:
        NotAllowed: a group is named, and the actor may not see the address book.
        RequestError: there is no such group.

    """
    refused: list[Refused] = []
    read = list(_read(written, account, refused))
    for group in groups.split(",")[:MOST_GROUPS]:
        read += members_of(actor, written=group)
    unique: dict[str, RecipientRequest] = {}
    for each in read:
        unique.setdefault(each.number, each)
    nowhere = _nowhere(unique)
    for number in sorted(nowhere):
        error = NumberError(ErrorCode.EXTENSION_UNKNOWN, field="to", number=number)
        refused.append(Refused(number, unique.pop(number).name, error))
    read = [each for each in read if each.number not in nowhere]
    forbidden = forbidden_among(account, unique)
    refused += [Refused(each, unique[each].name, unwanted(each)) for each in sorted(forbidden)]
    good = list(unique.values())
    return Sifted(good, len(read) - len(unique), refused, frozenset(forbidden))


def too_many() -> NumberError:
    """That these are more than one broadcast goes to."""
    return NumberError(ErrorCode.TOO_MANY_NUMBERS, field="to", limit=MOST_RECIPIENTS)


def _read(
    written: Sequence[RecipientRequest], account: Account, refused: list[Refused]
) -> Iterator[RecipientRequest]:
    for each in written:
        name = " ".join(each.name.split())[:_NAME_LENGTH]
        try:
            number = phone.parse_recipient(each.number, country=account.country)
        except NumberError as error:
            refused.append(Refused(each.number[:_SHOWN], name, error))
        else:
            yield RecipientRequest(number, name)


def _nowhere(numbers: Collection[str]) -> set[str]:
    """Full extensions that lead to no machine; very many are not looked up, and lead nowhere."""
    extensions = [number for number in numbers if phone.is_extension(number)]
    return set(extensions) - machines_at(extensions[:_MOST_EXTENSIONS]).keys()


def _of_line(line: str) -> list[RecipientRequest]:
    if ">" not in line or "<" not in line:
        return _of_cells(_CELLS.split(line))
    # text and brackets by turns: what stands in a pair of them is a number, what before, its name
    parts = _BRACKETS.split(line)
    found = [
        RecipientRequest(parts[at + 1], parts[at - 1].strip(_AROUND_A_NAME))
        for at in range(1, len(parts) - 2, 2)
        if parts[at] == "<" and parts[at + 2] == ">"
    ]
    rest = line[line.rindex(">") + 1 :] if found else line
    return found + _of_cells(_CELLS.split(rest))


def _of_cells(cells: Sequence[str]) -> list[RecipientRequest]:
    """The numbers of one line, with the names beside them; a line of words alone is no number."""
    cells = [cell.strip() for cell in cells]
    names = [cell for cell in cells if _is_name(cell)]
    numbers = [cell for cell in cells if cell and not _is_name(cell)]
    if not numbers:
        return [RecipientRequest(name) for name in names]
    if len(numbers) == 1:
        return [RecipientRequest(numbers[0], ", ".join(names).strip(_AROUND_A_NAME))]
    found, name = [], ""
    for cell in cells:
        if _is_name(cell):
            name = cell.strip(_AROUND_A_NAME)
        elif cell:
            found.append(RecipientRequest(cell, name))
            name = ""
    return found


def _is_name(cell: str) -> bool:
    digits = sum(char.isdecimal() for char in cell)
    return digits < _FEW_DIGITS and any(char.isalpha() for char in cell)


def _of_entries(entries: Sequence[sheets.Entry]) -> list[RecipientRequest]:
    """Who has a number or at least a name, to be told of."""
    named = [RecipientRequest(each.number, each.name or each.company) for each in entries]
    return [each for each in named if each.number or each.name]
