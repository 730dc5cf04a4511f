"""vCards: whom a fax number belongs to, read from versions 2.1 to 4.0 and written as 3.0.

Only names, organizations, fax numbers, email addresses, notes and categories are looked at, and all
else is passed over. RFC 2426 (3.0), RFC 6350 (4.0); 2.1 for its quoted-printable lines.
"""

import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_LINE_LENGTH: Final = 75  # octets, after which a line is folded
_HEAD_LENGTH: Final = 1000  # letters; what is longer before the colon was made to keep us busy
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
_QUOTED: Final = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)
_CHARSET: Final = re.compile(r";CHARSET=\"?([A-Za-z0-9_-]+)", re.IGNORECASE)
_HEAD: Final = re.compile(r'((?:[^":]|"[^"]*")*+):')
_PARAM: Final = re.compile(r'(?:[^";]|"[^"]*")+')
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANT: Final = {"n": "\n", "N": "\n"}
_KNOWN: Final = frozenset({"FN", "N", "ORG", "TEL", "EMAIL", "NOTE", "CATEGORIES"})


@dataclass(slots=True)
class Card:
    """One card; ``line`` is where it begins, from 1. ``faxes`` are numbers as they are written.

    ``phones`` is how many numbers it has that are not said to be a fax's.
    """

    line: int
    name: str = ""
    company: str = ""
    faxes: list[str] = field(default_factory=list)
    email: str = ""
    note: str = ""
    groups: list[str] = field(default_factory=list)
    phones: int = 0
    unnamed: bool = False  # it says by an empty N that FN is not a name of its own
    whole: bool = False


def is_vcard(text: str) -> bool:
    """Whether a text begins as vCards do."""
    return text.lstrip("\ufeff \r\n\t")[: len(_BEGIN)].upper() == _BEGIN


def read_cards(text: str) -> Iterator[Card]:
    """The cards of a text, in order; one that breaks off is not ``whole``."""
    card: Card | None = None
    for place, line in _unfolded(text.lstrip("\ufeff")):
        mark = line.strip().upper()
        if mark == _BEGIN:
            if card is not None:
                yield _settled(card)
            card = Card(place)
        elif mark == _END and card is not None:
            card.whole = True
            yield _settled(card)
            card = None
        elif card is not None:
            _take(card, line)
    if card is not None:
        yield _settled(card)


def write_card(
    *, name: str, company: str, number: str, email: str = "", note: str = "",
    groups: Sequence[str] = (),
) -> str:  # fmt: skip
    """One card of version 3.0, as Outlook and Apple's contacts read it."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"FN:{_escaped(name or company or number)}",
        f"N:;{_escaped(name)};;;",
    ]
    if company:
        lines.append(f"ORG:{_escaped(company)}")
    lines.append(f"TEL;TYPE=FAX,WORK:{number}")
    if email:
        lines.append(f"EMAIL;TYPE=INTERNET:{_escaped(email)}")
    if note:
        lines.append(f"NOTE:{_escaped(note)}")
    if groups:
        lines.append(f"CATEGORIES:{','.join(_escaped(group) for group in groups)}")
    lines.append("END:VCARD")
    return "".join(_folded(line) for line in lines)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Whole lines with their places: folded ones together, quoted-printable ones too."""
    pieces, place, quoted = [""], 1, False
    for at, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if quoted and pieces[-1].endswith("="):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
        elif line[:1] in {" ", "\t"} and pieces != [""]:
            pieces.append(line[1:])
        else:
            if whole := "".join(pieces):
                yield place, whole
            pieces, place = [line], at
            quoted = bool(_QUOTED.search(line.partition(":")[0][:_HEAD_LENGTH] + ":"))
    if whole := "".join(pieces):
        yield place, whole


def _take(card: Card, line: str) -> None:
    found = _HEAD.match(line[:_HEAD_LENGTH])
    if found is None:
        return
    head, value = found[1], line[found.end() :]
    name, *params = _PARAM.findall(head) or [""]
    name = name.rpartition(".")[2].strip().upper()  # Apple puts "item1." before it
    if name not in _KNOWN:
        return
    if _QUOTED.search(head + ":"):
        value = _unquoted(value, head)
    match name:
        case "FN":
            card.name = card.name or _text(value)
        case "N":
            _take_parts(card, value)
        case "ORG":
            card.company = card.company or _text(_fields(value, ";")[0])
        case "TEL":
            _take_number(card, params, value)
        case "EMAIL":
            card.email = card.email or _text(value).removeprefix("mailto:")
        case "NOTE":
            card.note = card.note or _text(value)
        case _:
            card.groups += [each for each in map(_text, _fields(value, ",")) if each]


def _take_parts(card: Card, value: str) -> None:
    """A name by its parts: family, given, further, before and after it; for cards without FN."""
    parts = [_text(part).strip() for part in _fields(value, ";")]
    card.unnamed = not any(parts)
    if not card.name and parts:
        family, given, further, before, after = (*parts, "", "", "", "", "")[:5]
        card.name = " ".join(part for part in (before, given, further, family, after) if part)


def _take_number(card: Card, params: Iterable[str], value: str) -> None:
    said = ",".join(param.partition("=")[2] or param for param in params).replace('"', "")
    kinds = {kind.strip().upper() for kind in said.split(",")}
    number = _text(value).strip()
    if number[:4].lower() == "tel:":
        number = number[4:].partition(";")[0]
    if "FAX" not in kinds:
        card.phones += 1
    elif number:
        card.faxes.append(number)


def _settled(card: Card) -> Card:
    """FN must be there, so it stands in for who has no name."""
    if card.unnamed and card.name in {card.company, *card.faxes}:
        card.name = ""
    return card


def _unquoted(value: str, head: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    named = _CHARSET.search(head)
    try:
        return raw.decode(named.group(1) if named else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return raw.decode("cp1252", "replace")


def _fields(value: str, mark: str) -> list[str]:
    """The parts between marks that are not escaped."""
    parts, begin, escaped = list[str](), 0, False
    for at, char in enumerate(value):
        if char == mark and not escaped:
            parts.append(value[begin:at])
            begin = at + 1
        escaped = char == "\\" and not escaped
    return [*parts, value[begin:]]


def _text(value: str) -> str:
    return _ESCAPE.sub(lambda each: _MEANT.get(each.group(1), each.group(1)), value)


def _escaped(text: str) -> str:
    for mark in ("\\", ",", ";"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line in pieces that are short enough, none of which ends within a letter."""
    pieces, room = [""], _LINE_LENGTH
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append("")
            room = _LINE_LENGTH - 1
        pieces[-1] += char
        room -= size
    return "\r\n ".join(pieces) + "\r\n"
