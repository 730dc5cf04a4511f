"""All that people read can be said in each language, and is."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from faxportal.catalogs import ROOT, TRANSLATED, catalog, merged

TEMPLATES = ROOT / "templates"
# Of developers' pages: how parts look, and the API's own description, which is in English.
OURS = {"styleguide.html", "_api_members.html", "_api_operation.html", "api_reference.html"}
# Names, units and codes that are the same in all languages.
SAME = {"UTC", "TXT", "SHA-256", "JSON", "ECM", "bit/s", "fax.example.com"}
READ_ATTRIBUTES = (
    "title|alt|placeholder|aria-label|aria-description|aria-roledescription|data-words"
)
_BLOCK = re.compile(r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}", re.DOTALL)
_QUIET = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
_ATTRIBUTE = re.compile(rf'\b(?:{READ_ATTRIBUTES})="([^"]*)"')
# Blocks whose content stands inside of a tag: classes, attributes.
_INSIDE = re.compile(
    r"{%\s*block (page_width|body_attributes)\s*%}.*?{%\s*endblock.*?%}", re.DOTALL
)
_PERCENT = re.compile(r"%\((\w+)\)([sd])|%(?!%)([sdi])")

Entry = tuple[list[str], list[str], set[str]]


def words_of(template: Path) -> list[str]:
    """What somebody reads in a template that no translator has seen."""
    text = _INSIDE.sub("", template.read_text(encoding="utf-8"))
    text = _TAG.sub("\x00", _BLOCK.sub("\x00", text))
    found = []
    if template.suffix == ".html":
        text = _QUIET.sub("", text)
        found = _ATTRIBUTE.findall(text)
        text = re.sub(r"<[^<>]*>", "\n", re.sub(r'"[^"]*"', '""', text))
        text = re.sub(r"&\w+;", " ", text)
    pieces = re.split(r"[\x00\n]", "\n".join([*found, text]))
    said = [piece.strip(" .,:;·()=") for piece in pieces]
    return [piece for piece in said if re.search(r"[^\W\d_]{2}", piece) and piece not in SAME]


@cache
def entries(language: str) -> list[Entry]:
    """Words and plural, what they are in the language, and their flags."""
    found = []
    for block in catalog(language).read_text(encoding="utf-8").split("\n\n")[1:]:
        flags = {
            each.strip()
            for each in re.findall(r"^#, (.*)$", block, re.MULTILINE)
            for each in each.split(",")
        }
        ids: list[str] = []
        told: list[str] = []
        into = ids
        for line in block.splitlines():
            if match := re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")$', line):
                into = told if match[1].startswith("msgstr") else ids
                if match[1] != "msgctxt":
                    into.append(ast.literal_eval(match[2]))
            elif line.startswith('"'):
                into[-1] += ast.literal_eval(line)
        found.append((ids, told, flags))
    return found


def placeholders(text: str, flags: set[str]) -> set[str]:
    """The names that a program fills in."""
    if "python-brace-format" in flags:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if "python-format" in flags:
        return {match[0] for match in _PERCENT.finditer(text)}
    return set()


def test_every_visible_word_of_a_template_is_one_that_translators_see():
    templates = [each for each in TEMPLATES.rglob("*") if each.suffix in {".html", ".txt"}]
    unseen = {
        str(each.relative_to(TEMPLATES)): said
        for each in templates
        if each.name not in OURS and (said := words_of(each))
    }
    assert unseen == {}


def test_what_no_translator_has_seen_is_found_wherever_it_stands(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(
        '<p class="quiet" title="A title">{% translate "Seen" %} glued {{ on }}</p>'
        "{% blocktranslate %}Seen, too{% endblocktranslate %}<br>Alone, {{ name|default:'x' }}"
    )
    assert words_of(page) == ["A title", "glued", "Alone"]


def test_the_catalogs_hold_the_words_of_the_sources():
    fresh = merged()
    stale = [
        each for each in TRANSLATED if fresh[each] != catalog(each).read_text(encoding="utf-8")
    ]
    assert stale == [], "make messages"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_is_translated(language: str):
    missing = [
        ids[0] for ids, told, flags in entries(language) if not all(told) or "fuzzy" in flags
    ]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_names_what_is_filled_in_and_nothing_else(language: str):
    wrong = []
    for ids, told, flags in entries(language):
        most = placeholders(ids[-1], flags)
        for place, text in enumerate(told):
            # of one page, neither English nor another language need say the number
            least = placeholders(ids[0], flags) if place == 0 else most
            if text and not least <= placeholders(text, flags) <= most:
                wrong.append((ids[0], text))
    assert wrong == []
