"""Styles and scripts as browsers get them: without the comments and indentation people read."""

import re
from collections.abc import Callable
from typing import Any, Final

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING: Final = re.compile(r"(\"[^\"]*\")")
_AROUND_BRACES: Final = re.compile(r" ?([{};]) ?")
# A comment that has a line of its own, or several; one behind code stays.
_LINES: Final = re.compile(r"^[ \t]*(//.*|/\*(?:.|\n)*?\*/[ \t]*)?\n", re.MULTILINE)
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)


def lean_sheet(source: str) -> str:
    """Return a style sheet on one line; no space that selects or is shown goes."""
    parts = _STRING.split(_COMMENT.sub("", source))
    for at in range(0, len(parts), 2):
        told = _AROUND_BRACES.sub(r"\1", re.sub(r"\s+", " ", parts[at]))
        parts[at] = re.sub(r"([:,]) ", r"\1", told).replace(";}", "}")
    return "".join(parts).strip()


def lean_script(source: str) -> str:
    """Return a script with the same lines of code, each without its indentation."""
    return _INDENT.sub("", _LINES.sub("", source))


_LEAN: Final[dict[str, Callable[[str], str]]] = {".css": lean_sheet, ".js": lean_script}


class LeanFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """What ``collectstatic`` collects: lean, named after its content, packed."""

    def _save(self, name: str, content: "File[Any]") -> str:
        for ending, lean in _LEAN.items():
            if name.endswith(ending):
                content.seek(0)
                source = content.read()
                text = source.decode() if isinstance(source, bytes) else source
                content = ContentFile(lean(text).encode())
        saved: str = super()._save(name, content)
        return saved
