"""The languages that the portal speaks: the one list, and where their words are.

How to add one is told in docs/contributor/add-a-language.md.
"""

from pathlib import Path
from typing import Final

__all__ = ["LANGUAGES", "LANGUAGE_CODE", "LANGUAGE_COOKIE_NAME", "LOCALE_PATHS"]

# By their own names, so that everybody finds their own.
LANGUAGES: Final = [
    ("en", "English"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("fr", "Français"),
]
LANGUAGE_CODE: Final = "en"  # of all that is said to nobody in particular: APIs, logs
LANGUAGE_COOKIE_NAME: Final = "faxportal_language"
LOCALE_PATHS: Final = [Path(__file__).resolve().parent / "locale"]
