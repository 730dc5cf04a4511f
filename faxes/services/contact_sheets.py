"""Address books as files: tables (CSV) and vCards, read into entries; nothing is stored here."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.services import sheets
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.wire import vcard

MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 10_000
_MB: Final = 1_000_000
_DELIMITERS: Final = ",;\t|"
_MOST_COLUMNS: Final = 100
_MOST_IN_A_CELL: Final = 5000
FIELDS: Final = ("number", "name", "first", "last", "company", "email", "note", "groups")
# How each column is called in the tables that people have, in small letters without signs.
_CALLED: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({
        "fax", "faxnumber", "faxno", "faxnr", "number", "businessfax", "workfax", "homefax",
        "faxbusiness", "faxwork", "telefax", "faxnummer", "fax1value", "numberfax", "otherfax",
        "primaryfax", "télécopie", "numérodefax", "númerodefax",
    }),
    "name": frozenset({"name", "fullname", "displayname", "contact", "contactname", "nom"}),
    "first": frozenset({"firstname", "givenname", "vorname", "prénom"}),
    "last": frozenset({"lastname", "surname", "familyname", "nachname"}),
    "company": frozenset({
        "company", "companyname", "organization", "organisation", "organizationname", "practice",
        "firm", "office", "firma", "organization1name", "société", "empresa",
    }),
    "email": frozenset({"email", "emailaddress", "mail", "email1value", "emailadresse"}),
    "note": frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "notizen"}),
    "groups": frozenset({"group", "groups", "category", "categories", "labels", "gruppen"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact as a file has it; ``place`` is its line. ``phones``: numbers that are no fax."""

    place: int
    number: str
    name: str = ""
    company: str = ""
    email: str = ""
    note: str = ""
    groups: tuple[str, ...] = ()
    phones: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its headings; rows with their places in the file."""

    headings: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


def decoded(raw: bytes) -> str:
    """The text of a file, whichever of the usual encodings it has.

    Raises:
        RequestError: it is too large, or no text.

    """
    if len(raw) > MOST_BYTES:
        raise too_large()
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RequestError(ErrorCode.BOOK_UNREADABLE, field="file")


def too_large() -> RequestError:
    """That a file is larger than can be read."""
    return RequestError(ErrorCode.BOOK_TOO_LARGE, field="file", limit=MOST_BYTES // _MB)


def read_table(text: str) -> Table:
    """A table of contacts. A first row without any digit is its headings.

    Raises:
        RequestError: it is no table, is empty, or has too many rows.

    """
    found: list[tuple[int, Sequence[str]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        for row in reader:
            cells = [sheets.meant(cell) for cell in row[:_MOST_COLUMNS]]
            if any(cells):
                found.append((reader.line_num, cells))
            if len(found) > MOST_ROWS + 1:
                raise _too_many()
    except csv.Error:
        raise RequestError(ErrorCode.BOOK_UNREADABLE, field="file") from None
    width = max((len(cells) for _place, cells in found), default=0)
    headings = [""] * width
    if found and _is_heading(found[0][1]):
        _place, first = found.pop(0)
        headings[: len(first)] = first
    if not found:
        raise RequestError(ErrorCode.BOOK_EMPTY, field="file")
    if len(found) > MOST_ROWS:
        raise _too_many()
    return Table(headings, found)


def columns_of(headings: Sequence[str]) -> dict[str, int | None]:
    """Where each field stands, as far as its heading tells."""
    bare = [_bare(heading) for heading in headings]
    return {
        name: next((at for at, each in enumerate(bare) if each in _CALLED[name]), None)
        for name in FIELDS
    }


def entries_of(table: Table, columns: Mapping[str, int | None]) -> list[Entry]:
    """The contacts of a table, by the columns that their fields stand in.

    Raises:
        RequestError: no column has the numbers.

    """
    if columns.get("number") is None:
        raise RequestError(ErrorCode.BOOK_COLUMN_MISSING, field="number")
    return [_entry(place, cells, columns) for place, cells in table.rows]


def read_cards(text: str) -> list[Entry]:
    """The contacts of vCards: one for each fax number; a card that has none is one without.

    Raises:
        RequestError: there is no card, or there are too many, or one has more than a card holds.

    """
    found: list[Entry] = []
    held = 0
    for card in vcard.read_cards(text):
        held += _weight(card)
        if held > 2 * MOST_BYTES:  # what it says once would be there for each of many numbers
            raise RequestError(ErrorCode.BOOK_UNREADABLE, field="file")
        found += _entries_of_card(card)
        if len(found) > MOST_ROWS:
            raise _too_many()
    if not found:
        raise RequestError(ErrorCode.BOOK_EMPTY, field="file")
    return found


def join_groups(names: Sequence[str]) -> str:
    """Names of groups in one cell, between semicolons."""
    return "; ".join(name.replace("\\", "\\\\").replace(";", "\\;") for name in names)


def split_groups(cell: str) -> tuple[str, ...]:
    """The names of groups that a cell has."""
    parts = re.findall(r"(?:\\.|[^;\\]|\\$)+", cell, re.DOTALL)
    names = (re.sub(r"\\([\\;])", r"\1", part).strip() for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))


def _is_heading(cells: Sequence[str]) -> bool:
    """Whether a row tells what stands below it: it names the numbers, or has none."""
    if columns_of(cells)["number"] is not None:
        return True
    return not any(char.isdecimal() for cell in cells for char in cell)


def _weight(card: vcard.Card) -> int:
    """How many letters the entries of a card have together."""
    once = sum(map(len, (card.name, card.company, card.email, card.note)))
    return (once + sum(len(name) + 1 for name in card.groups)) * max(len(card.faxes), 1)


def _entries_of_card(card: vcard.Card) -> list[Entry]:
    return [
        Entry(
            card.line,
            number if card.whole else "",
            card.name.strip(),
            card.company.strip(),
            card.email.strip(),
            card.note.strip(),
            tuple(card.groups),
            card.phones,
        )
        for number in card.faxes or [""]
    ]


def _entry(place: int, cells: Sequence[str], columns: Mapping[str, int | None]) -> Entry:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cells[at].strip()[:_MOST_IN_A_CELL] if at is not None and at < len(cells) else ""

    name = cell("name") or " ".join(part for part in (cell("first"), cell("last")) if part)
    return Entry(
        place,
        cell("number"),
        name,
        cell("company"),
        cell("email"),
        cell("note"),
        split_groups(cell("groups")),
    )


def _delimiter(text: str) -> str:
    """What stands between the cells: the mark that the first lines have alike, and most of."""
    first = [line for line in _lines(text) if line.strip()][:5]
    counts = {mark: [line.count(mark) for line in first] for mark in _DELIMITERS}
    likely = [mark for mark in _DELIMITERS if first and counts[mark][0]]
    return max(likely, key=lambda mark: (min(counts[mark]) > 0, counts[mark][0]), default=",")


def _lines(text: str) -> Iterator[str]:
    """The first lines, without what stands in quotes."""
    yield from re.sub(r'"(?:[^"]|"")*"', '""', text[:20_000]).splitlines()[:20]


def _bare(heading: str) -> str:
    return "".join(char for char in heading.casefold() if char.isalnum())


def _too_many() -> RequestError:
    return RequestError(ErrorCode.TOO_MANY_LINES, field="file", limit=MOST_ROWS)
