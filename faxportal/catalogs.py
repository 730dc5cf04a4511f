"""Catalogs of translations: gathered from the sources, merged, compiled (GNU gettext does it).

    python -m faxportal.catalogs merge      what ``make messages`` does
    python -m faxportal.catalogs compile    what ``deploy/bootstrap`` does

What is written is the same each time: no dates, no line numbers, no guesses at near misses.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from faxportal.languages import LANGUAGE_CODE, LANGUAGES, LOCALE_PATHS

ROOT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = LOCALE_PATHS[0]
TRANSLATED: Final = tuple(code for code, _ in LANGUAGES if code != LANGUAGE_CODE)
_SOURCES: Final = ("accounts", "faxes", "faxportal", "templates")
_MERGE: Final = ("--no-location", "--no-wrap", "--no-obsolete", "--verbosity=0")
# Of the head only what programs read; all else would change each time, or be nobody's.
_HEAD: Final = re.compile(
    r"\A(#.*\n)*(?=msgid)|^\"(POT-Creation|PO-Revision|Project|Report|Last|Language-Team).*\n",
    re.MULTILINE,
)


def catalog(language: str, *, below: Path = LOCALE) -> Path:
    """Where the words of a language are kept."""
    return below / language / "LC_MESSAGES" / "django.po"


def merged() -> dict[str, str]:
    """The catalogs as they should be: all words of the sources, translated as far as they are.

    Made of a copy, as Django's command writes beside templates while it reads them.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _SOURCES:
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
            )
        shutil.copy(ROOT / "manage.py", copy)
        locale = copy / LOCALE.relative_to(ROOT)
        locale.mkdir(exist_ok=True)
        languages = [f"--locale={each}" for each in TRANSLATED]
        _run(
            [sys.executable, "manage.py", "makemessages", *languages, *_MERGE],
            cwd=copy,
            env={**os.environ, "FAXPORTAL_DATA": str(copy / "var"), "FAXPORTAL_DEMO": "1"}
            | {"DJANGO_SETTINGS_MODULE": "faxportal.settings", "PYTHONPATH": folder},
        )
        texts = {
            each: catalog(each, below=locale).read_text(encoding="utf-8") for each in TRANSLATED
        }
    return {each: _HEAD.sub("", text) for each, text in texts.items()}


def merge() -> None:
    """Bring the catalogs up to the sources."""
    for language, text in merged().items():
        catalog(language).parent.mkdir(parents=True, exist_ok=True)
        catalog(language).write_text(text, encoding="utf-8")


def compile_all() -> None:
    """Make what programs read of each catalog that is newer; others may read it meanwhile."""
    for language in TRANSLATED:
        source = catalog(language)
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = made.with_suffix(f".{os.getpid()}")
        _run(["msgfmt", f"--output-file={fresh}", str(source)])
        fresh.chmod(0o644)
        fresh.replace(made)


def _run(command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)


if __name__ == "__main__":
    {"merge": merge, "compile": compile_all}[sys.argv[1]]()
