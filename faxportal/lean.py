"""Templates without the spaces that their lines begin with: a fourth of a page is nothing else."""

import re
from typing import Final

from django.template import Origin
from django.template.loaders import app_directories, filesystem

# Where a line's first spaces are seen, or are part of a text that translators know.
_AS_IT_IS: Final = re.compile(
    r"(<(pre|textarea)\b.*?</\2>|{%\s*(blocktranslate|verbatim)\b.*?%}.*?{%\s*end\3\s*%})",
    re.DOTALL,
)
_INDENT: Final = re.compile(r"(?<=\n)[ \t]+")


def lean(source: str) -> str:
    """Return the source of an HTML template without indentation; its lines keep their numbers."""
    kept, end = [], 0
    for found in _AS_IT_IS.finditer(source):
        kept += [_INDENT.sub("", source[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*kept, _INDENT.sub("", source[end:])])


class _Lean(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        """What is in the file, lean if it is HTML."""
        source: str = super().get_contents(origin)
        return lean(source) if str(origin.name).endswith(".html") else source


class OfFolder(_Lean):
    """The portal's own templates."""


class OfApps(_Lean, app_directories.Loader):
    """Those that come with apps."""
