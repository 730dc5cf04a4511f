"""Words as they are compared: what stands on a page, and what somebody looks for, folded alike."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

SHORTEST: Final = 2
LONGEST: Final = 40  # letters of a word that count
MOST_A_PAGE: Final = 2_000
_MOST_TEXT: Final = 50_000  # characters: many times what fits on a page
# Letters that Unicode does not take for another with a mark on it.
_ALIKE: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"}
)
_WORD: Final = re.compile(r"[^\W_]+")
# A word that goes on in the next line: no space before the hyphen, a letter behind the break.
_PART: Final = r"([^\W\d_]{1,40})"
_HYPHENATED: Final = re.compile(_PART + r"[-\u00ad\u2010\u2011][ \t]*\r?\n\s*" + _PART)


def folded(text: str) -> str:
    """The text in small letters without accents, however it is coded."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", bare).translate(_ALIKE)


def words_of(text: str) -> list[str]:
    """The folded words of what somebody looks for, each once, in order."""
    return list(dict.fromkeys(_words(folded(text[:_MOST_TEXT]))))


def words_on(text: str) -> list[str]:
    """The folded words of a page, each once, and those whole that a line's end has cut in two."""
    found = folded(text[:_MOST_TEXT])
    words = dict.fromkeys(_words(found))
    for first, second in _HYPHENATED.findall(found):
        words.update(dict.fromkeys(_words(first + second)))
    return list(words)[:MOST_A_PAGE]


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        if len(match[0]) >= SHORTEST:
            yield match[0][:LONGEST]
