"""Who may fax by e-mail: addresses, or patterns of them, and whether one of them is meant.

Patterns are matched by RE2, whose time grows with the text alone: no pattern can hold us up.
"""

from collections.abc import Iterable
from typing import Any, Final

import re2

# What is written like an address is one: its dots are dots, and no signs of a pattern. None has a
# plus at its beginning or behind a dot.
_PLAIN: Final = r"(?:[\w-][\w+-]*(?:\.[\w-][\w+-]*)*)?@[\w.-]+"

LONGEST_ENTRY: Final = 254
_LONGEST_ADDRESS: Final = 320
_MEMORY: Final = 1 << 20  # of one pattern, in bytes


def is_usable(entry: str) -> bool:
    """Whether an entry is an address or a pattern that can be matched."""
    text = entry.strip()
    if not 0 < len(text) <= LONGEST_ENTRY:
        return False
    return _compiled(text) is not None


def matches(entries: Iterable[str], address: str) -> bool:
    """Whether an address is one of the entries, or fits one of them as a whole, in any case.

    An entry is an address, ``@domain`` or ``*@domain`` for everybody there, or a regular
    expression. What cannot be read as any of them lets nobody in.
    """
    wanted = address.strip().lower()
    if not wanted or len(wanted) > _LONGEST_ADDRESS:
        return False
    return any(_fits(str(entry).strip(), wanted) for entry in entries)


def _fits(entry: str, address: str) -> bool:
    if not 0 < len(entry) <= LONGEST_ENTRY:
        return False
    pattern = _compiled(entry)
    return pattern is not None and pattern.fullmatch(address) is not None


def _compiled(entry: str) -> Any:
    """The pattern of an entry; None if it is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _MEMORY
    options.log_errors = False
    plain = entry.removeprefix("*")
    if re2.fullmatch(_PLAIN, plain):
        everybody = ".*" if plain.startswith("@") else ""
        return re2.compile(everybody + re2.escape(plain), options)
    try:
        return re2.compile(f".*{entry}" if entry.startswith("@") else entry, options)
    except re2.error:
        return None
